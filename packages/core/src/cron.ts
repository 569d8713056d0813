/**
 * Cron expressions by themselves, for callers who want times and no scheduler: the same evaluator the engine
 * uses, with plain texts and `Date`s outside.
 */
import { describeSchedule } from './calendar/describe.js';
import { compileSchedule, instantsBetween, nextInstant, previousInstant } from './calendar/schedule.js';
import { checkZone } from './calendar/time-zone.js';
import { parseTime } from './calendar/time.js';
import { SchedulerError } from './model/errors.js';
import { instant } from './model/ids.js';
import type { Instant } from './model/ids.js';
import type { CronDialect, CronScheduleDefinition, DstRule } from './model/schedule.js';

/** Epoch milliseconds, a `Date`, or ISO 8601 with an offset; a bare local time is an error. */
export type Time = Date | number | string;

/** How an expression is read. */
export interface CronOptions {
  /** Default by the number of fields: 5 is unix, 6 or 7 is quartz. */
  readonly dialect?: CronDialect;
  /** IANA zone; default UTC. */
  readonly zone?: string;
  /** What clock changes do; default `standard`. */
  readonly dst?: DstRule;
}

/** A parsed expression in a zone. Immutable; every question is independent of the ones before. */
export interface Cron {
  /** The first time strictly after `after`, or null; with a count, that many or, at the end, fewer. */
  next(after: Time): Date | null;
  next(after: Time, count: number): Date[];
  /** The last time strictly before `before`, or null; with a count, that many, the latest first. */
  previous(before: Time): Date | null;
  previous(before: Time, count: number): Date[];
  /** All times between two others, both excluded. OPTION_INVALID when there are more than a million. */
  between(from: Time, to: Time): Date[];
  /** The expression in words. */
  describe(locale: 'en' | 'zh'): string;
}

/**
 * Reads a cron expression. Times end with the year 2199. Throws CRON_INVALID, which names the field and its
 * range, or ZONE_UNKNOWN; the methods throw TIME_INVALID for a time without an offset, and OPTION_INVALID
 * for a count that is no whole number.
 */
export function cron(text: string, { dialect, zone = 'UTC', dst }: CronOptions = {}): Cron {
  const definition: CronScheduleDefinition = {
    cron: text,
    ...(dialect !== undefined && { dialect }),
    ...(dst !== undefined && { dst }),
  };
  const schedule = compileSchedule(definition, { zone: checkZone(zone), calendars: () => null });

  function next(after: Time): Date | null;
  function next(after: Time, count: number): Date[];
  function next(after: Time, count?: number): Date | null | Date[] {
    const step = (at: Instant) => nextInstant(schedule, at);
    return count === undefined ? asDate(step(parseTime(after))) : follow(step, parseTime(after), count);
  }
  function previous(before: Time): Date | null;
  function previous(before: Time, count: number): Date[];
  function previous(before: Time, count?: number): Date | null | Date[] {
    const step = (at: Instant) => previousInstant(schedule, at);
    return count === undefined ? asDate(step(parseTime(before))) : follow(step, parseTime(before), count);
  }
  return {
    next,
    previous,
    between(from, to) {
      const found = instantsBetween(schedule, parseTime(from), parseTime(to), TIMES_MAX + 1);
      if (found.length > TIMES_MAX) throw invalidOption('between', `at most ${TIMES_MAX} times`);
      return found.map((at) => new Date(at));
    },
    describe: (locale) => describeSchedule(definition, locale),
  };
}

/** A list longer than this is a mistake in the bounds, and would fill the memory. */
const TIMES_MAX = 1_000_000;

function follow(step: (at: Instant) => Instant | null, from: Instant, count: number): Date[] {
  if (!Number.isInteger(count) || count < 0 || count > TIMES_MAX) {
    throw invalidOption('count', `a whole number from 0 to ${TIMES_MAX}`);
  }
  const found: Date[] = [];
  let at: Instant | null = instant(from);
  while (found.length < count) {
    at = step(at);
    if (at === null) break;
    found.push(new Date(at));
  }
  return found;
}

const asDate = (at: Instant | null) => (at === null ? null : new Date(at));

const invalidOption = (option: string, expected: string) =>
  new SchedulerError('OPTION_INVALID', `${option}: must be ${expected}`, { option, expected });
