/**
 * A parsed cron expression: bit sets. Both dialects end here, so there is one evaluator and one meaning.
 * An expression takes about 120 bytes; nothing of its text is kept.
 */
import { SchedulerError } from '../model/errors.js';
import type { CronDialect } from '../model/schedule.js';

/** The first and the last year in which schedules have instants. */
export const YEAR_MIN = 1970;
export const YEAR_MAX = 2199;

/**
 * Which days of a month are meant.
 *
 * - `days`: those in `dayBits`; `weekdays`: those whose weekday is in `weekdayBits`.
 * - `either`, `both`: in one of the two sets, in both (two restricted fields of the unix dialect).
 * - `last`: `dayNumber` days before the last day. `lastWorkday`: the Monday to Friday nearest to that.
 * - `nearest`: the Monday to Friday nearest to day `dayNumber`, within the month.
 * - `lastOf`: the last of the weekday in `weekdayBits`; `nthOf`: its `dayNumber`-th.
 */
export type DayRule =
  'days' | 'weekdays' | 'either' | 'both' | 'last' | 'lastWorkday' | 'nearest' | 'lastOf' | 'nthOf';

/** Members of each field. Days are counted from bit 0 = 1, weekdays from bit 0 = Sunday. */
export interface CronSets {
  /** Seconds 0–29 and 30–59, and minutes likewise: small integers stay cheap. */
  readonly secondsLow: number;
  readonly secondsHigh: number;
  readonly minutesLow: number;
  readonly minutesHigh: number;
  readonly hours: number;
  /** Bit 1 is January. */
  readonly months: number;
  readonly dayRule: DayRule;
  readonly dayBits: number;
  readonly weekdayBits: number;
  readonly dayNumber: number;
  /** Null when all years count. */
  readonly years: readonly number[] | null;
  /** Whether the hour field says `*` or a step, and so follows elapsed time through clock changes. */
  readonly elapsed: boolean;
}

export type CronField = 'second' | 'minute' | 'hour' | 'day of month' | 'month' | 'day of week' | 'year';

/** Range of each field as the author counts; of the weekday as its dialect counts. */
export interface FieldRange {
  readonly name: CronField;
  readonly min: number;
  readonly max: number;
}

/** The fields of a dialect, in the order they are written. */
export function fieldRanges(dialect: CronDialect): readonly FieldRange[] {
  return dialect === 'unix' ? UNIX_FIELDS : QUARTZ_FIELDS;
}

const QUARTZ_FIELDS: readonly FieldRange[] = [
  { name: 'second', min: 0, max: 59 },
  { name: 'minute', min: 0, max: 59 },
  { name: 'hour', min: 0, max: 23 },
  { name: 'day of month', min: 1, max: 31 },
  { name: 'month', min: 1, max: 12 },
  { name: 'day of week', min: 1, max: 7 },
  { name: 'year', min: YEAR_MIN, max: YEAR_MAX },
];
const UNIX_FIELDS: readonly FieldRange[] = [
  { name: 'minute', min: 0, max: 59 },
  { name: 'hour', min: 0, max: 23 },
  { name: 'day of month', min: 1, max: 31 },
  { name: 'month', min: 1, max: 12 },
  { name: 'day of week', min: 0, max: 7 },
];

export const MONTH_NAMES = [
  'JAN',
  'FEB',
  'MAR',
  'APR',
  'MAY',
  'JUN',
  'JUL',
  'AUG',
  'SEP',
  'OCT',
  'NOV',
  'DEC',
];
export const WEEKDAY_NAMES = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/** One member list of a field while it is read. */
export class FieldSet {
  readonly #members = new Set<number>();

  add(value: number): void {
    this.#members.add(value);
  }

  has(value: number): boolean {
    return this.#members.has(value);
  }

  get size(): number {
    return this.#members.size;
  }

  /** The smallest member; the set must not be empty. */
  first(): number {
    return Math.min(...this.#members);
  }

  values(): number[] {
    return [...this.#members].sort((a, b) => a - b);
  }

  /** The members from `from` to `from` + 30 as a bit set, `from` being bit 0. */
  bits(from: number): number {
    let bits = 0;
    for (const value of this.#members) if (value >= from && value - from < 31) bits |= 1 << (value - from);
    return bits;
  }

  /** Seconds or minutes, in two halves. */
  halves(): { low: number; high: number } {
    return { low: this.bits(0) & HALF, high: this.bits(30) & HALF };
  }
}

const HALF = (1 << 30) - 1;

/** Refuses an expression, naming the field and what it may say. */
export function cronError(
  expression: string,
  field: string,
  expected: string,
): SchedulerError<'CRON_INVALID'> {
  const message = `cron expression "${expression}": ${field === 'fields' ? '' : `${field} `}${expected}`;
  return new SchedulerError('CRON_INVALID', message, { expression, field, expected });
}
