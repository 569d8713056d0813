/**
 * The next and the previous instant of a cron schedule, by bit sets; no text, no `Date`.
 *
 * Clock changes, `dst: standard`. An expression whose hour field is fixed is a list of wall times: each
 * happens at the first instant at which the clock shows it or a later time, so one in the gap of a forward
 * jump runs at the jump, together with all others of that gap, and one that comes twice runs the first time.
 * A wall time of a day that the calendar of the zone leaves out altogether does not happen. An expression
 * with `*` or a step in its hour field runs whenever the clock shows a matching time: both passes of an
 * overlap, nothing for a gap. `dst: quartz` is in cron-quartz-dst.ts.
 *
 * Everything ends at the last instant of YEAR_MAX; a search looks at each month at most once.
 */
import type { CompiledCalendar } from './calendar.js';
import { DAY_MS, civilDate, dayNumber, nextBit, previousBit } from './civil.js';
import { dayBits } from './cron-days.js';
import { YEAR_MAX, YEAR_MIN } from './cron-sets.js';
import type { CronSets } from './cron-sets.js';
import { firstShowing, isLocalDay, latestShown } from './time-zone.js';
import type { ZoneTable } from './zone-table.js';

/** What the search needs of a schedule. */
export interface CronTiming {
  readonly sets: CronSets;
  readonly calendar: CompiledCalendar | null;
  readonly table: ZoneTable;
}

/** The first instant strictly after `after`, by the standard rule; null when there is none up to YEAR_MAX. */
export function nextStandard(timing: CronTiming, after: number): number | null {
  return timing.sets.elapsed ? nextElapsed(timing, after) : nextFixed(timing, after);
}

/** The last instant strictly before `before`, by the standard rule; null when none is since YEAR_MIN. */
export function previousStandard(timing: CronTiming, before: number): number | null {
  return timing.sets.elapsed ? previousElapsed(timing, before) : previousFixed(timing, before);
}

/** The first matching wall time at or after `wall`; null when none is left. */
export function nextWall({ sets, calendar }: CronTiming, wall: number): number | null {
  const seconds = Math.max(Math.ceil(wall / 1000), FIRST_SECOND);
  const days = Math.floor(seconds / DAY_SECONDS);
  const date = civilDate(days);
  const { day } = date;
  let { year, month } = date;
  if (year > YEAR_MAX) return null;
  let bits = dayBits(sets, calendar, year, month);
  if ((bits >>> (day - 1)) & 1) {
    const time = nextTime(sets, seconds - days * DAY_SECONDS);
    if (time >= 0) return (days * DAY_SECONDS + time) * 1000;
  }
  let bit = nextBit(bits, day);
  while (bit < 0) {
    month++;
    if (month > 12) {
      month = 1;
      year++;
      if (year > YEAR_MAX) return null;
    }
    bits = dayBits(sets, calendar, year, month);
    bit = nextBit(bits, 0);
  }
  return (dayNumber(year, month, bit + 1) * DAY_SECONDS + nextTime(sets, 0)) * 1000;
}

/** The last matching wall time at or before `wall`; null when there is none. */
export function previousWall({ sets, calendar }: CronTiming, wall: number): number | null {
  const seconds = Math.min(Math.floor(wall / 1000), LAST_SECOND);
  const days = Math.floor(seconds / DAY_SECONDS);
  const date = civilDate(days);
  const { day } = date;
  let { year, month } = date;
  if (year < YEAR_MIN) return null;
  let bits = dayBits(sets, calendar, year, month);
  if ((bits >>> (day - 1)) & 1) {
    const time = previousTime(sets, seconds - days * DAY_SECONDS);
    if (time >= 0) return (days * DAY_SECONDS + time) * 1000;
  }
  let bit = previousBit(bits, day - 2);
  while (bit < 0) {
    month--;
    if (month < 1) {
      month = 12;
      year--;
      if (year < YEAR_MIN) return null;
    }
    bits = dayBits(sets, calendar, year, month);
    bit = previousBit(bits, 30);
  }
  return (dayNumber(year, month, bit + 1) * DAY_SECONDS + previousTime(sets, DAY_SECONDS - 1)) * 1000;
}

/** The first member of 0–59 at or after `from`, else -1. */
export function nextOf60(low: number, high: number, from: number): number {
  const found = from < 30 ? nextBit(low, from) : -1;
  if (found >= 0) return found;
  const above = nextBit(high, Math.max(from - 30, 0));
  return above < 0 ? -1 : above + 30;
}

function nextFixed(timing: CronTiming, after: number): number | null {
  const { table } = timing;
  let wall = nextWall(timing, latestShown(table, after) + 1);
  while (wall !== null && !isLocalDay(table, Math.floor(wall / DAY_MS)))
    wall = nextWall(timing, endOfDay(wall));
  return wall === null ? null : firstShowing(table, wall);
}

function previousFixed(timing: CronTiming, before: number): number | null {
  const { table } = timing;
  let wall = previousWall(timing, latestShown(table, before - 1));
  while (wall !== null && !isLocalDay(table, Math.floor(wall / DAY_MS))) {
    wall = previousWall(timing, endOfDay(wall) - DAY_MS - 1);
  }
  return wall === null ? null : firstShowing(table, wall);
}

function nextElapsed(timing: CronTiming, after: number): number | null {
  const { table } = timing;
  let segment = table.at(after);
  let from = after + 1;
  for (;;) {
    const wall = nextWall(timing, from + segment.offsetMs);
    if (wall === null) return null;
    const at = wall - segment.offsetMs;
    if (at < segment.end) return at;
    from = segment.end;
    segment = table.at(from);
  }
}

function previousElapsed(timing: CronTiming, before: number): number | null {
  const { table } = timing;
  let to = before - 1;
  for (;;) {
    const segment = table.at(to);
    const wall = previousWall(timing, to + segment.offsetMs);
    if (wall === null) return null;
    const at = wall - segment.offsetMs;
    if (at >= segment.start) return at;
    to = segment.start - 1;
  }
}

/** The first matching second of a day at or after `from`, else -1. */
function nextTime(sets: CronSets, from: number): number {
  let hour = Math.floor(from / 3600);
  if ((sets.hours >>> hour) & 1) {
    const minute = Math.floor(from / 60) % 60;
    const within = nextInHour(sets, minute, from % 60);
    if (within >= 0) return hour * 3600 + within;
  }
  hour = nextBit(sets.hours, hour + 1);
  return hour < 0 ? -1 : hour * 3600 + nextInHour(sets, 0, 0);
}

function nextInHour(sets: CronSets, minute: number, second: number): number {
  const { minutesLow, minutesHigh, secondsLow, secondsHigh } = sets;
  let found = nextOf60(minutesLow, minutesHigh, minute);
  if (found === minute) {
    const within = nextOf60(secondsLow, secondsHigh, second);
    if (within >= 0) return minute * 60 + within;
    found = nextOf60(minutesLow, minutesHigh, minute + 1);
  }
  return found < 0 ? -1 : found * 60 + nextOf60(secondsLow, secondsHigh, 0);
}

/** The last matching second of a day at or before `from`, else -1. */
function previousTime(sets: CronSets, from: number): number {
  let hour = Math.floor(from / 3600);
  if ((sets.hours >>> hour) & 1) {
    const within = previousInHour(sets, Math.floor(from / 60) % 60, from % 60);
    if (within >= 0) return hour * 3600 + within;
  }
  hour = previousBit(sets.hours, hour - 1);
  return hour < 0 ? -1 : hour * 3600 + previousInHour(sets, 59, 59);
}

function previousInHour(sets: CronSets, minute: number, second: number): number {
  const { minutesLow, minutesHigh, secondsLow, secondsHigh } = sets;
  let found = previousOf60(minutesLow, minutesHigh, minute);
  if (found === minute) {
    const within = previousOf60(secondsLow, secondsHigh, second);
    if (within >= 0) return minute * 60 + within;
    found = previousOf60(minutesLow, minutesHigh, minute - 1);
  }
  return found < 0 ? -1 : found * 60 + previousOf60(secondsLow, secondsHigh, 59);
}

function previousOf60(low: number, high: number, from: number): number {
  const found = from >= 30 ? previousBit(high, from - 30) : -1;
  return found >= 0 ? found + 30 : previousBit(low, Math.min(from, 29));
}

const endOfDay = (wall: number) => (Math.floor(wall / DAY_MS) + 1) * DAY_MS;

const DAY_SECONDS = 86_400;
const FIRST_SECOND = dayNumber(YEAR_MIN, 1, 1) * DAY_SECONDS;
const LAST_SECOND = dayNumber(YEAR_MAX + 1, 1, 1) * DAY_SECONDS - 1;
