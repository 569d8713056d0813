/**
 * Requests about runs: run now, submit a graph, resume, cancel, force, and settle an attempt of which nothing
 * is known.
 */
import { dailySlot } from '../calendar/schedule.js';
import { must } from '../model/assert.js';
import { SchedulerError } from '../model/errors.js';
import { instantText, parseRunText } from '../model/ids.js';
import type { ZoneName } from '../model/ids.js';
import type { Slot } from '../model/slot.js';
import { attemptEnded, attemptLost } from './attempts.js';
import { bindSubmitted, settleBindings } from './bindings.js';
import { cancelRun } from './cancel.js';
import { PHASE, TRIGGER, isOpen } from './codes.js';
import type { RequestAnswer } from './effects.js';
import type { RequestBody } from './event.js';
import { beginGeneration } from './generations.js';
import { isElsewhere, namedSlot } from './materialize.js';
import { DIRTY, markRun } from './outbox.js';
import { endGeneration } from './phases.js';
import { memberParams } from './plan-params.js';
import { onMemberResumed } from './plans.js';
import type { JobRecord } from './records.js';
import { conflict, jobNamed, runNamed } from './requests-named.js';
import { addSide, ensureAdHoc, hasOpenSide, jobOf, runTextOf } from './runs.js';
import { extraOf } from './state.js';
import type { SchedulerState } from './state.js';
import { NONE, STORED } from './tables.js';

/** Run now: beside the main track, past all gates, without retries; at most one at a time per run. */
export function runNow(state: SchedulerState, body: RequestBody<'run.now'>, actor: string): RequestAnswer {
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

function chosenRow(state: SchedulerState, job: JobRecord, body: RequestBody<'run.now'>): number {
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
export function submitGraph(
  state: SchedulerState,
  body: RequestBody<'graph.submit'>,
  actor: string,
): RequestAnswer {
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
  readonly body: RequestBody<'graph.submit'>;
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
export function resumeRun(
  state: SchedulerState,
  body: RequestBody<'run.resume'>,
  actor: string,
): RequestAnswer {
  const r = runNamed(state, body.run);
  const text = runTextOf(state, r);
  if (state.liveOf.has(r))
    throw conflict(text, 'running', `run ${text} cannot be resumed: an attempt of it lives`);
  const plan = onMemberResumed(state, r);
  supersede(state, r);
  beginGeneration(state, r, {
    ...(plan !== undefined && { plan: plan.id }),
    trigger: TRIGGER.resume,
    actor,
    cause: '',
    bypass: true,
    params: plan
      ? { ...memberParams(plan.request, jobOf(state, r).name, text), ...body.params }
      : body.params,
    revision: body.revision,
  });
  return { run: text, generation: state.runs.generation[r] ?? 0 };
}

/** Ends an open generation that has claimed nothing, to make way for another. */
function supersede(state: SchedulerState, r: number): void {
  if (isOpen(state.runs.phase[r] ?? 0)) endGeneration(state, r, PHASE.canceled, 'superseded');
}

export function requestCancel(
  state: SchedulerState,
  body: RequestBody<'run.cancel'>,
  actor: string,
): RequestAnswer {
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

export function forceRun(
  state: SchedulerState,
  body: RequestBody<'run.force'>,
  actor: string,
): RequestAnswer {
  const r = runNamed(state, body.run);
  const text = runTextOf(state, r);
  if (state.liveOf.has(r))
    throw conflict(text, 'running', `run ${text} cannot be forced: an attempt of it lives; cancel it first`);
  const plan = onMemberResumed(state, r);
  supersede(state, r);
  beginGeneration(state, r, {
    ...(plan !== undefined && { plan: plan.id }),
    trigger: TRIGGER.force,
    actor,
    cause: body.reason,
    bypass: true,
    releases: body.release,
  });
  endGeneration(state, r, body.verdict === 'succeeded' ? PHASE.succeeded : PHASE.failed, 'forced');
  return { run: text, generation: state.runs.generation[r] ?? 0 };
}

export function resolveAttempt(state: SchedulerState, body: RequestBody<'attempt.resolve'>): RequestAnswer {
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
