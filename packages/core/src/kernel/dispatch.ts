/**
 * Who runs what, now. Pools do not wait for each other; within a pool, lanes share free slots by weight and
 * each lane goes by priority and age. What cannot start is parked with the limit that stops it.
 */
import { must } from '../model/assert.js';
import { claim } from './attempts.js';
import { cancelRun } from './cancel.js';
import { LANE_WEIGHT, PHASE, TRIGGER } from './codes.js';
import { isManualTrigger } from './generations.js';
import { lookAtEndOf } from './limits.js';
import { isOldestDue, oldestReady } from './oldest-ready.js';
import type { ReadyRun } from './oldest-ready.js';
import { endGeneration } from './phases.js';
import { canTake, chooseWorker, isOrphan } from './placement.js';
import { planHolds, planOf } from './plan-members.js';
import { firstReady, isBefore, keyOf, parkAt, parkedOf, pushReady } from './queue.js';
import type { JobRecord, PoolRecord, QueueClass } from './records.js';
import { stopsOf } from './rules.js';
import { jobOf, ownerOf } from './runs.js';
import { laneShare, served, takesRest, teamShare } from './shares.js';
import { tellSkipped } from './standing-alarms.js';
import type { SchedulerState } from './state.js';
import { SIDE } from './tables.js';

export function dispatch(state: SchedulerState): void {
  for (const r of state.arrivals.splice(0))
    if (state.runs.phase[r] === PHASE.queued) settleOverlap(state, r, jobOf(state, r));
  for (const pool of state.pools.values()) {
    if (pool.ready.size > 0) dispatchPool(state, pool);
  }
}

function dispatchPool(state: SchedulerState, pool: PoolRecord): void {
  const open = new Set<QueueClass>(pool.ready);
  /** Runs that only busy workers may take; others of their class go on. */
  const aside: number[] = [];
  while (open.size > 0 && !isFull(pool)) {
    const next = nextReady(state, pool, open);
    if (!next) break;
    const worker = chooseWorker(state, next.from, next.r);
    if (!worker && !canGoAside(state, next)) {
      open.delete(next.from);
      continue;
    }
    // One that has overtaken others stays in its lane and is out of date there.
    const lane = must(next.from.lanes[next.lane], 'lane');
    if (lane.first === next.r) lane.pop();
    if (!worker) {
      if (isOrphan(next.from, jobOf(state, next.r))) parkAt(state, next.r, pool.orphans);
      else aside.push(next.r);
    } else if (!park(state, next.r)) {
      served(next.from, next.lane, next.passed);
      claim(state, next.r, { worker, from: next.from });
    }
  }
  for (const r of aside) pushReady(state, r);
}

/** Whether it is only for its function, or for the hosts it failed on, that no worker takes the run. */
function canGoAside(state: SchedulerState, next: Ready): boolean {
  const avoids = state.extras.get(next.r)?.avoid !== undefined;
  if (next.from.kind !== 'function' && !avoids) return false;
  if (isOrphan(next.from, jobOf(state, next.r))) return true;
  for (const worker of next.from.pool.workers) if (canTake(state, worker, next.from)) return true;
  return false;
}

export const isFull = (pool: PoolRecord) => pool.running >= (pool.definition.runningMax ?? Infinity);

/** The next to start, and whether one that takes what is left was passed over. */
interface Ready extends ReadyRun {
  readonly passed: boolean;
}

/** The next run by lane, by team, then by order; now and then the one that has waited longest. */
function nextReady(
  state: SchedulerState,
  pool: PoolRecord,
  open: ReadonlySet<QueueClass>,
): Ready | undefined {
  let best: ReadyRun | undefined;
  let bestShare = Infinity;
  let bestTeam = Infinity;
  let isRestReady = false;
  for (const from of open) {
    let isEmpty = true;
    for (let lane = 0; lane < LANE_WEIGHT.length; lane++) {
      const r = firstReady(state, from, lane);
      if (r === undefined) continue;
      isEmpty = false;
      isRestReady ||= takesRest(pool, lane);
      const share = laneShare(pool, lane);
      if (share > bestShare || (share === bestShare && best?.lane !== lane)) continue;
      const team = teamShare(from, lane);
      const isTie = best !== undefined && share === bestShare;
      if (isTie && (team > bestTeam || (team === bestTeam && !isBefore(state, r, best?.r ?? r)))) continue;
      best = { r, from, lane };
      bestShare = share;
      bestTeam = team;
    }
    if (isEmpty) pool.ready.delete(from);
  }
  if (!best) return undefined;
  if (!isOldestDue(state, pool)) return { ...best, passed: isRestReady };
  const oldest = oldestReady(state, open);
  // A look at all is dear: whatever comes of it, the next is so many starts away.
  if (oldest) pool.shares.sinceOldest = 0;
  return { ...(oldest ?? best), passed: isRestReady };
}

/** Parks a run that a limit on its job or keys holds back; whether it did. */
function park(state: SchedulerState, r: number): boolean {
  const job = jobOf(state, r);
  if (blockedByState(state, r, job)) {
    parkAt(state, r, parkedOf(state, job));
    return true;
  }
  if (job.rules !== null && parkAtRule(state, r)) return true;
  const plan = planOf(state, r);
  if (plan && planHolds(state, plan)) {
    parkAt(state, r, plan.parked);
    return true;
  }
  if (settleOverlap(state, r, job)) {
    if (state.runs.phase[r] === PHASE.queued) parkAt(state, r, parkedOf(state, job));
    return true;
  }
  for (const name of job.policy.concurrency) {
    const key = keyOf(state, name);
    if (key.holders.size < key.holdersMax) continue;
    parkAt(state, r, key.parked);
    return true;
  }
  return false;
}

/** Parks a run that a hold, an override or a limit stops; whether one does. */
function parkAtRule(state: SchedulerState, r: number): boolean {
  const [stop] = stopsOf(state, r);
  if (!stop) return false;
  parkAt(state, r, stop.rule.parked);
  if (stop.type === 'running') lookAtEndOf(state, stop.rule, stop.until);
  return true;
}

/** What a run's overlap with a running one means for either, by the job's policy; whether there is one. */
function settleOverlap(state: SchedulerState, r: number, job: JobRecord): boolean {
  if (blockedByState(state, r, job) || !blockedByOverlap(state, r, job)) return false;
  if (job.policy.overlap === 'forbid') {
    endGeneration(state, r, PHASE.skipped, 'overlap');
    const at = state.runs.instant[r] ?? 0;
    tellSkipped(state, new Map([['', { job, reason: 'overlap', count: 1, first: at, last: at }]]));
  } else if (job.policy.overlap === 'replace') replaceRunning(state, r, job);
  return true;
}

/** A disabled job starts nothing by itself; what a person or a plan asked for still runs. */
export function blockedByState(state: SchedulerState, r: number, job: JobRecord): boolean {
  const trigger = state.runs.trigger[r] ?? 0;
  return job.state === 'disabled' && (trigger === TRIGGER.schedule || trigger === TRIGGER.upstream);
}

/** Overlap counts main generations over all slots of the job; runs by hand and of plans pass it. */
export function blockedByOverlap(state: SchedulerState, r: number, job: JobRecord): boolean {
  if (job.claimed === 0 || job.policy.overlap === 'allow') return false;
  if (state.runs.has(r, SIDE) || isManualTrigger(state.runs.trigger[r] ?? 0)) return false;
  return state.extras.get(r)?.plan === undefined;
}

/** The newer slot takes the place of what runs: that one is killed and counts through this one. */
function replaceRunning(state: SchedulerState, r: number, job: JobRecord): void {
  for (const live of state.attempts.values()) {
    if (jobOf(state, live.row) !== job || state.runs.has(live.row, SIDE) || live.cancel) continue;
    cancelRun(state, live.row, { why: 'superseded', actor: 'scheduler', by: ownerOf(state, r) });
  }
}

/** Puts a run back among the ready, when an edit moved it to another class. */
export function requeue(state: SchedulerState, r: number): void {
  if (state.runs.phase[r] === PHASE.queued) pushReady(state, r);
}
