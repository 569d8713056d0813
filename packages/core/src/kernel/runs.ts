/** Finding and making rows of runs, and their names outside. Rules of their life are in generations.ts. */
import { localDateOf } from '../calendar/time-zone.js';
import { must } from '../model/assert.js';
import { adHocSlotKey, instant, parseInstantText, runText, timeSlotKey } from '../model/ids.js';
import type { RunRef } from '../model/ids.js';
import type { Slot } from '../model/slot.js';
import type { SlotView } from '../model/views.js';
import { LANE_OF_TRIGGER, PHASE, isOpen } from './codes.js';
import type { JobRecord } from './records.js';
import { extraOf, zoneNumber } from './state.js';
import type { SchedulerState } from './state.js';
import { AD_HOC, COUNTS, EXTRA, NONE, SIDE, STORED } from './tables.js';

// The words of what is missing are made only where it is: these three are called many times for each task.
export const jobOf = (state: SchedulerState, r: number): JobRecord =>
  state.jobs[state.runs.job[r] ?? NONE] ?? must<JobRecord>(undefined, `job of row ${r}`);

/** The run's own row: of a side generation, the row beside which it stands. */
export const ownerOf = (state: SchedulerState, r: number): number =>
  state.runs.has(r, SIDE) ? (state.extras.get(r)?.owner ?? must<number>(undefined, `owner of row ${r}`)) : r;

export function slotKeyOf(state: SchedulerState, r: number): string {
  const own = ownerOf(state, r);
  if (!state.runs.has(own, AD_HOC)) return timeSlotKey(instant(state.runs.instant[own] ?? 0));
  return state.extras.get(own)?.slotKey ?? must<string>(undefined, `slot key of row ${r}`);
}

/** `job@slot`. */
export const runTextOf = (state: SchedulerState, r: number): string =>
  runText(jobOf(state, r).name, slotKeyOf(state, r));

/** Key of the run in the store's tables. */
export const runKeyOf = (state: SchedulerState, r: number): readonly [number, string, string] => [
  jobOf(state, r).id,
  slotKeyOf(state, r),
  '',
];

export function slotOf(state: SchedulerState, r: number): Slot {
  const { runs } = state;
  const zone = must(state.zones[runs.zone[r] ?? 0], 'zone');
  const start = instant(runs.start[r] ?? 0);
  return {
    instant: instant(runs.instant[r] ?? 0),
    interval: { start, end: instant(runs.end[r] ?? 0) },
    businessDate: localDateOf(zone, start),
    zone,
  };
}

/** When the run may start by time: its slot, spread by its job, and not before the clock has caught up. */
export const dueOf = (state: SchedulerState, r: number): number =>
  Math.max((state.runs.instant[r] ?? 0) + jobOf(state, r).spreadMs, state.slotsHeldUntil);

export function slotView(slot: Slot, key: string): SlotView {
  return {
    key,
    instant: slot.instant,
    interval: slot.interval,
    businessDate: slot.businessDate,
    day: localDateOf(slot.zone, slot.instant),
    zone: slot.zone,
  };
}

/** First place in the job's slots whose instant is not before `at`. */
export function lowerBound(state: SchedulerState, job: JobRecord, at: number): number {
  const { slots } = job;
  let low = 0;
  let high = slots.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((state.runs.instant[slots[middle] ?? 0] ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Row of the job's slot at that instant, a stub included; NONE when there is none. */
export function findSlot(state: SchedulerState, job: JobRecord, at: number): number {
  const r = job.slots[lowerBound(state, job, at)];
  return r !== undefined && state.runs.instant[r] === at ? r : NONE;
}

export function findRun(state: SchedulerState, ref: RunRef): number {
  const job = state.jobsByName.get(ref.job);
  return job ? findRunOf(state, job, ref.slotKey) : NONE;
}

/** Row of the job's run, also of one that is deleted and whose name may be another job's. */
export function findRunOf(state: SchedulerState, job: JobRecord, slotKey: string): number {
  if (slotKey.startsWith('a:')) return state.adHoc.get(adHocName(job, slotKey)) ?? NONE;
  const at = parseInstantText(slotKey.slice(2));
  return at === null ? NONE : findSlot(state, job, at);
}

/** Row of the slot, a stub when it is new. */
export function ensureSlot(state: SchedulerState, job: JobRecord, slot: Slot): number {
  const place = lowerBound(state, job, slot.instant);
  const found = job.slots[place];
  if (found !== undefined && state.runs.instant[found] === slot.instant) return found;
  const r = addRow(state, job, slot);
  if (place === job.slots.length) job.slots.push(r);
  else job.slots.splice(place, 0, r);
  return r;
}

/** Row of the ad hoc run, made when it is new. */
export function ensureAdHoc(state: SchedulerState, job: JobRecord, key: string, slot: Slot): number {
  const slotKey = adHocSlotKey(key);
  const name = adHocName(job, slotKey);
  const found = state.adHoc.get(name);
  if (found !== undefined) return found;
  const r = addRow(state, job, slot);
  state.runs.set(r, AD_HOC | EXTRA);
  state.extras.set(r, { slotKey });
  state.adHoc.set(name, r);
  return r;
}

/** A row for a side generation of the run. */
export function addSide(state: SchedulerState, owner: number): number {
  const r = addRow(state, jobOf(state, owner), slotOf(state, owner));
  state.runs.set(r, SIDE | EXTRA);
  state.extras.set(r, { owner });
  state.runs.set(owner, EXTRA);
  const extra = extraOf(state, owner);
  extra.sides = [...(extra.sides ?? []), r];
  return r;
}

/** Whether a side generation of the run is under way; an ended one keeps its row until it is written. */
export function hasOpenSide(state: SchedulerState, r: number): boolean {
  return (state.extras.get(r)?.sides ?? []).some((side) => isOpen(state.runs.phase[side] ?? 0));
}

/** Forgets a row that nothing links to. */
export function dropRow(state: SchedulerState, r: number): void {
  const job = jobOf(state, r);
  const extra = state.extras.get(r);
  if (state.runs.has(r, SIDE)) {
    const owner = state.extras.get(ownerOf(state, r));
    if (owner?.sides) owner.sides = owner.sides.filter((side) => side !== r);
  } else if (state.runs.has(r, AD_HOC)) {
    state.adHoc.delete(adHocName(job, extra?.slotKey ?? ''));
  } else {
    const place = lowerBound(state, job, state.runs.instant[r] ?? 0);
    if (job.slots[place] === r) job.slots.splice(place, 1);
  }
  state.extras.delete(r);
  state.runs.remove(r);
}

/** A stub that nothing waits for any more is forgotten. */
export function dropIfUnused(state: SchedulerState, r: number): void {
  const { runs } = state;
  const unused = runs.phase[r] === PHASE.none && !runs.has(r, STORED | COUNTS) && runs.outHead[r] === NONE;
  if (unused && !runs.has(r, EXTRA)) dropRow(state, r);
}

function addRow(state: SchedulerState, job: JobRecord, slot: Slot): number {
  const { runs } = state;
  const r = runs.add(job.index);
  runs.instant[r] = slot.instant;
  runs.start[r] = slot.interval.start;
  runs.end[r] = slot.interval.end;
  runs.zone[r] = zoneNumber(state, slot.zone);
  return r;
}

const adHocName = (job: JobRecord, slotKey: string) => `${job.index} ${slotKey}`;

/** Links that lead from the run to its downstreams. */
export function* outLinks(state: SchedulerState, r: number): Generator<number> {
  let link = state.runs.outHead[r] ?? NONE;
  while (link !== NONE) {
    const next = state.links.nextOut[link] ?? NONE;
    yield link;
    link = next;
  }
}

/** Links that come from the run's upstreams. */
export function* inLinks(state: SchedulerState, r: number): Generator<number> {
  let link = state.runs.inHead[r] ?? NONE;
  while (link !== NONE) {
    const next = state.links.nextIn[link] ?? NONE;
    yield link;
    link = next;
  }
}

export const laneOf = (state: SchedulerState, r: number): number =>
  LANE_OF_TRIGGER[state.runs.trigger[r] ?? 0] ?? 0;

/** Whether its success makes downstreams run again. */
export function releases(state: SchedulerState, r: number): boolean {
  return !state.runs.has(r, SIDE) && state.extras.get(r)?.releases !== false;
}
