/**
 * The interval of data an instant is about, by calendar period: `day` the local day before the instant's
 * local day, `week` the seven local days before it, `month` and `year` the calendar month and year before
 * the instant's, `hour`, `minute` and `second` the one before the one the clock shows. `shift` moves the
 * interval by so many of its periods.
 */
import { unreachable } from '../model/assert.js';
import { instant } from '../model/ids.js';
import type { Instant } from '../model/ids.js';
import type { Period } from '../model/schedule.js';
import type { Interval } from '../model/slot.js';
import { HOUR_MS, civilDate, dayNumber } from './civil.js';
import { localDayOf, startOfDay } from './time-zone.js';
import type { ZoneTable } from './zone-table.js';

/** A period of the calendar, and by how many of it the interval is moved. */
export interface IntervalRule {
  readonly period: Exclude<Period, 'other'>;
  readonly shift: number;
}

/** The interval of an instant in the zone of the table. */
export function calendarInterval(table: ZoneTable, { period, shift }: IntervalRule, at: Instant): Interval {
  const today = localDayOf(table, at);
  switch (period) {
    case 'year': {
      const year = civilDate(today).year + shift;
      return dayInterval(table, dayNumber(year - 1, 1, 1), dayNumber(year, 1, 1));
    }
    case 'month': {
      const { year, month } = civilDate(today);
      return dayInterval(table, monthStart(year, month - 1 + shift), monthStart(year, month + shift));
    }
    case 'week':
      return dayInterval(table, today - 7 + 7 * shift, today + 7 * shift);
    case 'day':
      return dayInterval(table, today - 1 + shift, today + shift);
    case 'hour':
      return clockInterval(table, { at, shift, lengthMs: HOUR_MS });
    case 'minute':
      return clockInterval(table, { at, shift, lengthMs: MINUTE_MS });
    case 'second':
      return clockInterval(table, { at, shift, lengthMs: SECOND_MS });
    default:
      return unreachable(period);
  }
}

/** From the start of one local day to the start of another, by their numbers. */
function dayInterval(table: ZoneTable, first: number, end: number): Interval {
  return { start: startOfDay(table, first), end: startOfDay(table, end) };
}

/** Day number on which a month begins; months run over the ends of their year. */
function monthStart(year: number, month: number): number {
  const months = year * 12 + month - 1;
  return dayNumber(Math.floor(months / 12), (((months % 12) + 12) % 12) + 1, 1);
}

/** The hour, minute or second before the one the local clock shows, in elapsed time. */
function clockInterval(
  table: ZoneTable,
  { at, shift, lengthMs }: { at: Instant; shift: number; lengthMs: number },
) {
  const wall = at + table.at(at).offsetMs;
  const end = at - (((wall % lengthMs) + lengthMs) % lengthMs) + shift * lengthMs;
  return { start: instant(end - lengthMs), end: instant(end) };
}

const MINUTE_MS = 60_000;
const SECOND_MS = 1_000;
