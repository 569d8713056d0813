/**
 * Graphile Worker's side of w1 and w2: producer and worker in one process, its cheaper shape, with the
 * batching its documentation recommends for throughput: a local queue of 500 and completions in batches. w2
 * uses counters of the application in memory, moved when a task runs; a successor may thus start before the
 * end of its parent is stored, which Hera does not allow.
 */
import { Logger, makeWorkerUtils, run } from 'graphile-worker';
import pg from 'pg';
import { childrenOf, layeredGraph } from '../lib/graph.mjs';
import { serve } from '../lib/processes.mjs';

const BULK = 500;
const CONCURRENCY = 100;
const connectionString = process.env.BENCH_URL;

const logger = new Logger(() => () => undefined);

const preset = {
  worker: {
    concurrentJobs: CONCURRENCY,
    maxPoolSize: 10,
    pollInterval: 2_000,
    localQueue: { size: BULK },
    completeJobBatchDelay: 0,
    failJobBatchDelay: 0,
  },
};

const pgPool = new pg.Pool({ connectionString, max: 12 });
const complain = (error) => console.error(`PostgreSQL: ${error.message}`);
pgPool.on('error', complain);
pgPool.on('connect', (client) => client.on('error', complain));
const workerUtils = await makeWorkerUtils({ pgPool, logger });
await workerUtils.migrate();

let onRun = () => undefined;
const runner = await run({
  pgPool,
  preset,
  logger,
  noHandleSignals: true,
  taskList: { noop: (payload) => onRun(payload) },
});

let round = 0;
let graph = [];
let children = [];
const specOf = (task) => ({ identifier: 'noop', payload: { round, task } });
const add = (tasks) => workerUtils.addJobs(tasks.map(specOf));

async function leftInTable() {
  const { rows } = await pgPool.query('select count(*)::int as left from graphile_worker._private_jobs');
  return rows[0].left;
}

/** Until the last task has run and the table is empty: then all completions are stored. */
async function play(tasks, begin, next) {
  round += 1;
  const seen = new Uint8Array(tasks);
  let ended = 0;
  let twice = 0;
  let ready = [];
  const from = performance.now();
  await new Promise((resolve, reject) => {
    const flush = () => {
      const batch = ready;
      ready = [];
      add(batch).catch(reject);
    };
    onRun = ({ round: of, task }) => {
      if (of !== round) return;
      if (seen[task] !== 0) twice += 1;
      seen[task] = 1;
      ended += 1;
      for (const free of next(task)) {
        if (ready.length === 0) setImmediate(flush);
        ready.push(free);
      }
      if (ended === tasks) resolve();
    };
    begin().catch(reject);
  });
  while ((await leftInTable()) > 0) await new Promise((resolve) => setTimeout(resolve, 2));
  return { ms: performance.now() - from, ended, isRight: ended === tasks && twice === 0 };
}

serve({
  w1: () => ({}),
  w2(message) {
    graph = layeredGraph(message);
    children = childrenOf(graph);
    return {};
  },
  batches: ({ tasks }) =>
    play(
      tasks,
      async () => {
        for (let from = 0; from < tasks; from += BULK) {
          const length = Math.min(BULK, tasks - from);
          await add(Array.from({ length }, (_, i) => from + i));
        }
      },
      () => [],
    ),
  graph() {
    const left = graph.map((parents) => parents.length);
    const roots = graph.flatMap((parents, task) => (parents.length === 0 ? [task] : []));
    const next = (task) => children[task].filter((child) => (left[child] -= 1) === 0);
    return play(graph.length, () => add(roots), next);
  },
  async end() {
    await runner.stop();
    await workerUtils.release();
    await pgPool.end();
  },
});
