// @ts-check
/**
 * Forecasts against what came: simulated nights of 200 jobs whose durations vary, foreseen at several moments
 * of each night by what the nights before have taught. Prints, as one line of JSON, the median error of the
 * predicted end of the report and of all runs that were still open, in minutes, by how long before.
 *
 *   node benchmarks/backtest.mjs [NIGHTS] [SEED]
 */
import { forecastInput, predict } from '@hera/core';
import { VirtualEngine } from '../packages/core/dist/simulator/virtual-engine.js';
import { nightEstate } from '../packages/core/dist/testing/nights.js';

const NIGHTS = Number(process.argv[2] ?? 10);
const SEED = Number(process.argv[3] ?? 1);
const BEGIN = Date.parse('2026-03-01T12:00:00Z');
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Nights that only teach. */
const LEARNED = 5;

const estate = nightEstate({ seed: SEED });
/** When each run ended, by job and slot. @type {Map<string, number>} */
const ends = new Map();
const engine = new VirtualEngine({
  from: BEGIN,
  workers: [{ name: 'w1', slots: 40 }],
  fate: ({ job }) => ({
    durationMs: estate.durationMs(job),
    outcome: { state: 'succeeded', exitCode: 0 },
  }),
  onStep: ({ at, effects }) => {
    for (const event of effects.events)
      if (event.type === 'generation.phase' && event.phase === 'succeeded') ends.set(event.run, at);
  },
});
engine.request({ type: 'definitions.apply', definitions: estate.definitions, source: 'b', prune: false });

/** @type {Map<number, { run: string, job: string, end: number }[]>} */
const foreseen = new Map([0, 1, 2, 3].map((hour) => [hour, []]));
for (let night = LEARNED; night < LEARNED + NIGHTS; night++) {
  for (const [hour, list] of foreseen) {
    const at = BEGIN + (night * 24 + 14 + hour) * HOUR_MS + 1_000;
    engine.run(at);
    const input = forecastInput(engine.state, /** @type {any} */ (at + HOUR_MS));
    const { end } = predict(input);
    const slot = new Date(BEGIN + (night * 24 + 14) * HOUR_MS).toISOString().slice(0, 10).replaceAll('-', '');
    for (let i = 0; i < input.size; i++) {
      const job = input.jobs[input.job[i] ?? 0]?.name ?? '';
      list.push({ run: `${job}@${slot}T020000Z`, job, end: end[i] ?? Infinity });
    }
  }
}
engine.run(BEGIN + (LEARNED + NIGHTS + 1) * 24 * HOUR_MS);

/** @param {number[]} values */
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
/** @param {{ run: string, end: number }[]} list */
const errorMinutes = (list) => {
  const errors = list.map(({ run, end }) => Math.abs(end - (ends.get(run) ?? NaN)) / MINUTE_MS);
  return Math.round(median(errors.filter(Number.isFinite)) * 10) / 10;
};
const lines = [...foreseen].map(([hour, list]) => ({
  hoursIn: hour,
  reportErrorMin: errorMinutes(list.filter(({ job }) => job === 'report')),
  allErrorMin: errorMinutes(list),
}));
console.log(JSON.stringify({ benchmark: 'backtest', nights: NIGHTS, seed: SEED, medianErrors: lines }));
