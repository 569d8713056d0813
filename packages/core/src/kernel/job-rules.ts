/**
 * Which rules stand over which jobs. Selections are live: a job that is added later, or moved into a group,
 * belongs to them from then on; a name in them that is gone selects nothing, and one that was renamed is
 * followed.
 */
import { parseSelection, select } from '../graph/selection.js';
import type { SelectionLookup } from '../graph/selection.js';
import { must } from '../model/assert.js';
import { isSchedulerError } from '../model/errors.js';
import { isOpen } from './codes.js';
import { NO_LIMITS } from './operation-records.js';
import type { Operations, JobRule, JobRules } from './operation-records.js';
import { unpark } from './queue.js';
import { limitsOf } from './rules.js';
import type { SchedulerState } from './state.js';
import { NONE } from './tables.js';

/** Indexes of the jobs a selection means. @throws SchedulerError `SELECTION_INVALID`, `SELECTION_EMPTY`. */
export function selectIndexes(state: SchedulerState, text: string, lookup: SelectionLookup = {}): number[] {
  const jobAt = (node: number) => must(state.jobs[node], 'job');
  const chosen = select(state.graph, parseSelection(text), {
    groupsOf: (node) => [jobAt(node).definition.group ?? ''],
    labelsOf: (node) => jobAt(node).policy.tags,
    kindOf: (node) => jobAt(node).policy.kind,
    poolOf: (node) => jobAt(node).policy.pool,
    ownerOf: (node) => jobAt(node).policy.owner,
    ...lookup,
  });
  return [...chosen].filter((index) => jobAt(index).state !== 'deleted');
}

/** As above, of a selection that was valid once: what it names may be gone. */
function liveIndexes(state: SchedulerState, rule: JobRule): number[] {
  const lost = (name: string) =>
    state.jobs.findLast(({ state: at, definition }) => at !== 'deleted' && definition.was === name)?.index ??
    NONE;
  try {
    return selectIndexes(state, rule.selection.text, { lost });
  } catch (error) {
    if (isSchedulerError(error, 'SELECTION_EMPTY')) return [];
    throw error;
  }
}

/** Everything that has a selection of jobs. */
export function* allRules({ holds, overrides, limits, holdRules }: Operations): Generator<JobRule> {
  yield* holds.values();
  yield* overrides.values();
  yield* limits.values();
  yield* holdRules.values();
}

/** Gives each job the rules that are about it. */
export function settleRules(state: SchedulerState): void {
  const { operations } = state;
  const lists = new Map<number, JobRule[]>();
  for (const rule of allRules(operations)) {
    rule.jobs ??= effectiveJobs(state, rule);
    for (const index of rule.jobs) {
      const list = lists.get(index);
      if (list) list.push(rule);
      else lists.set(index, [rule]);
    }
  }
  if (lists.size === 0 && !operations.hasRules) return;
  operations.hasRules = lists.size > 0;
  const shared = new Map<string, JobRules>();
  for (const job of state.jobs) job.rules = rulesOf(operations, lists.get(job.index), shared);
}

/** Indexes of the jobs that the rule is about, worked out anew. */
export function effectiveJobs(state: SchedulerState, rule: JobRule): number[] {
  const indexes = liveIndexes(state, rule);
  const key = 'scope' in rule ? (rule as JobRule & { scope: { key: string | null } }).scope.key : null;
  if (key === null) return indexes;
  return indexes.filter((index) => state.jobs[index]?.policy.concurrency.includes(key) === true);
}

function rulesOf(
  operations: Operations,
  list: readonly JobRule[] | undefined,
  shared: Map<string, JobRules>,
): JobRules | null {
  if (!list) return null;
  const names = new Set(list.map(({ name }) => name));
  const text = [...names].join('\u0000');
  const known = shared.get(text);
  if (known) return known;
  const among = <Rule extends JobRule>(rules: Iterable<Rule>) =>
    [...rules].filter(({ name }) => names.has(name));
  const made = {
    holds: among(operations.holds.values()),
    overrides: among(operations.overrides.values()),
    limits: among(operations.limits.values()),
    watched: among(operations.holdRules.values()),
  };
  shared.set(text, made);
  return made;
}

/** A limit counts the attempts of the jobs that it is about now; what it had parked may look again. */
export function countLimits(state: SchedulerState): void {
  const { limits } = state.operations;
  for (const rule of limits.values()) rule.running = 0;
  for (const live of state.attempts.values()) {
    live.limits = limits.size === 0 ? NO_LIMITS : limitsOf(state, live.row);
    for (const rule of live.limits) rule.running++;
  }
  for (const rule of limits.values()) unpark(state, rule.parked, Infinity);
}

/** Open rows of the job: slots, ad hoc runs and, beside them, runs by hand. */
export function openRowsOf(state: SchedulerState, jobs: readonly number[]): number[] {
  const wanted = new Set(jobs);
  const { runs } = state;
  const found: number[] = [];
  for (let r = 0; r < runs.length; r++) {
    if (wanted.has(runs.job[r] ?? NONE) && isOpen(runs.phase[r] ?? 0)) found.push(r);
  }
  return found;
}
