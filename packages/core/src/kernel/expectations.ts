/**
 * What a job expects of its runs: how long they take, and by when they end. Nothing is killed for it; it is
 * said once, in the commit that notes it.
 */
import { localFields, startOfLocalDay, localDateOf } from '../calendar/time-zone.js';
import { instant, instantText } from '../model/ids.js';
import { PHASE, isOpen } from './codes.js';
import { put } from './outbox.js';
import { jobOf, runKeyOf, runTextOf } from './runs.js';
import { DEADLINE, addDeadline, extraOf } from './state.js';
import type { SchedulerState } from './state.js';
import { AD_HOC, SIDE } from './tables.js';

const MINUTE_MS = 60_000;
const DAY_MS = 1440 * MINUTE_MS;

/** Looks at the run when it will have taken too long, or should have ended. May be repeated. */
export function expectInTime(state: SchedulerState, r: number): void {
  const { expectMs, expectEnd } = jobOf(state, r).policy;
  if ((expectMs === null && expectEnd === null) || state.extras.get(r)?.late === true) return;
  const live = state.liveOf.get(r);
  if (expectMs !== null && live) addDeadline(state, live.claimedAt + expectMs, DEADLINE.expectation, r);
  const end = endOf(state, r);
  if (end !== null && !live) addDeadline(state, end, DEADLINE.expectation, r);
}

/** The instant by which the run of a slot should have ended: the next such time of the day from it on. */
function endOf(state: SchedulerState, r: number): number | null {
  const { expectEnd, zone } = jobOf(state, r).policy;
  if (expectEnd === null || state.runs.has(r, AD_HOC | SIDE)) return null;
  const slot = instant(state.runs.instant[r] ?? 0);
  const today = startOfLocalDay(zone, localDateOf(zone, slot)) + expectEnd * MINUTE_MS;
  const { hour, minute } = localFields(zone, instant(today));
  // On a day on which the clock is set, midnight is not so many minutes away.
  const at = today + (expectEnd - hour * 60 - minute) * MINUTE_MS;
  return at >= slot ? at : at + DAY_MS;
}

/** Says that a run is late, if it is. */
export function onExpectation(state: SchedulerState, r: number): void {
  const { runs } = state;
  if (runs.job[r] === -1 || !isOpen(runs.phase[r] ?? 0) || state.extras.get(r)?.late === true) return;
  const { expectMs } = jobOf(state, r).policy;
  const live = runs.phase[r] === PHASE.running ? state.liveOf.get(r) : undefined;
  const end = endOf(state, r);
  const isLong = live !== undefined && expectMs !== null && live.claimedAt + expectMs <= state.now;
  if (!isLong && (end === null || end > state.now)) return;
  extraOf(state, r).late = true;
  put(state.outbox, 'generation', [...runKeyOf(state, r), runs.generation[r] ?? 0], { late: 1 });
  const message = isLong
    ? `it has run for longer than the expected ${Math.round((expectMs ?? 0) / MINUTE_MS)} min`
    : `it was expected to end by ${instantText(end ?? 0)}`;
  const subject = runTextOf(state, r);
  state.outbox.events.push({ type: 'alarm', code: 'EXPECTATION_MISSED', subject, message });
}
