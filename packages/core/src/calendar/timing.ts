/** When instants come, before anybody asks what they are for: by cron, by a fixed length, or from a list. */
import type { CompiledCalendar } from './calendar.js';
import { counts, movedDay } from './calendar.js';
import { DAY_MS, dayNumber } from './civil.js';
import { YEAR_MAX, YEAR_MIN } from './cron-sets.js';
import type { CronSets } from './cron-sets.js';
import { firstShowing, localDayOf, startOfDay } from './time-zone.js';
import type { ZoneTable } from './zone-table.js';

/** The three kinds of timing; instants are epoch ms, a list is in order and names none twice. */
export type Timing =
  | { readonly type: 'cron'; readonly sets: CronSets; readonly dst: 'standard' | 'quartz' }
  | EveryTiming
  | { readonly type: 'at'; readonly instants: readonly number[] };

/** Every `everyMs`, the first time at `fromMs`. */
export interface EveryTiming {
  readonly type: 'every';
  readonly everyMs: number;
  readonly fromMs: number;
}

/** Where a timing lies: the clock that days are told by, and the calendar that filters or moves them. */
export interface Place {
  readonly table: ZoneTable;
  readonly calendar: CompiledCalendar | null;
}

/** The first instant after another on a day that counts. */
export function nextEvery(
  { table, calendar }: Place,
  { everyMs, fromMs }: EveryTiming,
  after: number,
): number | null {
  const firstAfter = (at: number) => fromMs + Math.max(0, Math.floor((at - fromMs) / everyMs) + 1) * everyMs;
  let at = firstAfter(Math.max(after, FIRST_MS - 1));
  for (let idle = 0; at < END_MS && idle < IDLE_DAYS_MAX; idle++) {
    const days = localDayOf(table, at);
    if (calendar === null || counts(calendar, days)) return at;
    at = firstAfter(Math.max(at, startOfDay(table, days + 1) - 1));
  }
  return null;
}

/** The last instant before another on a day that counts. */
export function previousEvery(
  { table, calendar }: Place,
  { everyMs, fromMs }: EveryTiming,
  before: number,
): number | null {
  const lastBefore = (at: number) => fromMs + (Math.ceil((at - fromMs) / everyMs) - 1) * everyMs;
  let at = lastBefore(Math.min(before, END_MS));
  for (let idle = 0; at >= Math.max(fromMs, FIRST_MS) && idle < IDLE_DAYS_MAX; idle++) {
    const days = localDayOf(table, at);
    if (calendar === null || counts(calendar, days)) return at;
    at = lastBefore(Math.min(at, startOfDay(table, days)));
  }
  return null;
}

/** The same local time on the day to which the calendar moves an instant; null when it drops it. */
export function movedInstant({ table, calendar }: Place, at: number): number | null {
  const days = localDayOf(table, at);
  const target = calendar === null ? days : movedDay(calendar, days);
  if (target === null || target === days) return target === null ? null : at;
  return firstShowing(table, at + table.at(at).offsetMs + (target - days) * DAY_MS);
}

const FIRST_MS = dayNumber(YEAR_MIN, 1, 1) * DAY_MS;
const END_MS = dayNumber(YEAR_MAX + 1, 1, 1) * DAY_MS;
/** Days in a row on which `every` finds no day that counts before it gives up. */
const IDLE_DAYS_MAX = 3_660;
