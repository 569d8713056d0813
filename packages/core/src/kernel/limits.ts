/** Limits on selections: how many attempts may run, and how many may start in a minute. */
import { SchedulerError } from '../model/errors.js';
import type { Definitions } from '../model/job.js';
import type { LimitDefinition } from '../model/operations.js';
import type { Row } from '../model/tables.js';
import { holdRuleRecord } from './hold-rules.js';
import { parseHours } from './hours.js';
import type { LimitRecord } from './operation-records.js';
import { lookAt, ruleOf, spacingMs } from './operations.js';
import { put } from './outbox.js';
import { newHeap, unpark } from './queue.js';
import type { LiveAttempt } from './records.js';
import { jsonIn, numberIn } from './restore.js';
import { laneBitsOf, limitEndsAt } from './rules.js';
import type { SchedulerState } from './state.js';

/** Takes over limits and rules that hold; selections are worked out by `selectAgain` afterwards. */
export function applyRules(state: SchedulerState, { limits, holdRules }: Definitions): void {
  const { operations, outbox, now } = state;
  for (const [name, definition] of Object.entries(limits ?? {})) {
    const before = operations.limits.get(name);
    const record = limitRecord(state, name, definition, before?.nextAt ?? 0);
    operations.limits.set(name, record);
    if (before) unpark(state, before.parked, Infinity);
    put(outbox, 'start_limit', [name], {
      definition: JSON.stringify(definition),
      at: now,
      nextAt: record.nextAt,
    });
  }
  for (const [name, definition] of Object.entries(holdRules ?? {})) {
    const recent = operations.holdRules.get(name)?.recent ?? [];
    operations.holdRules.set(name, holdRuleRecord(name, definition, recent));
    put(outbox, 'hold_rule', [name], { definition: JSON.stringify(definition), at: now });
  }
}

/** @throws SchedulerError `SELECTION_INVALID`, `DURATION_INVALID`, `DEFINITION_INVALID`. */
export function checkRules(state: SchedulerState, { limits, holdRules }: Definitions): void {
  for (const [name, definition] of Object.entries(limits ?? {})) {
    limitRecord(state, name, definition, 0);
    const { startsPerMinute: starts } = definition;
    if (starts !== undefined && !(starts >= 1 && starts <= 6000)) {
      const path = `limits.${name}.startsPerMinute`;
      const message = `${path} must be from 1 to 6000, got ${starts}`;
      throw new SchedulerError('DEFINITION_INVALID', message, {
        problems: [{ path, rule: 'range', message }],
      });
    }
  }
  for (const [name, definition] of Object.entries(holdRules ?? {})) {
    holdRuleRecord(name, definition, []);
    ruleOf(name, definition.hold ?? '*');
  }
}

function limitRecord(
  state: SchedulerState,
  name: string,
  definition: LimitDefinition,
  nextAt: number,
): LimitRecord {
  return {
    ...ruleOf(`limit ${name}`, definition.jobs),
    limit: name,
    definition,
    laneBits: laneBitsOf(definition.lanes),
    hours: parseHours(definition.hours),
    running: 0,
    wakeAt: 0,
    nextAt,
    parked: newHeap(state),
  };
}

/** An attempt has started that the limits count. */
export function onLimitedStart(state: SchedulerState, { limits }: LiveAttempt): void {
  for (const rule of limits) {
    const { startsPerMinute } = rule.definition;
    if (startsPerMinute === undefined) continue;
    rule.nextAt = state.now + spacingMs(startsPerMinute);
    put(state.outbox, 'start_limit', [rule.limit], { nextAt: rule.nextAt });
    lookAt(state, rule.nextAt);
  }
}

/** Limits whose hours are over let all go, those whose turn has come the next. */
export function lookAtLimits(state: SchedulerState): void {
  for (const rule of state.operations.limits.values()) {
    const endsAt = limitEndsAt(state, rule);
    if (rule.parked.size === 0) continue;
    if (endsAt === 0) unpark(state, rule.parked, Infinity);
    else {
      lookAtEndOf(state, rule, endsAt);
      const isStarts = rule.definition.startsPerMinute !== undefined;
      if (isStarts && rule.nextAt <= state.now) unpark(state, rule.parked, 1);
    }
  }
}

/** What is parked may look again when the limit's hours are over. */
export function lookAtEndOf(state: SchedulerState, rule: LimitRecord, endsAt: number | null): void {
  if (endsAt === null || rule.wakeAt === endsAt) return;
  rule.wakeAt = endsAt;
  lookAt(state, endsAt);
}

/** An attempt that the limits counted has ended. */
export function onLimitedEnd(state: SchedulerState, { limits }: LiveAttempt): void {
  for (const rule of limits) {
    rule.running--;
    const { running } = rule.definition;
    if (running !== undefined) unpark(state, rule.parked, running - rule.running);
  }
}

/** Takes a stored limit back. */
export function restoreLimit(state: SchedulerState, row: Row): void {
  const definition = jsonIn<LimitDefinition>(row.value, 'definition');
  const name = String(row.key[0]);
  if (definition === null) return;
  const record = limitRecord(state, name, definition, numberIn(row.value, 'nextAt'));
  state.operations.limits.set(name, record);
  if (record.nextAt > 0) lookAt(state, record.nextAt);
}
