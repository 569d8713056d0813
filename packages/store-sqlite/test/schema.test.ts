/** The file: who may read it, what an older and a newer server find in it. */
import { createSqliteStore, SCHEMA_VERSION } from '../dist/index.js';
import { TABLE_NAMES, tableDefinition } from '@hera/core';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isVersionAtLeast, openDatabase } from '../src/thread/driver.js';
import { withFile } from './files.js';

const MODE_BITS = 0o777;

describe('the file', () => {
  it('lies in a folder that only its owner may enter', async () => {
    await withFile(async ({ path, open }) => {
      await open().readLease();
      expect(statSync(dirname(path)).mode & MODE_BITS).toBe(0o700);
    });
  });

  it('has a column for every field and the named indexes of the catalogue', async () => {
    await withFile(async ({ path, open }) => {
      await open().readLease();
      const database = openDatabase(path, { readOnly: true });
      for (const table of TABLE_NAMES) {
        const { key, fields, indexes = {} } = tableDefinition(table);
        const columns = database.prepare('SELECT name FROM pragma_table_info(?)').all(table);
        expect(columns.map((row) => (row as { name: string }).name)).toEqual(
          Object.keys({ ...key, ...fields }),
        );
        const found = database.prepare('SELECT name FROM pragma_index_list(?)').all(table);
        const names = found.map((row) => (row as { name: string }).name);
        expect(names).toEqual(expect.arrayContaining(Object.keys(indexes)));
      }
      database.close();
    });
  });

  it('of an older schema gets what is missing and keeps its rows', async () => {
    await withFile(async ({ path, open }) => {
      const first = open();
      const { epoch } = await first.acquireLease('a', 600_000);
      const key = ['a'];
      await first.commit({
        epoch,
        commitNo: 1,
        writes: [{ op: 'put', table: 'pool', key, value: { at: 7 } }],
      });
      await first.close();
      const database = openDatabase(path, {});
      database.exec('ALTER TABLE pool DROP COLUMN definition');
      database.exec('DROP TABLE hold');
      database.exec('DROP INDEX run_by_time');
      database.exec('UPDATE hera_schema SET version = 0');
      database.close();

      const second = open();
      const value = { definition: '{}' };
      await second.commit({ epoch, commitNo: 2, writes: [{ op: 'put', table: 'pool', key, value }] });
      expect(await second.read('pool', {})).toEqual([
        { table: 'pool', key, value: { definition: '{}', at: 7 } },
      ]);
      expect(await second.read('hold', {})).toEqual([]);
      expect(await second.read('run', { index: 'run_by_time' })).toEqual([]);
    });
  });

  it('of a newer schema is refused, by every call', async () => {
    await withFile(async ({ path, open }) => {
      const first = open();
      await first.readLease();
      await first.close();
      const database = openDatabase(path, {});
      database.prepare('UPDATE hera_schema SET version = ?').run(SCHEMA_VERSION + 1);
      database.close();
      const details = { found: SCHEMA_VERSION + 1, known: SCHEMA_VERSION };
      const store = open();
      await expect(store.readLease()).rejects.toMatchObject({ code: 'STORE_SCHEMA_TOO_NEW', details });
      await expect(store.read('run', {})).rejects.toMatchObject({ code: 'STORE_SCHEMA_TOO_NEW', details });
      await store.close();
    });
  });

  it('that cannot be one rejects the first call with STORE_UNAVAILABLE', async () => {
    await withFile(async ({ path, open }) => {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, 'this is no database, and long enough to be taken for one'.repeat(100));
      await expect(open().readLease()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    });
    await withFile(async ({ path }) => {
      mkdirSync(path, { recursive: true });
      const store = createSqliteStore({ path });
      await expect(store.acquireLease('a', 1)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
      await store.close();
    });
    await withFile(async ({ path }) => {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(join(dirname(path), 'file'), '');
      const store = createSqliteStore({ path: join(dirname(path), 'file', 'hera.db') });
      await expect(store.acquireLease('a', 1)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
      await store.close();
    });
  });

  it('must be a file', () => {
    for (const path of ['', ':memory:']) {
      expect(() => createSqliteStore({ path })).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
    }
  });
});

describe('a closed store', () => {
  it('refuses calls with STOPPED and may be closed again', async () => {
    await withFile(async ({ open }) => {
      const store = open();
      await store.readLease();
      await store.close();
      await store.close();
      await expect(store.readLease()).rejects.toMatchObject({ code: 'STOPPED' });
      await expect(store.read('run', {})).rejects.toMatchObject({ code: 'STOPPED' });
    });
  });
});

describe('isVersionAtLeast', () => {
  it.each([
    ['3.51.3', '3.51.3', true],
    ['3.51.2', '3.51.3', false],
    ['3.52.0', '3.51.3', true],
    ['3.9.10', '3.51.3', false],
    ['4.0.0', '3.51.3', true],
  ])('%s against %s: %s', (version, least, expected) => {
    expect(isVersionAtLeast(version, least)).toBe(expected);
  });
});
