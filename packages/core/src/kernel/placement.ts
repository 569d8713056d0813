/**
 * Which worker takes a ready run: who can, by needs, slots and load, and of those the one the pool's strategy
 * names.
 */
import { parseDuration } from '../calendar/duration.js';
import type { PoolDefinition } from '../model/job.js';
import { isSlowed } from './quarantine.js';
import { AVOID_PATIENCE_MS } from './codes.js';
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
  if (wanted.length === 0 && waitsForAnother(state, from, r)) return undefined;
  // A worker that failed the run is better than none.
  return byStrategy(state, from.pool, wanted.length > 0 ? wanted : able);
}

/**
 * Whether the run failed on some workers and another one, busy now, may take it: it waits for that one rather
 * than be given to the same host again. For good when the host was to blame, else for a while.
 */
export function waitsForAnother(state: SchedulerState, from: QueueClass, r: number): boolean {
  const { avoid, hostTries } = state.extras.get(r) ?? {};
  if (avoid === undefined) return false;
  const waited = state.now - (state.runs.since[r] ?? 0);
  if (hostTries === undefined && waited >= AVOID_PATIENCE_MS) return false;
  const job = jobOf(state, r);
  for (const worker of from.pool.workers) {
    if (avoid.includes(worker.name) || !isEffective(worker)) continue;
    if (canRun(worker, from) && hasFunction(worker, job)) return true;
  }
  return false;
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
  if (!hasRoom(state, worker, from)) return false;
  return !isOverloaded(worker, from) && !isWarming(state, worker, from.pool.definition);
}

/** Whether it has slots free for the run, as far as it is trusted with several. */
export const hasRoom = (state: SchedulerState, worker: WorkerRecord, from: QueueClass) =>
  worker.profile.slots - worker.usedSlots >= from.slots && !isSlowed(state, worker);

/** Connected, with its whole list known under this epoch, not on its way out and not in quarantine. */
export const isEffective = (worker: WorkerRecord) => isOnline(worker) && worker.quarantine === null;

/** Effective, or only kept from it by a quarantine. */
export const isOnline = (worker: WorkerRecord) =>
  worker.connected && worker.synced && !worker.draining && !worker.drainAsked && !worker.lost;

/** Whether it has what the run needs, whatever its load. */
/** Whether the worker has all the labels. */
export const hasLabels = (worker: WorkerRecord, labels: Readonly<Record<string, string>>): boolean =>
  Object.entries(labels).every(([name, value]) => worker.profile.labels[name] === value);

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
