/**
 * The slots of an upstream, as selectors see them: those that became runs, and those that its schedule will
 * still bring. A slot that was due while the job was not enabled is neither, so it is waited for by nobody.
 */
import { instantsBetween, nextInstant, previousInstant, slotAt } from '../calendar/schedule.js';
import { must } from '../model/assert.js';
import { instant } from '../model/ids.js';
import type { Instant } from '../model/ids.js';
import type { Interval } from '../model/slot.js';
import { comingSlot, comingSlots, isHeraPaced, scheduleOf } from './hera-pace.js';
import type { JobRecord } from './records.js';
import { findSlot, lowerBound } from './runs.js';
import type { SchedulerState } from './state.js';
import { COUNTS, NONE } from './tables.js';

/** At most so many slots of one upstream are waited for by one edge: a week of minutes and more. */
export const CANDIDATES_MAX = 20_000;

/** Slots with an instant from `from` to `to`, both included, in order. */
export function slotsWithin(state: SchedulerState, job: JobRecord, from: number, to: number): Instant[] {
  const found: Instant[] = [];
  for (let i = lowerBound(state, job, from); i < job.slots.length; i++) {
    const r = job.slots[i] ?? NONE;
    const at = state.runs.instant[r] ?? 0;
    if (at > to) break;
    if (state.runs.has(r, COUNTS)) found.push(instant(at));
  }
  const coming = comingWithin(state, job, from, to);
  if (coming.length === 0) return found;
  const known = new Set<number>(found);
  return [...found, ...coming.filter((at) => !known.has(at))].sort((a, b) => a - b);
}

function comingWithin(state: SchedulerState, job: JobRecord, from: number, to: number): Instant[] {
  if (isHeraPaced(job)) return comingSlots(state, job, from, to);
  const schedule = state.jobs[job.root]?.schedule;
  const begin = Math.max(from - 1, job.cursor, job.since - 1);
  if (!schedule || begin >= to) return [];
  return instantsBetween(schedule, instant(begin), instant(to + 1), CANDIDATES_MAX);
}

/** The latest slot at or before an instant; null when there is none. */
export function latestUpTo(state: SchedulerState, job: JobRecord, at: number): Instant | null {
  const schedule = state.jobs[job.root]?.schedule;
  if (schedule && at > job.cursor) {
    const coming = isHeraPaced(job)
      ? comingSlot(state, job, at, 'back')
      : previousInstant(schedule, instant(at + 1));
    if (coming !== null && coming > job.cursor && coming >= job.since) return coming;
  }
  for (let i = lowerBound(state, job, at + 1) - 1; i >= 0; i--) {
    const r = job.slots[i] ?? NONE;
    if (state.runs.has(r, COUNTS)) return instant(state.runs.instant[r] ?? 0);
  }
  return null;
}

/** The first slot at or after an instant; null when there is none. */
export function earliestFrom(state: SchedulerState, job: JobRecord, at: number): Instant | null {
  for (let i = lowerBound(state, job, at); i < job.slots.length; i++) {
    const r = job.slots[i] ?? NONE;
    if (state.runs.has(r, COUNTS)) return instant(state.runs.instant[r] ?? 0);
  }
  if (isHeraPaced(job)) return comingSlot(state, job, at, 'on');
  const schedule = state.jobs[job.root]?.schedule;
  return schedule ? nextInstant(schedule, instant(Math.max(at - 1, job.cursor, job.since - 1))) : null;
}

/** Interval of one of the job's slots. */
export function intervalAt(state: SchedulerState, job: JobRecord, at: Instant): Interval {
  const r = findSlot(state, job, at);
  if (r !== NONE) return { start: instant(state.runs.start[r] ?? 0), end: instant(state.runs.end[r] ?? 0) };
  return slotAt(must(scheduleOf(state, job, at), `schedule of ${job.name}`), at).interval;
}

/** Nominal length of the job's period, in ms; 0 when it has no slots by schedule. */
export const periodOf = (state: SchedulerState, job: JobRecord): number =>
  state.jobs[job.root]?.schedule?.periodMs ?? 0;
