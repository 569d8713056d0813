/**
 * Which days of a month a schedule has, as one bit set per month: first what the cron expression says, then
 * what the calendar makes of it. Everything that knows about days works on these sets.
 */
import { unreachable } from '../model/assert.js';
import type { CompiledCalendar } from './calendar.js';
import { countingBits, movedBits } from './calendar.js';
import { dayNumber, monthBits, monthLength, previousBit, weekdayBitsOfMonth, weekdayOf } from './civil.js';
import type { CronSets } from './cron-sets.js';

const SATURDAY = 6;
const SUNDAY = 0;

/** The days of a month (bit 0 is the first) on which the expression has instants, before any calendar. */
export function cronBits(sets: CronSets, year: number, month: number): number {
  if (((sets.months >>> month) & 1) === 0) return 0;
  if (sets.years !== null && !sets.years.includes(year)) return 0;
  const length = monthLength(year, month);
  const all = monthBits(length);
  switch (sets.dayRule) {
    case 'days':
      return sets.dayBits & all;
    case 'weekdays':
      return weekdayBitsOfMonth(sets.weekdayBits, year, month);
    case 'either':
      return (sets.dayBits & all) | weekdayBitsOfMonth(sets.weekdayBits, year, month);
    case 'both':
      return sets.dayBits & weekdayBitsOfMonth(sets.weekdayBits, year, month);
    case 'last':
      return sets.dayNumber < length ? 1 << (length - 1 - sets.dayNumber) : 0;
    case 'lastWorkday':
      return nearestBit(year, month, length - sets.dayNumber);
    case 'nearest':
      return nearestBitOfQuartz(sets, year, month);
    case 'lastOf': {
      const last = previousBit(weekdayBitsOfMonth(sets.weekdayBits, year, month), 31);
      return 1 << last;
    }
    case 'nthOf': {
      const seven = 0x7f << (7 * (sets.dayNumber - 1));
      return weekdayBitsOfMonth(sets.weekdayBits, year, month) & seven;
    }
    default:
      return unreachable(sets.dayRule);
  }
}

/** The days of a month on which the schedule has instants, the calendar's filter and shifts applied. */
export function dayBits(
  sets: CronSets,
  calendar: CompiledCalendar | null,
  year: number,
  month: number,
): number {
  if (calendar === null) return cronBits(sets, year, month);
  if (calendar.shift !== 'skip') {
    return movedBits(calendar, { year, month }, (y, m) => cronBits(sets, y, m));
  }
  const bits = cronBits(sets, year, month);
  return bits === 0 ? 0 : bits & countingBits(calendar, year, month);
}

/** Monday to Friday nearest to a day, never leaving its month; none in a month that has no such day. */
function nearestBit(year: number, month: number, day: number): number {
  const length = monthLength(year, month);
  if (day < 1 || day > length) return 0;
  const weekday = weekdayOf(dayNumber(year, month, day));
  if (weekday === SATURDAY) return 1 << (day === 1 ? 2 : day - 2);
  if (weekday === SUNDAY) return 1 << (day === length ? day - 3 : day);
  return 1 << (day - 1);
}

/**
 * Quartz takes day 31 of April for May 1 and, when that is a Saturday, steps back to April 30; but a search
 * that comes from a March in which the expression has a day never looks at April. So does ours.
 */
function nearestBitOfQuartz({ months, dayNumber: day }: CronSets, year: number, month: number): number {
  const length = monthLength(year, month);
  if (day !== length + 1 || ((months >>> (month - 1)) & 1) === 1) return nearestBit(year, month, day);
  return weekdayOf(dayNumber(year, month, day)) === SATURDAY ? 1 << (length - 1) : 0;
}
