/**
 * BullMQ's side of w1 and w2: this process adds, a process of its own works with concurrency 100. Settings
 * are those its documentation names for throughput: addBulk, completed jobs removed. w2 needs counters of
 * the application, because a BullMQ job has one parent only: they are kept in memory and moved by the
 * completion events, which is as cheap as it can be and, unlike Hera's, does not outlive a crash.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Queue, QueueEvents, Worker } from 'bullmq';
import { childrenOf, layeredGraph } from '../lib/graph.mjs';
import { serve } from '../lib/processes.mjs';

const BULK = 500;
const CONCURRENCY = 100;
const connection = { path: process.env.BENCH_SOCKET, maxRetriesPerRequest: null };
const QUEUE = 'bench';

if (process.env.BENCH_ROLE === 'worker') {
  const worker = new Worker(QUEUE, () => undefined, { connection, concurrency: CONCURRENCY });
  await worker.waitUntilReady();
  process.send('ready');
  process.on('disconnect', () => process.exit(0));
} else {
  await produce();
}

/** Plays rounds on a queue: adds what may start, hears what has ended, and says what that sets free. */
function createPlayer(queue, events) {
  let onCompleted = () => undefined;
  let round = 0;
  events.on('completed', ({ jobId }) => onCompleted(jobId));
  const jobOf = (task) => ({ name: 'noop', data: {}, opts: { jobId: `r${round}-${task}` } });
  const taskOf = (jobId) => Number(jobId.slice(jobId.indexOf('-') + 1));

  /** Runs a round; `begin` adds what may start, `next` says which tasks a completion sets free. */
  async function play(tasks, begin, next) {
    round += 1;
    const seen = new Uint8Array(tasks);
    let completed = 0;
    let twice = 0;
    let ready = [];
    const from = performance.now();
    await new Promise((resolve, reject) => {
      const flush = () => {
        const batch = ready;
        ready = [];
        queue.addBulk(batch.map(jobOf)).catch(reject);
      };
      onCompleted = (jobId) => {
        if (!jobId.startsWith(`r${round}-`)) return;
        const task = taskOf(jobId);
        if (seen[task] !== 0) twice += 1;
        seen[task] = 1;
        completed += 1;
        for (const free of next(task)) {
          if (ready.length === 0) setImmediate(flush);
          ready.push(free);
        }
        if (completed === tasks) resolve();
      };
      begin(jobOf).catch(reject);
    });
    return { ms: performance.now() - from, ended: completed, isRight: completed === tasks && twice === 0 };
  }
  return play;
}

async function produce() {
  const queue = new Queue(QUEUE, {
    connection,
    defaultJobOptions: { removeOnComplete: true, removeOnFail: false },
  });
  const events = new QueueEvents(QUEUE, { connection });
  await events.waitUntilReady();
  const worker = fork(fileURLToPath(import.meta.url), { env: { ...process.env, BENCH_ROLE: 'worker' } });
  await new Promise((resolve) => worker.once('message', resolve));
  const play = createPlayer(queue, events);
  let graph = [];
  let children = [];

  async function addAll(tasks, jobOf) {
    for (let from = 0; from < tasks; from += BULK) {
      const length = Math.min(BULK, tasks - from);
      await queue.addBulk(Array.from({ length }, (_, i) => jobOf(from + i)));
    }
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
        (jobOf) => addAll(tasks, jobOf),
        () => [],
      ),
    graph() {
      const left = graph.map((parents) => parents.length);
      const roots = graph.flatMap((parents, task) => (parents.length === 0 ? [task] : []));
      const next = (task) => children[task].filter((child) => (left[child] -= 1) === 0);
      return play(graph.length, (jobOf) => queue.addBulk(roots.map(jobOf)), next);
    },
    async end() {
      worker.disconnect();
      await events.close();
      await queue.close();
    },
  });
}
