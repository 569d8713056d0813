/** The store of a server, by the address in its settings. */
import { join } from 'node:path';
import type { Queries, Store } from '@hera/core';
import { createMysqlStore } from '@hera/store-mysql';
import { createSqliteStore } from '@hera/store-sqlite';

/** Opens it; nothing is asked of it yet. `sqlite`, or `mysql://user:password@host:port/database`. */
export function openStore(address: string, home: string): Store & Queries {
  if (address === 'sqlite') return createSqliteStore({ path: join(home, 'hera.db') });
  const { hostname, port, username, password, pathname, searchParams } = new URL(address);
  const socketPath = searchParams.get('socket');
  return createMysqlStore({
    ...(socketPath === null ? { host: hostname, port: port === '' ? 3306 : Number(port) } : { socketPath }),
    user: decodeURIComponent(username),
    ...(password !== '' && { password: decodeURIComponent(password) }),
    database: decodeURIComponent(pathname.slice(1)),
  });
}
