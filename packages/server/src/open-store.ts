/** The store of a server, by the address in its settings, and where the output of attempts goes with it. */
import { join } from 'node:path';
import type { LogSink, LogStore, Queries, Store } from '@hera/core';
import { createMysqlStore } from '@hera/store-mysql';
import { createSqliteStore } from '@hera/store-sqlite';
import { createLocalLogStore } from '@hera/worker';
import type { ForgettingStore } from './retention.js';

/** A store, and logs that every server which may use the store can read. */
export interface OpenedStore {
  readonly store: Store & Queries & ForgettingStore;
  readonly logs: LogStore & LogSink;
}

/** Opens it; nothing is asked of it yet. `sqlite`, or `mysql://user:password@host:port/database`. */
export function openStore(address: string, home: string): OpenedStore {
  if (address === 'sqlite') {
    return {
      store: createSqliteStore({ path: join(home, 'hera.db') }),
      logs: createLocalLogStore({ dir: home }),
    };
  }
  const { hostname, port, username, password, pathname, searchParams } = new URL(address);
  const socketPath = searchParams.get('socket');
  const store = createMysqlStore({
    ...(socketPath === null ? { host: hostname, port: port === '' ? 3306 : Number(port) } : { socketPath }),
    user: decodeURIComponent(username),
    ...(password !== '' && { password: decodeURIComponent(password) }),
    database: decodeURIComponent(pathname.slice(1)),
  });
  return { store, logs: store.logs };
}
