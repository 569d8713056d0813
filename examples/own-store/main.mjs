/** Runs a job, ends, and finds its result again: `node examples/own-store/main.mjs [file]`. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHera, defineJob } from '@hera/core';
import { openFileStore } from './file-store.mjs';

const path = process.argv[2] ?? join(mkdtempSync(join(tmpdir(), 'hera-')), 'hera.jsonl');
const count = defineJob('count', { run: () => ({ rows: 42 }) });

async function life(work) {
  const store = await openFileStore(path);
  const hera = createHera({ jobs: [count], store });
  await hera.start();
  console.log(await work(hera));
  await hera.stop();
  await store.close();
}

await life(async (hera) => (await hera.runGraph('count', { key: 'today' })).phase);
await life(async (hera) => (await hera.get('count@a:today')).attemptList[0].result);
