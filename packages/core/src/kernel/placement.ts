/**
 * Which worker takes a ready run: who can, by needs, slots and load, and of those the one the pool's strategy
 * names.
 */
import { parseDuration } from '../calendar/duration.js';
import type { PoolDefinition } from '../model/job.js';
import type { JobRecord, PoolRecord, QueueClass, WorkerRecord } from './records.js';
import { jobOf } from './runs.js';
import { DEADLINE, addDeadline } from './state.js';
import type { SchedulerState } from './state.js';

const DEFAULT_MAX_MEMORY_SHARE = 0.8;
const DEFAULT_MAX_LOAD_PER_CORE = 1;

/** The least loaded worker that can take the run now; undefined when none can. */
export function chooseWorker(state: SchedulerState, from: QueueClass, r: number): WorkerRecord | undefined {
  const avoid = state.extras.get(r)?.avoid ?? [];
  const job = jobOf(state, r);
  const able: WorkerRecord[] = [];
  for (const worker of from.pool.workers) {
    if (hasFunction(worker, job) && canTake(state, worker, from)) able.push(worker);
  }
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
  return Object.entries(from.labels).every(([key, value]) => profile.labels[key] === value);
}

/** Whether it knows the job's function; jobs of other kinds have none. */
export const hasFunction = (worker: WorkerRecord, job: JobRecord) =>
  job.policy.kind !== 'function' || worker.functions.has(job.name);

/** Whether any worker of the pool that takes work knows the job's function. */
export function isOrphan(from: QueueClass, job: JobRecord): boolean {
  if (from.kind !== 'function') return false;
  for (const worker of from.pool.workers) if (isEffective(worker) && hasFunction(worker, job)) return false;
  return true;
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
