/** What is expected of jobs that have not run yet: what their authors say, or what their like take. */
import { quantile } from './durations.js';
import type { Estimate } from './durations.js';
import type { JobRecord } from './records.js';
import type { SchedulerState } from './state.js';

const UNKNOWN_MS = 60_000;

/** Guesses of one forecast; what the like of a job take is worked out once. */
export class Guesses {
  #like: Map<string, number> | null = null;

  /** The expected duration, else the median of the jobs of its group and kind, of its kind, of all. */
  of(state: SchedulerState, job: JobRecord): Estimate {
    const { expectMs, kind } = job.policy;
    if (expectMs !== null) return guess(expectMs);
    this.#like ??= likeOf(state);
    const group = job.definition.group ?? '';
    const found = [`${kind} ${group}`, kind, ''].map((key) => this.#like?.get(key));
    return guess(found.find((ms) => ms !== undefined) ?? UNKNOWN_MS);
  }
}

/** Of a guess, the double is the cautious one. */
const guess = (ms: number): Estimate => ({ typicalMs: ms, cautiousMs: 2 * ms, sorted: [] });

function likeOf(state: SchedulerState): Map<string, number> {
  const found = new Map<string, number[]>();
  const add = (key: string, ms: number) => {
    const list = found.get(key);
    if (list) list.push(ms);
    else found.set(key, [ms]);
  };
  for (const job of state.jobs) {
    if (job.durations === null) continue;
    const { kind } = job.policy;
    for (const key of [`${kind} ${job.definition.group ?? ''}`, kind, '']) add(key, job.durations.lastMs);
  }
  return new Map(
    [...found].map(
      ([key, list]) =>
        [
          key,
          quantile(
            list.sort((a, b) => a - b),
            0.5,
          ),
        ] as const,
    ),
  );
}
