/** Databases that last as long as one suite, on the server of the test run or on one of the suite's own. */
import { createConnection } from 'mysql2/promise';
import type { Connection } from 'mysql2/promise';
import { inject } from 'vitest';
import { createMysqlStore } from '../dist/index.js';
import type { MysqlStore, MysqlStoreOptions } from '../dist/index.js';

/** A server to connect to, and who may. */
export interface Server {
  readonly socketPath: string;
  readonly user: string;
  readonly password: string;
}

export interface TestDatabase {
  readonly options: MysqlStoreOptions;
  /** A connection that the store knows nothing of. */
  readonly admin: Connection;
  /** Opens the database once more; closed when the suite ends. */
  open(more?: Partial<MysqlStoreOptions>): MysqlStore;
  drop(): Promise<void>;
}

/** Whether the machine has a MariaDB. */
export const hasMariadb = inject('mariadb') !== null;

/** The server of the test run. */
export function sharedServer(): Server {
  const mariadb = inject('mariadb');
  if (!mariadb) throw new Error('no mariadbd on this machine');
  return { socketPath: mariadb.socketPath, user: 'hera', password: 'hera' };
}

let databaseCount = 0;

/** Makes an empty database. */
export async function makeDatabase(server: Server = sharedServer()): Promise<TestDatabase> {
  databaseCount += 1;
  const database = `hera_${process.pid}_${databaseCount}`;
  const { socketPath, user, password } = server;
  const address = { socketPath, user, password };
  const admin = await createConnection({ ...address, rowsAsArray: true });
  await admin.query(`CREATE DATABASE ${database}`);
  await admin.query(`USE ${database}`);
  const options = { ...address, database };
  const stores: MysqlStore[] = [];
  return {
    options,
    admin,
    open(more = {}) {
      const store = createMysqlStore({ ...options, ...more });
      stores.push(store);
      return store;
    },
    async drop() {
      await Promise.allSettled(stores.map((store) => store.close()));
      admin.destroy();
      // The server may have been killed in between, and that connection with it.
      const last = await createConnection(address);
      await last.query(`DROP DATABASE ${database}`);
      await last.end();
    },
  };
}
