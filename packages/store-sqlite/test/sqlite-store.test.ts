/** The store keeps the contracts of its ports, with a second server on the same file as the rival. */
import { TABLE_NAMES } from '@hera/core';
import { queriesContract, storeContract } from '@hera/core/testing';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, it } from 'vitest';
import { createSqliteStore } from '../dist/index.js';
import type { SqliteStore } from '../dist/index.js';
import { openDatabase } from '../src/thread/driver.js';
import type { Database } from '../src/thread/driver.js';

let folder: string;
let store: SqliteStore;
let rival: SqliteStore;
let database: Database;

// Threads are dear, so the cases share two stores, whose file is emptied before each.
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hera-sqlite-'));
  const path = join(folder, 'hera.db');
  store = createSqliteStore({ path });
  await store.readLease();
  rival = createSqliteStore({ path });
  database = openDatabase(path, { timeout: 5_000 });
});

beforeEach(() => {
  database.exec('BEGIN IMMEDIATE');
  for (const table of ['hera_lease', ...TABLE_NAMES]) database.exec(`DELETE FROM "${table}"`);
  database.exec('COMMIT');
});

afterAll(async () => {
  database.close();
  await Promise.all([store.close(), rival.close()]);
  rmSync(folder, { recursive: true });
});

async function passTime(ms: number): Promise<void> {
  const now = async () => {
    const lease = await store.readLease();
    if (!lease) throw new Error('the store tells its time with a lease only');
    return lease.nowMs;
  };
  const end = (await now()) + ms;
  while ((await now()) < end) continue;
}

describe('the sqlite store', () => {
  it.each(storeContract)('$name', async ({ run }) => {
    await run({ store, rival, passTime });
  });

  it.each(queriesContract)('$name', async ({ run }) => {
    await run({ store, queries: store });
  });
});
