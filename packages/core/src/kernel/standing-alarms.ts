/**
 * Alarms about what silently keeps runs from being made or from starting: a slot that is not run, an upstream
 * that is disabled while somebody waits for it, a pace that is gone, a calendar that soon says nothing more.
 */
import { endsOn } from '../calendar/calendar.js';
import { startOfLocalDay } from '../calendar/time-zone.js';
import { instantText } from '../model/ids.js';
import type { LocalDate } from '../model/ids.js';
import type { EndReason } from '../model/run.js';
import { PHASE } from './codes.js';
import { dropNotice, raiseOnce } from './notices.js';
import type { JobRecord } from './records.js';
import { jobOf, outLinks, runTextOf } from './runs.js';
import type { SchedulerState } from './state.js';
import { MET, NONE, STORED } from './tables.js';

/** So long before its last day a calendar is told of. */
const CALENDAR_WARNED_MS = 60 * 86_400_000;

/** Slots of one job that a step skipped for the same reason. */
export interface SkippedSlots {
  readonly job: JobRecord;
  readonly reason: EndReason;
  count: number;
  readonly first: number;
  last: number;
}

/** Collects skipped slots, so that a night of them is one alarm for each job. */
export function noteSkipped(
  skipped: Map<string, SkippedSlots>,
  job: JobRecord,
  slot: { readonly reason: EndReason; readonly at: number },
): void {
  const { reason, at } = slot;
  const name = `${job.index} ${reason}`;
  const known = skipped.get(name);
  if (!known) skipped.set(name, { job, reason, count: 1, first: at, last: at });
  else {
    known.count += 1;
    known.last = at;
  }
}

/** Tells of slots that were not run; each is a row already, so none is told twice. */
export function tellSkipped(state: SchedulerState, skipped: ReadonlyMap<string, SkippedSlots>): void {
  for (const { job, reason, count, first, last } of skipped.values()) {
    const from = instantText(first);
    const range = count === 1 ? `slot ${from} is` : `${count} slots from ${from} to ${instantText(last)} are`;
    const message = `${range} not run: ${reason}`;
    state.outbox.events.push({ type: 'alarm', code: 'SLOT_SKIPPED', subject: job.name, message });
  }
}

/** A run has been bound: whether it waits for a slot of a disabled upstream, which is told once. */
export function tellDisabledUpstream(state: SchedulerState, up: JobRecord): void {
  const waits = up.slots.find((r) => state.runs.phase[r] === PHASE.none && hasWaiting(state, r));
  if (waits === undefined) return;
  const message = `job ${up.name} is disabled, and ${waitingFor(state, waits)} waits for it`;
  raiseOnce(state, { code: 'UPSTREAM_DISABLED', subject: up.name, message });
}

/** The job has changed its state: disabled, it may be waited for in vain. */
export function noteJobState(state: SchedulerState, job: JobRecord): void {
  if (job.state === 'disabled') tellDisabledUpstream(state, job);
  else dropNotice(state, 'UPSTREAM_DISABLED', job.name);
}

function hasWaiting(state: SchedulerState, up: number): boolean {
  for (const link of outLinks(state, up)) if (isWaiting(state, link)) return true;
  return false;
}

function waitingFor(state: SchedulerState, up: number): string {
  for (const link of outLinks(state, up))
    if (isWaiting(state, link)) return runTextOf(state, state.links.down[link] ?? NONE);
  return jobOf(state, up).name;
}

function isWaiting(state: SchedulerState, link: number): boolean {
  const down = state.links.down[link] ?? NONE;
  return ((state.links.flags[link] ?? 0) & MET) === 0 && state.runs.has(down, STORED);
}

/** Whose slots each job took before an edit, by job. */
export const rootsBefore = (state: SchedulerState): ReadonlyMap<JobRecord, number> =>
  new Map(state.jobs.map((job) => [job, job.root]));

/**
 * After an edit: jobs that took the slots of another and have lost them, and jobs that name a pace which is
 * not there.
 */
export function tellLostPaces(
  state: SchedulerState,
  before: ReadonlyMap<JobRecord, number>,
  changed: ReadonlySet<JobRecord>,
): void {
  for (const job of state.jobs) {
    if (job.state === 'deleted') continue;
    if (job.root !== NONE) {
      dropNotice(state, 'PACE_LOST', job.name);
      continue;
    }
    const root = before.get(job) ?? NONE;
    const { pace } = job.definition;
    const isNamed = pace !== undefined && pace !== 'coarsest' && pace !== 'finest';
    const isLost = root !== NONE && root !== job.index && (isNamed || job.edges.length > 0);
    if (!isLost && !(isNamed && changed.has(job))) continue;
    const why = isNamed ? `its pace ${pace} gives none` : 'no upstream has a schedule any more';
    const message = `job ${job.name} gets no slots: ${why}`;
    raiseOnce(state, { code: 'PACE_LOST', subject: job.name, message, value: pace ?? '' });
  }
}

/** Tells of calendars whose last day is near: once for each last day. */
export function tellEndingCalendars(state: SchedulerState): void {
  for (const [name, { compiled }] of state.calendars) {
    const last = endsOn(compiled);
    if (last === null || endOf(state, last) - CALENDAR_WARNED_MS > state.now) {
      dropNotice(state, 'CALENDAR_ENDS', name);
      continue;
    }
    const message = `calendar ${name} ends on ${last}: days after it are told by weekday alone`;
    raiseOnce(state, { code: 'CALENDAR_ENDS', subject: name, message, value: last });
  }
}

const endOf = (state: SchedulerState, date: LocalDate): number =>
  startOfLocalDay(state.options.zone, date) + 86_400_000;
