/**
 * Hera's side of w3: an embedded engine on the SQLite store with an agent beside it, as `hera up` has them,
 * and shell jobs that are /bin/true. Everything is on disk before it starts and before its end is told; each
 * attempt has its directory, its log, its records. `shim` is the shim alone: orders to its spawner, their
 * directories made before, no engine and no agent.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHera, defineJob } from '../../packages/core/dist/index.js';
import { createSqliteStore } from '../../packages/store-sqlite/dist/index.js';
import { startLocalAgent } from '../../packages/worker/dist/index.js';
import { createLauncher } from '../../packages/worker/dist/launcher.js';
import { serve } from '../lib/processes.mjs';

const BATCH = 250;
const SLOTS = 16;
const WINDOW = 16;

const folder = mkdtempSync(join(tmpdir(), 'hera-bench-processes-'));
let hera = null;
let store = null;
let agent = null;
let round = 0;

async function start() {
  store = createSqliteStore({ path: join(folder, 'w3.db') });
  agent = await startLocalAgent({ home: join(folder, 'agent'), slots: SLOTS, pools: ['default'] });
  const jobs = Array.from({ length: BATCH }, (_, i) =>
    defineJob(`true-${String(i).padStart(3, '0')}`, {
      kind: 'shell',
      script: 'exec /bin/true',
      overlap: 'allow',
    }),
  );
  hera = createHera({ jobs, slots: 0, store, transport: agent.transport });
  await hera.start();
}

async function throughEngine(tasks) {
  const runs = new Set();
  const from = performance.now();
  const submissions = Array.from({ length: Math.ceil(tasks / BATCH) }, async () => {
    const submission = await hera.submit('true-*');
    const { phase, runs: of } = await submission.result();
    if (phase === 'succeeded') for (const { run } of of) runs.add(run);
  });
  await Promise.all(submissions);
  return { ms: performance.now() - from, ended: runs.size, isRight: runs.size === tasks };
}

/** Orders with so many in flight; counts the exit records. */
async function throughShim(tasks) {
  round += 1;
  const home = join(folder, `shim-${round}`);
  mkdirSync(home, { recursive: true });
  const orders = Array.from({ length: tasks }, (_, i) => {
    const directory = join(home, String(i));
    mkdirSync(directory);
    writeFileSync(join(directory, 'plan'), "core '/bin/true'\n");
    const env = { HERA_ATTEMPT: `true@a:${round}/${i}` };
    const times = { timeoutMs: 60_000, graceMs: 1_000 };
    return { type: 'spawn', attempt: `${i}`, directory, env, ...times, isFenced: true };
  });
  const from = performance.now();
  let next = 0;
  let left = tasks;
  await new Promise((resolve) => {
    const launcher = createLauncher(
      { home, shim: 'native' },
      {
        onNews(news) {
          if (news.type !== 'ended') return;
          left -= 1;
          if (next < tasks) launcher.send(orders[next++]);
          else if (left === 0) {
            launcher.close();
            resolve();
          }
        },
        onLost: () => undefined,
      },
    );
    while (next < Math.min(WINDOW, tasks)) launcher.send(orders[next++]);
  });
  const ms = performance.now() - from;
  const ended = orders.filter(({ directory }) => readdirSync(directory).includes('exit')).length;
  rmSync(home, { recursive: true });
  return { ms, ended, isRight: ended === tasks };
}

serve({
  async w3() {
    await start();
    return {};
  },
  engine: ({ tasks }) => throughEngine(tasks),
  shim: ({ tasks }) => throughShim(tasks),
  async end() {
    await hera?.stop();
    await agent?.stop({ kill: true });
    await store?.close();
    rmSync(folder, { recursive: true, force: true });
  },
});
