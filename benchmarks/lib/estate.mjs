/** Estates of jobs for the benchmarks, and a kernel that has taken them over. */
import { createLoader, createState, nextDeadline, step } from '../../packages/core/dist/kernel/index.js';
import { generator, SEED } from './graph.mjs';

/** Midnight of a day without anything special, UTC. */
export const MIDNIGHT = Date.parse('2026-03-02T00:00:00Z');
export const DAY_MS = 86_400_000;
export const HOUR_MS = 3_600_000;

/**
 * 10,000 jobs as data teams have them: 3,000 that begin a chain by night, 7,000 behind four others each, and
 * 85 that run every hour; about 12,000 runs and 28,000 bindings a day.
 */
export function nightlyEstate() {
  const draw = generator(SEED);
  const jobs = {};
  for (let i = 0; i < 10_000; i += 1) {
    if (i < 3_000) {
      jobs[`j${i}`] = { schedule: `${draw(60)} ${draw(6)} * * *` };
      continue;
    }
    const after = {};
    while (Object.keys(after).length < 4) after[`j${draw(i)}`] = 'default';
    jobs[`j${i}`] = { after };
  }
  for (let i = 0; i < 85; i += 1) jobs[`h${i}`] = { schedule: `${draw(60)} * * * *` };
  return jobs;
}

/**
 * A kernel that leads since just before midnight, so that slots of midnight count; with the effects so far.
 */
export function kernelWith(jobs, options = {}) {
  const state = createState(options);
  const loaded = createLoader(state).finish(MIDNIGHT - 1, { epoch: 1, holder: 'bench' });
  const applied = step(state, [
    {
      type: 'request',
      at: state.now,
      request: 1,
      actor: 'bench',
      key: null,
      body: { type: 'definitions.apply', definitions: { jobs }, source: 'bench', prune: false },
    },
  ]);
  const [reply] = applied.replies;
  if (!reply?.ok) throw new Error(`the estate was refused: ${reply?.error?.message}`);
  return { state, first: [loaded, applied] };
}

/** Steps from deadline to deadline up to an instant. */
export function* stepUntil(state, end) {
  for (let next = nextDeadline(state); next !== null && next <= end; next = nextDeadline(state)) {
    yield step(state, [{ type: 'time.passed', at: next }]);
  }
}
