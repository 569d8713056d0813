/**
 * Effective priority: the highest of a run's own and of the runs that wait for it, transitively. A cache,
 * like `pending`: settled here only, before each dispatch, for the rows that something happened to; the
 * invariant check counts it anew. An estate in which all runs have the default priority pays one test for it.
 */
import { PHASE } from './codes.js';
import type { OrderedHeap } from './heap.js';
import { planOf } from './plan-members.js';
import { classOfJob, keyOf } from './queue.js';
import { jobOf, laneOf, runTextOf } from './runs.js';
import type { SchedulerState } from './state.js';
import { BYPASS, MET, NONE } from './tables.js';

/** What a job has that says nothing of it. */
export const DEFAULT_PRIORITY = 50;

/** Gives the run a priority of its own. What others hand down to it is settled before the next dispatch. */
export function setOwnPriority(state: SchedulerState, r: number, priority: number): void {
  const { runs } = state;
  runs.priority[r] = priority;
  if (priority !== DEFAULT_PRIORITY) state.inherits = true;
  if (state.inherits) state.repriced.push(r);
  // Of one that is queued the place must not change before its queue is put in order.
  if (runs.phase[r] !== PHASE.queued) runs.effective[r] = state.inherits ? effectiveOf(state, r) : priority;
}

/** Takes the stored priority of a run back; what others hand down follows when all links are there. */
export function restorePriority(state: SchedulerState, r: number, priority: number): void {
  state.runs.priority[r] = priority;
  state.runs.effective[r] = priority;
  if (priority === DEFAULT_PRIORITY) return;
  state.inherits = true;
  state.repriced.push(r);
}

/** Something happened to the run, or to who waits for it. */
export function reprice(state: SchedulerState, r: number): void {
  if (state.inherits) state.repriced.push(r);
}

/** Brings every row that something happened to up to date, and all that it hands its priority to. */
export function settlePriorities(state: SchedulerState): void {
  const { repriced, runs } = state;
  // Grows while it is walked: a change goes on to the upstreams.
  for (let i = 0, given = repriced.length; i < repriced.length; i++) {
    const r = repriced[i] ?? NONE;
    if (runs.job[r] === NONE) continue;
    const changed = isUnstarted(state, r) && settle(state, r);
    if (changed || i < given) handOn(state, r);
  }
  repriced.length = 0;
  for (const heap of state.disordered) heap.reorder();
  state.disordered.clear();
}

/** Whether its place among others can still matter. */
function isUnstarted(state: SchedulerState, r: number): boolean {
  const phase = state.runs.phase[r];
  return phase === PHASE.waiting || phase === PHASE.queued;
}

function settle(state: SchedulerState, r: number): boolean {
  const before = state.runs.effective[r] ?? 0;
  const now = effectiveOf(state, r);
  if (now === before) return false;
  state.runs.effective[r] = now;
  moveInQueue(state, r);
  return true;
}

/** Upstreams that the run raises, or may have raised before. */
function handOn(state: SchedulerState, r: number): void {
  const { runs, links } = state;
  const mine = isUnstarted(state, r) ? (runs.effective[r] ?? 0) : -Infinity;
  for (let link = runs.inHead[r] ?? NONE; link !== NONE; link = links.nextIn[link] ?? NONE) {
    const up = links.up[link] ?? NONE;
    const theirs = runs.effective[up] ?? 0;
    if (theirs < mine || theirs > (runs.priority[up] ?? 0)) state.repriced.push(up);
  }
}

/** The effective priority as the rows stand. */
export function effectiveOf(state: SchedulerState, r: number): number {
  const { runs, links } = state;
  let highest = runs.priority[r] ?? 0;
  for (let link = runs.outHead[r] ?? NONE; link !== NONE; link = links.nextOut[link] ?? NONE) {
    if (!waits(state, link)) continue;
    highest = Math.max(highest, runs.effective[links.down[link] ?? NONE] ?? 0);
  }
  return highest;
}

/** Whether the downstream of the link waits for its upstream. */
function waits(state: SchedulerState, link: number): boolean {
  const { runs, links } = state;
  const down = links.down[link] ?? NONE;
  const isOpen = runs.phase[down] === PHASE.waiting && !runs.has(down, BYPASS);
  return isOpen && ((links.flags[link] ?? 0) & MET) === 0;
}

/**
 * Says by which minute the run must start, for the commitments that hang on it; 0 for none. Its queue is put
 * in order with the priorities.
 */
export function setStartBy(state: SchedulerState, r: number, minute: number): void {
  state.runs.startBy[r] = minute;
  moveInQueue(state, r);
}

/** Notes the heaps in which a queued run may lie: they are put in order once, before the next dispatch. */
function moveInQueue(state: SchedulerState, r: number): void {
  if (state.runs.phase[r] !== PHASE.queued) return;
  for (const heap of heapsOf(state, r)) state.disordered.add(heap);
}

function heapsOf(state: SchedulerState, r: number): OrderedHeap[] {
  const job = jobOf(state, r);
  const from = classOfJob(state, job);
  const parked = [job.parked, planOf(state, r)?.parked, from.pool.orphans, from.lanes[laneOf(state, r)]];
  const keys = job.policy.concurrency.map((name) => keyOf(state, name).parked);
  return [...parked, ...keys].filter((heap) => heap !== null && heap !== undefined);
}

/** Why a run goes before others. */
export interface PriorityView {
  readonly own: number;
  readonly effective: number;
  /** The waiting run that the effective one comes from; null when it is the run's own. */
  readonly from: string | null;
  /** Latest start for its commitments to be met, epoch ms; null when none hangs on it. */
  readonly startBy: number | null;
}

const MINUTE_MS = 60_000;

/** The run's priority and where it comes from. */
export function priorityView(state: SchedulerState, r: number): PriorityView {
  const { runs, links } = state;
  const effective = runs.effective[r] ?? 0;
  let at = r;
  while ((runs.priority[at] ?? 0) < effective) {
    let link = runs.outHead[at] ?? NONE;
    while (link !== NONE && !(waits(state, link) && runs.effective[links.down[link] ?? NONE] === effective))
      link = links.nextOut[link] ?? NONE;
    if (link === NONE) break;
    at = links.down[link] ?? NONE;
  }
  const minute = runs.startBy[r] ?? 0;
  return {
    own: runs.priority[r] ?? 0,
    effective,
    from: at === r ? null : runTextOf(state, at),
    startBy: minute === 0 ? null : minute * MINUTE_MS,
  };
}
