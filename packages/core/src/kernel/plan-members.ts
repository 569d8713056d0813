/** Members of plans: which plan a run's generation is of, and what its end means for the plan's counts. */
import { PHASE } from './codes.js';
import { put } from './outbox.js';
import { isWithinHours } from './plan-hours.js';
import type { PlanRecord } from './records.js';
import { runKeyOf } from './runs.js';
import type { SchedulerState } from './state.js';

/** A member's generation has ended. */
export function onMemberEnded(state: SchedulerState, planId: number, r: number): void {
  const plan = state.plans.get(planId);
  if (!plan || (state.runs.generation[r] ?? 0) < (plan.members.get(r) ?? Infinity)) return;
  const succeeded = state.runs.phase[r] === PHASE.succeeded || state.runs.phase[r] === PHASE.skipped;
  if (succeeded) plan.succeeded++;
  else plan.failed++;
  if (!succeeded && plan.request.onFailure === 'stop') plan.stopping = true;
  writeMember(state, plan, r, succeeded ? 'succeeded' : 'failed');
  state.settlingPlans.add(plan);
}

export function planOf(state: SchedulerState, r: number): PlanRecord | undefined {
  const id = state.extras.get(r)?.plan;
  return id === undefined ? undefined : state.plans.get(id);
}

/** Whether the plan holds its ready member back: paused, at its limit, or outside its hours. */
export function planHolds(state: SchedulerState, plan: PlanRecord): boolean {
  const { runningMax, hours } = plan.request;
  if (plan.state !== 'running' || plan.running >= (runningMax ?? Infinity)) return true;
  return hours !== null && !isWithinHours(hours, state.now);
}

/** Notes in the member's row what became of the plan's generation. */
export function writeMember(
  state: SchedulerState,
  plan: PlanRecord,
  r: number,
  to: 'open' | 'succeeded' | 'failed',
): void {
  put(state.outbox, 'plan_member', [plan.id, ...runKeyOf(state, r)], {
    generation: plan.members.get(r) ?? 0,
    state: to,
  });
}
