/**
 * What does a run that waits cost in memory, and how long do many of them stop the event loop?
 *
 * Jobs that run every hour, of which each but the first ones waits for three others; nothing is ever run, so
 * that every hour's runs wait with their three links. Their number grows by the kernel's own way, slots that
 * come due, to 100,000 and 1,000,000. Bytes are heap and buffers after a collection, against those of the
 * kernel with its jobs and no run. A stall is the longest of: one step of an hour's slots divided by its
 * limit of slots, one full collection with all runs alive, and one step that changes nothing.
 *
 * Not measured: history in the store, pages, attempts that run.
 */
import { HOUR_MS, kernelWith, MIDNIGHT, stepUntil } from './lib/estate.mjs';
import { step } from '../packages/core/dist/kernel/index.js';
import { generator, SEED } from './lib/graph.mjs';
import { Report, sized } from './lib/report.mjs';

const jobsCount = sized(10_000, 1_000);
const dependencies = 3;
const goals = sized([100_000, 1_000_000], [20_000]);
const report = new Report('memory', `memory: waiting runs of ${jobsCount} jobs, ${dependencies} links each`);

const { state } = kernelWith(hourlyEstate());
const before = await heldBytes();
let hour = 0;
let longestStepMs = 0;
let steps = 0;
for (const goal of goals) {
  while (state.runs.live < goal) {
    hour += 1;
    const until = stepUntil(state, MIDNIGHT + hour * HOUR_MS);
    for (;;) {
      const from = performance.now();
      const next = until.next();
      longestStepMs = Math.max(longestStepMs, performance.now() - from);
      if (next.done) break;
      steps += 1;
    }
  }
  const live = state.runs.live;
  const held = (await heldBytes()) - before;
  const collectFrom = performance.now();
  globalThis.gc();
  const collectMs = performance.now() - collectFrom;
  const idleFrom = performance.now();
  step(state, [{ type: 'time.passed', at: state.now }]);
  const idleMs = performance.now() - idleFrom;
  report.figure(`${goal} runs`, {
    live,
    links: state.links.live,
    bytesPerRun: held / live,
    columnBytesPerRun: (state.runs.bytes + state.links.bytes) / live,
    fullCollectionMs: collectMs,
    idleStepMs: idleMs,
  });
  const waiting = live - roots();
  report.check(
    `${state.links.live} links of ${live} runs`,
    state.links.live >= (waiting - live * 0.02) * dependencies,
  );
  report.ratio(`bytes per live run at ${goal}`, held / live, { atMost: 300, moonshot: 80 });
}
report.figure('longest step of an hour of slots, ms', longestStepMs);
report.figure('steps', steps);
report.done({ kernel: 'in memory' });

function hourlyEstate() {
  const draw = generator(SEED);
  const jobs = {};
  for (let i = 0; i < jobsCount; i += 1) {
    const after = {};
    while (i >= dependencies && Object.keys(after).length < dependencies) after[`j${draw(i)}`] = 'same';
    jobs[`j${i}`] = { schedule: '0 * * * *', ...(i >= dependencies && { after }) };
  }
  return jobs;
}

/** Runs that wait for nothing. */
function roots() {
  return dependencies * hour;
}

/** What is held after a collection; buffers are counted off a moment later than the heap. */
async function heldBytes() {
  globalThis.gc();
  await new Promise((resolve) => setTimeout(resolve, 50));
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
