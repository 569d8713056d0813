/** When commitments are looked at next: one look is planned at a time. */
import { DEADLINE, addDeadline } from './state.js';
import type { SchedulerState } from './state.js';

const MINUTE_MS = 60_000;
/** What has just been made settles first. */
const SETTLED_MS = 1_000;

/** New runs are there: a forecast tells by when they must start. Called for slots that came due. */
export function lookAtNewRuns(state: SchedulerState): void {
  if (state.commitmentsAt === Infinity) return;
  lookAt(state, Math.max(state.now + SETTLED_MS, state.forecastAt + MINUTE_MS));
}

/** Has commitments looked at when this step settles: they have changed, or have just been loaded. */
export function lookSoon(state: SchedulerState): void {
  if (state.commitments.size > 0) lookAt(state, state.now);
}

/** One look is planned at a time, the earliest. */
export function lookAt(state: SchedulerState, at: number): void {
  if (at >= state.commitmentsAt) return;
  state.commitmentsAt = at;
  addDeadline(state, at, DEADLINE.commitments, 0);
}
