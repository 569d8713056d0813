/**
 * Attempts: claimed, sent, running, ended; and what an end means for the generation: done, another try, or
 * failed. The attempt's number is the fencing token: news of any attempt but a live one change nothing.
 */
import { assert, must, unreachable } from '../model/assert.js';
import { attemptId, instant } from '../model/ids.js';
import type { FailureClass } from '../model/job.js';
import { EXIT_NOT_NOW } from '../model/run.js';
import type { AttemptOutcome, AttemptState, EndReason } from '../model/run.js';
import type { FieldValue } from '../model/tables.js';
import { PHASE } from './codes.js';
import { learnDuration } from './durations.js';
import { expectInTime } from './expectations.js';
import { consumeUpstreams, settleConsumed } from './links.js';
import { backOff, cover, endGeneration, enterOrWait, startRunning } from './phases.js';
import { noteDispatch } from './placement.js';
import { noteFailedRun, noteSucceededRun } from './failed-in-row.js';
import { countAttempt } from './former-jobs.js';
import { noteOutcome } from './quarantine.js';
import { planOf } from './plan-members.js';
import { noteFailure } from './hold-rules.js';
import { onLimitedEnd } from './limits.js';
import { keyOf, release } from './queue.js';
import { retryDelayMs } from './retry-delay.js';
import { countClaim, limitsAtClaim, timeoutOf } from './ruled-claims.js';
import { overrideParams } from './rules.js';
import type { JobRecord, LiveAttempt, QueueClass, WorkerRecord } from './records.js';
import { jobOf, runKeyOf, runTextOf } from './runs.js';
import { extraOf } from './state.js';
import type { SchedulerState } from './state.js';
import { SIDE } from './tables.js';

/** A failure of the host is tried elsewhere at once, so many times, without counting. */
const HOST_TRIES_MAX = 3;
/** How long a run that said "not now" rests. */
const POSTPONE_MS = 60_000;

/** Takes a slot of the worker for the run and orders the attempt; the order leaves after the commit. */
export function claim(
  state: SchedulerState,
  r: number,
  to: { readonly worker: WorkerRecord; readonly from: QueueClass },
): LiveAttempt {
  const { runs } = state;
  const job = jobOf(state, r);
  const n = countAttempt(state, r);
  state.offers.delete(r);
  runs.tries[r] = (runs.tries[r] ?? 0) + 1;
  const timeoutMs = timeoutOf(state, r);
  const live: LiveAttempt = {
    id: attemptId(runTextOf(state, r), n),
    row: r,
    g: runs.generation[r] ?? 0,
    n,
    worker: to.worker,
    session: to.worker.session,
    revision: job.revision,
    claimedAt: state.now,
    slots: to.from.slots,
    memoryBytes: to.from.memoryBytes,
    concurrency: job.policy.concurrency,
    pool: to.from.pool,
    onWorkerLost: job.policy.onWorkerLost,
    postpones: job.definition.compat === 'hera',
    limits: limitsAtClaim(state, r),
    params: job.rules === null ? null : overrideParams(state, r, job),
    timeoutMs,
    reserved: true,
    state: 'dispatched',
    startedAt: null,
    timeoutAt: instant(state.now + timeoutMs),
    sentAt: state.now,
    cancel: null,
  };
  hold(state, live, job);
  if (!runs.has(r, SIDE)) consumeUpstreams(state, r);
  startRunning(state, r);
  if (job.policy.expectMs !== null) expectInTime(state, r);
  noteDispatch(state, to.worker, to.from.pool);
  writeAttempt(state, live, {
    g: live.g,
    worker: to.worker.name,
    session: live.session,
    epoch: state.epoch,
    revision: live.revision,
    claimedAt: state.now,
    timeoutAt: live.timeoutAt,
    token: live.id,
    open: 1,
  });
  if (job.rules !== null && countClaim(state, live)) writeTerms(state, live);
  sendOrder(state, live);
  return live;
}

/** Counts the attempt wherever attempts are counted; at a claim and at load. */
export function hold(state: SchedulerState, live: LiveAttempt, job: JobRecord): void {
  state.attempts.set(live.id, live);
  state.liveOf.set(live.row, live);
  if (!state.runs.has(live.row, SIDE)) job.claimed++;
  live.worker.attempts.add(live);
  live.worker.usedSlots += live.slots;
  if (live.reserved) live.worker.reservedMemory += live.memoryBytes;
  live.pool.running++;
  const plan = planOf(state, live.row);
  if (plan) plan.running++;
  for (const name of live.concurrency) keyOf(state, name).holders.add(live);
  for (const rule of live.limits) rule.running++;
}

function letGo(state: SchedulerState, live: LiveAttempt): void {
  const job = jobOf(state, live.row);
  state.attempts.delete(live.id);
  state.liveOf.delete(live.row);
  if (!state.runs.has(live.row, SIDE)) job.claimed--;
  live.worker.attempts.delete(live);
  live.worker.usedSlots -= live.slots;
  unreserve(live);
  live.pool.running--;
  const plan = planOf(state, live.row);
  if (plan) plan.running--;
  for (const name of live.concurrency) keyOf(state, name).holders.delete(live);
  if (live.limits.length > 0) onLimitedEnd(state, live);
  release(state, job, live.concurrency, plan);
}

/** Its worker's own report shows the memory from now on. */
function unreserve(live: LiveAttempt): void {
  if (!live.reserved) return;
  live.reserved = false;
  live.worker.reservedMemory -= live.memoryBytes;
}

/** Sends the order, for the first time or again. */
export function sendOrder(state: SchedulerState, live: LiveAttempt): void {
  live.sentAt = state.now;
  const job = jobOf(state, live.row);
  const [jobId, slotKey] = runKeyOf(state, live.row);
  state.outbox.commands.push({
    type: 'attempt.exec',
    worker: live.worker.name,
    session: live.session,
    attempt: {
      attempt: live.id,
      jobId,
      job: job.name,
      slotKey,
      generation: live.g,
      number: live.n,
      revision: live.revision,
    },
  });
}

export function attemptStarted(state: SchedulerState, live: LiveAttempt, startedAt: number): void {
  unreserve(live);
  if (live.startedAt === null) {
    live.startedAt = instant(startedAt);
    if (live.state === 'dispatched') live.state = 'running';
    writeAttempt(state, live, { startedAt });
  }
  if (live.state === 'unknown') {
    live.state = live.cancel ? 'canceling' : 'running';
    writeAttempt(state, live, {});
  }
}

/** The worker's word on how it ended. A success stands, even one that a cancel came too late for. */
export function attemptEnded(
  state: SchedulerState,
  live: LiveAttempt,
  end: { at: number; startedAt: number | null; outcome: AttemptOutcome },
): void {
  const { outcome } = end;
  if (end.startedAt !== null) live.startedAt ??= instant(end.startedAt);
  const final = finalState(live, outcome);
  writeEnd(state, live, {
    state: final,
    startedAt: live.startedAt,
    endedAt: end.at,
    exitCode: outcome.exitCode,
    signal: outcome.signal ?? null,
    failure: outcome.failure ?? null,
    pattern: outcome.pattern ?? null,
    message: outcome.message ?? null,
    result: outcome.result ?? null,
    open: 0,
  });
  if (outcome.killComplete === false) {
    const message = outcome.message ?? 'processes of it may be left';
    state.outbox.events.push({ type: 'alarm', code: 'KILL_INCOMPLETE', subject: live.id, message });
  }
  letGo(state, live);
  if (final === 'succeeded' || final === 'failed') noteOutcome(state, live, outcome);
  switch (final) {
    case 'succeeded':
      if (live.startedAt !== null) learnDuration(state, live, { from: live.startedAt, to: end.at });
      return succeed(state, live);
    case 'canceled':
      return afterCancel(state, live);
    case 'lost':
      return tryAgainUncounted(state, live);
    case 'postponed':
      state.runs.tries[live.row] = (state.runs.tries[live.row] ?? 1) - 1;
      return backOff(state, live.row, instant(state.now + POSTPONE_MS));
    case 'timedOut':
      return fail(state, live, { outcome, failure: timeoutClass(outcome), reason: 'timeout' });
    case 'failed':
      return fail(state, live, { outcome, failure: outcome.failure ?? 'unknown', reason: 'exit' });
    default:
      return unreachable(final);
  }
}

/** An attempt that had its time counts, also when it was its host that ended it before it was killed. */
function timeoutClass({ failure }: AttemptOutcome): FailureClass {
  return failure === undefined || failure === 'host' ? 'unknown' : failure;
}

type FinalState = Exclude<AttemptState, 'dispatched' | 'running' | 'canceling' | 'unknown'>;

/** What the outcome means, given what was asked: a death after a cancel is the cancel. */
function finalState(live: LiveAttempt, outcome: AttemptOutcome): FinalState {
  if (outcome.state === 'succeeded') return 'succeeded';
  if (live.cancel) return live.cancel.why === 'timeout' ? 'timedOut' : 'canceled';
  // Nobody asked for its end: the worker's own lease ran out.
  if (outcome.state === 'canceled') return 'lost';
  const notNow = live.postpones && outcome.state === 'failed' && outcome.exitCode === EXIT_NOT_NOW;
  return notNow ? 'postponed' : outcome.state;
}

/** Its worker is lost, or has never had it: it will be tried again and does not count. */
export function attemptLost(state: SchedulerState, live: LiveAttempt, message: string): void {
  // What is run again at once may still live: it is lost, and nothing more is known.
  const isDead = live.onWorkerLost !== 'rerun';
  writeEnd(state, live, {
    state: live.cancel && isDead ? 'canceled' : 'lost',
    endedAt: state.now,
    failure: 'host',
    message,
    open: 0,
  });
  letGo(state, live);
  if (live.cancel && live.cancel.why !== 'timeout') afterCancel(state, live);
  else tryAgainUncounted(state, live);
}

/** The order could not be made: the script does not render. It never left. */
export function renderFailed(state: SchedulerState, id: string, message: string): void {
  const live = state.attempts.get(id);
  if (!live) return;
  writeEnd(state, live, { state: 'failed', endedAt: state.now, failure: 'user', message, open: 0 });
  letGo(state, live);
  if (live.cancel) afterCancel(state, live);
  else fail(state, live, { outcome: { message }, failure: 'user', reason: 'render' });
}

function succeed(state: SchedulerState, live: LiveAttempt): void {
  if (!state.runs.has(live.row, SIDE)) {
    settleConsumed(state, live.row);
    noteSucceededRun(state, jobOf(state, live.row));
  }
  endGeneration(state, live.row, PHASE.succeeded, null);
}

function afterCancel(state: SchedulerState, live: LiveAttempt): void {
  const cancel = must(live.cancel, 'cancel');
  if (cancel.by !== undefined) {
    endGeneration(state, live.row, PHASE.skipped, 'covered');
    cover(state, live.row, cancel.by);
  } else {
    endGeneration(state, live.row, PHASE.canceled, cancel.why === 'deleted' ? 'jobDeleted' : 'canceled');
  }
}

function tryAgainUncounted(state: SchedulerState, live: LiveAttempt): void {
  const { runs } = state;
  runs.tries[live.row] = Math.max(0, (runs.tries[live.row] ?? 1) - 1);
  if (jobOf(state, live.row).state === 'deleted')
    endGeneration(state, live.row, PHASE.canceled, 'jobDeleted');
  else if (runs.has(live.row, SIDE)) endGeneration(state, live.row, PHASE.failed, 'workerLost');
  else enterOrWait(state, live.row);
}

function fail(
  state: SchedulerState,
  live: LiveAttempt,
  end: {
    readonly failure: FailureClass;
    readonly reason: EndReason;
    readonly outcome: Pick<AttemptOutcome, 'pattern' | 'message'>;
  },
): void {
  const r = live.row;
  const job = jobOf(state, r);
  const { retry } = job.policy;
  if (job.rules !== null) noteFailure(state, r, { failure: end.failure, message: end.outcome.message ?? '' });
  if (end.failure === 'host' && triesElsewhere(state, live)) return;
  const tries = state.runs.tries[r] ?? 0;
  const mayRetry = !state.runs.has(r, SIDE) && job.state !== 'deleted' && job.state !== 'disabled';
  if (mayRetry && tries < retry.attempts && retry.on.includes(end.failure)) {
    avoid(state, live);
    backOff(state, r, instant(state.now + retryDelayMs(state, retry, tries)));
    return;
  }
  endGeneration(state, r, PHASE.failed, end.reason);
  if (state.runs.has(r, SIDE)) return;
  const { pattern = null, message: said = null } = end.outcome;
  state.failing.set(r, { failure: end.failure, pattern, message: said });
  noteFailedRun(state, job);
  const message = `${end.reason}, class ${end.failure}, after ${tries} tries`;
  state.outbox.events.push({ type: 'alarm', code: 'RUN_FAILED', subject: runTextOf(state, r), message });
}

function triesElsewhere(state: SchedulerState, live: LiveAttempt): boolean {
  const extra = extraOf(state, live.row);
  const hostTries = (extra.hostTries ?? 0) + 1;
  extra.hostTries = hostTries;
  if (hostTries > HOST_TRIES_MAX || jobOf(state, live.row).state === 'deleted') return false;
  avoid(state, live);
  state.runs.tries[live.row] = (state.runs.tries[live.row] ?? 1) - 1;
  enterOrWait(state, live.row);
  return true;
}

function avoid(state: SchedulerState, live: LiveAttempt): void {
  const extra = extraOf(state, live.row);
  extra.avoid = [...new Set([...(extra.avoid ?? []), live.worker.name])];
}

/** Writes fields of a live attempt and says so in an event. The fields are taken over, not copied. */
export function writeAttempt(
  state: SchedulerState,
  live: LiveAttempt,
  fields: Record<string, FieldValue>,
): void {
  fields['state'] = live.state;
  noteFields(state, live, fields);
  pushEvent(state, live, live.state);
}

function writeEnd(
  state: SchedulerState,
  live: LiveAttempt,
  end: {
    readonly state: FinalState;
    readonly exitCode?: number | null;
    readonly message?: string | null;
    readonly open: 0;
  } & Record<string, FieldValue>,
): void {
  assert(state.attempts.has(live.id), 'only a live attempt ends');
  noteFields(state, live, end);
  pushEvent(state, live, end.state, end);
}

/** What of an attempt is its job's policy at the claim, and stays when that is edited. */
export type AttemptTerms = Pick<
  LiveAttempt,
  'onWorkerLost' | 'slots' | 'memoryBytes' | 'concurrency' | 'params' | 'timeoutMs'
> & {
  readonly pool: string;
};

/**
 * Stores the terms of a live attempt: after an edit its job's policy no longer tells them. May be repeated.
 */
export function writeTerms(state: SchedulerState, live: LiveAttempt): void {
  const { onWorkerLost, slots, memoryBytes, concurrency, params, timeoutMs } = live;
  const pool = live.pool.name;
  const terms: AttemptTerms = { onWorkerLost, slots, memoryBytes, concurrency, params, timeoutMs, pool };
  noteFields(state, live, { terms: JSON.stringify(terms) });
}

/** Takes the fields over: they are not copied. */
function noteFields(state: SchedulerState, live: LiveAttempt, fields: Record<string, FieldValue>): void {
  const noted = state.outbox.attempts.get(live.id);
  if (noted) Object.assign(noted.value, fields);
  else state.outbox.attempts.set(live.id, { key: [...runKeyOf(state, live.row), live.n], value: fields });
}

function pushEvent(
  state: SchedulerState,
  live: LiveAttempt,
  now: AttemptState,
  end?: { readonly exitCode?: number | null; readonly message?: string | null },
): void {
  state.outbox.events.push({
    type: 'attempt.state',
    job: jobOf(state, live.row).name,
    run: runTextOf(state, live.row),
    generation: live.g,
    attempt: live.n,
    worker: live.worker.name,
    state: now,
    exitCode: end?.exitCode ?? null,
    message: end?.message ?? null,
  });
}
