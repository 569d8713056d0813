/**
 * Working days as data. A compiled calendar keeps, for each month its author wrote something about, three
 * sets of days; all other months follow from the weekdays alone.
 *
 * Words: a *workday* works by weekday, holiday and make-up day. A day *counts* when it is a workday, is not
 * blacked out and, where `nthWorkday` is set, is that workday of its month; blackout does not change the
 * numbering. A slot on a day that does not count is dropped, or moved to the nearest day that counts; a slot
 * on a blacked-out day is always dropped, and slots that move pass over blacked-out days.
 */
import { SchedulerError } from '../model/errors.js';
import type { DefinitionProblem } from '../model/errors.js';
import type { LocalDate } from '../model/ids.js';
import type { CalendarDefinition, Weekday } from '../model/schedule.js';
import {
  civilDate,
  countBits,
  dateText,
  dayNumber,
  monthBits,
  monthLength,
  nextBit,
  parseDate,
  previousBit,
  weekdayBitsOfMonth,
} from './civil.js';

interface MonthExceptions {
  off: number;
  on: number;
  blackout: number;
}

/** A calendar ready for questions. Immutable. */
export interface CompiledCalendar {
  /** Working weekdays, Sunday = bit 0. */
  readonly weekdays: number;
  /** Keyed by year * 12 + month - 1. */
  readonly exceptions: ReadonlyMap<number, Readonly<MonthExceptions>>;
  readonly shift: 'skip' | 'next' | 'previous';
  /** Null when all workdays count. */
  readonly nthWorkday: number | null;
  /** Day number of the last day entered; null when the author gives none. */
  readonly until: number | null;
}

const WEEKDAYS: readonly Weekday[] = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const WORKDAYS_MAX = 31;
/** A range of days longer than this is taken for a slip of the pen. */
const RANGE_DAYS_MAX = 3_660;
/** A slot that finds no counting day this near is dropped. */
const MONTHS_MOVED_MAX = 13;

/** Compiles a calendar. Throws DEFINITION_INVALID, naming every entry that is wrong. */
export function compileCalendar(definition: CalendarDefinition): CompiledCalendar {
  const problems: DefinitionProblem[] = [];
  const refuse = (path: string, message: string) => problems.push({ path, rule: 'calendar', message });
  const exceptions = new Map<number, MonthExceptions>();
  for (const [field, kind] of EXCEPTIONS) {
    for (const range of Object.keys(definition[field] ?? {})) {
      const days = parseRange(range);
      if (typeof days === 'string') refuse(`${field}.${range}`, days);
      else markDays(exceptions, days, kind);
    }
  }
  let weekdays = 0;
  for (const name of definition.weekdays ?? ['mon', 'tue', 'wed', 'thu', 'fri']) {
    const index = WEEKDAYS.indexOf(name);
    if (index < 0) refuse('weekdays', `must be ${WEEKDAYS.join(', ')}, got "${name}"`);
    else weekdays |= 1 << index;
  }
  const { nthWorkday = null, until, shift = 'skip' } = definition;
  const size = Math.abs(nthWorkday ?? 1);
  if (!Number.isInteger(size) || size < 1 || size > WORKDAYS_MAX) {
    refuse('nthWorkday', `must be 1–${WORKDAYS_MAX} or -1–-${WORKDAYS_MAX}, got ${nthWorkday}`);
  }
  if (!['skip', 'next', 'previous'].includes(shift))
    refuse('shift', `must be skip, next or previous, got "${shift}"`);
  const untilDay = until === undefined ? null : parseDate(until);
  if (until !== undefined && untilDay === null) refuse('until', `must be a date YYYY-MM-DD, got "${until}"`);
  if (problems.length > 0) {
    const text = problems.map(({ path, message }) => `${path} ${message}`).join('; ');
    throw new SchedulerError('DEFINITION_INVALID', `calendar: ${text}`, { problems });
  }
  return { weekdays, exceptions, shift, nthWorkday, until: untilDay };
}

/** Whether people work on this day: make-up days, then holidays, then weekdays decide; blackout does not. */
export function isWorkday(calendar: CompiledCalendar, date: LocalDate): boolean {
  const { year, month, day } = civilDate(parseDate(date) ?? NaN);
  return ((workdayBits(calendar, year, month) >>> (day - 1)) & 1) === 1;
}

/** The last day the author has entered, or null when the calendar does not end. */
export function endsOn(calendar: CompiledCalendar): LocalDate | null {
  return calendar.until === null ? null : dateText(calendar.until);
}

/** The days of a month that count. */
export function countingBits(calendar: CompiledCalendar, year: number, month: number): number {
  const workdays = workdayBits(calendar, year, month);
  const blackout = calendar.exceptions.get(year * 12 + month - 1)?.blackout ?? 0;
  return nthOnly(workdays, calendar.nthWorkday) & ~blackout;
}

/** Whether slots of this day stay; for schedules that are not made of days. */
export function counts(calendar: CompiledCalendar, days: number): boolean {
  const { year, month, day } = civilDate(days);
  return ((countingBits(calendar, year, month) >>> (day - 1)) & 1) === 1;
}

/** The day to which a slot of this day moves: the same when it counts, null when the slot is dropped. */
export function movedDay(calendar: CompiledCalendar, days: number): number | null {
  const { year, month, day } = civilDate(days);
  const blackout = calendar.exceptions.get(year * 12 + month - 1)?.blackout ?? 0;
  if (counts(calendar, days)) return days;
  if (calendar.shift === 'skip' || ((blackout >>> (day - 1)) & 1) === 1) return null;
  return nearestCounting(calendar, days, calendar.shift === 'next' ? 1 : -1);
}

/**
 * The days of a month on which slots stand after moving, where `bitsOf` gives the days of any month before
 * it. A day that counts collects the slots of all days between it and its neighbour that counts.
 */
export function movedBits(
  calendar: CompiledCalendar,
  { year, month }: { readonly year: number; readonly month: number },
  bitsOf: (year: number, month: number) => number,
): number {
  const counting = countingBits(calendar, year, month);
  const start = dayNumber(year, month, 1);
  const direction = calendar.shift === 'next' ? -1 : 1;
  let moved = 0;
  for (let bit = nextBit(counting, 0); bit >= 0; bit = nextBit(counting, bit + 1)) {
    const days = start + bit;
    const neighbour = nearestCounting(calendar, days, direction) ?? days + direction * 366;
    if (anyDay(calendar, { from: days, to: neighbour, direction }, bitsOf)) moved |= 1 << bit;
  }
  return moved;
}

const EXCEPTIONS = [
  ['holidays', 'off'],
  ['workdays', 'on'],
  ['blackout', 'blackout'],
] as const;

/** First and last day number of `date` or `date..date`, or what is wrong with it. */
function parseRange(text: string): { first: number; last: number } | string {
  const [from = '', to = from, ...more] = text.split('..');
  const first = parseDate(from);
  const last = parseDate(to);
  if (first === null || last === null || more.length > 0)
    return 'must be a date YYYY-MM-DD or a range of two, from..to';
  if (last < first) return 'must not run backwards';
  return last - first < RANGE_DAYS_MAX ? { first, last } : `must not be longer than ${RANGE_DAYS_MAX} days`;
}

function markDays(
  exceptions: Map<number, MonthExceptions>,
  { first, last }: { readonly first: number; readonly last: number },
  kind: keyof MonthExceptions,
): void {
  for (let days = first; days <= last; days++) {
    const { year, month, day } = civilDate(days);
    const key = year * 12 + month - 1;
    const entry = exceptions.get(key) ?? { off: 0, on: 0, blackout: 0 };
    entry[kind] |= 1 << (day - 1);
    exceptions.set(key, entry);
  }
}

function workdayBits(calendar: CompiledCalendar, year: number, month: number): number {
  const bits = weekdayBitsOfMonth(calendar.weekdays, year, month);
  const entry = calendar.exceptions.get(year * 12 + month - 1);
  if (entry === undefined) return bits;
  return ((bits & ~entry.off) | entry.on) & monthBits(monthLength(year, month));
}

/** The n-th lowest member, or for a negative n the n-th highest; all of them for null. */
function nthOnly(bits: number, nth: number | null): number {
  if (nth === null) return bits;
  const skip = nth > 0 ? nth - 1 : countBits(bits) + nth;
  if (skip < 0) return 0;
  let rest = bits;
  for (let n = 0; n < skip; n++) rest &= rest - 1;
  return rest & -rest;
}

/** The nearest day that counts after (1) or before (-1) a day; null when there is none within a year. */
function nearestCounting(calendar: CompiledCalendar, days: number, direction: 1 | -1): number | null {
  let { year, month, day } = civilDate(days + direction);
  for (let n = 0; n < MONTHS_MOVED_MAX; n++) {
    const bits = countingBits(calendar, year, month);
    const bit = direction === 1 ? nextBit(bits, day - 1) : previousBit(bits, day - 1);
    if (bit >= 0) return dayNumber(year, month, bit + 1);
    month += direction;
    if (month < 1 || month > 12) {
      year += direction;
      month = month < 1 ? 12 : 1;
    }
    day = direction === 1 ? 1 : 31;
  }
  return null;
}

/** Whether any day from `from`, up to but not with `to`, has a slot that is not blacked out. */
function anyDay(
  calendar: CompiledCalendar,
  { from, to, direction }: { readonly from: number; readonly to: number; readonly direction: 1 | -1 },
  bitsOf: (year: number, month: number) => number,
): boolean {
  for (let days = from; days !== to; days += direction) {
    const { year, month, day } = civilDate(days);
    const blackout = calendar.exceptions.get(year * 12 + month - 1)?.blackout ?? 0;
    if (((bitsOf(year, month) & ~blackout) >>> (day - 1)) & 1) return true;
  }
  return false;
}
