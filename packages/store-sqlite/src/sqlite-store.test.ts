/** The store keeps the contracts of its ports, with a second server on the same file as the rival. */
import { queriesContract, storeContract } from '@hera/core/testing';
import { createSqliteStore } from '@hera/store-sqlite';
import type { SqliteStore } from '@hera/store-sqlite';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, it } from 'vitest';

const folders: string[] = [];
const stores: SqliteStore[] = [];

afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function newFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'hera-sqlite-'));
  folders.push(folder);
  return join(folder, 'store', 'hera.db');
}

function open(path: string): SqliteStore {
  const store = createSqliteStore({ path });
  stores.push(store);
  return store;
}

async function passTime(store: SqliteStore, ms: number): Promise<void> {
  const now = async () => (await store.readLease())?.nowMs ?? 0;
  const end = (await now()) + ms;
  while ((await now()) < end) continue;
}

describe('the sqlite store', () => {
  it.each(storeContract)('$name', async ({ run }) => {
    const path = newFile();
    const store = open(path);
    let rival: SqliteStore | undefined;
    await run({
      store,
      // Threads are dear: the cases that need no second server start none.
      get rival() {
        return (rival ??= open(path));
      },
      passTime: (ms) => passTime(store, ms),
    });
  });

  it.each(queriesContract)('$name', async ({ run }) => {
    const store = open(newFile());
    await run({ store, queries: store });
  });
});
