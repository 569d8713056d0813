/** What must hold of waives, overrides, holds and limits: of an ended one nothing is left. */
import { isOpen } from './codes.js';
import { effectiveJobs } from './job-rules.js';
import type { JobRule } from './operation-records.js';
import { limitsOf, overridden } from './rules.js';
import { inLinks, runTextOf } from './runs.js';
import type { SchedulerState } from './state.js';
import { NONE, SIDE, WAIVED } from './tables.js';
import { isWaived, waivedEdges, waivesOf } from './waived-links.js';

/** Throws on the first thing that must hold and does not. */
export function checkOperations(state: SchedulerState): void {
  const { operations } = state;
  check(!operations.isDue, () => 'every operation that is due has been looked at');
  for (const waive of operations.waives.values())
    check(waive.until > state.now, () => `waive ${waive.id} is not over`);
  for (const rule of operations.overrides.values())
    check(rule.until > state.now, () => `${rule.name} is not over`);
  checkHolds(state);
  checkRules(state);
  checkLimits(state);
  for (let r = 0; r < state.runs.length; r++) if (state.runs.job[r] !== NONE) checkRun(state, r);
}

function checkHolds(state: SchedulerState): void {
  const { holds, releasing } = state.operations;
  const rules = new Set<string>();
  for (const hold of holds.values()) {
    check(hold.isReleasing === releasing.has(hold), () => `${hold.name} is released or not`);
    const isOver = !hold.isReleasing && hold.until !== null && hold.until <= state.now;
    check(!isOver, () => `${hold.name} is not over`);
    if (hold.rule === null) continue;
    check(!rules.has(hold.rule), () => `rule ${hold.rule} has one hold`);
    rules.add(hold.rule);
  }
  for (const hold of releasing) check(holds.get(hold.id) === hold, () => `${hold.name} is in force`);
}

/** Each job has the rules that are about it, and no others. */
function checkRules(state: SchedulerState): void {
  const { holds, overrides, limits, holdRules } = state.operations;
  const all: JobRule[] = [
    ...holds.values(),
    ...overrides.values(),
    ...limits.values(),
    ...holdRules.values(),
  ];
  const about = new Map(all.map((rule) => [rule, new Set(effectiveJobs(state, rule))]));
  for (const job of state.jobs) {
    if (job.state === 'deleted') continue;
    const { rules } = job;
    const has = rules ? [...rules.holds, ...rules.overrides, ...rules.limits, ...rules.watched] : [];
    const wanted = all.filter((rule) => about.get(rule)?.has(job.index));
    const same = has.length === wanted.length && wanted.every((rule) => has.some((each) => each === rule));
    check(same, () => `${job.name} has the rules ${wanted.map(({ name }) => name).join(', ')}`);
  }
}

function checkLimits(state: SchedulerState): void {
  const { limits } = state.operations;
  if (limits.size === 0) return;
  const running = new Map<string, number>();
  for (const live of state.attempts.values()) {
    const wanted = limitsOf(state, live.row);
    const same = wanted.length === live.limits.length && wanted.every((rule) => live.limits.includes(rule));
    check(same, () => `limits count attempt ${live.id}`);
    for (const { name } of live.limits) running.set(name, (running.get(name) ?? 0) + 1);
  }
  for (const rule of limits.values())
    check(rule.running === (running.get(rule.name) ?? 0), () => `attempts of ${rule.name} are counted right`);
}

function checkRun(state: SchedulerState, r: number): void {
  const waives = waivesOf(state, r);
  const name = () => runTextOf(state, r);
  for (const link of inLinks(state, r)) {
    const flag = ((state.links.flags[link] ?? 0) & WAIVED) !== 0;
    check(flag === isWaived(state, link, waives), () => `links of ${name()} are waived as waives say`);
  }
  const extra = state.extras.get(r);
  const unbound = [...(extra?.empty ?? []), ...(extra?.loading ?? [])];
  const wanted = new Set(waivedEdges(state, unbound, waives));
  const has = new Set(extra?.waived ?? []);
  check(
    wanted.size === has.size && [...wanted].every((edge) => has.has(edge)),
    () => `edges of ${name()} are waived as waives say`,
  );
  const phase = state.runs.phase[r] ?? 0;
  if (!isOpen(phase) || state.runs.has(r, SIDE)) return;
  if (state.jobs[state.runs.job[r] ?? NONE]?.rules === null) return;
  const priority = overridden(state, r, 'priority') ?? state.runs.priority[r];
  check(state.runs.priority[r] === priority, () => `priority of ${name()} is the override's`);
}

function check(condition: boolean, what: () => string): void {
  if (!condition) throw new Error(`invariant violated: ${what()}`);
}
