/**
 * Overrides: for a selection of jobs and a range of slots, ahead or now, something else than the job says.
 * What a run is not allowed to keep beyond the override, its priority and pool, is given back at its end.
 */
import type { Instant } from '../model/ids.js';
import type { OverrideEffect, SlotRange } from '../model/operations.js';
import type { Row } from '../model/tables.js';
import { PHASE } from './codes.js';
import { openRowsOf, selectIndexes, settleRules } from './job-rules.js';
import type { OverrideRecord } from './operation-records.js';
import {
  BY_ITSELF,
  checkUntil,
  lookAt,
  nextOperationId,
  optionInvalid,
  ruleOf,
  tellOperation,
  writeBegun,
  writeEnded,
} from './operations.js';
import { put } from './outbox.js';
import { endGeneration } from './phases.js';
import { setOwnPriority } from './priority.js';
import { newHeap, pushReady, unpark } from './queue.js';
import { jsonIn, numberIn, textIn } from './restore.js';
import { isAbout, ownPriority, skippedBy } from './rules.js';
import { runKeyOf } from './runs.js';
import type { SchedulerState } from './state.js';

/** What begins an override. */
export interface OverrideFacts {
  readonly select: string;
  readonly range: SlotRange | null;
  readonly effect: OverrideEffect;
  readonly reason: string;
  readonly actor: string;
  readonly until: Instant;
}

/**
 * Begins an override, for runs that are there and for those to come. @throws SchedulerError `OPTION_INVALID`,
 * `SELECTION_EMPTY`, `SELECTION_INVALID`.
 */
export function beginOverride(state: SchedulerState, facts: OverrideFacts): OverrideRecord {
  const { select, range, effect, reason, actor, until } = facts;
  checkUntil(state, until);
  checkEffect(effect);
  checkRange(range);
  checkParams(state, selectIndexes(state, select), effect);
  const id = nextOperationId(state);
  const rule = overrideRecord(state, id, { ...facts, at: state.now });
  state.operations.overrides.set(id, rule);
  writeBegun(state, 'override', id, {
    selection: select,
    ...rangeFields(range),
    effect: JSON.stringify(effect),
    reason,
    actor,
    until,
  });
  tell(state, rule, 'begun', actor);
  lookAt(state, until);
  lookAt(state, effect.notBefore ?? null);
  settleRules(state);
  applyNow(state, rule);
  return rule;
}

function overrideRecord(
  state: SchedulerState,
  id: number,
  facts: OverrideFacts & { readonly at: number },
): OverrideRecord {
  const { range, effect, reason, actor, until, at } = facts;
  const rule = ruleOf(`override ${id}`, facts.select);
  return { ...rule, id, range, effect, reason, actor, until, at, parked: newHeap(state) };
}

function checkEffect(effect: OverrideEffect): void {
  const { slots, freeze, notBefore, pool, priority, timeoutMs, params } = effect;
  const given = [slots, freeze, notBefore, pool, priority, timeoutMs, params];
  if (given.every((value) => value === undefined))
    throw optionInvalid('effect', 'at least one change', effect);
  if (slots !== undefined && slots !== 'skip' && slots !== 'pass')
    throw optionInvalid('slots', 'skip or pass', slots);
  if (priority !== undefined && !(Number.isInteger(priority) && Math.abs(priority) <= 1000))
    throw optionInvalid('priority', 'a whole number from -1000 to 1000', priority);
  if (timeoutMs !== undefined && !(Number.isSafeInteger(timeoutMs) && timeoutMs > 0))
    throw optionInvalid('timeout', 'a length of time above 0', timeoutMs);
  if (notBefore !== undefined && !Number.isSafeInteger(notBefore))
    throw optionInvalid('notBefore', 'an instant', notBefore);
}

function checkRange(range: SlotRange | null): void {
  if (range === null || range.from === null || range.to === null || range.from <= range.to) return;
  throw optionInvalid('range', 'from its beginning to its end', [range.from, range.to]);
}

function checkParams(state: SchedulerState, jobs: readonly number[], { params }: OverrideEffect): void {
  for (const parameter of Object.keys(params ?? {})) {
    if (jobs.some((index) => Object.hasOwn(state.jobs[index]?.definition.params ?? {}, parameter))) continue;
    throw optionInvalid(
      `params.${parameter}`,
      'a parameter that one of the selected jobs declares',
      parameter,
    );
  }
}

const rangeFields = (range: SlotRange | null) =>
  range?.by === 'instant'
    ? { fromInstant: range.from, toInstant: range.to }
    : { fromDate: range?.from ?? null, toDate: range?.to ?? null };

function applyNow(state: SchedulerState, rule: OverrideRecord): void {
  settleChanges(state, rule, rule.jobs ?? []);
  if (rule.effect.slots === undefined) return;
  for (const r of openRowsOf(state, rule.jobs ?? [])) {
    if (!isAbout(state, rule, r) || state.runs.phase[r] === PHASE.running) continue;
    const reason = skippedBy(state, r, state.runs.trigger[r] ?? 0);
    if (reason !== null) endGeneration(state, r, PHASE.skipped, reason);
  }
}

/** Brings priority and pool of runs that have not started to what holds for them now. May be repeated. */
export function settleChanges(state: SchedulerState, rule: OverrideRecord, jobs: readonly number[]): void {
  const { priority, pool } = rule.effect;
  if (priority === undefined && pool === undefined) return;
  for (const r of openRowsOf(state, jobs)) {
    if (!isAbout(state, rule, r)) continue;
    if (priority !== undefined) settlePriority(state, r);
    if (pool !== undefined && state.runs.phase[r] === PHASE.queued) pushReady(state, r);
  }
}

function settlePriority(state: SchedulerState, r: number): void {
  const priority = ownPriority(state, r);
  if (priority === state.runs.priority[r]) return;
  setOwnPriority(state, r, priority);
  put(state.outbox, 'generation', [...runKeyOf(state, r), state.runs.generation[r] ?? 0], { priority });
}

/** Ends an override: by a person, or when its time is over. */
export function endOverride(state: SchedulerState, rule: OverrideRecord, actor: string): void {
  state.operations.overrides.delete(rule.id);
  writeEnded(state, 'override', rule.id, actor);
  tell(state, rule, 'ended', actor);
  settleRules(state);
  settleChanges(state, rule, rule.jobs ?? []);
  unpark(state, rule.parked, Infinity);
}

/** Overrides whose time is over end; runs that may start from now on are let go. */
export function lookAtOverrides(state: SchedulerState): void {
  for (const rule of [...state.operations.overrides.values()]) {
    if (rule.until <= state.now) endOverride(state, rule, BY_ITSELF);
    else if ((rule.effect.notBefore ?? Infinity) <= state.now && rule.effect.freeze !== true)
      unpark(state, rule.parked, Infinity);
  }
}

function tell(state: SchedulerState, rule: OverrideRecord, to: 'begun' | 'ended', actor: string): void {
  const { id, reason, until, selection } = rule;
  tellOperation(
    state,
    { kind: 'override', id, state: to },
    { subject: selection.text, reason, actor, until },
  );
}

/** Takes a stored override back. */
export function restoreOverride(state: SchedulerState, row: Row): void {
  const { value } = row;
  const effect = jsonIn<OverrideEffect>(value, 'effect');
  if (effect === null || numberIn(value, 'open') !== 1) return;
  const rule = overrideRecord(state, Number(row.key[0]), {
    select: textIn(value, 'selection') ?? '',
    range: rangeIn(value),
    effect,
    reason: textIn(value, 'reason') ?? '',
    actor: textIn(value, 'actor') ?? '',
    until: numberIn(value, 'until') as Instant,
    at: numberIn(value, 'at'),
  });
  state.operations.overrides.set(rule.id, rule);
  lookAt(state, rule.until);
  lookAt(state, effect.notBefore ?? null);
}

function rangeIn(value: Row['value']): SlotRange | null {
  const from = value['fromInstant'] ?? null;
  const to = value['toInstant'] ?? null;
  if (from !== null || to !== null)
    return { by: 'instant', from: from === null ? null : Number(from), to: to === null ? null : Number(to) };
  const fromDate = textIn(value, 'fromDate');
  const toDate = textIn(value, 'toDate');
  return fromDate === null && toDate === null ? null : { by: 'businessDate', from: fromDate, to: toDate };
}
