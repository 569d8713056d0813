/**
 * Plans: a rerun chain or a backfill as one durable object. Members are frozen at the request; each gets one
 * generation, waits for the plan's generations above it and for the stored success of runs outside.
 */
import { instantsBetween, slotAt } from '../calendar/schedule.js';
import { topologicalOrder } from '../graph/job-graph.js';
import { must, unreachable } from '../model/assert.js';
import { SchedulerError } from '../model/errors.js';
import type { PlanState } from '../model/events.js';
import { instant, parseRunText } from '../model/ids.js';
import { bindRun, settleBindings } from './bindings.js';
import { cancelRun } from './cancel.js';
import { PHASE, TRIGGER, isEnded, isOpen } from './codes.js';
import type { Params, PlanRequest } from './event.js';
import { beginGeneration } from './generations.js';
import { linkVerdict, refreshInLinks } from './links.js';
import { isElsewhere } from './materialize.js';
import { DIRTY, markRun, put } from './outbox.js';
import { endGeneration } from './phases.js';
import { writeMember } from './plan-members.js';
import { newHeap, unpark } from './queue.js';
import type { JobRecord, PlanRecord } from './records.js';
import {
  ensureSlot,
  findRun,
  findSlot,
  inLinks,
  jobOf,
  lowerBound,
  outLinks,
  runKeyOf,
  runTextOf,
} from './runs.js';
import { extraOf } from './state.js';
import type { SchedulerState } from './state.js';
import { COUNTS, NONE, STORED } from './tables.js';
import { VERDICT } from './verdict.js';

/** Name of the row that keeps the number of the next plan. */
export const NEXT_PLAN_ID = 'nextPlanId';
/** A plan has at most so many members. */
const MEMBERS_MAX = 100_000;

interface PlanFacts {
  readonly actor: string;
  readonly reason: string;
}

/** Makes the plan, as a draft. @throws SchedulerError for a run or job that is not there, or no members. */
export function createPlan(state: SchedulerState, request: PlanRequest, facts: PlanFacts): PlanRecord {
  const rows = request.type === 'rerunChain' ? chainMembers(state, request) : backfillMembers(state, request);
  if (rows.length === 0) {
    const subject = request.type === 'rerunChain' ? request.run : request.job;
    throw new SchedulerError('STATE_CONFLICT', `a plan for ${subject} has no member`, {
      subject,
      state: 'empty',
    });
  }
  const id = state.nextPlanId++;
  // Ended plans are not loaded, so the next number is kept for itself: a plan's id is never given again.
  put(state.outbox, 'meta', [NEXT_PLAN_ID], { value: String(state.nextPlanId) });
  const plan: PlanRecord = {
    id,
    request,
    state: 'draft',
    ...facts,
    members: new Map(rows.map((r) => [r, 0])),
    excluded: excludedRows(state, request),
    succeeded: 0,
    failed: 0,
    running: 0,
    runningMax: request.type === 'backfill' ? request.parallel : Infinity,
    parked: newHeap(state),
  };
  state.plans.set(id, plan);
  put(state.outbox, 'plan', [id], {
    type: request.type,
    actor: facts.actor,
    reason: facts.reason,
    options: JSON.stringify(request),
    createdAt: state.now,
    total: rows.length,
  });
  rows.forEach((r, position) =>
    put(state.outbox, 'plan_member', [id, ...runKeyOf(state, r)], {
      position,
      generation: 0,
      state: 'waiting',
    }),
  );
  setState(state, plan, 'draft');
  return plan;
}

/** Rows of the runs that a chain leaves out; those that are not kept need no mark. */
export function excludedRows(state: SchedulerState, request: PlanRequest): ReadonlySet<number> {
  if (request.type !== 'rerunChain') return new Set();
  const refs = request.exclude.map(parseRunText);
  return new Set(refs.map((ref) => (ref ? findRun(state, ref) : NONE)).filter((r) => r !== NONE));
}

/** The run and all that is bound to it downstream, upstream first. */
function chainMembers(
  state: SchedulerState,
  request: Extract<PlanRequest, { type: 'rerunChain' }>,
): number[] {
  const ref = parseRunText(request.run);
  const first = ref ? findRun(state, ref) : NONE;
  if (first === NONE || state.runs.phase[first] === PHASE.none) {
    throw new SchedulerError('RUN_NOT_FOUND', `run ${request.run} is not among the runs kept`, {
      run: request.run,
    });
  }
  const excluded = new Set(request.exclude);
  const seen = new Set<number>([first]);
  for (const r of seen) {
    for (const link of outLinks(state, r)) {
      const down = state.links.down[link] ?? NONE;
      if (state.runs.has(down, STORED) && seen.size < MEMBERS_MAX) seen.add(down);
    }
  }
  return inOrder(
    state,
    [...seen].filter((r) => !excluded.has(runTextOf(state, r))),
  );
}

/** By the place of their jobs in the graph, then by slot: an upstream always comes first. */
function inOrder(state: SchedulerState, rows: readonly number[]): number[] {
  const place = new Map<number, number>();
  topologicalOrder(state.graph)?.forEach((job, i) => place.set(job, i));
  const key = (r: number) => place.get(state.runs.job[r] ?? NONE) ?? 0;
  return [...rows].sort(
    (a, b) => key(a) - key(b) || (state.runs.instant[a] ?? 0) - (state.runs.instant[b] ?? 0),
  );
}

function backfillMembers(
  state: SchedulerState,
  request: Extract<PlanRequest, { type: 'backfill' }>,
): number[] {
  const job = state.jobsByName.get(request.job);
  if (!job) throw new SchedulerError('JOB_NOT_FOUND', `there is no job ${request.job}`, { job: request.job });
  const rows: number[] = [];
  for (const at of slotsToFill(state, job, request)) {
    const found = findSlot(state, job, at);
    if (found !== NONE && !isWanted(state, found, request.only)) continue;
    if (found === NONE && request.only === 'failed') continue;
    rows.push(found !== NONE ? found : newPastSlot(state, job, at));
  }
  return rows;
}

/** Slots of the range: those that were, and those the present schedule would have had. */
function slotsToFill(
  state: SchedulerState,
  job: JobRecord,
  range: { readonly from: number; readonly to: number },
): number[] {
  const to = Math.min(range.to, state.now);
  const instants = new Set<number>();
  for (let i = lowerBound(state, job, range.from); i < job.slots.length; i++) {
    const at = state.runs.instant[job.slots[i] ?? NONE] ?? 0;
    if (at > to) break;
    instants.add(at);
  }
  const schedule = state.jobs[job.root]?.schedule;
  if (schedule) {
    for (const at of instantsBetween(schedule, instant(range.from - 1), instant(to + 1), MEMBERS_MAX))
      instants.add(at);
  }
  return [...instants].sort((a, b) => a - b);
}

function isWanted(state: SchedulerState, r: number, only: 'missing' | 'failed' | 'all'): boolean {
  const phase = state.runs.phase[r];
  if (only === 'failed') return phase === PHASE.failed;
  if (only === 'missing') return phase === PHASE.none || phase === PHASE.skipped || phase === PHASE.canceled;
  return true;
}

function newPastSlot(state: SchedulerState, job: JobRecord, at: number): number {
  const schedule = must(state.jobs[job.root]?.schedule, 'schedule');
  return planned(state, ensureSlot(state, job, slotAt(schedule, instant(at))));
}

/** The slot is a plan's, so its row is kept before it has become a run. */
export function planned(state: SchedulerState, r: number): number {
  extraOf(state, r);
  return r;
}

export function controlPlan(
  state: SchedulerState,
  plan: PlanRecord,
  verb: 'start' | 'pause' | 'resume' | 'cancel',
): void {
  switch (verb) {
    case 'start':
      expect(plan, ['draft']);
      return startPlan(state, plan);
    case 'pause':
      expect(plan, ['running']);
      return setState(state, plan, 'paused');
    case 'resume':
      expect(plan, ['paused', 'failed']);
      setState(state, plan, 'running');
      return unpark(state, plan.parked, Infinity);
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

function startPlan(state: SchedulerState, plan: PlanRecord): void {
  setState(state, plan, 'running');
  for (const r of plan.members.keys()) startMember(state, plan, r);
  // Links between members mean the plan's generations from now on.
  for (const r of plan.members.keys()) refreshInLinks(state, r);
}

/** After a load: members that had no generation yet get theirs. */
export function resumePlan(state: SchedulerState, plan: PlanRecord): void {
  if (plan.state !== 'running' && plan.state !== 'paused') return;
  for (const [r, generation] of plan.members) if (generation === 0) startMember(state, plan, r);
  for (const r of plan.members.keys()) refreshInLinks(state, r);
}

/** Gives the member its generation, or notes it for when the live attempt has ended. */
function startMember(state: SchedulerState, plan: PlanRecord, r: number): void {
  const facts = {
    trigger: triggerOf(plan.request),
    actor: plan.actor,
    cause: plan.reason,
    plan: plan.id,
    params: paramsOf(plan.request),
  };
  const next = { ...facts, releases: plan.request.downstream, bypass: bypasses(state, plan, r) };
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
  else settleBindings(state, r);
}

/** Imported jobs are backfilled as Hera does it: without looking at their upstreams. */
function bypasses(state: SchedulerState, plan: PlanRecord, r: number): boolean {
  return plan.request.type === 'backfill' && jobOf(state, r).definition.compat === 'hera';
}

const triggerOf = (request: PlanRequest) =>
  request.type === 'backfill' ? TRIGGER.backfill : TRIGGER.rerunChain;
const paramsOf = (request: PlanRequest): Params => request.params;

function cancelPlan(state: SchedulerState, plan: PlanRecord): void {
  setState(state, plan, 'canceled');
  for (const r of plan.members.keys()) {
    const extra = state.extras.get(r);
    if (extra?.next?.plan === plan.id) delete extra.next;
    if (extra?.plan === plan.id) cancelRun(state, r, { why: 'canceled', actor: plan.actor });
  }
}

/** Looks at plans whose members ended, once their downstreams have heard of it. */
export function settlePlans(state: SchedulerState): void {
  for (const plan of state.settlingPlans) settlePlan(state, plan);
  state.settlingPlans.clear();
}

function settlePlan(state: SchedulerState, plan: PlanRecord): void {
  if (plan.state !== 'running') return;
  if (plan.succeeded >= plan.members.size) setState(state, plan, 'succeeded');
  else if (plan.failed > 0 && !canMove(state, plan)) setState(state, plan, 'failed');
  else put(state.outbox, 'plan', [plan.id], { succeeded: plan.succeeded, failed: plan.failed });
}

/**
 * Whether a member runs, is ready, rests, or waits for something that can still come, so that the plan goes
 * on.
 */
function canMove(state: SchedulerState, plan: PlanRecord): boolean {
  if (plan.running > 0) return true;
  const stuck = new Set<number>();
  // Upstream comes first, so what a stuck member holds up is known when its turn comes.
  for (const r of plan.members.keys()) {
    const extra = state.extras.get(r);
    if (extra?.next?.plan === plan.id) return true;
    const open = extra?.plan === plan.id && isOpen(state.runs.phase[r] ?? 0);
    if (open && !(state.runs.phase[r] === PHASE.waiting && isHeldUp(state, r, stuck))) return true;
    if (open || !hasSucceeded(state, r)) stuck.add(r);
  }
  return false;
}

const hasSucceeded = (state: SchedulerState, r: number) =>
  state.runs.phase[r] === PHASE.succeeded || state.runs.phase[r] === PHASE.skipped;

/** Whether a waiting member waits for what has ended otherwise, or for a member that is stuck itself. */
function isHeldUp(state: SchedulerState, r: number, stuck: ReadonlySet<number>): boolean {
  if ((state.extras.get(r)?.empty ?? []).length > 0) return true;
  for (const link of inLinks(state, r)) {
    const verdict = linkVerdict(state, link);
    if (verdict === VERDICT.met) continue;
    if (verdict !== VERDICT.waiting || stuck.has(state.links.up[link] ?? NONE)) return true;
  }
  return false;
}

/**
 * A person is about to resume or force the run: where it is a member of a plan that has begun it, the new
 * generation is the plan's, and the plan goes on. Returns the plan's number.
 */
export function onMemberResumed(state: SchedulerState, r: number): number | undefined {
  for (const plan of state.plans.values()) {
    const pointer = plan.members.get(r) ?? 0;
    if (pointer === 0 || !['running', 'paused', 'failed'].includes(plan.state)) continue;
    const phase = state.runs.phase[r] ?? 0;
    if (isEnded(phase) && (state.runs.generation[r] ?? 0) >= pointer) {
      if (phase === PHASE.succeeded || phase === PHASE.skipped) plan.succeeded--;
      else plan.failed--;
    }
    plan.members.set(r, (state.runs.lastGeneration[r] ?? 0) + 1);
    writeMember(state, plan, r, 'open');
    setState(state, plan, plan.state === 'failed' ? 'running' : plan.state);
    return plan.id;
  }
  return undefined;
}

function setState(state: SchedulerState, plan: PlanRecord, to: PlanState): void {
  plan.state = to;
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

/** Runs of the plan, upstream first. */
export const planRuns = (state: SchedulerState, plan: PlanRecord): string[] =>
  [...plan.members.keys()].map((r) => runTextOf(state, r));
