/**
 * The run that has been ready longest. Priorities alone would let it wait for ever while more important runs
 * keep coming, so it has one start in so many of its pool.
 */
import { LANES } from './codes.js';
import { canTake, hasFunction } from './placement.js';
import { isReadyAt } from './queue.js';
import type { PoolRecord, QueueClass, WorkerRecord } from './records.js';
import { jobOf } from './runs.js';
import { STARTS_PER_TURN } from './shares.js';
import type { SchedulerState } from './state.js';

/** Whether the next start is that of the run that waits longest: only where others can overtake it. */
export const isOldestDue = (state: SchedulerState, { shares }: PoolRecord): boolean =>
  shares.sinceOldest >= STARTS_PER_TURN - 1 && (state.inherits || state.commitments.size > 0);

/** A ready run and where it queues. */
export interface ReadyRun {
  readonly r: number;
  readonly from: QueueClass;
  readonly lane: number;
}

/** Of the runs that a worker can take now, the one that is ready longest. One look at all that is ready. */
export function oldestReady(state: SchedulerState, open: ReadonlySet<QueueClass>): ReadyRun | undefined {
  let best: ReadyRun | undefined;
  for (const from of open) {
    const workers = [...from.pool.workers].filter((worker) => canTake(state, worker, from));
    if (workers.length === 0) continue;
    for (let lane = 0; lane < LANES.length; lane++) {
      const r = oldestOfLane(state, { from, lane, workers });
      if (r !== undefined && (!best || isOlder(state, r, best.r))) best = { r, from, lane };
    }
  }
  return best;
}

interface Lane {
  readonly from: QueueClass;
  readonly lane: number;
  /** Those that have room. */
  readonly workers: readonly WorkerRecord[];
}

function oldestOfLane(state: SchedulerState, { from, lane, workers }: Lane): number | undefined {
  let best: number | undefined;
  for (const r of from.lanes[lane]?.items ?? []) {
    if (best !== undefined && !isOlder(state, r, best)) continue;
    if (!isReadyAt(state, from, { r, lane })) continue;
    const avoid = state.extras.get(r)?.avoid ?? [];
    const job = jobOf(state, r);
    if (workers.some((worker) => hasFunction(worker, job) && !avoid.includes(worker.name))) best = r;
  }
  return best;
}

function isOlder(state: SchedulerState, a: number, b: number): boolean {
  const [sinceA, sinceB] = [state.runs.since[a] ?? 0, state.runs.since[b] ?? 0];
  return sinceA === sinceB ? a < b : sinceA < sinceB;
}
