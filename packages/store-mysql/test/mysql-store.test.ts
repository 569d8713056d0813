/** The store keeps the contracts of its ports, with a second server on the same database as the rival. */
import { TABLE_NAMES } from '@hera/core';
import { queriesContract, storeContract } from '@hera/core/testing';
import { afterAll, beforeAll, beforeEach, describe, it } from 'vitest';
import type { MysqlStore } from '../dist/index.js';
import { hasMariadb, makeDatabase } from './databases.js';
import type { TestDatabase } from './databases.js';

describe.skipIf(!hasMariadb)('the mysql store', () => {
  let database: TestDatabase;
  let store: MysqlStore;
  let rival: MysqlStore;

  beforeAll(async () => {
    database = await makeDatabase();
    store = database.open();
    rival = database.open();
    await Promise.all([store.readLease(), rival.readLease()]);
  });
  beforeEach(async () => {
    for (const table of TABLE_NAMES) await database.admin.query(`DELETE FROM \`${table}\``);
    await database.admin.query(
      "UPDATE hera_lease SET epoch = 0, holder = '', commit_no = 0, expires_at_ms = 0",
    );
  });
  afterAll(() => database.drop());

  async function passTime(ms: number): Promise<void> {
    const now = async () => (await store.readLease())?.nowMs ?? 0;
    const end = (await now()) + ms;
    while ((await now()) < end) continue;
  }

  it.each(storeContract)('$name', async ({ run }) => {
    await run({ store, rival, passTime });
  });

  it.each(queriesContract)('$name', async ({ run }) => {
    await run({ store, queries: store });
  });
});
