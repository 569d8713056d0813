/** A disk that fills up: the commit that finds no room is not known and leaves no trace, and after room is made it goes on. */
import { createSqliteStore } from '../dist/index.js';
import type { SqliteStore } from '../dist/index.js';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const DISK = '4m';
const FILLER_BYTES = 2 * 1024 * 1024;
const ROW_TEXT = 'x'.repeat(10_000);

/** Gives the test a store on a small disk of its own; only root may mount one. */
async function withSmallDisk(test: (store: SqliteStore, folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'hera-full-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK}`, 'tmpfs', folder]);
  const store = createSqliteStore({ path: join(folder, 'hera.db') });
  try {
    await test(store, folder);
  } finally {
    await store.close();
    execFileSync('umount', [folder]);
    rmSync(folder, { recursive: true });
  }
}

const isRoot = process.getuid?.() === 0;

// Mounting a small file system needs root.
it.skipIf(!isRoot)(
  'rejects with STORE_UNAVAILABLE when the disk is full, and goes on when there is room',
  async () => {
    await withSmallDisk(async (store, folder) => {
      const filler = join(folder, 'filler');
      writeFileSync(filler, Buffer.alloc(FILLER_BYTES));
      const { epoch } = await store.acquireLease('a', 600_000);
      const commit = (commitNo: number) =>
        store.commit({
          epoch,
          commitNo,
          writes: Array.from({ length: 10 }, (_, i) => ({
            op: 'put' as const,
            table: 'pool' as const,
            key: [`${commitNo}-${i}`],
            value: { definition: ROW_TEXT, at: commitNo },
          })),
        });

      let commitNo = 0;
      let error: unknown;
      while (error === undefined) {
        commitNo += 1;
        await commit(commitNo).catch((reason: unknown) => (error = reason));
      }
      expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE', details: { operation: 'commit' } });
      expect((await store.readLease())?.commitNo).toBe(commitNo - 1);
      expect((await store.read('pool', { limit: 100_000 })).length).toBe((commitNo - 1) * 10);

      rmSync(filler);
      expect(await commit(commitNo)).toBe('applied');
      expect((await store.readLease())?.commitNo).toBe(commitNo);
      expect((await store.read('pool', { limit: 100_000 })).length).toBe(commitNo * 10);
    });
  },
);
