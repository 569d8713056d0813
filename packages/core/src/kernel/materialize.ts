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
import { PHASE, TRIGGER } from './codes.js';
import { lookAtNewRuns } from './commitment-looks.js';
import { beginGeneration } from './generations.js';
import { dayOf, heraDay, isHeraPaced, localDay, scheduleOf } from './hera-pace.js';
import { changePending } from './links.js';
import { assertKept } from './older-slots.js';
import { DIRTY, markRun, put } from './outbox.js';
import { cover, endGeneration } from './phases.js';
import type { JobRecord } from './records.js';
import { skippedBy } from './rules.js';
import { dueOf, ensureSlot, findSlot } from './runs.js';
import { noteSkipped, tellSkipped } from './standing-alarms.js';
import type { SkippedSlots } from './standing-alarms.js';
import { DEADLINE, addDeadline } from './state.js';
import type { SchedulerState } from './state.js';
import { COUNTS, NONE, STORED, TIME_GATE } from './tables.js';

/**
 * Slots made in one step; more stay overdue and are made in the next, so that no commit grows without bound.
 */
const SLOTS_PER_STEP = 20_000;
/** A slot this much late was missed, and the misfire policy speaks. */
const MISSED_AFTER_MS = 60_000;
const MINUTE_MS = 60_000;

/** Asks to be woken at the next slot that the job's schedule brings, to itself or to those it paces. */
export function scheduleNext(state: SchedulerState, job: JobRecord): void {
  if (!state.options.schedules || job.schedule === null) return;
  const from = madeUpTo(state, job);
  const next = from === null ? null : nextInstant(job.schedule, from);
  if (next !== null) addDeadline(state, next, DEADLINE.slot, job.index);
}

/**
 * The instant up to which slots of the schedule have been made for all enabled jobs that take them; null when
 * no job does. A disabled or retired job still paces: its downstreams are blocked by name, or go on without
 * it.
 */
function madeUpTo(state: SchedulerState, root: JobRecord): Instant | null {
  let least: number | null = null;
  for (const index of root.paced) {
    const job = must(state.jobs[index], 'paced job');
    if (job.state === 'enabled') least = Math.min(least ?? Infinity, Math.max(job.cursor, job.since - 1));
  }
  return least === null ? null : instant(least);
}

/** Notes that a job's slot is due. */
export function onSlotDue(state: SchedulerState, jobIndex: number): void {
  state.overdue.add(jobIndex);
}

/** Makes the runs of the slots that are due, the oldest first, whichever schedule they are of. */
export function materialize(state: SchedulerState): void {
  if (state.overdue.size > 0 && state.slotsHeldUntil <= state.now) makeDueSlots(state);
}

/**
 * Makes the runs of all slots that are due, also those that are held or have their turn in a later step: what
 * they belong to is about to change. Held ones wait for the clock as runs.
 */
export function materializeAll(state: SchedulerState): void {
  for (const index of state.catchUps.keys()) state.overdue.add(index);
  while (state.overdue.size > 0) makeDueSlots(state, { atOnce: true });
}

function makeDueSlots(state: SchedulerState, { atOnce = false }: { readonly atOnce?: boolean } = {}): void {
  const due: DueSlot[] = [];
  let room = SLOTS_PER_STEP;
  for (const index of [...state.overdue].sort((a, b) => a - b)) {
    if (room <= 0) break;
    const root = must(state.jobs[index], 'overdue job');
    const found = dueSlots(state, root, room);
    const slots = atOnce ? found : found.slice(0, catchUpCount(state, root, found));
    room -= slots.length * root.paced.length;
    due.push(...slots);
  }
  // The sort is stable: of one instant, the earlier job's comes first.
  due.sort((a, b) => a.slot.instant - b.slot.instant);
  const skipped = new Map<string, SkippedSlots>();
  for (const each of due) {
    for (const index of each.root.paced) {
      const job = must(state.jobs[index], 'paced job');
      const reason = makeSlot(state, job, each);
      if (reason === 'misfire') noteSkipped(skipped, job, { reason, at: each.slot.instant });
    }
  }
  tellSkipped(state, skipped);
  if (due.length > 0) lookAtNewRuns(state);
  for (const index of [...state.overdue]) {
    const root = must(state.jobs[index], 'overdue job');
    const isDue = hasDueSlot(state, root);
    if (isDue && !rests(state, index)) continue;
    state.overdue.delete(index);
    if (isDue) continue;
    state.catchUps.delete(index);
    scheduleNext(state, root);
  }
}

/**
 * How many of the slots that are due have their turn now. Those that were missed and will be run come so many
 * a minute, so that a scheduler that was away does not start a day of runs at once; later ones wait behind.
 */
function catchUpCount(state: SchedulerState, root: JobRecord, due: readonly DueSlot[]): number {
  if (root.schedule === null) return due.length;
  const { misfire, withinMs, catchUp, periodMs } = root.schedule;
  const isMissed = ({ slot }: DueSlot) => {
    const lateMs = state.now - slot.instant;
    return lateMs > MISSED_AFTER_MS && lateMs <= withinMs;
  };
  const known = state.catchUps.get(root.index);
  if (misfire !== 'all' || (!known && !due.some(isMissed))) return due.length;
  // A schedule that brings more than that by itself would never be caught up with.
  const perMinute = Math.max(catchUp, periodMs > 0 ? Math.ceil((2 * MINUTE_MS) / periodMs) : 0);
  const turn = known && known.until > state.now ? known : { until: state.now + MINUTE_MS, left: perMinute };
  let count = 0;
  while (count < due.length && turn.left > 0) {
    const next = due[count];
    if (next && isMissed(next)) turn.left -= 1;
    count += 1;
  }
  state.catchUps.set(root.index, turn);
  if (count < due.length && turn !== known) addDeadline(state, turn.until, DEADLINE.slot, root.index);
  return count;
}

/** Whether the rest of the job's slots have their turn later. */
function rests(state: SchedulerState, index: number): boolean {
  const turn = state.catchUps.get(index);
  return turn !== undefined && turn.left === 0 && turn.until > state.now;
}

function hasDueSlot(state: SchedulerState, job: JobRecord): boolean {
  const from = madeUpTo(state, job);
  if (job.schedule === null || from === null) return false;
  const next = nextInstant(job.schedule, from);
  return next !== null && next <= state.now;
}

function dueSlots(state: SchedulerState, root: JobRecord, room: number): DueSlot[] {
  const from = madeUpTo(state, root);
  const { schedule } = root;
  if (schedule === null || from === null) return [];
  const max = Math.max(1, Math.ceil(room / root.paced.length));
  const instants = instantsBetween(schedule, from, instant(state.now + 1), max);
  return instants.map((at, i) => ({ slot: slotAt(schedule, at), root, later: instants.slice(i + 1) }));
}

interface DueSlot {
  readonly slot: Slot;
  readonly root: JobRecord;
  /** Slots of the same schedule that are due as well. */
  readonly later: readonly Instant[];
}

/** Makes the job's run of the slot, if it is due; why it is skipped at once, or null. */
function makeSlot(state: SchedulerState, job: JobRecord, due: DueSlot): EndReason | null {
  const { slot } = due;
  if (job.state !== 'enabled' || slot.instant < job.since || slot.instant <= job.cursor) return null;
  const pacedBy = rootOfSlot(state, job, due);
  // Another schedule brings the job this very instant, and will do so in this step.
  if (pacedBy !== NONE && pacedBy !== due.root.index) return null;
  job.cursor = slot.instant;
  if (pacedBy === NONE) return null;
  put(state.outbox, 'job', [job.id], { cursor: job.cursor });
  const r = ensureSlot(state, job, slot);
  if (state.runs.has(r, COUNTS)) return null;
  if (state.runs.phase[r] !== PHASE.none) {
    // Somebody ran it by hand before its time: from now on it counts, with what it came to.
    state.runs.set(r, COUNTS);
    markRun(state.outbox, r, DIRTY.state);
    state.advancing.push(r);
    return null;
  }
  const skipped = misfireOf(state, job, due);
  makeRun(state, r, job.index === due.root.index ? TRIGGER.schedule : TRIGGER.upstream, skipped);
  const latest = due.later.at(-1);
  if (skipped === 'covered' && latest !== undefined)
    cover(state, r, ensureSlot(state, job, slotAt(must(due.root.schedule, 'schedule'), latest)));
  return skipped;
}

/**
 * Whose schedule brings the job a slot at that instant: of an imported job, the day decides; NONE is
 * nobody's.
 */
function rootOfSlot(state: SchedulerState, job: JobRecord, due: DueSlot): number {
  if (!isHeraPaced(job)) return due.root.index;
  const day = heraDay(state, job, dayOf(job, due.slot.instant));
  return day.instants.includes(due.slot.instant) ? day.root : NONE;
}

/** Why a slot that is late is not run, or null when it is. */
function misfireOf(state: SchedulerState, job: JobRecord, due: DueSlot): EndReason | null {
  const { misfire, withinMs } = must(due.root.schedule, 'schedule');
  const lateMs = state.now - due.slot.instant;
  if (lateMs <= MISSED_AFTER_MS && due.later.length === 0) return null;
  if (lateMs > withinMs) return 'misfire';
  // Imported jobs catch up on the slots of the same day only.
  const today = job.definition.compat === 'hera' ? localDay(due.slot.zone, state.now).start : 0;
  if (due.slot.instant < today && lateMs > MISSED_AFTER_MS) return 'misfire';
  if (misfire === 'none') return lateMs > MISSED_AFTER_MS ? 'misfire' : null;
  return misfire === 'latest' && due.later.length > 0 ? 'covered' : null;
}

/** Makes the row a run that counts, binds it and begins its generation; `skipped` ends it at once. */
function makeRun(state: SchedulerState, r: number, trigger: number, skipped: EndReason | null): void {
  const { runs } = state;
  runs.set(r, STORED | COUNTS);
  markRun(state.outbox, r, DIRTY.created | DIRTY.state);
  const job = must(state.jobs[runs.job[r] ?? NONE], 'job');
  const area = skipped ?? (isElsewhere(state, job) ? 'area' : null);
  const reason = area ?? (job.rules === null ? null : skippedBy(state, r, trigger));
  // One that is skipped is bound too: a chain goes through it.
  bindRun(state, r);
  if (reason === null && dueOf(state, r) > state.now) holdUntilDue(state, r);
  beginGeneration(state, r, { trigger, actor: 'scheduler', cause: '' });
  if (reason !== null) endGeneration(state, r, PHASE.skipped, reason);
  else settleBindings(state, r);
}

/** A run made before its time waits for it, if it obeys gates. */
function holdUntilDue(state: SchedulerState, r: number): void {
  state.runs.set(r, TIME_GATE);
  changePending(state, r, 1);
  addDeadline(state, dueOf(state, r), DEADLINE.timeGate, r);
}

/** The run's own time has come; another correction of the clock may have put it off. */
export function onTimeGate(state: SchedulerState, r: number): void {
  if (!state.runs.has(r, TIME_GATE)) return;
  if ((state.runs.instant[r] ?? 0) > state.now) return;
  if (state.slotsHeldUntil > state.now) return addDeadline(state, state.slotsHeldUntil, DEADLINE.timeGate, r);
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
  assertKept(job, at);
  const schedule = scheduleOf(state, job, at);
  if (!schedule || nextInstant(schedule, instant(at - 1)) !== at) return NONE;
  return ensureSlot(state, job, slotAt(schedule, at));
}
