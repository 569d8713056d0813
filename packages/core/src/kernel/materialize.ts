/**
 * Slots that come due become runs: one row and its bindings, in one commit. Every slot that is not run is a
 * row with a reason. The future is never stored.
 */
import { instantsBetween, nextInstant, slotAt } from '../calendar/schedule.js';
import { must } from '../model/assert.js';
import { instant } from '../model/ids.js';
import type { Instant } from '../model/ids.js';
import type { EndReason } from '../model/run.js';
import type { Slot } from '../model/slot.js';
import { bindRun, settleBindings } from './bindings.js';
import { slotsWithin } from './candidates.js';
import { PHASE, TRIGGER } from './codes.js';
import { beginGeneration, endGeneration } from './generations.js';
import { changePending } from './links.js';
import { DIRTY, markRun, put } from './outbox.js';
import { ensureSlot, findSlot } from './runs.js';
import { localDay } from './selectors.js';
import { addDeadline, DEADLINE, extraOf } from './state.js';
import type { JobRecord, SchedulerState } from './state.js';
import { COUNTS, NONE, STORED, TIME_GATE } from './tables.js';

/** Slots made in one step; more stay overdue and are made in the next, so that no commit grows without bound. */
const SLOTS_PER_STEP = 20_000;
/** A slot this much late was missed, and the misfire policy speaks. */
const MISSED_AFTER_MS = 60_000;

/** Asks to be woken at the job's next slot. */
export function scheduleNext(state: SchedulerState, job: JobRecord): void {
  if (!state.options.schedules || job.schedule === null || job.state !== 'enabled') return;
  const next = nextInstant(job.schedule, instant(Math.max(job.cursor, job.since - 1)));
  if (next !== null) addDeadline(state, next, DEADLINE.slot, job.index);
}

/** Notes that a job's slot is due. */
export function onSlotDue(state: SchedulerState, jobIndex: number): void {
  state.overdue.add(jobIndex);
}

/** Makes the runs of all slots that are due. */
export function materialize(state: SchedulerState): void {
  if (state.overdue.size === 0 || state.slotsHeldUntil > state.now) return;
  let room = SLOTS_PER_STEP;
  for (const index of [...state.overdue].sort((a, b) => a - b)) {
    if (room <= 0) return;
    const job = must(state.jobs[index], 'overdue job');
    const made = makeDueSlots(state, job, room);
    room -= made;
    if (room <= 0 && hasDueSlot(state, job)) return;
    state.overdue.delete(index);
    scheduleNext(state, job);
  }
}

function hasDueSlot(state: SchedulerState, job: JobRecord): boolean {
  if (job.schedule === null || job.state !== 'enabled') return false;
  const next = nextInstant(job.schedule, instant(Math.max(job.cursor, job.since - 1)));
  return next !== null && next <= state.now;
}

function makeDueSlots(state: SchedulerState, root: JobRecord, room: number): number {
  if (root.schedule === null || root.state !== 'enabled') return 0;
  const from = instant(Math.max(root.cursor, root.since - 1));
  const due = instantsBetween(
    root.schedule,
    from,
    instant(state.now + 1),
    Math.max(1, Math.ceil(room / root.paced.length)),
  );
  due.forEach((at, i) => {
    const slot = slotAt(must(root.schedule, 'schedule'), at);
    for (const index of root.paced)
      makeSlot(state, must(state.jobs[index], 'paced job'), { slot, root, later: due.slice(i + 1) });
  });
  return due.length * root.paced.length;
}

interface DueSlot {
  readonly slot: Slot;
  readonly root: JobRecord;
  /** Slots of the same schedule that are due as well. */
  readonly later: readonly Instant[];
}

function makeSlot(state: SchedulerState, job: JobRecord, due: DueSlot): void {
  const { slot } = due;
  if (job.state !== 'enabled' || slot.instant < job.since || slot.instant <= job.cursor) return;
  if (!isPacedBy(state, job, due)) return;
  job.cursor = slot.instant;
  put(state.outbox, 'job', [job.id], { cursor: job.cursor });
  const r = ensureSlot(state, job, slot);
  if (state.runs.has(r, COUNTS)) return;
  if (state.runs.phase[r] !== PHASE.none) {
    // Somebody ran it by hand before its time: from now on it counts, with what it came to.
    state.runs.set(r, COUNTS);
    state.advancing.push(r);
    return;
  }
  const skipped = misfireOf(state, due);
  makeRun(state, r, job.index === due.root.index ? TRIGGER.schedule : TRIGGER.upstream, skipped);
  const latest = due.later.at(-1);
  if (skipped === 'covered' && latest !== undefined)
    cover(state, r, ensureSlot(state, job, slotAt(must(due.root.schedule, 'schedule'), latest)));
}

/**
 * Imported jobs take, each day, the slots of the upstream with the fewest that day, and of two, of the one
 * whose first is later; a day on which an upstream has none brings no run.
 */
function isPacedBy(state: SchedulerState, job: JobRecord, due: DueSlot): boolean {
  if (job.definition.compat !== 'hera' || job.schedule !== null) return true;
  const day = localDay(due.slot.zone, due.slot.instant);
  let base: { readonly root: number; readonly count: number; readonly first: number } | null = null;
  for (const number of job.edges) {
    const up = must(state.jobsByName.get(state.edges[number]?.upstream ?? ''), 'upstream');
    const slots = slotsWithin(state, up, day.start, day.end - 1);
    const first = slots[0];
    if (first === undefined) return false;
    const fewer =
      base === null || slots.length < base.count || (slots.length === base.count && first > base.first);
    if (fewer) base = { root: up.root, count: slots.length, first };
  }
  return base?.root === due.root.index;
}

/** Why a slot that is late is not run, or null when it is. */
function misfireOf(state: SchedulerState, due: DueSlot): EndReason | null {
  const { misfire, withinMs } = must(due.root.schedule, 'schedule');
  const lateMs = state.now - due.slot.instant;
  if (lateMs <= MISSED_AFTER_MS && due.later.length === 0) return null;
  if (lateMs > withinMs) return 'misfire';
  if (misfire === 'none') return lateMs > MISSED_AFTER_MS ? 'misfire' : null;
  return misfire === 'latest' && due.later.length > 0 ? 'covered' : null;
}

/** The success of `by` counts for the skipped slot too. */
export function cover(state: SchedulerState, skipped: number, by: number): void {
  extraOf(state, skipped).coveredBy = by;
  const extra = extraOf(state, by);
  extra.covers = [...(extra.covers ?? []), skipped];
  state.advancing.push(skipped);
}

/** Makes the row a run that counts, binds it and begins its generation; `skipped` ends it at once. */
export function makeRun(state: SchedulerState, r: number, trigger: number, skipped: EndReason | null): void {
  const { runs } = state;
  runs.set(r, STORED | COUNTS);
  markRun(state.outbox, r, DIRTY.created | DIRTY.state);
  const job = must(state.jobs[runs.job[r] ?? NONE], 'job');
  const reason = skipped ?? (isElsewhere(state, job) ? 'area' : null);
  if (reason === null) bindRun(state, r);
  if (reason === null && (runs.instant[r] ?? 0) > state.now && job.schedule !== null) holdUntilDue(state, r);
  beginGeneration(state, r, { trigger, actor: 'scheduler', cause: '' });
  if (reason !== null) endGeneration(state, r, PHASE.skipped, reason);
  else settleBindings(state, r);
}

/** A run made before its time waits for it, if it obeys gates. */
function holdUntilDue(state: SchedulerState, r: number): void {
  state.runs.set(r, TIME_GATE);
  changePending(state, r, 1);
  addDeadline(state, state.runs.instant[r] ?? 0, DEADLINE.timeGate, r);
}

/** The run's own time has come. */
export function onTimeGate(state: SchedulerState, r: number): void {
  if (!state.runs.has(r, TIME_GATE) || (state.runs.instant[r] ?? 0) > state.now) return;
  state.runs.unset(r, TIME_GATE);
  changePending(state, r, -1);
}

/** Whether the job does not run in this installation's area. */
export function isElsewhere(state: SchedulerState, job: JobRecord): boolean {
  const { areas } = job.policy;
  const here = state.options.area;
  return here !== null && areas !== null && !areas.includes(here) && !areas.includes('all');
}

/** Row of a scheduled slot named by its instant; NONE when the job has no slot then. */
export function namedSlot(state: SchedulerState, job: JobRecord, at: Instant): number {
  const known = findSlot(state, job, at);
  if (known !== NONE) return known;
  const schedule = state.jobs[job.root]?.schedule;
  if (!schedule || nextInstant(schedule, instant(at - 1)) !== at) return NONE;
  return ensureSlot(state, job, slotAt(schedule, at));
}
