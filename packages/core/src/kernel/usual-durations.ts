/** What runs usually take, for simulations of days to come. */
import { estimateOf, kindOfDay } from './durations.js';
import { Guesses } from './forecast-guesses.js';
import type { SchedulerState } from './state.js';

/** What a run of each job usually takes on a day like this, ms. */
export function usualDurations(state: SchedulerState): Readonly<Record<string, number>> {
  const guesses = new Guesses();
  const found: Record<string, number> = {};
  for (const job of state.jobs) {
    if (job.state === 'deleted') continue;
    const estimate = estimateOf(job, kindOfDay(job.policy.zone, state.now)) ?? guesses.of(state, job);
    found[job.name] = estimate.typicalMs;
  }
  return found;
}
