/** A deadline of an operation has come: which one is found out by a look at all, for they are few. */
import { lookAtHolds } from './holds.js';
import { lookAtLimits } from './limits.js';
import { lookAtOverrides } from './overrides.js';
import type { SchedulerState } from './state.js';
import { lookAtWaives } from './waives.js';

/** Ends what is over, and lets go what may start. */
export function lookAtOperations(state: SchedulerState): void {
  state.operations.isDue = false;
  lookAtWaives(state);
  lookAtOverrides(state);
  lookAtHolds(state);
  lookAtLimits(state);
}
