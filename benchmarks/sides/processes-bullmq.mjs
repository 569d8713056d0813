/**
 * BullMQ's side of w3: this process adds, a process of its own works and starts /bin/true for each job, in a
 * group of its own with its output in a file, as Node does it.
 */
import { fork, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Queue, QueueEvents, Worker } from 'bullmq';
import { serve } from '../lib/processes.mjs';

const BULK = 250;
const CONCURRENCY = 16;
const connection = { path: process.env.BENCH_SOCKET, maxRetriesPerRequest: null };
const QUEUE = 'bench-processes';

if (process.env.BENCH_ROLE === 'worker') await work();
else await produce();

async function work() {
  const folder = mkdtempSync(join(tmpdir(), 'hera-bench-bullmq-'));
  const start = (job) =>
    new Promise((resolve, reject) => {
      const log = openSync(join(folder, `${job.id}.log`), 'a');
      const child = spawn('/bin/true', [], { detached: true, stdio: ['ignore', log, log] });
      closeSync(log);
      child.once('error', reject);
      child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`exit code ${code}`))));
    });
  const worker = new Worker(QUEUE, start, { connection, concurrency: CONCURRENCY });
  await worker.waitUntilReady();
  process.send('ready');
  process.on('disconnect', () => {
    rmSync(folder, { recursive: true, force: true });
    process.exit(0);
  });
}

async function produce() {
  const queue = new Queue(QUEUE, { connection, defaultJobOptions: { removeOnComplete: true } });
  const events = new QueueEvents(QUEUE, { connection });
  await events.waitUntilReady();
  const worker = fork(fileURLToPath(import.meta.url), { env: { ...process.env, BENCH_ROLE: 'worker' } });
  await new Promise((resolve) => worker.once('message', resolve));
  let onCompleted = () => undefined;
  let round = 0;
  events.on('completed', ({ jobId }) => onCompleted(jobId));

  async function play(tasks) {
    round += 1;
    const seen = new Set();
    const from = performance.now();
    await new Promise((resolve, reject) => {
      onCompleted = (jobId) => {
        if (jobId.startsWith(`r${round}-`)) seen.add(jobId);
        if (seen.size === tasks) resolve();
      };
      const addAll = async () => {
        for (let at = 0; at < tasks; at += BULK) {
          const length = Math.min(BULK, tasks - at);
          const jobs = Array.from({ length }, (_, i) => {
            return { name: 'true', data: {}, opts: { jobId: `r${round}-${at + i}` } };
          });
          await queue.addBulk(jobs);
        }
      };
      addAll().catch(reject);
    });
    return { ms: performance.now() - from, ended: seen.size, isRight: seen.size === tasks };
  }

  serve({
    w3: () => ({}),
    engine: ({ tasks }) => play(tasks),
    async end() {
      worker.disconnect();
      await events.close();
      await queue.close();
    },
  });
}
