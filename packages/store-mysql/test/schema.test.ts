/** The schema: what an older and a newer server find, and what happens when the lease row is gone. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SCHEMA_VERSION } from '../dist/index.js';
import { hasMariadb, makeDatabase } from './databases.js';
import type { TestDatabase } from './databases.js';

describe.skipIf(!hasMariadb)('the schema', () => {
  let database: TestDatabase;
  beforeEach(async () => void (database = await makeDatabase()));
  afterEach(() => database.drop());

  it('is made once by servers that start together', async () => {
    const stores = Array.from({ length: 4 }, () => database.open());
    expect(await Promise.all(stores.map((store) => store.readLease()))).toEqual([null, null, null, null]);
  });

  it('of an older version gets what is missing and keeps its rows', async () => {
    const first = database.open();
    const { epoch } = await first.acquireLease('a', 600_000);
    const key = ['a'];
    await first.commit({ epoch, commitNo: 1, writes: [{ op: 'put', table: 'pool', key, value: { at: 7 } }] });
    await first.close();
    const { admin } = database;
    for (const sql of [
      'ALTER TABLE pool DROP COLUMN definition',
      'DROP TABLE hold',
      'DROP INDEX run_by_time ON run',
      'UPDATE hera_schema SET version = 0',
    ])
      await admin.query(sql);
    const second = database.open();
    const value = { definition: '{}' };
    await second.commit({ epoch, commitNo: 2, writes: [{ op: 'put', table: 'pool', key, value }] });
    const [row] = await second.read('pool', {});
    expect(row).toEqual({ table: 'pool', key, value: { definition: '{}', at: 7 } });
    expect(await second.read('hold', {})).toEqual([]);
    expect(await second.read('run', { index: 'run_by_time' })).toEqual([]);
  });

  it('of a newer version is refused, by every call', async () => {
    await database.open().readLease();
    await database.admin.query(`UPDATE hera_schema SET version = ${SCHEMA_VERSION + 1}`);
    const store = database.open();
    const refusal = {
      code: 'STORE_SCHEMA_TOO_NEW',
      details: { found: SCHEMA_VERSION + 1, known: SCHEMA_VERSION },
    };
    await expect(store.readLease()).rejects.toMatchObject(refusal);
    await expect(store.read('run', {})).rejects.toMatchObject(refusal);
  });

  it('whose lease row is gone is refused: nobody makes a second one', async () => {
    await database.open().readLease();
    await database.admin.query('DELETE FROM hera_lease');
    const store = database.open();
    await expect(store.acquireLease('a', 1_000)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });
});
