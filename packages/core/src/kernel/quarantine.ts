/**
 * Workers that fail what others can do. Three failures of its host in ten minutes, or a share of failures
 * far above that of the rest of its pool, put a worker in quarantine: it gets nothing new until it has
 * answered a probe well, or a person releases it. A worker that fails everything at once is always the least
 * loaded, so it is slowed down after its first host failure: one attempt at a time, until one succeeds.
 *
 * What decides is in the worker's row: the last attempts, the times of host failures, the quarantine itself.
 * A worker with nothing but successes among its last ones costs a count and two tests of integers, and no
 * write; that count begins anew with each leader, which at most makes it judge later.
 */
import { SchedulerError } from '../model/errors.js';
import { instant } from '../model/ids.js';
import type { Instant } from '../model/ids.js';
import type { FailureClass } from '../model/job.js';
import type { AttemptOutcome } from '../model/run.js';
import type { RowValue } from '../model/tables.js';
import { closeWorkerIncident, openWorkerIncident } from './incidents.js';
import { put } from './outbox.js';
import { unpark } from './queue.js';
import type { LiveAttempt, PoolRecord, WorkerRecord } from './records.js';
import { jobOf } from './runs.js';
import { DEADLINE, addDeadline } from './state.js';
import type { SchedulerState } from './state.js';

/** Host failures within the window that make a quarantine. */
export const HOST_FAILURES_MAX = 3;
const HOST_WINDOW_MS = 600_000;
const PROBE_EVERY_MS = 300_000;
/** A worker that is back in quarantine within two nights needs one good probe more than the last time. */
const STRIKES_KEPT_MS = 172_800_000;
const STRIKES_MAX = 12;
/** How many attempts of a worker its share of failures is taken of. */
const RECENT_MAX = 20;
/** Fewer tell when all of them failed and the others do well. */
const RECENT_MIN = 5;
/** One broken job is no fault of the worker's: so many must have failed. */
const FAILED_JOBS_MIN = 3;
const SHARE_FACTOR = 3;
/** An attempt elsewhere that has run so long, and longer than those that fail, does well. */
const DOES_WELL_AFTER_MS = 10_000;
/** A pool that fails less than this counts as failing so much, or one failure would be any multiple of it. */
const SHARE_FLOOR = 0.05;
/** Of a pool, at most one in so many is in quarantine. */
const POOL_PARTS = 3;
/** Host failures that come of its being cut off or restarted: what is done about those is said elsewhere. */
const LOSSES: ReadonlySet<string> = new Set(['lease', 'restart']);

/** What a worker's last attempts came to. */
export interface WorkerHealth {
  /** 0 for a success, the job's number for a failure; the newest last. */
  readonly recent: number[];
  /** How many of `recent` are failures. */
  failed: number;
  /** When its host failed within the window, the newest last. */
  hostFailures: number[];
  /** Until then it gets one attempt at a time; 0 when it gets what it has slots for. */
  slowUntil: number;
  /** Quarantines in a row, and when the last began. */
  strikes: number;
  struckAt: number;
}

/** A worker's time in quarantine. */
export interface Quarantine {
  readonly since: Instant;
  /** Why, in one line. */
  readonly message: string;
  /** Good probes in a row, of as many as `strikes` of its health says. */
  readonly good: number;
  /** Number of the last probe that was sent; answers to others are too late. */
  readonly probe: number;
  readonly nextProbeAt: Instant;
}

/** The health of a worker that nothing is known of. */
export const freshHealth = (): WorkerHealth => ({
  recent: [],
  failed: 0,
  hostFailures: [],
  slowUntil: 0,
  strikes: 0,
  struckAt: 0,
});

/** Takes note of how an attempt of the worker ended. */
export function noteOutcome(state: SchedulerState, live: LiveAttempt, outcome: AttemptOutcome): void {
  const { worker } = live;
  const { health } = worker;
  if (outcome.state === 'succeeded') {
    worker.succeeded++;
    // Nearly always: all its last attempts were successes too.
    if (health.failed === 0 && health.slowUntil === 0) return;
    health.slowUntil = 0;
    remember(health, 0);
  } else {
    if (!isJudged(state, worker)) return;
    remember(health, jobOf(state, live.row).id);
    if (isHostFailure(outcome)) noteHostFailure(state, worker);
    judge(state, live, outcome);
  }
  writeHealth(state, worker);
}

const isHostFailure = ({
  failure,
  pattern,
}: {
  readonly failure?: FailureClass;
  readonly pattern?: string;
}) => failure === 'host' && !(pattern !== undefined && LOSSES.has(pattern));

function remember(health: WorkerHealth, failedJob: number): void {
  health.recent.push(failedJob);
  if (failedJob !== 0) health.failed++;
  if (health.recent.length > RECENT_MAX && health.recent.shift() !== 0) health.failed--;
}

/** In a pool of one or two there is nobody to be compared with, and nobody to take over. */
function isJudged(state: SchedulerState, worker: WorkerRecord): boolean {
  return worker.quarantine === null && poolsOf(state, worker).some((pool) => pool.workers.size >= POOL_PARTS);
}

function noteHostFailure(state: SchedulerState, worker: WorkerRecord): void {
  const { health } = worker;
  const from = state.now - HOST_WINDOW_MS;
  health.hostFailures = [...health.hostFailures.filter((at) => at > from), state.now].slice(-RECENT_MAX);
  slowDown(state, worker);
}

function slowDown(state: SchedulerState, worker: WorkerRecord): void {
  worker.health.slowUntil = state.now + HOST_WINDOW_MS;
  addDeadline(state, worker.health.slowUntil, DEADLINE.wake, 0);
}

/** Whether the worker takes one attempt at a time, and has it. */
export const isSlowed = (state: SchedulerState, worker: WorkerRecord): boolean =>
  worker.health.slowUntil > state.now && worker.attempts.size > 0;

function judge(state: SchedulerState, live: LiveAttempt, outcome: AttemptOutcome): void {
  const { worker } = live;
  const { hostFailures } = worker.health;
  const byHost = hostFailures.length >= HOST_FAILURES_MAX;
  if (!byHost && !failsMoreThanOthers(state, live)) return;
  const { recent, failed } = worker.health;
  const last = outcome.message ?? outcome.pattern ?? 'no message';
  const message = byHost
    ? `its host failed ${hostFailures.length} times in 10 minutes; last: ${last}`
    : `${failed} of its last ${recent.length} attempts failed, far more than on others; last: ${last}`;
  if (mayBeSpared(state, worker)) quarantine(state, worker, message);
  else if (!byHost || hostFailures.length === HOST_FAILURES_MAX)
    state.outbox.events.push({ type: 'alarm', code: 'WORKER_FAILING', subject: worker.name, message });
}

function failsMoreThanOthers(state: SchedulerState, { worker, claimedAt }: LiveAttempt): boolean {
  const { recent, failed } = worker.health;
  if (failed < RECENT_MIN || new Set(recent.filter((job) => job !== 0)).size < FAILED_JOBS_MIN) return false;
  const others = new Set(poolsOf(state, worker).flatMap((pool) => [...pool.workers]));
  others.delete(worker);
  const well = state.now - Math.max(DOES_WELL_AFTER_MS, 2 * (state.now - claimedAt));
  let [ended, endedBadly] = [0, 0];
  for (const { health, succeeded, attempts, quarantine: out } of others) {
    if (out !== null) continue;
    // Successes are listed only after a failure, so of a worker without any they are counted.
    ended += health.failed === 0 ? Math.min(RECENT_MAX, succeeded) : health.recent.length;
    endedBadly += health.failed;
    for (const each of attempts) if (each.claimedAt <= well) ended++;
  }
  if (ended < recent.length) return false;
  const share = failed / recent.length;
  const othersShare = endedBadly / ended;
  if (recent.length < RECENT_MAX) return share === 1 && othersShare <= 1 / (SHARE_FACTOR + 1);
  return share >= SHARE_FACTOR * Math.max(othersShare, SHARE_FLOOR);
}

/** Whether each of its pools still has enough workers that are heard of when it is gone. */
function mayBeSpared(state: SchedulerState, worker: WorkerRecord): boolean {
  return poolsOf(state, worker).every((pool) => {
    let [heard, out] = [0, 1];
    for (const each of pool.workers) {
      if (each.connected && !each.lost) heard++;
      if (each.quarantine !== null) out++;
    }
    return out * POOL_PARTS <= heard;
  });
}

function quarantine(state: SchedulerState, worker: WorkerRecord, message: string): void {
  const { health } = worker;
  const again = health.struckAt > 0 && state.now - health.struckAt < STRIKES_KEPT_MS;
  health.strikes = again ? Math.min(STRIKES_MAX, health.strikes + 1) : 1;
  health.struckAt = state.now;
  worker.quarantine = {
    since: state.now,
    message,
    good: 0,
    probe: 0,
    nextProbeAt: instant(state.now + PROBE_EVERY_MS),
  };
  watchQuarantine(state, worker);
  writeQuarantine(state, worker);
  tell(state, worker, 'quarantined');
  state.outbox.events.push({ type: 'alarm', code: 'WORKER_QUARANTINED', subject: worker.name, message });
  openWorkerIncident(state, worker.name, message);
}

/** Wakes the kernel for the next probe. */
export function watchQuarantine(state: SchedulerState, worker: WorkerRecord): void {
  if (worker.quarantine) addDeadline(state, worker.quarantine.nextProbeAt, DEADLINE.probe, worker.number);
}

/** A probe is due: the worker is asked to try its disk and its kinds. */
export function onProbeDue(state: SchedulerState, number: number): void {
  const worker = state.workerList[number];
  if (!worker?.quarantine || worker.quarantine.nextProbeAt > state.now) return;
  const probe = worker.quarantine.probe + 1;
  worker.quarantine = { ...worker.quarantine, probe, nextProbeAt: instant(state.now + PROBE_EVERY_MS) };
  watchQuarantine(state, worker);
  writeQuarantine(state, worker);
  // A worker of an older version knows no probes: it waits for a person.
  if (worker.connected && worker.canProbe)
    state.outbox.commands.push({ type: 'worker.probe', worker: worker.name, session: worker.session, probe });
}

/** The worker's answer; `faults` says what does not work, a line each. */
export function onProbed(
  state: SchedulerState,
  worker: WorkerRecord,
  answer: { readonly probe: number; readonly faults: readonly string[] },
): void {
  if (worker.quarantine?.probe !== answer.probe) return;
  const [fault] = answer.faults;
  const good = fault === undefined ? worker.quarantine.good + 1 : 0;
  if (good >= worker.health.strikes) return release(state, worker);
  // The number is used up, so that a repeated answer counts once.
  const { message, probe } = worker.quarantine;
  worker.quarantine = { ...worker.quarantine, good, probe: probe + 1, message: fault ?? message };
  writeQuarantine(state, worker);
}

/**
 * Lets the worker take work again, one attempt at a time until one succeeds.
 * @throws SchedulerError `STATE_CONFLICT` when it is not in quarantine.
 */
export function releaseWorker(state: SchedulerState, worker: WorkerRecord): void {
  if (worker.quarantine === null) {
    const message = `worker ${worker.name} cannot be released: it is not in quarantine`;
    throw new SchedulerError('STATE_CONFLICT', message, { subject: worker.name, state: 'not in quarantine' });
  }
  release(state, worker);
}

function release(state: SchedulerState, worker: WorkerRecord): void {
  const { health } = worker;
  worker.quarantine = null;
  Object.assign(health, { recent: [], failed: 0, hostFailures: [] } satisfies Partial<WorkerHealth>);
  slowDown(state, worker);
  writeQuarantine(state, worker);
  tell(state, worker, 'released');
  for (const pool of poolsOf(state, worker)) unpark(state, pool.orphans, Infinity);
  closeWorkerIncident(state, worker.name);
}

function tell(state: SchedulerState, worker: WorkerRecord, change: 'quarantined' | 'released'): void {
  const { name, session } = worker;
  state.outbox.events.push({ type: 'worker.state', worker: name, state: change, session });
}

function poolsOf(state: SchedulerState, worker: WorkerRecord): readonly PoolRecord[] {
  return worker.profile.pools.flatMap((name) => state.pools.get(name) ?? []);
}

function writeHealth(state: SchedulerState, worker: WorkerRecord): void {
  put(state.outbox, 'worker', [worker.name], { health: JSON.stringify(worker.health) });
}

function writeQuarantine(state: SchedulerState, worker: WorkerRecord): void {
  put(state.outbox, 'worker', [worker.name], {
    health: JSON.stringify(worker.health),
    quarantine: worker.quarantine && JSON.stringify(worker.quarantine),
  });
}

/** What a worker's row says about it; null when it says nothing. */
export function storedHealth(
  value: RowValue,
): { readonly health: WorkerHealth; readonly quarantine: Quarantine | null } | null {
  const { health, quarantine: out } = value;
  if (typeof health !== 'string') return null;
  return {
    health: JSON.parse(health) as WorkerHealth,
    quarantine: typeof out === 'string' ? (JSON.parse(out) as Quarantine) : null,
  };
}
