/**
 * Ready runs: per pool, per set of needs, per lane, in the order they are due. Runs that a limit holds back
 * are parked with that limit and come back when it loosens, so no look at the queue is wasted on them.
 */
import { must } from '../model/assert.js';
import { PHASE } from './codes.js';
import { OrderedHeap } from './heap.js';
import type { JobRecord, KeyRecord, PlanRecord, PoolRecord, QueueClass } from './records.js';
import { overridden } from './rules.js';
import { jobOf, laneOf } from './runs.js';
import { newShares } from './shares.js';
import type { SchedulerState } from './state.js';

const LANE_COUNT = 5;

/**
 * Higher effective priority first; then what must start earliest for a commitment to be met, before all on
 * which none hangs; then the older slot, then the lower row: a total order.
 */
export function isBefore(state: SchedulerState, a: number, b: number): boolean {
  const { runs } = state;
  const priorityA = runs.effective[a] ?? 0;
  const priorityB = runs.effective[b] ?? 0;
  if (priorityA !== priorityB) return priorityA > priorityB;
  const startA = runs.startBy[a] ?? 0;
  const startB = runs.startBy[b] ?? 0;
  if (startA !== startB) return startB === 0 || (startA !== 0 && startA < startB);
  const instantA = runs.instant[a] ?? 0;
  const instantB = runs.instant[b] ?? 0;
  return instantA === instantB ? a < b : instantA < instantB;
}

export const newHeap = (state: SchedulerState) => new OrderedHeap((a, b) => isBefore(state, a, b));

/** Puts a queued run into the lane of its class. */
export function pushReady(state: SchedulerState, r: number): void {
  const job = jobOf(state, r);
  const to = classOfRun(state, r);
  if (job.policy.overlap === 'forbid' || job.policy.overlap === 'replace') state.arrivals.push(r);
  to.pool.ready.add(to);
  must(to.lanes[laneOf(state, r)], 'lane').push(r);
}

/** The first run of a lane that is still queued there; stale entries before it are dropped. */
export function firstReady(state: SchedulerState, from: QueueClass, lane: number): number | undefined {
  const heap = must(from.lanes[lane], 'lane');
  for (;;) {
    const r = heap.first;
    if (r === undefined || isReadyAt(state, from, { r, lane })) return r;
    heap.pop();
  }
}

/** Whether an entry is not stale: its run has not left the queue, nor is its row another run's by now. */
export function isReadyAt(
  state: SchedulerState,
  from: QueueClass,
  entry: { readonly r: number; readonly lane: number },
): boolean {
  const { r, lane } = entry;
  if (state.runs.phase[r] !== PHASE.queued || state.runs.job[r] === -1) return false;
  const job = jobOf(state, r);
  const at = job.rules === null ? job.queueClass : classOfRun(state, r);
  return at === from && laneOf(state, r) === lane;
}

/** Where the run queues: with its job's, but for one that an override gives to another pool. */
export function classOfRun(state: SchedulerState, r: number): QueueClass {
  const job = jobOf(state, r);
  const pool = job.rules === null ? undefined : overridden(state, r, 'pool');
  return pool === undefined || pool === job.policy.pool
    ? classOfJob(state, job)
    : classIn(state, job, poolOf(state, pool));
}

/** Where the job's runs queue. */
export function classOfJob(state: SchedulerState, job: JobRecord): QueueClass {
  job.queueClass ??= classIn(state, job, poolOf(state, job.policy.pool));
  return job.queueClass;
}

function classIn(state: SchedulerState, job: JobRecord, pool: PoolRecord): QueueClass {
  const { kind, labels, slots, memoryBytes } = job.policy;
  const team = teamOf(pool, job);
  const key = JSON.stringify([kind, Object.entries(labels).sort(), slots, memoryBytes, team]);
  let found = pool.classes.get(key);
  if (!found) {
    const lanes = Array.from({ length: LANE_COUNT }, () => newHeap(state));
    found = { pool, kind, labels, slots, memoryBytes, team, lanes };
    pool.classes.set(key, found);
  }
  return found;
}

/** Team of the job where its pool shares by teams; else all are one. */
function teamOf({ definition }: PoolRecord, { policy }: JobRecord): string {
  const by = definition.teams?.by;
  if (by === undefined) return '';
  return by === 'owner' ? policy.owner : (policy.tags[by.slice('label:'.length)] ?? '');
}

/** The pool, made without a definition when only jobs or workers name it. */
export function poolOf(state: SchedulerState, name: string): PoolRecord {
  let pool = state.pools.get(name);
  if (!pool) {
    pool = {
      name,
      definition: {},
      declared: false,
      running: 0,
      workers: new Set(),
      classes: new Map(),
      ready: new Set(),
      orphans: newHeap(state),
      shares: newShares(),
      turn: 0,
    };
    state.pools.set(name, pool);
  }
  return pool;
}

/** The concurrency key; one that nobody defined admits one holder. */
export function keyOf(state: SchedulerState, name: string): KeyRecord {
  let key = state.keys.get(name);
  if (!key) {
    key = { name, holdersMax: 1, holders: new Set(), parked: newHeap(state) };
    state.keys.set(name, key);
  }
  return key;
}

export function parkedOf(state: SchedulerState, job: JobRecord): OrderedHeap {
  job.parked ??= newHeap(state);
  return job.parked;
}

/**
 * Takes runs back from where they were parked, at most `count`; each is offered what has become free there.
 */
export function unpark(state: SchedulerState, parked: OrderedHeap, count: number): void {
  for (let left = count; left > 0;) {
    const r = parked.pop();
    if (r === undefined) return;
    if (state.runs.phase[r] !== PHASE.queued || state.offers.has(r)) continue;
    state.offers.set(r, parked);
    pushReady(state, r);
    left--;
  }
}

/** Parks a ready run; what it was offered elsewhere goes to the next that waits there. */
export function parkAt(state: SchedulerState, r: number, parked: OrderedHeap): void {
  const offered = state.offers.get(r);
  state.offers.delete(r);
  parked.push(r);
  if (offered && offered !== parked) unpark(state, offered, 1);
}

/** The run leaves the queue without using what it was offered. */
export function passOffer(state: SchedulerState, r: number): void {
  const offered = state.offers.get(r);
  if (!offered) return;
  state.offers.delete(r);
  unpark(state, offered, 1);
}

/** A claim has ended: what it held back may go. */
export function release(
  state: SchedulerState,
  job: JobRecord,
  concurrency: readonly string[],
  plan: PlanRecord | undefined,
): void {
  if (plan?.state === 'running')
    unpark(state, plan.parked, (plan.request.runningMax ?? Infinity) - plan.running);
  if (job.parked && job.claimed === 0) unpark(state, job.parked, 1);
  for (const name of concurrency) {
    const key = keyOf(state, name);
    unpark(state, key.parked, key.holdersMax - key.holders.size);
  }
}
