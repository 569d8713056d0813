/** The promises of the Store port, kept by the store of this example. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'vitest';
import { storeContract } from '@hera/core/testing';
import { openFileStore } from './file-store.mjs';

test.each(storeContract)('$name', async ({ run }) => {
  const folder = mkdtempSync(join(tmpdir(), 'hera-'));
  let passedMs = 0;
  const store = await openFileStore(join(folder, 'hera.jsonl'), { now: () => Date.now() + passedMs });
  const passTime = (ms: number) => {
    passedMs += ms;
    return Promise.resolve();
  };
  try {
    await run({ store, rival: store, passTime });
  } finally {
    await store.close();
    rmSync(folder, { recursive: true });
  }
});
