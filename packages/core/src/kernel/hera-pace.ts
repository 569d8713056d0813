/**
 * The pace of imported jobs, as Hera has it: each local day a job takes the slots of the upstream that has
 * the
 * fewest that day, and of several, of the one whose first is the latest; a day on which an upstream has none
 * brings it none. So whose schedule a slot comes from is a question of the day, not of the job.
 */
import { instantsBetween } from '../calendar/schedule.js';
import type { CompiledSchedule } from '../calendar/schedule.js';
import { localFields, startOfLocalDay } from '../calendar/time-zone.js';
import { must } from '../model/assert.js';
import { instant, localDate } from '../model/ids.js';
import type { Instant, ZoneName } from '../model/ids.js';
import type { Interval } from '../model/slot.js';
import type { HeraDay, JobRecord } from './records.js';
import { lowerBound } from './runs.js';
import type { SchedulerState } from './state.js';
import { COUNTS, NONE } from './tables.js';

const DAY_MS = 86_400_000;
/** Slots of one job on one day: one a second is the finest there is. */
const SLOTS_MAX = 86_400;
/** Days kept; they are worked out anew when they are asked for again. */
const DAYS_KEPT = 20_000;
const EMPTY_DAY: HeraDay = { instants: [], root: NONE };

/** Whether the job's slots come from another upstream's each day. */
export const isHeraPaced = (job: JobRecord): boolean =>
  job.definition.compat === 'hera' && job.schedule === null && job.state !== 'deleted';

/** The schedule that a slot of the job at that instant comes from; null when there is none. */
export function scheduleOf(state: SchedulerState, job: JobRecord, at: number): CompiledSchedule | null {
  const root = isHeraPaced(job) ? heraDay(state, job, dayOf(job, at)).root : NONE;
  return state.jobs[root === NONE ? job.root : root]?.schedule ?? null;
}

/** The job's slots on a local day, those that were and those to come, and whose schedule they are of. */
export function heraDay(state: SchedulerState, job: JobRecord, day: Interval): HeraDay {
  const key = `${job.index} ${day.start}`;
  const known = state.heraDays.get(key);
  if (known) return known;
  if (state.heraDays.size >= DAYS_KEPT) state.heraDays.clear();
  const found = isHeraPaced(job) ? pacedDay(state, job, day) : ownDay(state, job, day);
  state.heraDays.set(key, found);
  return found;
}

function pacedDay(state: SchedulerState, job: JobRecord, day: Interval): HeraDay {
  let base = EMPTY_DAY;
  for (const number of job.edges) {
    const name = must(state.edges[number], 'edge').upstream;
    if (name === job.name) continue;
    const theirs = heraDay(state, must(state.jobsByName.get(name), `upstream ${name}`), day);
    const first = theirs.instants[0];
    if (first === undefined) return EMPTY_DAY;
    const fewer = base.root === NONE || theirs.instants.length < base.instants.length;
    const later = theirs.instants.length === base.instants.length && first > (base.instants[0] ?? 0);
    if (fewer || later) base = theirs;
  }
  return base;
}

function ownDay(state: SchedulerState, job: JobRecord, day: Interval): HeraDay {
  const instants: Instant[] = [];
  for (let i = lowerBound(state, job, day.start); i < job.slots.length; i++) {
    const r = job.slots[i] ?? NONE;
    const at = state.runs.instant[r] ?? 0;
    if (at >= day.end) break;
    if (state.runs.has(r, COUNTS)) instants.push(instant(at));
  }
  const schedule = state.jobs[job.root]?.schedule;
  const from = instant(Math.max(day.start - 1, job.cursor, job.since - 1));
  const coming = schedule && from < day.end ? instantsBetween(schedule, from, day.end, SLOTS_MAX) : [];
  const all = new Set([...instants, ...coming]);
  return { instants: [...all].sort((a, b) => a - b), root: job.root };
}

/** Slots to come of a job that is paced so, from `from` to `to`, both included. */
export function comingSlots(state: SchedulerState, job: JobRecord, from: number, to: number): Instant[] {
  const begin = Math.max(from, job.cursor + 1, job.since);
  const found: Instant[] = [];
  for (let at = begin; at <= to;) {
    const day = dayOf(job, at);
    found.push(...heraDay(state, job, day).instants.filter((each) => each >= begin && each <= to));
    at = Math.max(day.end, at + 1);
  }
  return found;
}

/**
 * The latest slot to come before an instant, or the first from it on, within a year; null when there is none.
 */
export function comingSlot(
  state: SchedulerState,
  job: JobRecord,
  from: number,
  direction: 'back' | 'on',
): Instant | null {
  const begin = Math.max(job.cursor + 1, job.since);
  let at = direction === 'on' ? Math.max(from, begin) : from;
  for (let looked = 0; looked < 366 && at >= begin; looked++) {
    const day = dayOf(job, at);
    const { instants } = heraDay(state, job, day);
    const found =
      direction === 'on'
        ? instants.find((each) => each >= Math.max(from, begin))
        : instants.findLast((each) => each <= from && each >= begin);
    if (found !== undefined) return found;
    at = direction === 'on' ? day.end : day.start - 1;
  }
  return null;
}

/** The local day of the job's zone in which an instant lies. */
export const dayOf = (job: JobRecord, at: number): Interval => localDay(job.policy.zone, instant(at));

/** The local day in which an instant lies. */
export function localDay(zone: ZoneName, at: Instant): Interval {
  const { year, month, day } = localFields(zone, at);
  const start = startOfLocalDay(zone, dateText(year, month, day));
  const end = startOfLocalDay(zone, dateText(year, month, day + 1));
  return { start, end: end > start ? end : instant(start + DAY_MS) };
}

/** A date from fields that may roll over, such as month 13 or day 0. */
export function dateText(year: number, month: number, day: number) {
  return localDate(new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10));
}
