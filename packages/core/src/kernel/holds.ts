/**
 * Holds: nothing of a selection starts, until it is released, at once or at a pace. Slots become runs
 * meanwhile and retries come back, and all of them are parked with the hold.
 */
import type { Instant } from '../model/ids.js';
import type { HoldScope } from '../model/operations.js';
import type { Row } from '../model/tables.js';
import { PHASE } from './codes.js';
import { openRowsOf, selectIndexes, settleRules } from './job-rules.js';
import type { HoldRecord } from './operation-records.js';
import {
  BY_ITSELF,
  checkPace,
  checkUntil,
  lookAt,
  nextOperationId,
  ruleOf,
  spacingMs,
  tellOperation,
  writeBegun,
  writeEnded,
} from './operations.js';
import { put } from './outbox.js';
import { newHeap, unpark } from './queue.js';
import { jsonIn, numberIn, textIn } from './restore.js';
import { isHeldBy, laneBitsOf } from './rules.js';
import type { SchedulerState } from './state.js';

/** What begins a hold, besides what it is about. */
export interface HoldFacts {
  readonly reason: string;
  readonly actor: string;
  readonly until: Instant | null;
  readonly pace: number | null;
  readonly rule: string | null;
}

/** Holds a selection. @throws SchedulerError `SELECTION_EMPTY`, `SELECTION_INVALID`, `OPTION_INVALID`. */
export function beginHold(state: SchedulerState, scope: HoldScope, facts: HoldFacts): HoldRecord {
  checkUntil(state, facts.until);
  checkPace(facts.pace);
  selectIndexes(state, scope.select);
  const id = nextOperationId(state);
  const hold = holdRecord(state, id, scope, { ...facts, at: state.now });
  state.operations.holds.set(id, hold);
  const { reason, actor, until, pace, rule } = facts;
  writeBegun(state, 'hold', id, {
    scope: JSON.stringify(scope),
    rule,
    pace,
    state: 'holding',
    nextAt: 0,
    reason,
    actor,
    until,
  });
  tell(state, hold, 'begun', actor);
  lookAt(state, until);
  settleRules(state);
  return hold;
}

function holdRecord(
  state: SchedulerState,
  id: number,
  scope: HoldScope,
  facts: HoldFacts & { readonly at: number },
): HoldRecord {
  return {
    ...ruleOf(`hold ${id}`, scope.select),
    id,
    ...facts,
    scope,
    laneBits: laneBitsOf(scope.lanes),
    isReleasing: false,
    nextAt: 0,
    parked: newHeap(state),
  };
}

/** Lets what is held go, by priority at the pace, or all at once. May be repeated, with another pace. */
export function releaseHold(
  state: SchedulerState,
  hold: HoldRecord,
  by: { readonly actor: string; readonly pace: number | null },
): void {
  checkPace(by.pace);
  if (by.pace === null) return endHold(state, hold, by.actor);
  hold.pace = by.pace;
  hold.isReleasing = true;
  state.operations.releasing.add(hold);
  put(state.outbox, 'hold', [hold.id], { state: 'releasing', pace: by.pace });
  tell(state, hold, 'releasing', by.actor);
  parkReady(state, hold);
  unpark(state, hold.parked, 1);
}

/** The failures that made the hold go on: it holds again. */
export function holdAgain(state: SchedulerState, hold: HoldRecord, until: number | null): void {
  hold.isReleasing = false;
  state.operations.releasing.delete(hold);
  const again = { ...hold, until };
  state.operations.holds.set(hold.id, again);
  put(state.outbox, 'hold', [hold.id], { state: 'holding', until });
  tell(state, again, 'begun', hold.actor);
  lookAt(state, until);
  settleRules(state);
}

/** Ready runs that no worker has had a place for wait with the others, so that the pace is theirs too. */
function parkReady(state: SchedulerState, hold: HoldRecord): void {
  for (const r of openRowsOf(state, hold.jobs ?? []))
    if (state.runs.phase[r] === PHASE.queued && isHeldBy(state, r, hold)) hold.parked.push(r);
}

function endHold(state: SchedulerState, hold: HoldRecord, actor: string): void {
  const { holds, releasing } = state.operations;
  holds.delete(hold.id);
  releasing.delete(hold);
  writeEnded(state, 'hold', hold.id, actor);
  tell(state, hold, 'ended', actor);
  settleRules(state);
  unpark(state, hold.parked, Infinity);
}

/** A run of it has started: the next may when its turn comes. */
export function onHeldStart(state: SchedulerState, hold: HoldRecord): void {
  if (hold.pace === null) return;
  hold.nextAt = state.now + spacingMs(hold.pace);
  put(state.outbox, 'hold', [hold.id], { nextAt: hold.nextAt });
  lookAt(state, hold.nextAt);
}

/** Holds whose time is over are released, those that are being released let the next one go. */
export function lookAtHolds(state: SchedulerState): void {
  for (const hold of [...state.operations.holds.values()]) {
    if (hold.isReleasing) {
      if (hold.nextAt <= state.now) unpark(state, hold.parked, 1);
    } else if (hold.until !== null && hold.until <= state.now) {
      releaseHold(state, hold, { actor: BY_ITSELF, pace: hold.pace });
    }
  }
}

/** Holds of which nothing is left to release are over; looked at when the step has started what it can. */
export function settleHolds(state: SchedulerState): void {
  for (const hold of [...state.operations.releasing]) {
    if (!isWaitedAt(state, hold)) endHold(state, hold, BY_ITSELF);
    // What it let go found no place: it must not keep back those for whom there is one.
    else if (hold.nextAt <= state.now) unpark(state, hold.parked, 1);
  }
}

/** A new leader has all ready runs in their queues: those of a hold that lets go wait for its pace again. */
export function parkReleasing(state: SchedulerState): void {
  for (const hold of state.operations.releasing) parkReady(state, hold);
}

function isWaitedAt(state: SchedulerState, hold: HoldRecord): boolean {
  const { parked } = hold;
  while (parked.first !== undefined && state.runs.phase[parked.first] !== PHASE.queued) parked.pop();
  if (parked.size > 0) return true;
  for (const offered of state.offers.values()) if (offered === parked) return true;
  return false;
}

function tell(
  state: SchedulerState,
  hold: HoldRecord,
  to: 'begun' | 'releasing' | 'ended',
  actor: string,
): void {
  const { reason, until } = hold;
  const facts = { subject: hold.scope.select, reason, actor, until };
  tellOperation(state, { kind: 'hold', id: hold.id, state: to }, facts);
}

/** Takes a stored hold back. */
export function restoreHold(state: SchedulerState, row: Row): void {
  const { value } = row;
  const scope = jsonIn<HoldScope>(value, 'scope');
  if (scope === null || numberIn(value, 'open') !== 1) return;
  const id = Number(row.key[0]);
  const until = numberIn(value, 'until', NaN);
  const pace = numberIn(value, 'pace', NaN);
  const hold = holdRecord(state, id, scope, {
    reason: textIn(value, 'reason') ?? '',
    actor: textIn(value, 'actor') ?? '',
    rule: textIn(value, 'rule'),
    at: numberIn(value, 'at'),
    until: Number.isNaN(until) ? null : (until as Instant),
    pace: Number.isNaN(pace) ? null : pace,
  });
  hold.nextAt = numberIn(value, 'nextAt');
  hold.isReleasing = textIn(value, 'state') === 'releasing';
  if (hold.isReleasing) state.operations.releasing.add(hold);
  state.operations.holds.set(id, hold);
  lookAt(state, hold.isReleasing ? hold.nextAt : hold.until);
}
