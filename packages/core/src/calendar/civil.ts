/**
 * The Gregorian calendar in whole numbers: days since 1970-01-01, years, months and weekdays. Schedules are
 * searched a month at a time, and building a `Date` for each day would cost more than the search itself.
 *
 * A month's days are a bit set: bit 0 is the first of the month. Weekdays count from Sunday = 0.
 */
import { localDate } from '../model/ids.js';
import type { LocalDate } from '../model/ids.js';

export const DAY_MS = 86_400_000;
export const HOUR_MS = 3_600_000;

/** A calendar date; month and day count from 1. */
export interface CivilDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

const DAYS_PER_ERA = 146_097;
const DAYS_TO_1970 = 719_468;
const MONTH_LENGTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Days from 1970-01-01 to a date. `day` may run over the end of its month, or be 0 or below. */
export function dayNumber(year: number, month: number, day: number): number {
  // Years begin in March here, so that the leap day comes last and month lengths follow one formula.
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * DAYS_PER_ERA + dayOfEra - DAYS_TO_1970;
}

/** The date that lies this many days after 1970-01-01. Reverses `dayNumber`. */
export function civilDate(days: number): CivilDate {
  const shifted = days + DAYS_TO_1970;
  const era = Math.floor(shifted / DAYS_PER_ERA);
  const dayOfEra = shifted - era * DAYS_PER_ERA;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1,
  };
}

/** Weekday of a day number, Sunday = 0. */
export const weekdayOf = (days: number) => (((days + 4) % 7) + 7) % 7;

/** Length of a month in days. */
export function monthLength(year: number, month: number): number {
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return leap ? 29 : (MONTH_LENGTHS[month - 1] ?? 0);
}

/** All days of a month of this length. */
export const monthBits = (length: number) => (length === 31 ? 0x7fff_ffff : (1 << length) - 1);

/** The days of a month that fall on one of `weekdays` (a bit set, Sunday = bit 0). */
export function weekdayBitsOfMonth(weekdays: number, year: number, month: number): number {
  const first = weekdayOf(dayNumber(year, month, 1));
  const week = ((weekdays >>> first) | (weekdays << (7 - first))) & 0x7f;
  const days = week | (week << 7) | (week << 14) | (week << 21) | (week << 28);
  return days & monthBits(monthLength(year, month));
}

/** The lowest member of a bit set that is not below `from`, else -1. */
export function nextBit(bits: number, from: number): number {
  if (from > 31) return -1;
  const rest = (bits >>> from) << from;
  return rest === 0 ? -1 : 31 - Math.clz32(rest & -rest);
}

/** The highest member of a bit set that is not above `from`, else -1. */
export function previousBit(bits: number, from: number): number {
  if (from < 0) return -1;
  const rest = from >= 31 ? bits : bits & ((1 << (from + 1)) - 1);
  return rest === 0 ? -1 : 31 - Math.clz32(rest);
}

/** Number of members of a bit set. */
export function countBits(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** `YYYY-MM-DD` of a day number. */
export function dateText(days: number): LocalDate {
  const { year, month, day } = civilDate(days);
  return localDate(`${String(year).padStart(4, '0')}-${twoDigits(month)}-${twoDigits(day)}`);
}

/** The day number of a `YYYY-MM-DD`; null when the text is no date of the calendar. */
export function parseDate(text: string): number | null {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (match === null) return null;
  const days = dayNumber(Number(match[1]), Number(match[2]), Number(match[3]));
  return dateText(days) === text ? days : null;
}

const twoDigits = (value: number) => String(value).padStart(2, '0');
