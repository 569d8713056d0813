/** Requests about plans: make one, and start, pause, resume or cancel it. */
import type { RequestAnswer } from './effects.js';
import type { RequestBody } from './event.js';
import { controlPlan, createPlan } from './plans.js';
import { planNamed } from './requests-named.js';
import type { SchedulerState } from './state.js';

/** Makes a plan, and starts it if asked to. */
export function requestPlan(
  state: SchedulerState,
  body: RequestBody<'plan.create'>,
  actor: string,
): RequestAnswer {
  const plan = createPlan(state, body.plan, { actor, reason: body.reason });
  if (body.start) controlPlan(state, plan, 'start');
  return { plan: plan.id };
}

/** Moves a plan on. @throws SchedulerError `PLAN_NOT_FOUND`, `STATE_CONFLICT` */
export function requestPlanControl(state: SchedulerState, body: RequestBody<'plan.control'>): RequestAnswer {
  const plan = planNamed(state, body.plan);
  controlPlan(state, plan, body.verb);
  return { plan: plan.id };
}
