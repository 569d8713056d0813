/**
 * What stands over a run: the holds, overrides and limits that are about it now, and which of them keep it
 * from starting. The dispatcher parks a run with the first; `why` tells them all.
 */
import type { OverrideEffect } from '../model/operations.js';
import { LANE, TRIGGER } from './codes.js';
import { minuteOfDay } from './hours.js';
import type { HoldRecord, LimitRecord, OverrideRecord } from './operation-records.js';
import type { JobRecord } from './records.js';
import { jobOf, laneOf, slotOf } from './runs.js';
import type { SchedulerState } from './state.js';
import { SIDE } from './tables.js';

/** Bits of lanes that are named; null names all. */
export const laneBitsOf = (lanes: readonly (keyof typeof LANE)[] | null | undefined): number =>
  lanes ? lanes.reduce((bits, lane) => bits | (1 << LANE[lane]), 0) : -1;

const isInLanes = (state: SchedulerState, r: number, bits: number) => ((bits >> laneOf(state, r)) & 1) === 1;

/** Whether the hold is about a run of one of its jobs: in a lane that it stops. */
export const isHeldBy = (state: SchedulerState, r: number, hold: HoldRecord) =>
  isInLanes(state, r, hold.laneBits);

/** Why a ready run does not start. */
export type Stop =
  | { readonly type: 'held'; readonly rule: HoldRecord; readonly until: number | null }
  | { readonly type: 'frozen'; readonly rule: OverrideRecord; readonly until: number }
  | { readonly type: 'notBefore'; readonly rule: OverrideRecord; readonly until: number }
  | { readonly type: 'running'; readonly rule: LimitRecord; readonly until: number | null }
  | { readonly type: 'rate'; readonly rule: LimitRecord; readonly until: number };

/** All that keeps a ready run from starting now, in the order in which it is told. */
export function stopsOf(state: SchedulerState, r: number): Stop[] {
  const { rules } = jobOf(state, r);
  if (rules === null) return [];
  const found: Stop[] = [];
  for (const hold of rules.holds) {
    if (!isInLanes(state, r, hold.laneBits)) continue;
    if (!hold.isReleasing) found.push({ type: 'held', rule: hold, until: hold.until });
    else if (hold.nextAt > state.now) found.push({ type: 'held', rule: hold, until: hold.nextAt });
  }
  for (const rule of rules.overrides) {
    if (!isAbout(state, rule, r)) continue;
    if (rule.effect.freeze === true) found.push({ type: 'frozen', rule, until: rule.until });
    const until = Math.min(rule.effect.notBefore ?? 0, rule.until);
    if (until > state.now) found.push({ type: 'notBefore', rule, until });
  }
  for (const rule of rules.limits) found.push(...stopsOfLimit(state, r, rule));
  return found;
}

function stopsOfLimit(state: SchedulerState, r: number, rule: LimitRecord): Stop[] {
  if (!isInLanes(state, r, rule.laneBits)) return [];
  const endsAt = limitEndsAt(state, rule);
  if (endsAt === 0) return [];
  const found: Stop[] = [];
  const { running, startsPerMinute } = rule.definition;
  if (running !== undefined && rule.running >= running) found.push({ type: 'running', rule, until: endsAt });
  if (startsPerMinute !== undefined && rule.nextAt > state.now)
    found.push({ type: 'rate', rule, until: Math.min(rule.nextAt, endsAt ?? Infinity) });
  return found;
}

const MINUTE_MS = 60_000;

/** When the limit's present hours end; null when they do not, 0 outside them. */
export function limitEndsAt(state: SchedulerState, rule: LimitRecord): number | null {
  if (rule.hours === null) return null;
  const zone = rule.definition.zone ?? state.options.zone;
  const minute = minuteOfDay(zone, state.now);
  const { from, to } = rule.hours;
  const isInside = from < to ? minute >= from && minute < to : minute >= from || minute < to;
  if (!isInside) return 0;
  const left = to > minute ? to - minute : to + 24 * 60 - minute;
  // Where the clocks change in between, it is looked at again then.
  return (Math.floor(state.now / MINUTE_MS) + left) * MINUTE_MS;
}

/** Limits that count an attempt of the run. */
export const limitsOf = (state: SchedulerState, r: number): readonly LimitRecord[] =>
  (jobOf(state, r).rules?.limits ?? []).filter((rule) => isInLanes(state, r, rule.laneBits));

/** Holds that are being released at a pace, of which the run's start is one. */
export const pacedHoldsOf = (state: SchedulerState, r: number): readonly HoldRecord[] =>
  (jobOf(state, r).rules?.holds ?? []).filter(
    (hold) => hold.isReleasing && isInLanes(state, r, hold.laneBits),
  );

/** Whether the override is about the run: its slot is in the range. Runs by hand are about nobody else's. */
export function isAbout(state: SchedulerState, rule: OverrideRecord, r: number): boolean {
  const { range } = rule;
  if (state.runs.has(r, SIDE)) return false;
  if (range === null) return true;
  if (range.by === 'instant') {
    const at = state.runs.instant[r] ?? 0;
    return at >= (range.from ?? -Infinity) && at <= (range.to ?? Infinity);
  }
  const { businessDate } = slotOf(state, r);
  return (
    (range.from === null || businessDate >= range.from) && (range.to === null || businessDate <= range.to)
  );
}

/** Overrides of the run that are in force, the newest last. */
export const overridesOf = (state: SchedulerState, r: number): readonly OverrideRecord[] =>
  (jobOf(state, r).rules?.overrides ?? []).filter((rule) => isAbout(state, rule, r));

/** What the newest override that speaks of it says; undefined when none does. */
export function overridden<Field extends keyof OverrideEffect>(
  state: SchedulerState,
  r: number,
  field: Field,
): OverrideEffect[Field] | undefined {
  return overridesOf(state, r).findLast(({ effect }) => effect[field] !== undefined)?.effect[field];
}

/** Why the slot is not run, by an override's word; null when it is. Only what comes by itself is skipped. */
export function skippedBy(state: SchedulerState, r: number, trigger: number): 'skip' | 'pass' | null {
  if (trigger !== TRIGGER.schedule && trigger !== TRIGGER.upstream) return null;
  return overridden(state, r, 'slots') ?? null;
}

/** Priority of the run's own: its job's, or that of an override. */
export function ownPriority(state: SchedulerState, r: number): number {
  const job = jobOf(state, r);
  return (job.rules === null ? undefined : overridden(state, r, 'priority')) ?? job.policy.priority;
}

/** Parameters that overrides give an attempt of the run; the run's own are not among them. */
export function overrideParams(state: SchedulerState, r: number, job: JobRecord): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { effect } of overridesOf(state, r)) {
    for (const [name, value] of Object.entries(effect.params ?? {}))
      if (Object.hasOwn(job.definition.params ?? {}, name)) found[name] = value;
  }
  return found;
}
