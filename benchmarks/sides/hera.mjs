/**
 * Hera's side of w1 and w2: an embedded engine on the SQLite store, jobs as functions in this process. Every
 * task is on disk before it starts and before its end is told (WAL, synchronous=FULL).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHera, defineJob } from '../../packages/core/dist/index.js';
import { createSqliteStore } from '../../packages/store-sqlite/dist/index.js';
import { layeredGraph } from '../lib/graph.mjs';
import { serve } from '../lib/processes.mjs';

const SLOTS = 5_000;
const BATCH = 500;
const IN_FLIGHT = 2_000;

const folder = mkdtempSync(join(tmpdir(), 'hera-bench-sqlite-'));
let ended = 0;
let tooEarly = 0;
let graph = [];
/** Round in which each task of the graph ended last. */
let endedIn = new Int32Array(0);
let round = 0;

const count = () => void (ended += 1);
const noop = defineJob('noop', { overlap: 'allow', run: count });
const batch = Array.from({ length: BATCH }, (_, i) =>
  defineJob(`batch-${String(i).padStart(3, '0')}`, { overlap: 'allow', run: count }),
);

function graphJobs(message) {
  graph = layeredGraph(message);
  endedIn = new Int32Array(graph.length);
  const jobs = [];
  graph.forEach((parents, task) => {
    const run = () => {
      ended += 1;
      for (const parent of parents) if (endedIn[parent] !== round) tooEarly += 1;
      endedIn[task] = round;
    };
    const after = Object.fromEntries(parents.map((parent) => [`graph-${parent}`, jobs[parent]]));
    jobs.push(defineJob(`graph-${task}`, { run, ...(parents.length > 0 && { after }) }));
  });
  return jobs;
}

let hera = null;
let store = null;

async function start(jobs, name) {
  store = createSqliteStore({ path: join(folder, `${name}.db`) });
  hera = createHera({ jobs, slots: SLOTS, store });
  await hera.start();
}

/** Submits one by one, so many in flight; answers with the runs that succeeded, each once. */
async function oneByOne(tasks) {
  const runs = new Set();
  let left = tasks;
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      const submission = await hera.submit('noop');
      const { phase, runs: of } = await submission.result();
      if (phase === 'succeeded') for (const { run } of of) runs.add(run);
    }
  };
  await Promise.all(Array.from({ length: Math.min(IN_FLIGHT, tasks) }, lane));
  return runs.size;
}

async function inBatches(tasks) {
  const runs = new Set();
  const submissions = Array.from({ length: Math.ceil(tasks / BATCH) }, async () => {
    const submission = await hera.submit('batch-*');
    const { phase, runs: of } = await submission.result();
    if (phase === 'succeeded') for (const { run } of of) runs.add(run);
  });
  await Promise.all(submissions);
  return runs.size;
}

async function timed(tasks, play) {
  ended = 0;
  tooEarly = 0;
  round += 1;
  globalThis.gc?.();
  const from = performance.now();
  const succeeded = await play();
  const ms = performance.now() - from;
  return { ms, ended, isRight: ended === tasks && succeeded === tasks && tooEarly === 0 };
}

serve({
  async w1() {
    await start([noop, ...batch], 'w1');
    return {};
  },
  async w2(message) {
    await start(graphJobs(message), 'w2');
    return {};
  },
  one: ({ tasks }) => timed(tasks, () => oneByOne(tasks)),
  batches: ({ tasks }) => timed(tasks, () => inBatches(tasks)),
  graph: () =>
    timed(graph.length, async () => {
      const submission = await hera.submit('graph-*');
      const { phase, runs } = await submission.result();
      return phase === 'succeeded' ? new Set(runs.map(({ run }) => run)).size : 0;
    }),
  async end() {
    await hera?.stop();
    await store?.close();
    rmSync(folder, { recursive: true, force: true });
  },
});
