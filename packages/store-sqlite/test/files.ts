/** Store files that last as long as one test. */
import { createSqliteStore } from '../dist/index.js';
import type { SqliteStore } from '../dist/index.js';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface StoreFile {
  readonly path: string;
  /** Opens the file once more; closed when the test ends. */
  open(): SqliteStore;
}

/** Gives a new file to a test, and takes it away when the test has ended. */
export async function withFile(test: (file: StoreFile) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'hera-sqlite-'));
  const path = join(folder, 'store', 'hera.db');
  const stores: SqliteStore[] = [];
  const open = (): SqliteStore => {
    const store = createSqliteStore({ path });
    stores.push(store);
    return store;
  };
  try {
    await test({ path, open });
  } finally {
    await Promise.allSettled(stores.map((store) => store.close()));
    rmSync(folder, { recursive: true });
  }
}
