/**
 * Phases of generations move here and nowhere else: queued, back to waiting, running, at rest, ended. Who has
 * to hear of an end is put on a list, not called: a chain of any length costs no stack.
 */
import { localDateOf } from '../calendar/time-zone.js';
import { assert } from '../model/assert.js';
import { instant } from '../model/ids.js';
import type { Instant } from '../model/ids.js';
import type { EndReason } from '../model/run.js';
import { AVOID_PATIENCE_MS, PHASE, PHASES, isOpen, reasonCode } from './codes.js';
import { endGates } from './gate-rows.js';
import { DIRTY, markGeneration, markRun } from './outbox.js';
import { onMemberEnded } from './plan-members.js';
import { reprice } from './priority.js';
import { passOffer, pushReady } from './queue.js';
import { watchQueue } from './queue-timeout.js';
import { jobOf, ownerOf, slotOf } from './runs.js';
import { DEADLINE, addDeadline, extraOf } from './state.js';
import type { SchedulerState } from './state.js';
import { BYPASS, CLAIMED, SIDE } from './tables.js';
import { currentGeneration } from './verdict.js';

/** Free to run: into the queue of its pool. */
export function enterQueue(state: SchedulerState, r: number): void {
  setPhase(state, r, PHASE.queued, null);
  watchQueue(state, r);
  pushReady(state, r);
}

/** An upstream is being done again: back to waiting. The queue drops the entry when it meets it. */
export function leaveQueue(state: SchedulerState, r: number): void {
  setPhase(state, r, PHASE.waiting, null);
  passOffer(state, r);
}

export function startRunning(state: SchedulerState, r: number): void {
  setPhase(state, r, PHASE.running, null);
  state.runs.set(ownerOf(state, r), CLAIMED);
}

/** Waits for its next try, holding no slot. */
export function backOff(state: SchedulerState, r: number, until: Instant): void {
  setPhase(state, r, PHASE.backoff, null);
  extraOf(state, r).retryAt = until;
  addDeadline(state, until, DEADLINE.retry, r);
}

/** The wait for the retry is over, if it is still the one that was meant. */
export function onRetryDue(state: SchedulerState, r: number): void {
  const extra = state.extras.get(r);
  if (state.runs.phase[r] !== PHASE.backoff || extra?.retryAt === undefined || extra.retryAt > state.now)
    return;
  delete extra.retryAt;
  enterOrWait(state, r);
  if (extra.avoid) addDeadline(state, state.now + AVOID_PATIENCE_MS, DEADLINE.wake, 0);
}

/** Back among those that wait or queue, by what is pending. */
export function enterOrWait(state: SchedulerState, r: number): void {
  if (state.runs.has(r, BYPASS) || state.runs.pending[r] === 0) enterQueue(state, r);
  else setPhase(state, r, PHASE.waiting, null);
}

/** Ends the generation; everything that depends on it hears of it in this step. */
export function endGeneration(
  state: SchedulerState,
  r: number,
  phase: typeof PHASE.succeeded | typeof PHASE.failed | typeof PHASE.canceled | typeof PHASE.skipped,
  reason: EndReason | null,
): void {
  assert(isOpen(state.runs.phase[r] ?? 0), 'only an open generation ends');
  setPhase(state, r, phase, reason);
  passOffer(state, r);
  const extra = state.extras.get(r);
  if (extra) delete extra.retryAt;
  if (extra?.gates) endGates(state, r);
  if (state.runs.has(r, SIDE)) {
    const owner = ownerOf(state, r);
    keepPast(state, r);
    // A run without a main generation is as old as the last of its side ones.
    if (state.runs.phase[owner] === PHASE.none) state.runs.since[owner] = state.now;
    state.advancing.push(owner);
    return;
  }
  // What nothing open waits for, and what did not fail, costs no more than this.
  if (phase === PHASE.failed || state.incidentOf.size > 0) state.ended.push(r);
  countEnd(state, r, 1);
  state.advancing.push(r);
  if (extra?.plan !== undefined) onMemberEnded(state, extra.plan, r);
}

/** Into the history of the run, in the order of numbers. */
export function keepPast(state: SchedulerState, r: number): void {
  const extra = extraOf(state, ownerOf(state, r));
  const past = currentGeneration(state, r);
  if (past.classBit !== 0) extra.past = [...(extra.past ?? []), past].sort((a, b) => a.g - b.g);
}

/** Counts the ended run among those of its day, or no more. */
export function countEnd(state: SchedulerState, r: number, by: number): void {
  if (state.runs.has(r, SIDE)) return;
  const { instant: at, zone } = slotOf(state, r);
  const name = `${localDateOf(zone, at)} ${jobOf(state, r).id} ${PHASES[state.runs.phase[r] ?? 0]}`;
  const { counts } = state.outbox;
  counts.set(name, (counts.get(name) ?? 0) + by);
}

export function setPhase(state: SchedulerState, r: number, phase: number, reason: EndReason | null): void {
  const { runs } = state;
  runs.phase[r] = phase;
  runs.since[r] = instant(state.now);
  runs.reason[r] = reasonCode(reason);
  reprice(state, r);
  markGeneration(state.outbox, r, DIRTY.state);
  if (!runs.has(r, SIDE)) markRun(state.outbox, r, DIRTY.state);
}

/** The success of `by` counts for the skipped slot too. */
export function cover(state: SchedulerState, skipped: number, by: number): void {
  extraOf(state, skipped).coveredBy = by;
  const extra = extraOf(state, by);
  extra.covers = [...(extra.covers ?? []), skipped];
  state.advancing.push(skipped);
}

/** The slot is run after all: it counts through no other any more. */
export function uncover(state: SchedulerState, r: number): void {
  const extra = state.extras.get(r);
  if (extra?.coveredBy === undefined) return;
  const by = state.extras.get(extra.coveredBy);
  if (by?.covers) by.covers = by.covers.filter((covered) => covered !== r);
  delete extra.coveredBy;
}
