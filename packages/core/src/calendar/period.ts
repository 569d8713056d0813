/**
 * Which calendar period a schedule's slots are about, when its author does not say. One instant a day on any
 * set of weekdays is a daily schedule, MON-FRI included; one a week weekly; one a month monthly, also when
 * said by `L`, `W` or `#`, or by the calendar's n-th workday; one a year yearly; one an hour in hours without
 * a break between them hourly; one in every minute, or every second, likewise. All else is `other`: from one
 * instant to the next.
 */
import { unreachable } from '../model/assert.js';
import type { Period } from '../model/schedule.js';
import type { CompiledCalendar } from './calendar.js';
import { countBits, dayNumber, monthBits } from './civil.js';
import { dayBits } from './cron-days.js';
import type { CronSets } from './cron-sets.js';
import { YEAR_MAX, YEAR_MIN } from './cron-sets.js';
import type { Timing } from './timing.js';

const ALL_OF_HALF = (1 << 30) - 1;
const ALL_MONTHS = 12;
const AVERAGED_YEARS = 28;

/** The period of a schedule that names none. */
export function defaultPeriod(timing: Timing, calendar: CompiledCalendar | null): Period {
  switch (timing.type) {
    case 'cron':
      return cronPeriod(timing.sets, calendar);
    case 'every':
      return 'other';
    case 'at':
      return 'day';
    default:
      return unreachable(timing);
  }
}

/** Average length of the interval in ms: of the calendar period, or from one instant to the next. */
export function nominalMs(period: Period, timing: Timing, calendar: CompiledCalendar | null): number {
  if (period !== 'other') return PERIOD_MS[period];
  switch (timing.type) {
    case 'cron':
      return averageMs(timing.sets, calendar);
    case 'every':
      return timing.everyMs;
    case 'at':
      return listAverageMs(timing.instants);
    default:
      return unreachable(timing);
  }
}

const DAY = 86_400_000;
const PERIOD_MS: Readonly<Record<Exclude<Period, 'other'>, number>> = {
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  day: DAY,
  week: 7 * DAY,
  month: (365.2425 / 12) * DAY,
  year: 365.2425 * DAY,
};

function cronPeriod(sets: CronSets, calendar: CompiledCalendar | null): Period {
  const seconds = countBits(sets.secondsLow) + countBits(sets.secondsHigh);
  const minutes = countBits(sets.minutesLow) + countBits(sets.minutesHigh);
  const hours = countBits(sets.hours);
  if (seconds > 1) return sets.secondsLow === ALL_OF_HALF && seconds === 60 ? 'second' : 'other';
  if (minutes > 1) return minutes === 60 ? 'minute' : 'other';
  if (hours > 1) return isUnbroken(sets.hours, 24) ? 'hour' : 'other';
  return dayPeriod(sets, calendar);
}

function dayPeriod(sets: CronSets, calendar: CompiledCalendar | null): Period {
  const months = countBits(sets.months);
  const monthly = months === ALL_MONTHS ? 'month' : months === 1 ? 'year' : 'other';
  if (calendar !== null && calendar.nthWorkday !== null) return monthly;
  switch (sets.dayRule) {
    case 'last':
    case 'lastWorkday':
    case 'nearest':
    case 'lastOf':
    case 'nthOf':
      return monthly;
    case 'weekdays':
      return countBits(sets.weekdayBits) === 1 ? 'week' : 'day';
    case 'days':
      if (countBits(sets.dayBits) === 1) return monthly;
      return sets.dayBits === monthBits(31) ? 'day' : 'other';
    case 'either':
    case 'both':
      return 'other';
    default:
      return unreachable(sets.dayRule);
  }
}

/** Whether the members follow each other without a break, round the end of the day as well. */
function isUnbroken(bits: number, size: number): boolean {
  let turns = 0;
  for (let n = 0; n < size; n++) {
    if (((bits >>> n) & 1) !== ((bits >>> ((n + 1) % size)) & 1)) turns++;
  }
  return turns <= 2;
}

/** Average over the years named, or over 28, after which weekdays and leap years repeat. */
function averageMs(sets: CronSets, calendar: CompiledCalendar | null): number {
  const seconds = countBits(sets.secondsLow) + countBits(sets.secondsHigh);
  const minutes = countBits(sets.minutesLow) + countBits(sets.minutesHigh);
  const first = sets.years?.[0] ?? 2024;
  const last = Math.min(sets.years?.at(-1) ?? first + AVERAGED_YEARS - 1, YEAR_MAX);
  let days = 0;
  for (let year = Math.max(first, YEAR_MIN); year <= last; year++) {
    for (let month = 1; month <= 12; month++) days += countBits(dayBits(sets, calendar, year, month));
  }
  const spanMs = (dayNumber(last + 1, 1, 1) - dayNumber(first, 1, 1)) * DAY;
  const count = days * countBits(sets.hours) * minutes * seconds;
  return count === 0 ? spanMs : spanMs / count;
}

function listAverageMs(instants: readonly number[]): number {
  const [first] = instants;
  const last = instants.at(-1);
  if (first === undefined || last === undefined || first === last) return DAY;
  return (last - first) / (instants.length - 1);
}
