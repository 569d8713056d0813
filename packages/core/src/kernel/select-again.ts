/** Definitions have changed: every rule is asked anew what it is about. */
import { allRules, countLimits, settleRules } from './job-rules.js';
import { settleChanges } from './overrides.js';
import { unpark } from './queue.js';
import type { SchedulerState } from './state.js';

/** Works out all selections anew; runs that a rule is about no more, or by now, follow it. */
export function selectAgain(state: SchedulerState): void {
  const { operations } = state;
  const before = new Map([...operations.overrides.values()].map((rule) => [rule, rule.jobs ?? []]));
  for (const rule of allRules(operations)) rule.jobs = null;
  settleRules(state);
  countLimits(state);
  for (const [rule, jobs] of before) settleChanges(state, rule, [...jobs, ...(rule.jobs ?? [])]);
  for (const { parked } of [...operations.holds.values(), ...operations.overrides.values()])
    unpark(state, parked, Infinity);
}
