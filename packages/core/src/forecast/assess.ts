/** What a prediction means for commitments: when they will be done, by the typical and the cautious word, and
 * whose fault it is when that is late. */
import { NEVER, STANDS } from '../kernel/index.js';
import type { CommitmentForecast, ForecastInput, ForecastTarget, StartBy } from '../kernel/index.js';
import type { Prediction } from './predict.js';

const MINUTE_MS = 60_000;

/** How each commitment of the input will go. */
export function assess(input: ForecastInput, prediction: Prediction): CommitmentForecast[] {
  return input.commitments.map((target) => assessOne(input, prediction, target));
}

function assessOne(input: ForecastInput, prediction: Prediction, target: ForecastTarget): CommitmentForecast {
  const { commitment, due, runs, failed, done } = target;
  const facts = {
    commitment,
    due,
    done: runs.length === 0 && failed.length === 0,
    jobs: runs.length + failed.length + done,
  };
  if (failed[0] !== undefined) {
    return { ...facts, end: null, cautiousEnd: null, culprit: { job: failed[0], why: 'failed', byMs: 0 } };
  }
  let last = -1;
  for (const run of runs) if (last === -1 || endOf(prediction, run) > endOf(prediction, last)) last = run;
  if (last === -1) return { ...facts, end: input.at, cautiousEnd: input.at, culprit: null };
  if (endOf(prediction, last) === Infinity)
    return { ...facts, end: null, cautiousEnd: null, culprit: obstacleOf(input, prediction, last) };
  const path = pathTo(prediction, last);
  const end = endOf(prediction, last);
  return {
    ...facts,
    end,
    cautiousEnd: end + doubtOf(input, path),
    culprit: culpritOf(input, prediction, path),
  };
}

const endOf = ({ end }: Prediction, i: number) => end[i] ?? Infinity;

/** Runs that each waited for the one before, the last of them the given one. */
export function pathTo(prediction: Prediction, last: number): number[] {
  const path: number[] = [];
  for (let at = last; at >= 0; at = prediction.cause[at] ?? -1) path.push(at);
  return path.reverse();
}

/** How much longer the path may well take: deviations of independent runs add up by their squares. */
function doubtOf(input: ForecastInput, path: readonly number[]): number {
  const squares = path.map((i) => ((input.cautiousMs[i] ?? 0) - (input.typicalMs[i] ?? 0)) ** 2);
  return Math.round(Math.sqrt(squares.reduce((sum, square) => sum + square, 0)));
}

/** Of the runs on the path, the one that took or takes most beyond what is usual; else the longest. */
function culpritOf(
  input: ForecastInput,
  prediction: Prediction,
  path: readonly number[],
): CommitmentForecast['culprit'] {
  let worst = { job: -1, byMs: MINUTE_MS - 1 };
  let longest = { job: -1, ms: -1 };
  for (const i of path) {
    const job = input.job[i] ?? 0;
    const takesMs = endOf(prediction, i) - (prediction.start[i] ?? 0);
    const isRunning = input.stands[i] === STANDS.running;
    const byMs = isRunning ? takesMs - (input.typicalMs[i] ?? 0) : 0;
    if (byMs > worst.byMs) worst = { job, byMs };
    if ((input.overranMs[i] ?? 0) > worst.byMs)
      worst = { job: input.overranJob[i] ?? -1, byMs: input.overranMs[i] ?? 0 };
    if (takesMs > longest.ms) longest = { job, ms: takesMs };
  }
  const name = (job: number) => input.jobs[job]?.name ?? '';
  if (worst.job >= 0) return { job: name(worst.job), why: 'slow', byMs: Math.round(worst.byMs) };
  return { job: name(longest.job), why: 'long', byMs: Math.round(longest.ms) };
}

/** The job that keeps a run from ever starting, as things stand. */
function obstacleOf(
  input: ForecastInput,
  prediction: Prediction,
  run: number,
): CommitmentForecast['culprit'] {
  const { ups, upsFrom, blockedBy, jobs, job } = input;
  const seen = new Set<number>();
  for (let at = run; !seen.has(at);) {
    seen.add(at);
    let further = -1;
    for (let u = upsFrom[at] ?? 0; u < (upsFrom[at + 1] ?? 0); u++) {
      const up = ups[u] ?? -1;
      if (up === NEVER) {
        const to = blockedBy[at] ?? -1;
        return { job: jobs[to === -1 ? (job[at] ?? 0) : to]?.name ?? '', why: 'failed', byMs: 0 };
      }
      if (up >= 0 && endOf(prediction, up) === Infinity) further = up;
    }
    if (further === -1) return { job: jobs[job[at] ?? 0]?.name ?? '', why: 'noSlot', byMs: 0 };
    at = further;
  }
  return null;
}

/** Latest starts that are not what the state has, of runs that have not started. */
export function startsToTell(input: ForecastInput, prediction: Prediction): StartBy[] {
  const told: StartBy[] = [];
  for (let i = 0; i < input.size; i++) {
    const row = input.row[i] ?? -1;
    const stands = input.stands[i];
    if (row < 0 || stands === STANDS.future || stands === STANDS.running) continue;
    const at = prediction.startBy[i] ?? Infinity;
    const minute = at === Infinity ? 0 : Math.max(1, Math.floor(at / MINUTE_MS));
    if (minute === input.startBy[i]) continue;
    told.push({ row, job: input.job[i] ?? 0, instant: input.instant[i] ?? 0, minute });
  }
  return told;
}
