/**
 * Who runs what, now. Pools do not wait for each other; within a pool, lanes share free slots by weight and
 * each lane goes by priority and age. What cannot start is parked with the limit that stops it.
 */
import { parseDuration } from '../calendar/duration.js';
import { must } from '../model/assert.js';
import type { PoolDefinition } from '../model/job.js';
import { claim } from './attempts.js';
import { LANE, LANE_WEIGHT, PHASE, TRIGGER } from './codes.js';
import { endGeneration, isManualTrigger } from './generations.js';
import { cancelRun } from './cancel.js';
import { planHolds, planOf } from './plans.js';
import { firstReady, isBefore, keyOf, parkedOf, pushReady, unpark } from './queue.js';
import { jobOf, ownerOf } from './runs.js';
import type { JobRecord, PlanRecord, PoolRecord, QueueClass, SchedulerState, WorkerRecord } from './state.js';
import { addDeadline, DEADLINE } from './state.js';
import { SIDE } from './tables.js';

const DEFAULT_MAX_MEMORY_SHARE = 0.8;
const DEFAULT_MAX_LOAD_PER_CORE = 1;
/** Counters of the lanes are halved beyond this, so that an old imbalance is forgotten. */
const SERVED_MAX = 4096;

export function dispatch(state: SchedulerState): void {
  for (const pool of state.pools.values()) {
    if (pool.classes.size > 0) dispatchPool(state, pool);
  }
}

function dispatchPool(state: SchedulerState, pool: PoolRecord): void {
  const open = new Set<QueueClass>(pool.classes.values());
  while (open.size > 0 && !isFull(pool)) {
    const next = nextReady(state, pool, open);
    if (!next) return;
    const worker = chooseWorker(state, next.from, next.r);
    if (!worker) {
      open.delete(next.from);
      continue;
    }
    must(next.from.lanes[next.lane], 'lane').pop();
    if (park(state, next.r)) continue;
    served(pool, next.lane);
    claim(state, next.r, { worker, from: next.from });
  }
}

export const isFull = (pool: PoolRecord) => pool.running >= (pool.definition.runningMax ?? Infinity);

function served(pool: PoolRecord, lane: number): void {
  pool.served[lane] = (pool.served[lane] ?? 0) + 1;
  if ((pool.served[lane] ?? 0) < SERVED_MAX) return;
  pool.served.forEach((count, i) => (pool.served[i] = count / 2));
}

interface Ready {
  readonly r: number;
  readonly from: QueueClass;
  readonly lane: number;
}

/** The next run by lane weight, then by order; backfill only when no other lane has any. */
function nextReady(
  state: SchedulerState,
  pool: PoolRecord,
  open: ReadonlySet<QueueClass>,
): Ready | undefined {
  let best: Ready | undefined;
  let bestShare = Infinity;
  for (const from of open) {
    for (let lane = 0; lane < LANE_WEIGHT.length; lane++) {
      const r = firstReady(state, from, lane);
      if (r === undefined) continue;
      const share =
        lane === LANE.backfill ? Number.MAX_VALUE : (pool.served[lane] ?? 0) / (LANE_WEIGHT[lane] ?? 1);
      const wins = share < bestShare || (best?.lane === lane && isBefore(state, r, best.r));
      if (!wins) continue;
      best = { r, from, lane };
      bestShare = share;
    }
  }
  return best;
}

/** Parks a run that a limit on its job or keys holds back; whether it did. */
function park(state: SchedulerState, r: number): boolean {
  const job = jobOf(state, r);
  if (blockedByState(state, r, job)) {
    parkedOf(state, job).push(r);
    return true;
  }
  const plan = planOf(state, r);
  if (plan && planHolds(plan)) {
    plan.parked.push(r);
    return true;
  }
  if (blockedByOverlap(state, r, job)) {
    if (job.policy.overlap === 'forbid') {
      endGeneration(state, r, PHASE.skipped, 'overlap');
      return true;
    }
    if (job.policy.overlap === 'replace') replaceRunning(state, r, job);
    parkedOf(state, job).push(r);
    return true;
  }
  for (const name of job.policy.concurrency) {
    const key = keyOf(state, name);
    if (key.holders.size < key.holdersMax) continue;
    key.parked.push(r);
    return true;
  }
  return false;
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

/** The least loaded worker that can take the run now; undefined when none can. */
export function chooseWorker(state: SchedulerState, from: QueueClass, r: number): WorkerRecord | undefined {
  const avoid = state.extras.get(r)?.avoid ?? [];
  const able: WorkerRecord[] = [];
  for (const worker of from.pool.workers) if (canTake(state, worker, from)) able.push(worker);
  const wanted = avoid.length === 0 ? able : able.filter((worker) => !avoid.includes(worker.name));
  // A worker that failed the run is better than none.
  return byStrategy(state, from.pool, wanted.length > 0 ? wanted : able);
}

function byStrategy(
  state: SchedulerState,
  pool: PoolRecord,
  workers: readonly WorkerRecord[],
): WorkerRecord | undefined {
  if (workers.length <= 1) return workers[0];
  switch (pool.definition.strategy ?? 'leastLoaded') {
    case 'random':
      return workers[state.random.integer(workers.length)];
    case 'roundRobin':
      return workers[pool.turn++ % workers.length];
    case 'leastLoaded':
      return workers.reduce((best, worker) => (usedShare(worker) < usedShare(best) ? worker : best));
  }
}

const usedShare = (worker: WorkerRecord) => worker.usedSlots / Math.max(1, worker.profile.slots);

export function canTake(state: SchedulerState, worker: WorkerRecord, from: QueueClass): boolean {
  if (!isEffective(worker) || !canRun(worker, from)) return false;
  if (worker.profile.slots - worker.usedSlots < from.slots) return false;
  return !isOverloaded(worker, from) && !isWarming(state, worker, from.pool.definition);
}

/** Connected, with its whole list known under this epoch, and not on its way out. */
export const isEffective = (worker: WorkerRecord) =>
  worker.connected && worker.synced && !worker.draining && !worker.drainAsked && !worker.lost;

/** Whether it has what the run needs, whatever its load. */
export function canRun(worker: WorkerRecord, from: QueueClass): boolean {
  const { profile } = worker;
  if (!profile.kinds.includes(from.kind)) return false;
  if (from.function !== null && !profile.functions.includes(from.function)) return false;
  return Object.entries(from.labels).every(([key, value]) => profile.labels[key] === value);
}

/** Limits on memory and load are for enrolled workers; local ones go by slots alone. */
export function isOverloaded(worker: WorkerRecord, from: QueueClass): boolean {
  if (!worker.profile.enrolled) return false;
  const { maxMemoryShare, maxLoadPerCore } = from.pool.definition;
  const { memoryShare, loadPerCore, memoryFreeBytes } = worker.load;
  if (maxMemoryShare !== null && memoryShare > (maxMemoryShare ?? DEFAULT_MAX_MEMORY_SHARE)) return true;
  if (maxLoadPerCore !== null && loadPerCore > (maxLoadPerCore ?? DEFAULT_MAX_LOAD_PER_CORE)) return true;
  return from.memoryBytes > 0 && from.memoryBytes > memoryFreeBytes - worker.reservedMemory;
}

export function isWarming(state: SchedulerState, worker: WorkerRecord, pool: PoolDefinition): boolean {
  if (pool.warmUp === undefined) return false;
  return worker.lastDispatchAt + warmUpMs(pool) > state.now;
}

const warmUpMs = (pool: PoolDefinition) => (pool.warmUp === undefined ? 0 : parseDuration(pool.warmUp));

/** Wakes the dispatcher when the worker has warmed up. */
export function noteDispatch(state: SchedulerState, worker: WorkerRecord, pool: PoolRecord): void {
  worker.lastDispatchAt = state.now;
  if (pool.definition.warmUp !== undefined)
    addDeadline(state, state.now + warmUpMs(pool.definition), DEADLINE.wake, 0);
}

/** A claim has ended: what it held back may go. */
export function release(
  state: SchedulerState,
  job: JobRecord,
  concurrency: readonly string[],
  plan: PlanRecord | undefined,
): void {
  if (plan?.state === 'running') unpark(state, plan.parked, plan.runningMax - plan.running);
  if (job.parked && job.claimed === 0) unpark(state, job.parked, 1);
  for (const name of concurrency) {
    const key = keyOf(state, name);
    unpark(state, key.parked, key.holdersMax - key.holders.size);
  }
}

/** Puts a run back among the ready, when an edit moved it to another class. */
export function requeue(state: SchedulerState, r: number): void {
  if (state.runs.phase[r] === PHASE.queued) pushReady(state, r);
}
