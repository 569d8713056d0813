// @ts-check
/**
 * A night of 50,000 runs, foreseen: what the kernel's step is kept waiting for the snapshot, and how long the
 * prediction takes in slices. Half of the runs are open when the forecast is made, half are still to come.
 * Prints one line of JSON; checks that every run was given an end.
 *
 *   node benchmarks/forecast.mjs [RUNS]
 */
import assert from 'node:assert/strict';
import { createLoader, createState, foretelling, forecastInput, predict, step } from '@hera/core';

const RUNS = Number(process.argv[2] ?? 50_000);
const START = Date.parse('2026-03-02T01:59:59Z');

/** Chains of ten, each after the one before, half of them at 02:00 and half at 04:00. */
function definitions() {
  /** @type {Record<string, object>} */
  const jobs = {};
  for (let i = 0; i < RUNS; i++) {
    const hour = i < RUNS / 2 ? 2 : 4;
    jobs[`j${i}`] =
      i % 10 === 0 ? { schedule: `0 ${hour} * * *` } : { after: { [`j${i - 1}`]: 'same' }, priority: 50 };
  }
  return { jobs, commitments: { all: { jobs: `j${RUNS - 1}`, due: '08:00' } } };
}

const state = createState();
createLoader(state).finish(/** @type {any} */ (START), { epoch: 1, holder: 'benchmark' });
const profile = {
  worker: 'w1',
  boot: 'b',
  slots: 2_000,
  pools: ['default'],
  labels: {},
  kinds: ['shell'],
  functions: [],
  enrolled: false,
  pid: 1,
  version: '0',
};
const load = { memoryShare: 0, loadPerCore: 0, memoryFreeBytes: 0 };
/** @param {any} event */
const post = (event) => step(state, [event]);
post({
  type: 'worker.said',
  at: START,
  worker: 'w1',
  message: { type: 'hello', v: 1, session: 1, epoch: 0, profile },
});
const pulse = { type: 'pulse', epoch: 1, session: 1, seq: 1, draining: false, load, journal: [] };
post({ type: 'worker.said', at: START, worker: 'w1', message: pulse });
const body = { type: 'definitions.apply', definitions: definitions(), source: 'b', prune: false };
post({ type: 'request', at: START, request: 1, actor: 'b', key: null, body });
for (let at = START + 1_000, i = 0; i < 10; i++) post({ type: 'time.passed', at: at + i });

const until = /** @type {any} */ (Date.parse('2026-03-02T12:00:00Z'));
const results = [];
for (let round = 0; round < 5; round++) {
  const begin = performance.now();
  const input = forecastInput(state, until);
  const taken = performance.now();
  const slices = foretelling(input);
  let longest = 0;
  for (let from = performance.now(); slices.next().done !== true; from = performance.now())
    longest = Math.max(longest, performance.now() - from);
  const end = performance.now();
  results.push({
    snapshotMs: taken - begin,
    predictionMs: end - taken,
    longestSliceMs: longest,
    size: input.size,
  });
  if (round === 0) {
    const { end: ends } = predict(input);
    assert.equal(input.size, RUNS);
    assert.ok(ends.every(Number.isFinite), 'every run has an end');
  }
}
const best = results.reduce((a, b) =>
  a.snapshotMs + a.predictionMs < b.snapshotMs + b.predictionMs ? a : b,
);
const round = (/** @type {number} */ ms) => Math.round(ms * 10) / 10;
console.log(
  JSON.stringify({
    benchmark: 'forecast',
    runs: best.size,
    snapshotMs: round(best.snapshotMs),
    predictionMs: round(best.predictionMs),
    longestSliceMs: round(best.longestSliceMs),
    totalMs: round(best.snapshotMs + best.predictionMs),
    firstMs: round((results[0]?.snapshotMs ?? 0) + (results[0]?.predictionMs ?? 0)),
  }),
);
