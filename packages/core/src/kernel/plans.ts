/**
 * Plans: a rerun chain, a rerun of a selection or a backfill as one durable object. Members are frozen at the
 * request; each gets one generation when its date is opened, waits for the plan's generations above it and
 * for the stored success of runs outside.
 */
import { slotAt } from '../calendar/schedule.js';
import { must, unreachable } from '../model/assert.js';
import { SchedulerError } from '../model/errors.js';
import type { PlanState } from '../model/events.js';
import { instant } from '../model/ids.js';
import { bindRun, rebindRun, settleBindings } from './bindings.js';
import { cancelRun } from './cancel.js';
import { PHASE, TRIGGER, isOpen } from './codes.js';
import type { PlanRequest } from './event.js';
import { beginGeneration } from './generations.js';
import { isElsewhere } from './materialize.js';
import { DIRTY, markRun, put } from './outbox.js';
import { endGeneration } from './phases.js';
import { chooseMembers } from './plan-choice.js';
import type { Member } from './plan-choice.js';
import { dateOf, memberEnded, memberSucceeded, movingDates, openedTo, shapePlan } from './plan-dates.js';
import { isWithinHours, nextOpening } from './plan-hours.js';
import { writeMember } from './plan-members.js';
import { checkPlanParams, memberParams } from './plan-params.js';
import { checkPlanRequest } from './plan-request.js';
import { newHeap, unpark } from './queue.js';
import type { PlanRecord } from './records.js';
import { ensureSlot, jobOf, outLinks, runKeyOf, runTextOf } from './runs.js';
import { DEADLINE, addDeadline, extraOf } from './state.js';
import type { SchedulerState } from './state.js';
import { CLAIMED, COUNTS, NONE, STORED } from './tables.js';

/** Name of the row that keeps the number of the next plan. */
export const NEXT_PLAN_ID = 'nextPlanId';
/** Members begun in one step; more follow in the next, so that no commit grows without bound. */
const BEGUN_PER_STEP = 5_000;

/** A plan without members yet. */
export function newPlan(
  state: SchedulerState,
  facts: Pick<PlanRecord, 'id' | 'request' | 'actor' | 'reason'> & { readonly state: PlanState },
): PlanRecord {
  return {
    ...facts,
    members: new Map(),
    excluded: new Set(),
    order: [],
    dates: [],
    nextDate: 0,
    begun: 0,
    succeeded: 0,
    failed: 0,
    stopping: false,
    running: 0,
    parked: newHeap(state),
  };
}

/**
 * Makes the plan, as a draft. @throws SchedulerError for a request that breaks a rule, and as `chooseMembers`
 */
export function createPlan(
  state: SchedulerState,
  request: PlanRequest,
  facts: { readonly actor: string; readonly reason: string },
): PlanRecord {
  checkPlanRequest(request);
  const { members, excluded } = chooseMembers(state, request);
  checkPlanParams(state, request, new Set(members.map(({ job }) => job)));
  const plan = newPlan(state, { id: state.nextPlanId++, request, state: 'draft', ...facts });
  // Ended plans are not loaded, so the next number is kept for itself: a plan's id is never given again.
  put(state.outbox, 'meta', [NEXT_PLAN_ID], { value: String(state.nextPlanId) });
  for (const member of members) plan.members.set(rowOf(state, member), 0);
  for (const member of excluded) plan.excluded.add(rowOf(state, member));
  shapePlan(state, plan);
  state.plans.set(plan.id, plan);
  put(state.outbox, 'plan', [plan.id], {
    type: request.type,
    actor: facts.actor,
    reason: facts.reason,
    options: JSON.stringify(request),
    createdAt: state.now,
    total: members.length,
  });
  plan.order.forEach((r, position) => writeNew(state, plan, { r, position, as: 'waiting' }));
  for (const r of plan.excluded) writeNew(state, plan, { r, position: NONE, as: 'excluded' });
  setState(state, plan, 'draft');
  return plan;
}

/** Row of the member, made where there is none: it is a plan's, so it is kept before it has become a run. */
function rowOf(state: SchedulerState, { job, at, r }: Member): number {
  const row =
    r === NONE
      ? ensureSlot(state, job, slotAt(must(state.jobs[job.root]?.schedule, 'schedule'), instant(at)))
      : r;
  extraOf(state, row);
  return row;
}

function writeNew(
  state: SchedulerState,
  plan: PlanRecord,
  member: { readonly r: number; readonly position: number; readonly as: 'waiting' | 'excluded' },
): void {
  const { r, position, as } = member;
  put(state.outbox, 'plan_member', [plan.id, ...runKeyOf(state, r)], { position, generation: 0, state: as });
}

/** Starts, pauses, resumes or cancels the plan. @throws SchedulerError `STATE_CONFLICT` */
export function controlPlan(
  state: SchedulerState,
  plan: PlanRecord,
  verb: 'start' | 'pause' | 'resume' | 'cancel',
): void {
  switch (verb) {
    case 'start':
      expect(plan, ['draft']);
      for (const r of plan.members.keys()) state.runs.set(r, COUNTS);
      return run(state, plan);
    case 'pause':
      expect(plan, ['running']);
      return setState(state, plan, 'paused');
    case 'resume':
      expect(plan, ['paused', 'failed']);
      if (plan.state === 'failed') restartFailed(state, plan);
      return run(state, plan);
    case 'cancel':
      expect(plan, ['draft', 'running', 'paused', 'failed']);
      return cancelPlan(state, plan);
    default:
      return unreachable(verb);
  }
}

function expect(plan: PlanRecord, states: readonly PlanState[]): void {
  if (states.includes(plan.state)) return;
  const message = `plan ${plan.id} is ${plan.state}, it must be ${states.join(' or ')}`;
  throw new SchedulerError('STATE_CONFLICT', message, { subject: `plan ${plan.id}`, state: plan.state });
}

function run(state: SchedulerState, plan: PlanRecord): void {
  setState(state, plan, 'running');
  wakeAtOpening(state, plan);
  unpark(state, plan.parked, Infinity);
  state.settlingPlans.add(plan);
}

/** Its hours begin again then, and what is ready may start. */
function wakeAtOpening(state: SchedulerState, plan: PlanRecord): void {
  const { hours } = plan.request;
  if (hours) addDeadline(state, nextOpening(hours, state.now), DEADLINE.plan, plan.id);
}

/** The plan's hours have begun, or it has more members to begin than one step takes. */
export function onPlanDue(state: SchedulerState, id: number): void {
  const plan = state.plans.get(id);
  if (plan?.state !== 'running') return;
  wakeAtOpening(state, plan);
  unpark(state, plan.parked, Infinity);
  state.settlingPlans.add(plan);
}

/** After a load: the plan goes on from what its members' rows say. */
export function resumePlan(state: SchedulerState, plan: PlanRecord): void {
  shapePlan(state, plan);
  if (plan.state === 'draft') return;
  const last = plan.order.findLastIndex((r) => (plan.members.get(r) ?? 0) > 0);
  plan.nextDate = plan.dates.filter(({ from }) => from <= last).length;
  // Those that had none yet waited for a live attempt, or were to be begun in the next step.
  for (const r of plan.order.slice(0, last + 1)) if (plan.members.get(r) === 0) startMember(state, plan, r);
  plan.begun = last + 1;
  wakeAtOpening(state, plan);
  state.settlingPlans.add(plan);
}

/** Gives the member its generation, or notes it for when the live attempt has ended. */
function startMember(state: SchedulerState, plan: PlanRecord, r: number): void {
  const { request } = plan;
  const next = {
    trigger: TRIGGER[request.type],
    actor: plan.actor,
    cause: plan.reason,
    plan: plan.id,
    params: memberParams(request, jobOf(state, r).name, runTextOf(state, r)),
    releases: request.downstream,
    bypass: bypasses(state, plan, r),
  };
  if (state.liveOf.has(r)) {
    extraOf(state, r).next = next;
    return;
  }
  if (isOpen(state.runs.phase[r] ?? 0)) endGeneration(state, r, PHASE.canceled, 'superseded');
  if (!state.runs.has(r, STORED)) {
    state.runs.set(r, STORED | COUNTS);
    markRun(state.outbox, r, DIRTY.created);
    bindRun(state, r, { emptyIsDone: true });
  }
  state.runs.set(r, COUNTS);
  beginMember(state, plan, r, next);
}

/** Begins the plan's generation of the member, upon which nothing lives. */
export function beginMember(
  state: SchedulerState,
  plan: PlanRecord,
  r: number,
  next: Parameters<typeof beginGeneration>[2],
): void {
  plan.members.set(r, (state.runs.lastGeneration[r] ?? 0) + 1);
  beginGeneration(state, r, next);
  writeMember(state, plan, r, 'open');
  const job = jobOf(state, r);
  if (isElsewhere(state, job)) endGeneration(state, r, PHASE.skipped, 'area');
  else if (job.state === 'retired') endGeneration(state, r, PHASE.skipped, 'retired');
  else if (job.state === 'deleted') endGeneration(state, r, PHASE.canceled, 'jobDeleted');
  else settleBindings(state, r);
}

/** Imported jobs are backfilled as Hera does it: without looking at their upstreams. */
function bypasses(state: SchedulerState, plan: PlanRecord, r: number): boolean {
  return plan.request.type === 'backfill' && jobOf(state, r).definition.compat === 'hera';
}

/** Members that failed are begun again, upstream first. */
function restartFailed(state: SchedulerState, plan: PlanRecord): void {
  for (const r of plan.order) {
    if (!memberEnded(state, plan, r) || memberSucceeded(state, plan, r)) continue;
    plan.failed--;
    reopen(plan, r);
    startMember(state, plan, r);
  }
}

/** Its date has a member under way again. */
function reopen(plan: PlanRecord, r: number): void {
  const date = dateOf(plan, r);
  if (date) date.ended = date.from;
}

function cancelPlan(state: SchedulerState, plan: PlanRecord): void {
  setState(state, plan, 'canceled');
  for (const r of plan.order) {
    const extra = state.extras.get(r);
    if (extra?.next?.plan === plan.id) delete extra.next;
    if (extra?.plan === plan.id) cancelRun(state, r, { why: 'canceled', actor: plan.actor });
    if (!state.runs.has(r, STORED)) forgetSlot(state, r);
  }
}

/** The slot was to become a run and will not: nobody is to wait for it. */
function forgetSlot(state: SchedulerState, r: number): void {
  state.runs.unset(r, COUNTS);
  const downs = new Set([...outLinks(state, r)].map((link) => state.links.down[link] ?? NONE));
  for (const down of downs) {
    if (!state.runs.has(down, CLAIMED) && isOpen(state.runs.phase[down] ?? 0))
      rebindRun(state, down, `a plan that was to run ${runTextOf(state, r)} was canceled`);
  }
}

/** Looks at plans whose members ended or began, once their downstreams have heard of it. */
export function settlePlans(state: SchedulerState): void {
  // One that has more to say while it is looked at says it in the same step.
  for (const plan of state.settlingPlans) {
    state.settlingPlans.delete(plan);
    settlePlan(state, plan);
  }
}

function settlePlan(state: SchedulerState, plan: PlanRecord): void {
  if (plan.state === 'draft' || plan.state === 'canceled' || plan.state === 'succeeded') return;
  put(state.outbox, 'plan', [plan.id], { succeeded: plan.succeeded, failed: plan.failed });
  if (plan.succeeded >= plan.members.size) return setState(state, plan, 'succeeded');
  if (plan.state !== 'running') return;
  if (plan.stopping) return setState(state, plan, 'failed');
  const { parallel, hours } = plan.request;
  // Outside its hours it does not take runs from others either.
  if (hours && !isWithinHours(hours, state.now)) return;
  let moving = movingDates(state, plan);
  while (
    plan.begun === openedTo(plan) &&
    plan.nextDate < plan.dates.length &&
    moving < (parallel ?? Infinity)
  ) {
    plan.nextDate++;
    beginSome(state, plan);
    moving = plan.begun === openedTo(plan) ? movingDates(state, plan) : Infinity;
  }
  if (plan.begun < openedTo(plan)) beginSome(state, plan);
  else if (moving === 0 && plan.failed > 0 && plan.running === 0) setState(state, plan, 'failed');
}

/** Begins members of the opened dates, as many as one step takes. */
function beginSome(state: SchedulerState, plan: PlanRecord): void {
  const to = Math.min(openedTo(plan), plan.begun + BEGUN_PER_STEP);
  while (plan.begun < to) startMember(state, plan, plan.order[plan.begun++] ?? NONE);
  if (to < openedTo(plan)) addDeadline(state, state.now, DEADLINE.plan, plan.id);
}

/**
 * A person is about to resume or force the run: where it is a member of a plan that has begun it, the new
 * generation is the plan's, and the plan goes on. Returns the plan.
 */
export function onMemberResumed(state: SchedulerState, r: number): PlanRecord | undefined {
  for (const plan of state.plans.values()) {
    const pointer = plan.members.get(r) ?? 0;
    if (pointer === 0 || !['running', 'paused', 'failed'].includes(plan.state)) continue;
    const succeeded = memberSucceeded(state, plan, r);
    // It is through with the member; what came after is somebody else's.
    if (succeeded && (state.runs.generation[r] ?? 0) > pointer) continue;
    if (succeeded) plan.succeeded--;
    else if (memberEnded(state, plan, r)) plan.failed--;
    plan.members.set(r, (state.runs.lastGeneration[r] ?? 0) + 1);
    writeMember(state, plan, r, 'open');
    reopen(plan, r);
    if (plan.state === 'failed') run(state, plan);
    return plan;
  }
  return undefined;
}

function setState(state: SchedulerState, plan: PlanRecord, to: PlanState): void {
  plan.state = to;
  plan.stopping = false;
  // A failed plan goes on when its members are mended, so it has not ended.
  const ended = to === 'succeeded' || to === 'canceled';
  put(state.outbox, 'plan', [plan.id], {
    state: to,
    succeeded: plan.succeeded,
    failed: plan.failed,
    endedAt: ended ? state.now : null,
  });
  state.outbox.events.push({ type: 'plan.state', plan: plan.id, state: to });
}
