/** Jobs that are deleted and whose names may be others' by now: their attempts had the same texts. */
import type { JobRecord } from './records.js';
import { findRunOf, jobOf, ownerOf, slotKeyOf } from './runs.js';
import type { SchedulerState } from './state.js';

/** Takes note that the name is free for another job. */
export function noteFormer(state: SchedulerState, job: JobRecord): void {
  const namesakes = state.formerJobs.get(job.name);
  if (namesakes) namesakes.push(job);
  else state.formerJobs.set(job.name, [job]);
}

/** Counts one attempt more of the run, over all its rows, and returns its number. */
export function countAttempt(state: SchedulerState, r: number): number {
  const { attempts } = state.runs;
  const owner = ownerOf(state, r);
  const n = (attempts[owner] || attemptsBefore(state, owner)) + 1;
  attempts[owner] = n;
  return n;
}

/**
 * How many attempts there were of runs that had the run's text before it: a worker may still have one of
 * them, so their numbers are not given out again.
 */
function attemptsBefore(state: SchedulerState, r: number): number {
  if (state.formerJobs.size === 0) return 0;
  const namesakes = state.formerJobs.get(jobOf(state, r).name) ?? [];
  const slotKey = slotKeyOf(state, r);
  const counts = namesakes.map((job) => state.runs.attempts[findRunOf(state, job, slotKey)] ?? 0);
  return Math.max(0, ...counts);
}
