/**
 * One kind of resident schedules in a process of its own: `node cron.mjs` asked to build so many, then to
 * fire for so long. Every schedule fires once a minute at a second of its own, so that N of them make N/60 a
 * second.
 */
import { InstantHeap } from '../../packages/core/dist/kernel/heap.js';
import { createScheduleTable, nextInstant } from '../../packages/core/dist/calendar/schedule.js';
import { kernelWith } from '../lib/estate.mjs';
import { serve } from '../lib/processes.mjs';

const SECONDS = 60;
const SETTLE_MS = 3_000;
let fired = 0;
let kept = null;

const BUILDERS = {
  /**
   * What Hera keeps of a schedule: what it was compiled to, shared by those that are the same, and a
   * deadline.
   */
  hera(count) {
    const table = createScheduleTable();
    const context = { zone: 'UTC', calendars: () => null };
    const schedules = [];
    const heap = new InstantHeap();
    const now = Date.now();
    for (let i = 0; i < count; i += 1) {
      const schedule = table.compile({ cron: `${i % SECONDS} * * * * ?` }, context);
      schedules.push(schedule);
      heap.push(nextInstant(schedule, now), i);
    }
    const arm = () => setTimeout(fire, Math.max(0, heap.first - Date.now()));
    const fire = () => {
      const at = Date.now();
      while (heap.first <= at) {
        const due = heap.first;
        const i = heap.pop();
        fired += 1;
        heap.push(nextInstant(schedules[i], due), i);
      }
      kept.timer = arm();
    };
    kept = { schedules, heap, timer: arm() };
  },
  /** The same as jobs of a kernel, with definitions, policies and names; it is not run. */
  jobs(count) {
    const jobs = {};
    for (let i = 0; i < count; i += 1) jobs[`j${i}`] = { schedule: `${i % SECONDS} * * * * ?` };
    kept = kernelWith(jobs).state;
  },
  async 'node-cron'(count) {
    const { default: cron } = await import('node-cron');
    kept = Array.from({ length: count }, (_, i) =>
      cron.schedule(`${i % SECONDS} * * * * *`, () => void (fired += 1), { suppressMissedWarning: true }),
    );
  },
  async croner(count) {
    const { Cron } = await import('croner');
    kept = Array.from(
      { length: count },
      (_, i) => new Cron(`${i % SECONDS} * * * * *`, () => void (fired += 1)),
    );
  },
};

async function held() {
  globalThis.gc();
  await new Promise((resolve) => setTimeout(resolve, 50));
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

serve({
  async build({ kind, count }) {
    if (kind === 'node-cron' || kind === 'croner') await import(kind);
    const before = await held();
    const cpu = process.cpuUsage();
    await BUILDERS[kind](count);
    const { user, system } = process.cpuUsage(cpu);
    const bytesEach = ((await held()) - before) / count;
    return { bytesEach, buildUsEach: (user + system) / count, isKept: kept !== null };
  },
  async fire({ ms }) {
    // What building made late is over by then.
    await new Promise((resolve) => setTimeout(resolve, Math.min(ms, SETTLE_MS)));
    fired = 0;
    const cpu = process.cpuUsage();
    const from = performance.now();
    await new Promise((resolve) => setTimeout(resolve, ms));
    const { user, system } = process.cpuUsage(cpu);
    const took = performance.now() - from;
    return {
      fired,
      cpuPercent: (user + system) / 10 / took,
      cpuUsPerFire: (user + system) / Math.max(1, fired),
    };
  },
});
