/** A run that is ready and finds no room for long: its job says how long is too long. */
import { PHASE } from './codes.js';
import { jobOf } from './runs.js';
import { DEADLINE, addDeadline } from './state.js';
import type { SchedulerState } from './state.js';

/** Wakes the kernel when the run has been queued for too long. Nothing for jobs without a limit. */
export function watchQueue(state: SchedulerState, r: number): void {
  const { queueTimeoutMs } = jobOf(state, r).policy;
  if (queueTimeoutMs > 0) addDeadline(state, (state.runs.since[r] ?? 0) + queueTimeoutMs, DEADLINE.queue, r);
}

/** Whether the run is still queued and has been for as long as its job allows. */
export function isQueuedTooLong(state: SchedulerState, r: number): boolean {
  if (state.runs.phase[r] !== PHASE.queued) return false;
  const { queueTimeoutMs } = jobOf(state, r).policy;
  return queueTimeoutMs > 0 && state.now - (state.runs.since[r] ?? 0) >= queueTimeoutMs;
}
