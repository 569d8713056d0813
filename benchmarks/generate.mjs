/**
 * How long does it take to make a day's runs and their bindings, and what does an idle engine cost?
 *
 * 10,000 jobs (3,000 by cron, 7,000 behind four others each, 85 by the hour): one day of slots is stepped
 * from deadline to deadline and every step is committed to SQLite (WAL, synchronous=FULL) before the next,
 * as the leader does. Then an engine with the same jobs sits idle at real time, without a worker, and its
 * processor time is read. Every job must have its run, every binding its row.
 *
 * Not measured: the runs themselves (w1, w2), definitions being applied (its time is printed).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHera } from '../packages/core/dist/index.js';
import { createSqliteStore } from '../packages/store-sqlite/dist/index.js';
import { DAY_MS, kernelWith, MIDNIGHT, nightlyEstate, stepUntil } from './lib/estate.mjs';
import { median, Report, sized, takeTurns } from './lib/report.mjs';

const LEASE_MS = 600_000;
const MINUTE_MS = 60_000;
/** The minute is read in pieces and their median counts: once in it, Node collects what starting left. */
const IDLE_PIECES = 12;
const idleMs = sized(60_000, 3_000);
const report = new Report('generate', 'generate: a day of 10,000 jobs, committed; and an idle minute');
const folder = mkdtempSync(join(tmpdir(), 'hera-bench-generate-'));
const jobs = nightlyEstate();
let number = 0;

const figures = await takeTurns({ day: makeDay }, { warmUp: sized(1, 0) });
const field = (name) => median(figures.day.map((figure) => figure[name]));
report.figure('definitions applied, ms', field('applyMs'));
report.figure('a day', { runs: field('runs'), bindings: field('bindings'), commits: field('commits') });
report.figure('kernel alone, ms', field('stepMs'));
report.ratio('a day generated and committed, s', field('dayMs') / 1_000, { atMost: 2 });
const idle = await idleCpu();
report.ratio('CPU of an idle minute, ms', idle, { atMost: 5 });
rmSync(folder, { recursive: true, force: true });
report.done({ hera: 'SQLite WAL, synchronous=FULL' });

async function makeDay() {
  const store = createSqliteStore({ path: join(folder, `day-${number++}.db`) });
  const { epoch } = await store.acquireLease('bench', LEASE_MS);
  let commitNo = 0;
  const commit = async ({ writes, events }) => {
    commitNo += 1;
    const row = { at: MIDNIGHT, events: JSON.stringify(events) };
    const all = [...writes, { op: 'put', table: 'event', key: [commitNo], value: row }];
    const outcome = await store.commit({ epoch, commitNo, writes: all });
    report.check(`commit ${commitNo} is ${outcome}`, outcome === 'applied');
  };
  const applyFrom = performance.now();
  const { state, first } = kernelWith(jobs);
  const applyMs = performance.now() - applyFrom;
  for (const effects of first) await commit(effects);

  const from = performance.now();
  let stepMs = 0;
  let [runs, bindings] = [0, 0];
  const day = stepUntil(state, MIDNIGHT + DAY_MS - 1);
  for (;;) {
    const stepFrom = performance.now();
    const next = day.next();
    stepMs += performance.now() - stepFrom;
    if (next.done) break;
    for (const write of next.value.writes) {
      if (write.table === 'run') runs += 1;
      if (write.table === 'binding') bindings += 1;
    }
    await commit(next.value);
  }
  const dayMs = performance.now() - from;
  report.check(`${runs} runs of a day, about 12,000 expected`, runs >= 11_500 && runs <= 13_000);
  report.check(
    `${bindings} bindings of a day, about 28,000 expected`,
    bindings >= 27_000 && bindings <= 33_000,
  );
  await store.close();
  return { applyMs, dayMs, stepMs, runs, bindings, commits: commitNo };
}

/** Processor time of a minute in which nothing is due: leases and clocks go on. */
async function idleCpu() {
  const store = createSqliteStore({ path: join(folder, 'idle.db') });
  // The 29th of February, so that nothing comes due meanwhile.
  const idleJobs = Object.fromEntries(
    Object.entries(jobs).map(([name, job]) => [name, job.schedule ? { schedule: '0 0 29 2 *' } : job]),
  );
  const hera = createHera({ jobs: [], slots: 0, store });
  await hera.start();
  await hera.apply({ jobs: idleJobs });
  await pause(sized(3_000, 500));
  globalThis.gc();
  const pieces = [];
  for (let piece = 0; piece < IDLE_PIECES; piece += 1) {
    const before = process.cpuUsage();
    await pause(idleMs / IDLE_PIECES);
    const { user, system } = process.cpuUsage(before);
    pieces.push((user + system) / 1_000);
  }
  await hera.stop();
  await store.close();
  report.figure('idle, all pieces, ms', pieces);
  return (median(pieces) * IDLE_PIECES * MINUTE_MS) / idleMs;
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
