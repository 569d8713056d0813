/** The store keeps the contracts of its ports, with a second server on the same file as the rival. */
import { queriesContract, storeContract } from '@hera/core/testing';
import type { SqliteStore } from '../dist/index.js';
import { describe, it } from 'vitest';
import { withFile } from './files.js';

async function passTime(store: SqliteStore, ms: number): Promise<void> {
  const now = async () => (await store.readLease())?.nowMs ?? 0;
  const end = (await now()) + ms;
  while ((await now()) < end) continue;
}

// Side by side: a case spends most of its time waiting for threads to start and for the disk.
describe.concurrent('the sqlite store', () => {
  it.each(storeContract)('$name', async ({ run }) => {
    await withFile(async ({ open }) => {
      const store = open();
      let rival: SqliteStore | undefined;
      await run({
        store,
        // Threads are dear: the cases that need no second server start none.
        get rival() {
          return (rival ??= open());
        },
        passTime: (ms) => passTime(store, ms),
      });
    });
  });

  it.each(queriesContract)('$name', async ({ run }) => {
    await withFile(async ({ open }) => {
      const store = open();
      await run({ store, queries: store });
    });
  });
});
