/** What holds, overrides and limits mean for an attempt that starts. */
import { onHeldStart } from './holds.js';
import { onLimitedStart } from './limits.js';
import { NO_LIMITS } from './operation-records.js';
import type { LiveAttempt } from './records.js';
import { limitsOf, overridden, overridesOf, pacedHoldsOf } from './rules.js';
import { jobOf } from './runs.js';
import type { SchedulerState } from './state.js';

/** How long an attempt of the run may take, ms: by its job, or by an override. */
export function timeoutOf(state: SchedulerState, r: number): number {
  const { rules, policy } = jobOf(state, r);
  return (rules === null ? undefined : overridden(state, r, 'timeoutMs')) ?? policy.timeoutMs;
}

/** What stands over the run counts its start; whether an override may have changed the attempt. */
export function countClaim(state: SchedulerState, live: LiveAttempt): boolean {
  onLimitedStart(state, live);
  for (const hold of pacedHoldsOf(state, live.row)) onHeldStart(state, hold);
  return overridesOf(state, live.row).length > 0;
}

/** Limits that count an attempt of the run. */
export const limitsAtClaim = (state: SchedulerState, r: number): LiveAttempt['limits'] =>
  jobOf(state, r).rules === null ? NO_LIMITS : limitsOf(state, r);
