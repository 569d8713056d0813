/**
 * What people and systems ask. Each request is checked whole before anything moves; what is refused has
 * changed nothing, and a repetition under the same key gets the first answer.
 */
import { dailySlot } from '../calendar/schedule.js';
import { must, unreachable } from '../model/assert.js';
import { SchedulerError, isSchedulerError } from '../model/errors.js';
import { instantText, parseRunText } from '../model/ids.js';
import type { ZoneName } from '../model/ids.js';
import type { Slot } from '../model/slot.js';
import { attemptEnded, attemptLost } from './attempts.js';
import { bindSubmitted, settleBindings } from './bindings.js';
import { cancelRun } from './cancel.js';
import { PHASE, TRIGGER, isOpen } from './codes.js';
import { applyDefinitions, deleteJob, setJobState } from './definitions.js';
import type { RequestAnswer } from './effects.js';
import type { KernelEvent, Request } from './event.js';
import { beginGeneration } from './generations.js';
import { isElsewhere, namedSlot } from './materialize.js';
import { DIRTY, answer, markRun, put, refuse } from './outbox.js';
import { endGeneration } from './phases.js';
import { controlPlan, createPlan, onMemberResumed } from './plans.js';
import type { JobRecord } from './records.js';
import { addSide, ensureAdHoc, findRun, hasOpenSide, runTextOf } from './runs.js';
import { extraOf } from './state.js';
import type { SchedulerState } from './state.js';
import { NONE, STORED } from './tables.js';
import { wakeOrphans } from './workers.js';

type RequestEvent = Extract<KernelEvent, { type: 'request' }>;
type Body<T extends Request['type']> = Extract<Request, { type: T }>;

export function onRequest(state: SchedulerState, event: RequestEvent): void {
  const digest = event.key === null ? '' : JSON.stringify(event.body);
  const name = `${event.actor}\u0000${event.key}`;
  const known = event.key === null ? undefined : state.requests.get(name);
  try {
    if (known && known.digest !== digest) {
      throw new SchedulerError(
        'REQUEST_KEY_REUSED',
        `request key ${event.key} was used for another request`,
        { key: event.key ?? '' },
      );
    }
    const value = known ? (JSON.parse(known.answer) as RequestAnswer) : carryOut(state, event);
    answer(state.outbox, event.request, value);
    if (event.key !== null && !known) remember(state, event, { digest, answer: JSON.stringify(value) });
  } catch (error) {
    if (!isSchedulerError(error)) throw error;
    refuse(state.outbox, event.request, error);
  }
}

function remember(
  state: SchedulerState,
  event: RequestEvent,
  entry: { readonly digest: string; readonly answer: string },
): void {
  state.requests.set(`${event.actor}\u0000${event.key}`, entry);
  put(state.outbox, 'request', [event.actor, event.key ?? ''], { ...entry, at: state.now });
}

function carryOut(state: SchedulerState, event: RequestEvent): RequestAnswer {
  const { body, actor } = event;
  switch (body.type) {
    case 'definitions.apply':
      return {
        changes: applyDefinitions(state, body.definitions, { source: body.source, prune: body.prune, actor }),
      };
    case 'job.state':
      setJobState(state, jobNamed(state, body.job), body.state, actor);
      return {};
    case 'job.delete':
      deleteJob(state, jobNamed(state, body.job), actor);
      return {};
    case 'run.now':
      return runNow(state, body, actor);
    case 'graph.submit':
      return submitGraph(state, body, actor);
    case 'run.resume':
      return resumeRun(state, body, actor);
    case 'run.cancel':
      return requestCancel(state, body, actor);
    case 'run.force':
      return forceRun(state, body, actor);
    case 'attempt.resolve':
      return resolveAttempt(state, body);
    case 'plan.create': {
      const plan = createPlan(state, body.plan, { actor, reason: body.reason });
      if (body.start) controlPlan(state, plan, 'start');
      return { plan: plan.id };
    }
    case 'plan.control':
      return planControl(state, body);
    case 'worker.drain': {
      const worker = state.workers.get(body.worker);
      if (!worker) throw conflict(body.worker, 'unknown', `there is no worker ${body.worker}`);
      worker.drainAsked = body.draining;
      put(state.outbox, 'worker', [worker.name], { drain: body.draining ? 1 : 0 });
      if (!body.draining) wakeOrphans(state, worker);
      return {};
    }
    default:
      return unreachable(body);
  }
}

export function jobNamed(state: SchedulerState, name: string): JobRecord {
  const job = state.jobsByName.get(name);
  if (!job) throw new SchedulerError('JOB_NOT_FOUND', `there is no job ${name}`, { job: name });
  return job;
}

function planControl(state: SchedulerState, body: Body<'plan.control'>): RequestAnswer {
  const plan = state.plans.get(body.plan);
  if (!plan)
    throw new SchedulerError('PLAN_NOT_FOUND', `there is no open plan ${body.plan}`, { plan: body.plan });
  controlPlan(state, plan, body.verb);
  return { plan: plan.id };
}

const conflict = (subject: string, found: string, message: string) =>
  new SchedulerError('STATE_CONFLICT', message, { subject, state: found });

/** Row of a run named in a request. */
function runNamed(state: SchedulerState, text: string): number {
  const ref = parseRunText(text);
  const r = ref ? findRun(state, ref) : NONE;
  if (r === NONE || !state.runs.has(r, STORED)) {
    throw new SchedulerError('RUN_NOT_FOUND', `run ${text} is not among the runs kept`, { run: text });
  }
  return r;
}

/** Run now: beside the main track, past all gates, without retries; at most one at a time per run. */
function runNow(state: SchedulerState, body: Body<'run.now'>, actor: string): RequestAnswer {
  const job = jobNamed(state, body.job);
  const owner = chosenRow(state, job, body);
  if (hasOpenSide(state, owner)) {
    throw conflict(
      runTextOf(state, owner),
      'running',
      `run ${runTextOf(state, owner)} is being run by hand already`,
    );
  }
  if (!state.runs.has(owner, STORED)) {
    state.runs.set(owner, STORED);
    markRun(state.outbox, owner, DIRTY.created);
  }
  const side = addSide(state, owner);
  beginGeneration(state, side, {
    trigger: TRIGGER.runNow,
    actor,
    cause: '',
    bypass: true,
    releases: false,
    params: body.params,
  });
  return { run: runTextOf(state, owner), generation: state.runs.generation[side] ?? 0 };
}

function chosenRow(state: SchedulerState, job: JobRecord, body: Body<'run.now'>): number {
  const { slot } = body;
  if (slot.by === 'instant') {
    const r = Number.isSafeInteger(slot.instant) ? namedSlot(state, job, slot.instant) : NONE;
    if (r !== NONE) return r;
    const text = Number.isSafeInteger(slot.instant) ? instantText(slot.instant) : String(slot.instant);
    throw new SchedulerError('SLOT_INVALID', `job ${job.name} has no slot at ${text}`, {
      job: job.name,
      slot: text,
    });
  }
  const key = slot.key ?? `now-${state.epoch}-${state.nextSubmission++}`;
  return ensureAdHoc(state, job, key, dailySlot(job.policy.zone, slot.asOf));
}

/** One slot at one instant for a selection of jobs, upstream first, under full rules. */
function submitGraph(state: SchedulerState, body: Body<'graph.submit'>, actor: string): RequestAnswer {
  const jobs = body.jobs.map((name) => jobNamed(state, name));
  const key = body.submission ?? `s${state.epoch}-${state.nextSubmission++}`;
  const slots = new Map<ZoneName, Slot>();
  const members = new Map<string, number>();
  for (const job of jobs) {
    const { zone } = job.policy;
    const slot = slots.get(zone) ?? dailySlot(zone, body.asOf);
    slots.set(zone, slot);
    members.set(job.name, ensureAdHoc(state, job, key, slot));
  }
  for (const job of jobs) submitJob(state, job, { key, members, body, actor });
  return { submission: key, runs: [...members.values()].map((r) => runTextOf(state, r)) };
}

interface SubmittedTo {
  readonly key: string;
  readonly members: ReadonlyMap<string, number>;
  readonly body: Body<'graph.submit'>;
  readonly actor: string;
}

function submitJob(state: SchedulerState, job: JobRecord, to: SubmittedTo): void {
  const r = must(to.members.get(job.name), 'member of a submission');
  if (state.runs.has(r, STORED)) return;
  state.runs.set(r, STORED);
  extraOf(state, r).submission = to.key;
  markRun(state.outbox, r, DIRTY.created);
  bindSubmitted(state, r, to.members);
  const declared = Object.keys(job.definition.params ?? {});
  const params = Object.fromEntries(
    Object.entries(to.body.params).filter(([name]) => declared.includes(name)),
  );
  beginGeneration(state, r, {
    trigger: TRIGGER.graph,
    actor: to.actor,
    cause: to.key,
    ...(declared.length > 0 && { params }),
  });
  if (isElsewhere(state, job)) endGeneration(state, r, PHASE.skipped, 'area');
  else settleBindings(state, r);
}

/** Main, past gates, with retries; its success counts downstream and releases. */
function resumeRun(state: SchedulerState, body: Body<'run.resume'>, actor: string): RequestAnswer {
  const r = runNamed(state, body.run);
  const text = runTextOf(state, r);
  if (state.liveOf.has(r))
    throw conflict(text, 'running', `run ${text} cannot be resumed: an attempt of it lives`);
  const plan = onMemberResumed(state, r);
  supersede(state, r);
  beginGeneration(state, r, {
    ...(plan !== undefined && { plan }),
    trigger: TRIGGER.resume,
    actor,
    cause: '',
    bypass: true,
    params: body.params,
    revision: body.revision,
  });
  return { run: text, generation: state.runs.generation[r] ?? 0 };
}

/** Ends an open generation that has claimed nothing, to make way for another. */
function supersede(state: SchedulerState, r: number): void {
  if (isOpen(state.runs.phase[r] ?? 0)) endGeneration(state, r, PHASE.canceled, 'superseded');
}

function requestCancel(state: SchedulerState, body: Body<'run.cancel'>, actor: string): RequestAnswer {
  const r = runNamed(state, body.run);
  const generation = parseRunText(body.run)?.generation ?? state.runs.generation[r] ?? 0;
  const row = rowOfGeneration(state, r, generation);
  if (row === NONE || !isOpen(state.runs.phase[row] ?? 0)) {
    throw conflict(body.run, 'ended', `run ${body.run} cannot be canceled: nothing of it is under way`);
  }
  cancelRun(state, row, { why: 'canceled', actor });
  return { run: runTextOf(state, r), generation };
}

function rowOfGeneration(state: SchedulerState, r: number, generation: number): number {
  const open = isOpen(state.runs.phase[r] ?? 0);
  if (open && state.runs.generation[r] === generation) return r;
  const sides = (state.extras.get(r)?.sides ?? []).filter((side) => isOpen(state.runs.phase[side] ?? 0));
  // Without a main generation that can move, the run's name means its side run.
  return (
    sides.find((side) => state.runs.generation[side] === generation) ?? (open ? NONE : (sides[0] ?? NONE))
  );
}

function forceRun(state: SchedulerState, body: Body<'run.force'>, actor: string): RequestAnswer {
  const r = runNamed(state, body.run);
  const text = runTextOf(state, r);
  if (state.liveOf.has(r))
    throw conflict(text, 'running', `run ${text} cannot be forced: an attempt of it lives; cancel it first`);
  const plan = onMemberResumed(state, r);
  supersede(state, r);
  beginGeneration(state, r, {
    ...(plan !== undefined && { plan }),
    trigger: TRIGGER.force,
    actor,
    cause: body.reason,
    bypass: true,
    releases: body.release,
  });
  endGeneration(state, r, body.verdict === 'succeeded' ? PHASE.succeeded : PHASE.failed, 'forced');
  return { run: text, generation: state.runs.generation[r] ?? 0 };
}

function resolveAttempt(state: SchedulerState, body: Body<'attempt.resolve'>): RequestAnswer {
  const live = state.attempts.get(body.attempt);
  if (!live || live.state !== 'unknown') {
    throw conflict(
      body.attempt,
      live?.state ?? 'ended',
      `attempt ${body.attempt} cannot be resolved: it is ${live?.state ?? 'not open'}, not unknown`,
    );
  }
  const message = `resolved as ${body.as}: ${body.reason}`;
  if (body.as === 'dead') attemptLost(state, live, message);
  else
    attemptEnded(state, live, {
      at: state.now,
      startedAt: live.startedAt,
      outcome: { state: body.as, exitCode: null, failure: 'user', message },
    });
  return { run: runTextOf(state, live.row), generation: live.g };
}
