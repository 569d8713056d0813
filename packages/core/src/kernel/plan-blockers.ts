/** Why a plan holds a member back, and until when. */
import type { Blocker } from '../model/run.js';
import { dateOf, memberEnded } from './plan-dates.js';
import { isWithinHours, nextOpening } from './plan-hours.js';
import type { PlanRecord } from './records.js';
import type { SchedulerState } from './state.js';

/** What holds a ready member of the plan; empty when the plan does not. */
export function planBlockers(state: SchedulerState, plan: PlanRecord): Blocker[] {
  const subject = `plan ${plan.id}`;
  const { runningMax, hours } = plan.request;
  if (plan.state !== 'running')
    return [{ code: 'PLAN_PAUSED', subject, until: null, details: { state: plan.state } }];
  if (hours && !isWithinHours(hours, state.now)) {
    const details = { from: clock(hours.fromMinute), to: clock(hours.toMinute), zone: hours.zone };
    return [{ code: 'PLAN_HOURS', subject, until: nextOpening(hours, state.now), details }];
  }
  if (runningMax === null || plan.running < runningMax) return [];
  const details = { running: plan.running, max: runningMax };
  return [{ code: 'PLAN_LIMIT', subject, until: null, details }];
}

/** What holds a run that a plan is to begin later: a pause, the plan's hours, or dates before it. */
export function plannedBlockers(state: SchedulerState, r: number): Blocker[] {
  for (const plan of state.plans.values()) {
    if (plan.state !== 'running' && plan.state !== 'paused' && plan.state !== 'failed') continue;
    if (plan.members.get(r) !== 0 || memberEnded(state, plan, r)) continue;
    const holds = planBlockers(state, plan).filter(({ code }) => code !== 'PLAN_LIMIT');
    if (holds.length > 0) return holds;
    const open = plan.dates.slice(0, plan.nextDate).find(({ ended, to }) => ended < to);
    const details = {
      plan: plan.id,
      date: dateOf(plan, r)?.label ?? '',
      ...(open && { after: open.label }),
      parallel: plan.request.parallel ?? plan.dates.length,
    };
    return [{ code: 'PLAN_ORDER', subject: `plan ${plan.id}`, until: null, details }];
  }
  return [];
}

const clock = (minute: number) =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
