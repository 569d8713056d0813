/**
 * Calendar arithmetic as `java.util.GregorianCalendar` does it, because the date expressions of scripts are
 * written for it: months count from zero, fields that are set roll over leniently, nothing is worked out
 * before somebody asks, and of fields that contradict each other the one set last counts. Weeks start on
 * Sunday and the week of 1 January is week 1, as in the locales Hera is used in.
 *
 * Daylight saving: a local time that exists twice is the second one; one that does not exist is moved on by
 * the length of the gap. Adding days keeps the offset while it can, so from 02:30 the day before the gap one
 * arrives at 01:30.
 *
 * The years are 1583 to 9999: before, Java counts in the Julian calendar. From 2100 on clocks change as in
 * the last year before that begins on the same weekday, so that no zone is looked up that far ahead.
 */
import { instant } from '../model/ids.js';
import type { Instant, ZoneName } from '../model/ids.js';
import type { ZoneMath } from '../model/zone-math.js';

/** Numbers of `java.util.Calendar`. */
export const FIELD = {
  era: 0,
  year: 1,
  month: 2,
  weekOfYear: 3,
  weekOfMonth: 4,
  dayOfMonth: 5,
  dayOfYear: 6,
  dayOfWeek: 7,
  dayOfWeekInMonth: 8,
  amPm: 9,
  hour: 10,
  hourOfDay: 11,
  minute: 12,
  second: 13,
  millisecond: 14,
  zoneOffset: 15,
  dstOffset: 16,
} as const;

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const TIME_MIN_MS = Date.UTC(1583, 0, 1);
/** Exclusive. */
const TIME_MAX_MS = Date.UTC(10_000, 0, 1);
/** The zone data is not asked about this year and later ones. */
const YEAR_FAR = 2100;

/** Length of one step of `add`; the fields in hours and below move elapsed time, not local time. */
const STEP_DAYS: ReadonlyMap<number, number> = new Map([
  [FIELD.weekOfYear, 7],
  [FIELD.weekOfMonth, 7],
  [FIELD.dayOfMonth, 1],
  [FIELD.dayOfYear, 1],
  [FIELD.dayOfWeek, 1],
  [FIELD.dayOfWeekInMonth, 7],
]);
const STEP_MS: ReadonlyMap<number, number> = new Map([
  [FIELD.hour, HOUR_MS],
  [FIELD.hourOfDay, HOUR_MS],
  [FIELD.minute, MINUTE_MS],
  [FIELD.second, SECOND_MS],
  [FIELD.millisecond, 1],
]);

/** A moment that scripts can move. Outside the years 1583 to 9999 everything throws RangeError. */
export class JavaCalendar {
  readonly #zone: ZoneName;
  readonly #math: ZoneMath;
  #time: number;
  /** Fields that were set since the time was last worked out, in that order; a field set again moves back. */
  readonly #set = new Map<number, number>();

  constructor(at: Instant, zone: ZoneName, math: ZoneMath) {
    this.#time = inRange(at);
    this.#zone = zone;
    this.#math = math;
  }

  /** The moment after everything that was set. */
  get time(): Instant {
    if (this.#set.size > 0) this.#resolve();
    return instant(this.#time);
  }

  /** Milliseconds by which local time is ahead of UTC at the moment. */
  get offsetMs(): number {
    return this.#offsetAt(this.time);
  }

  /** Milliseconds of the offset that are daylight saving time. */
  get dstOffsetMs(): number {
    const year = new Date(this.time + this.offsetMs).getUTCFullYear();
    const winter = this.#offsetAt(Date.UTC(year, 0, 1));
    const summer = this.#offsetAt(Date.UTC(year, 6, 1));
    return Math.max(0, this.offsetMs - Math.min(winter, summer));
  }

  /** Value of a field by its number in `FIELD`. */
  get(field: number): number {
    const time = this.time;
    if (field === FIELD.dstOffset) return this.dstOffsetMs;
    if (field === FIELD.zoneOffset) return this.offsetMs - this.dstOffsetMs;
    return fieldOf(time + this.offsetMs, field);
  }

  /** Sets a field, also to a value outside its range: day 0 is the last day of the month before. */
  set(field: number, value: number): void {
    this.#set.delete(field);
    this.#set.set(field, value);
  }

  /** Moves by so many steps of a field. In months and years the day is cut to the length of the month. */
  add(field: number, amount: number): void {
    // As in Java, a step of zero does not even work out what was set before.
    if (amount === 0) return;
    const time = this.time;
    const stepMs = STEP_MS.get(field);
    if (stepMs !== undefined) this.#time = inRange(time + amount * stepMs);
    else if (field === FIELD.year) this.#addMonths(12 * amount);
    else if (field === FIELD.month) this.#addMonths(amount);
    else if (field === FIELD.amPm) this.#addLocal(amount * 12 * HOUR_MS);
    else this.#addLocal(amount * (STEP_DAYS.get(field) ?? 0) * DAY_MS);
  }

  #addMonths(amount: number): void {
    const local = new Date(this.#time + this.offsetMs);
    const months = local.getUTCFullYear() * 12 + local.getUTCMonth() + amount;
    const year = Math.floor(months / 12);
    const month = months - 12 * year;
    const length = new Date(utc(year, month + 1, 0)).getUTCDate();
    this.set(FIELD.year, year);
    this.set(FIELD.month, month);
    if (local.getUTCDate() > length) this.set(FIELD.dayOfMonth, length);
  }

  /** Keeps the present offset, then makes good its change unless that would lead to another day. */
  #addLocal(ms: number): void {
    const before = this.offsetMs;
    const moved = inRange(this.#time + ms);
    const change = before - this.#offsetAt(moved);
    const wanted = dayOf(this.#time + before + ms);
    const corrected = moved + change;
    this.#time = dayOf(corrected + this.#offsetAt(corrected)) === wanted ? corrected : moved;
  }

  #resolve(): void {
    const fields = [...Array(FIELD.millisecond + 1).keys()].map(
      (field) => this.#set.get(field) ?? fieldOf(this.#time + this.#offsetAt(this.#time), field),
    );
    const value = (field: number) => fields[field] ?? 0;
    const order = [...this.#set.keys()];
    /** When the newest of these fields was set: 0 never, otherwise from 1. */
    const setAt = (...some: readonly number[]) => Math.max(...some.map((field) => order.indexOf(field) + 1));

    const hours =
      setAt(FIELD.hour, FIELD.amPm) > setAt(FIELD.hourOfDay)
        ? value(FIELD.hour) + 12 * value(FIELD.amPm)
        : value(FIELD.hourOfDay);
    const timeOfDay =
      hours * HOUR_MS +
      value(FIELD.minute) * MINUTE_MS +
      value(FIELD.second) * SECOND_MS +
      value(FIELD.millisecond);
    const local = inRange(resolveDay(value, setAt) * DAY_MS + timeOfDay);
    this.#time = this.#instantOf(local);
    this.#set.clear();
  }

  #instantOf(local: number): number {
    const before = this.#offsetAt(local - DAY_MS);
    const after = this.#offsetAt(local + DAY_MS);
    const isTime = (offset: number) => this.#offsetAt(local - offset) === offset;
    if (before === after || !isTime(after)) return inRange(local - before);
    return inRange(isTime(before) ? Math.max(local - before, local - after) : local - after);
  }

  #offsetAt(time: number): number {
    return this.#math.offsetMs(this.#zone, instant(time - detourMs(time)));
  }
}

/**
 * Number of the day, from 1 January 1970, that the fields name. Day of month, week of month, weekday in the
 * month, day of year and week of year contradict each other: the group whose field was set last counts, and
 * in a tie the earlier of this list, except that weeks of the year give way to no week of the month that was
 * set before them.
 */
function resolveDay(value: (field: number) => number, setAt: (...some: readonly number[]) => number): number {
  const year = value(FIELD.year);
  const first = utc(year, value(FIELD.month), 1) / DAY_MS;
  const newYear = utc(year, 0, 1) / DAY_MS;
  const weekday = value(FIELD.dayOfWeek);

  const dayOfMonth = setAt(FIELD.dayOfMonth);
  const weekOfMonth = setAt(FIELD.weekOfMonth, FIELD.dayOfWeek);
  const weekdayInMonth = setAt(FIELD.dayOfWeekInMonth, FIELD.dayOfWeek);
  const dayOfYear = setAt(FIELD.dayOfYear);
  const weekOfYear = setAt(FIELD.weekOfYear, FIELD.dayOfWeek);
  const latest = Math.max(dayOfMonth, weekOfMonth, weekdayInMonth, dayOfYear, weekOfYear);

  if (latest === dayOfMonth) return first + value(FIELD.dayOfMonth) - 1;
  const yields = (field: number) => setAt(field) < setAt(FIELD.weekOfYear);
  const byWeek = latest === weekOfMonth && !yields(FIELD.weekOfMonth);
  const byWeekday = latest === weekdayInMonth && !yields(FIELD.dayOfWeekInMonth);
  if (byWeek || byWeekday) {
    const preferWeek =
      weekOfMonth === weekdayInMonth
        ? setAt(FIELD.weekOfMonth) >= setAt(FIELD.dayOfWeekInMonth)
        : latest === weekOfMonth;
    if (preferWeek)
      return weekdayOnOrBefore(sundayOf(first) + 6, weekday) + 7 * (value(FIELD.weekOfMonth) - 1);
    return nthWeekday(first, weekday, value(FIELD.dayOfWeekInMonth));
  }
  if (latest === dayOfYear) return newYear + value(FIELD.dayOfYear) - 1;
  return weekdayOnOrBefore(sundayOf(newYear) + 6, weekday) + 7 * (value(FIELD.weekOfYear) - 1);
}

/** The n-th such weekday from the first of the month; 0 is the one before it, -1 the month's last. */
function nthWeekday(first: number, weekday: number, n: number): number {
  if (n >= 0) return weekdayOnOrBefore(first + 7 * n - 1, weekday);
  const date = new Date(first * DAY_MS);
  const length = new Date(utc(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  return weekdayOnOrBefore(first + length + 7 * (n + 1) - 1, weekday);
}

/** Value of a field at a local time, given as if it were UTC. */
function fieldOf(local: number, field: number): number {
  const date = new Date(local);
  const day = dayOf(local);
  switch (field) {
    case FIELD.era:
      return 1;
    case FIELD.year:
      return date.getUTCFullYear();
    case FIELD.month:
      return date.getUTCMonth();
    case FIELD.weekOfYear:
      return weeksSince(utc(weekYearOf(local), 0, 1) / DAY_MS, day);
    case FIELD.weekOfMonth:
      return weeksSince(utc(date.getUTCFullYear(), date.getUTCMonth(), 1) / DAY_MS, day);
    case FIELD.dayOfMonth:
      return date.getUTCDate();
    case FIELD.dayOfYear:
      return day - utc(date.getUTCFullYear(), 0, 1) / DAY_MS + 1;
    case FIELD.dayOfWeek:
      return date.getUTCDay() + 1;
    case FIELD.dayOfWeekInMonth:
      return Math.floor((date.getUTCDate() - 1) / 7) + 1;
    case FIELD.amPm:
      return date.getUTCHours() < 12 ? 0 : 1;
    case FIELD.hour:
      return date.getUTCHours() % 12;
    case FIELD.hourOfDay:
      return date.getUTCHours();
    case FIELD.minute:
      return date.getUTCMinutes();
    case FIELD.second:
      return date.getUTCSeconds();
    default:
      return date.getUTCMilliseconds();
  }
}

/** The year whose week 1 or later the local time is in: that of the Saturday that ends its week. */
export function weekYearOf(local: number): number {
  return new Date((sundayOf(dayOf(local)) + 6) * DAY_MS).getUTCFullYear();
}

const dayOf = (local: number) => Math.floor(local / DAY_MS);
/** 1970-01-01 was a Thursday, the fifth day of a week that starts on Sunday. */
const sundayOf = (day: number) => weekdayOnOrBefore(day, 1);
const weekdayOnOrBefore = (day: number, weekday: number) => day - floorMod(day + 5 - weekday, 7);
const weeksSince = (start: number, day: number) => (sundayOf(day) - sundayOf(start)) / 7 + 1;
const floorMod = (value: number, by: number) => value - by * Math.floor(value / by);

/** By how much earlier, in a year that looks the same, the clocks of a far year are read. */
function detourMs(time: number): number {
  const year = new Date(time).getUTCFullYear();
  if (year < YEAR_FAR) return 0;
  const start = new Date(Date.UTC(year, 0, 1));
  const length = (of: number) => Date.UTC(of + 1, 0, 1) - Date.UTC(of, 0, 1);
  let twin = YEAR_FAR - 1;
  while (length(twin) !== length(year) || new Date(Date.UTC(twin, 0, 1)).getUTCDay() !== start.getUTCDay())
    twin -= 1;
  return start.getTime() - Date.UTC(twin, 0, 1);
}

/** Like `Date.UTC`, which takes the years 0 to 99 for those of the last century. */
function utc(year: number, month: number, day: number): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month, day);
  return date.getTime();
}

/** Written so that what is not a number is out of range too. */
function inRange(time: number): number {
  if (!(time >= TIME_MIN_MS && time < TIME_MAX_MS)) throw new RangeError('a year before 1583 or after 9999');
  return time;
}
