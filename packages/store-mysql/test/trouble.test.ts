/**
 * A server that dies, stops, refuses or contradicts. What was answered stays true, what was not is settled by
 * the lease row, and nothing is applied twice: each commit counts itself once.
 */
import type { Write } from '@hera/core';
import { createConnection } from 'mysql2/promise';
import type { Connection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startMariadb } from '../../../tools/mariadb.mjs';
import { createMysqlStore } from '../dist/index.js';
import type { MysqlStore } from '../dist/index.js';
import { countedWrites, Leader } from './leader.js';
import { hasMariadb, makeDatabase } from './databases.js';
import type { TestDatabase } from './databases.js';
import { startProxy } from './proxy.js';
import type { Proxy } from './proxy.js';

const KILLS = 5;
/** The list of transactions is a copy, kept for as long as it is read more often than this. */
const TRANSACTIONS_KEPT_MS = 120;
const UNAVAILABLE = { code: 'STORE_UNAVAILABLE' };
const put = (name: string): Write => ({ op: 'put', table: 'pool', key: [name], value: { at: 1 } });

describe.skipIf(!hasMariadb)('a server in trouble', () => {
  let server: Awaited<ReturnType<typeof startMariadb>>;
  let database: TestDatabase;
  beforeAll(async () => {
    server = await startMariadb(['--max-connections=40']);
  });
  afterAll(() => server?.stop());

  /** Gives the test a database of its own. */
  async function withDatabase(test: (store: MysqlStore) => Promise<void>): Promise<void> {
    database = await makeDatabase(server);
    try {
      await test(database.open({ timeoutMs: 8_000 }));
    } finally {
      await database.drop();
    }
  }

  it('a deadlock: the commit is undone by the server, and repeated', async () => {
    await withDatabase(async (store) => {
      const leader = await Leader.of(store);
      await leader.commit([put('a')]);
      const { admin } = database;
      await admin.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED');
      await admin.query('START TRANSACTION');
      // The heavier of two wins: the one that has changed more.
      await admin.query("INSERT INTO meta (name) SELECT CONCAT('x', seq) FROM seq_1_to_2000");
      await admin.query("UPDATE pool SET at = 7 WHERE name = 'a'");
      const committed = leader.commit([put('a')]);
      await waiting(server, 1);
      await admin.query('UPDATE hera_lease SET holder = holder');
      await admin.query('ROLLBACK');
      await committed;
      await leader.check();
    });
  });

  it('a connection that is killed before COMMIT: the commit is repeated on another', async () => {
    await withDatabase(async (store) => {
      const leader = await Leader.of(store);
      await leader.commit([put('a')]);
      const { admin } = database;
      await admin.query('START TRANSACTION');
      await admin.query("UPDATE pool SET at = 7 WHERE name = 'a'");
      const committed = leader.commit([put('a')]);
      const [id] = await waiting(server, 1);
      await admin.query(`KILL ${id}`);
      await admin.query('ROLLBACK');
      await committed;
      await leader.check();
    });
  });

  it('a read-only server: the commit rejects and has done nothing, and goes through after the failover', async () => {
    await withDatabase(async () => {
      const { admin, options } = database;
      await admin.query(`CREATE USER plain@localhost IDENTIFIED BY 'plain'`);
      await admin.query(`GRANT ALL ON ${options.database}.* TO plain@localhost`);
      const store = database.open({ user: 'plain', password: 'plain' });
      const leader = await Leader.of(store);
      await leader.commit([put('a')]);
      await admin.query('SET GLOBAL read_only = 1');
      const { epoch, commitNo } = leader;
      const next = { epoch, commitNo: commitNo + 1, writes: countedWrites(commitNo + 1) };
      await expect(store.commit(next)).rejects.toMatchObject(UNAVAILABLE);
      await expect(store.renewLease(epoch, 60_000)).rejects.toMatchObject(UNAVAILABLE);
      expect((await store.readLease())?.commitNo).toBe(commitNo);
      await admin.query('SET GLOBAL read_only = 0');
      await leader.commit([]);
      await leader.check();
      await store.close();
      await admin.query('DROP USER plain@localhost');
    });
  });

  it('no connection left: who needs a new one is refused, who has one works on', async () => {
    await withDatabase(async (store) => {
      const leader = await Leader.of(store);
      await leader.commit([put('a')]);
      const { socketPath, user, password } = server;
      const others: Connection[] = [];
      let refusal: unknown;
      while (refusal === undefined && others.length < 100) {
        await createConnection({ socketPath, user, password }).then(
          (connection) => others.push(connection),
          (error: unknown) => (refusal = error),
        );
      }
      const late = database.open();
      await expect(late.read('pool', {})).rejects.toMatchObject(UNAVAILABLE);
      await leader.commit([put('b')]);
      expect(await store.renewLease(leader.epoch, 60_000)).not.toBeNull();
      await Promise.all(others.map((connection) => connection.end()));
      await expect
        .poll(() =>
          late.read('pool', {}).then(
            (rows) => rows.length,
            () => -1,
          ),
        )
        .toBe(2);
      await leader.check();
    });
  });

  describe('behind a network that fails', () => {
    let proxy: Proxy;
    beforeAll(async () => {
      proxy = await startProxy(server.socketPath);
    });
    afterAll(() => proxy?.close());

    async function behindProxy(test: (leader: Leader, store: MysqlStore) => Promise<void>): Promise<void> {
      await withDatabase(async () => {
        const { user, password } = server;
        const { database: name } = database.options;
        const address = { host: '127.0.0.1', port: proxy.port, user, password, database: name };
        const store = createMysqlStore({ ...address, timeoutMs: 3_000 });
        try {
          await test(await Leader.of(store), store);
        } finally {
          await store.close();
        }
      });
    }

    it('the answer to COMMIT is lost: rejects, and the lease tells that it was applied', async () => {
      await behindProxy(async (leader, store) => {
        await leader.commit([put('a')]);
        proxy.failAt('COMMIT', 'cut-after');
        expect(await leader.settle([put('b')])).toBe('applied, not answered');
        expect((await store.read('pool', {})).map(({ key }) => key[0])).toEqual(['a', 'b']);
        await leader.check();
      });
    });

    it('COMMIT is lost: rejects, and the lease tells that it may be repeated', async () => {
      await behindProxy(async (leader) => {
        await leader.commit([put('a')]);
        proxy.failAt('COMMIT', 'cut-before');
        expect(await leader.settle([put('b')])).toBe('repeated');
        await leader.check();
      });
    });

    it('a statement before COMMIT is lost, or its answer: the store repeats by itself', async () => {
      await behindProxy(async (leader) => {
        for (const fault of ['cut-before', 'cut-after'] as const) {
          // The number is bound in every step of a commit: its text stands in the rows that it puts.
          proxy.failAt('cut-here', fault);
          await leader.commit([put('cut-here')]);
        }
        await leader.check();
      });
    });

    it('a host that vanishes in the midst of a commit does not keep the lease locked', async () => {
      await behindProxy(async (leader, store) => {
        const rival = database.open();
        await store.releaseLease(leader.epoch);
        proxy.failAt('freeze-here', 'freeze');
        const { epoch, commitNo } = leader;
        const lost = store.commit({ epoch, commitNo: commitNo + 1, writes: [put('freeze-here')] });
        const settled = lost.catch(() => 'rejected');
        await waiting(server, 0);
        const taken = await rival.acquireLease('rival', 60_000);
        expect(taken.holder).toBe('rival');
        expect(taken.epoch).toBe(epoch + 1);
        // Whether the call learned in time or not, nothing of it is there.
        expect(['fenced', 'rejected']).toContain(await settled);
        expect(taken.commitNo).toBe(commitNo);
        expect(await rival.read('pool', {})).toEqual([]);
      });
    });
  });

  it(`killed at any time, ${KILLS} times: keeps every acknowledged commit, and none in part`, async () => {
    await withDatabase(async (store) => {
      const leader = await Leader.of(store);
      for (let kill = 0; kill < KILLS; kill += 1) {
        const count = 3 + ((kill * 7) % 11);
        for (let i = 0; i < count; i += 1) await leader.commit([put(`k${kill}-${i}`)]);
        const settled = leader.settle([put(`k${kill}`)]);
        await Promise.resolve();
        await server.kill();
        await server.start();
        await settled;
        await leader.check();
      }
    });
  });

  it('stopped: calls reject after their time, and go on when it runs again', async () => {
    await withDatabase(async () => {
      const store = database.open({ timeoutMs: 1_000 });
      const leader = await Leader.of(store);
      await leader.commit([put('a')]);
      server.signal('SIGSTOP');
      try {
        const { epoch, commitNo } = leader;
        const next = { epoch, commitNo: commitNo + 1, writes: countedWrites(commitNo + 1) };
        const tries = [store.commit(next), store.renewLease(epoch, 60_000), store.read('pool', {})];
        const outcomes = await Promise.allSettled(tries);
        expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
      } finally {
        server.signal('SIGCONT');
      }
      await leader.settle([]);
      await leader.check();
    });
  });
});

/** Resolves with the connections that wait for a row, once there are some; at least one transaction is open. */
async function waiting(
  { socketPath, user, password }: { socketPath: string; user: string; password: string },
  count: number,
): Promise<readonly number[]> {
  const admin = await createConnection({ socketPath, user, password, rowsAsArray: true });
  const lockWaits = async () => {
    const [rows] = await admin.query(
      'SELECT trx_mysql_thread_id, trx_state FROM information_schema.innodb_trx',
    );
    const open = rows as unknown as [number, string][];
    const found = open.filter(([, state]) => state === 'LOCK WAIT').map(([id]) => id);
    return open.length > 0 && found.length >= count && found;
  };
  try {
    return await vi.waitUntil(lockWaits, { interval: TRANSACTIONS_KEPT_MS, timeout: 20_000 });
  } finally {
    await admin.end();
  }
}
