/**
 * Rules that hold: so many failures of one kind in so short a time, and a selection is held, by one hold of
 * the rule at a time. When failures were is kept in the rule's row, so a new leader counts on.
 */
import { parseDuration } from '../calendar/duration.js';
import { instant } from '../model/ids.js';
import type { FailureClass } from '../model/job.js';
import type { HoldRuleDefinition } from '../model/operations.js';
import type { Row } from '../model/tables.js';
import { beginHold, holdAgain } from './holds.js';
import type { HoldRecord, HoldRuleRecord } from './operation-records.js';
import { ruleOf } from './operations.js';
import { put } from './outbox.js';
import { jsonIn } from './restore.js';
import { jobOf } from './runs.js';
import type { SchedulerState } from './state.js';

/** What an attempt failed of. */
export interface Failure {
  readonly failure: FailureClass;
  readonly message: string;
}

/** An attempt of the run has failed; rules that watch it count. */
export function noteFailure(state: SchedulerState, r: number, failure: Failure): void {
  const watched = jobOf(state, r).rules?.watched ?? [];
  for (const rule of watched) if (matches(rule, failure)) count(state, rule, failure);
}

function matches(rule: HoldRuleRecord, { failure, message }: Failure): boolean {
  if (rule.classes !== null && !rule.classes.includes(failure)) return false;
  let from = 0;
  for (const part of rule.parts) {
    const found = message.indexOf(part, from);
    if (found === -1) return false;
    from = found + part.length;
  }
  return true;
}

function count(state: SchedulerState, rule: HoldRuleRecord, { message }: Failure): void {
  const since = state.now - rule.withinMs;
  rule.recent = [...rule.recent.filter((at) => at > since), state.now].slice(-rule.definition.failures);
  const held = [...state.operations.holds.values()].find((hold) => hold.rule === rule.rule);
  const isReached = rule.recent.length >= rule.definition.failures && !(held && !held.isReleasing);
  if (isReached) {
    rule.recent = [];
    hold(state, rule, { held, message });
  }
  put(state.outbox, 'hold_rule', [rule.rule], { recent: JSON.stringify(rule.recent) });
}

function hold(
  state: SchedulerState,
  rule: HoldRuleRecord,
  seen: { readonly held: HoldRecord | undefined; readonly message: string },
): void {
  const { failures, within, for: length, pace = null } = rule.definition;
  const until = length === undefined ? null : instant(state.now + parseDuration(length));
  const reason = `${failures} failures within ${within}: ${seen.message}`;
  if (seen.held) holdAgain(state, seen.held, until);
  else {
    const scope = { select: rule.definition.hold ?? rule.definition.jobs, lanes: null, key: null };
    beginHold(state, scope, { reason, actor: `rule ${rule.rule}`, until, pace, rule: rule.rule });
  }
  state.outbox.events.push({ type: 'alarm', code: 'HELD_BY_RULE', subject: rule.rule, message: reason });
}

/** The rule as definitions have it; what it had counted is kept. */
export function holdRuleRecord(
  name: string,
  definition: HoldRuleDefinition,
  recent: readonly number[],
): HoldRuleRecord {
  return {
    ...ruleOf(`rule ${name}`, definition.jobs),
    rule: name,
    definition,
    withinMs: parseDuration(definition.within),
    classes: definition.classes ?? null,
    parts: (definition.message ?? '').split('*').filter((part) => part !== ''),
    recent: [...recent],
  };
}

/** Takes a stored rule back. */
export function restoreHoldRule(state: SchedulerState, row: Row): void {
  const definition = jsonIn<HoldRuleDefinition>(row.value, 'definition');
  const name = String(row.key[0]);
  if (definition === null) return;
  const recent = jsonIn<number[]>(row.value, 'recent') ?? [];
  state.operations.holdRules.set(name, holdRuleRecord(name, definition, recent));
}
