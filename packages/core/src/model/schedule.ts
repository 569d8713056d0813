/**
 * Schedules and calendars as their author wrote them: plain data, the shape of the definition files.
 * `calendar/` compiles them; nothing here knows how.
 */

/** Epoch ms, a Date, or ISO 8601 with an offset; a bare local time is an error (`TIME_INVALID`). */
export type Time = Date | number | string;

/** `250ms`, `30s`, `10m`, `2h`, `1d`; a number is milliseconds. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

export type CronDialect = 'unix' | 'quartz';
/**
 * What daylight saving does to a fixed local time. `standard`: in the gap it runs at the first instant
 * after it, in the overlap once, the first time; `*` and steps in the hour field follow elapsed time.
 * `quartz`: skipped in the gap, the second time only in the overlap, as Quartz 2.3.2 does.
 */
export type DstRule = 'standard' | 'quartz';
export type Period = 'year' | 'month' | 'week' | 'day' | 'hour' | 'minute' | 'second' | 'other';
/** Which of the slots that nobody was there to start are started afterwards. */
export type Misfire = 'all' | 'latest' | 'none';

interface ScheduleCommon {
  /** Misfire policy; default `all`. */
  readonly misfire?: Misfire;
  /** How late a missed slot may still start; default 24 h. */
  readonly within?: Duration;
  /** Starts are spread over so long after the slot, each job at its own place; default 0. */
  readonly jitter?: Duration;
  /** Missed slots that are made up for in a minute, oldest first; default 60. */
  readonly catchUp?: number;
  /** Period of the interval, where the default guess (day, hour, …) is wrong. */
  readonly period?: Period;
  /**
   * Which period the interval is, counted from the one the instant lies in: -1, the default, is the one
   * before (a daily job is about yesterday), 0 the present one. Hera's batch number counts the same way.
   */
  readonly shift?: number;
  /** IANA zone; default the group's, else UTC. */
  readonly zone?: string;
  /** Name of a calendar that filters or moves the slots. */
  readonly calendar?: string;
}

export interface CronScheduleDefinition extends ScheduleCommon {
  readonly cron: string;
  /** Default by the number of fields: 5 is unix, 6 or 7 is quartz. */
  readonly dialect?: CronDialect;
  readonly dst?: DstRule;
}

/** Every so often, counted from `from` (default the Unix epoch). */
export interface IntervalScheduleDefinition extends ScheduleCommon {
  readonly every: Duration;
  /** ISO 8601 with offset. */
  readonly from?: string;
}

/** Once, or at each of a list of instants; ISO 8601 with offset. */
export interface OneShotScheduleDefinition extends ScheduleCommon {
  readonly at: string | readonly string[];
}

export type ScheduleObject = CronScheduleDefinition | IntervalScheduleDefinition | OneShotScheduleDefinition;
/** A bare text is a cron expression. */
export type ScheduleDefinition = string | ScheduleObject;

export type Weekday = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun';

/**
 * Which local days count. A day works when it is listed in `workdays`, or else when its weekday is in
 * `weekdays` and it is not listed in `holidays`. Keys are dates or `from..to` ranges, values are names.
 */
export interface CalendarDefinition {
  readonly title?: string;
  /** Default Monday to Friday. */
  readonly weekdays?: readonly Weekday[];
  /** Days off: `2026-10-01..2026-10-08: 国庆`. */
  readonly holidays?: Readonly<Record<string, string>>;
  /** Make-up working days (调休), stronger than `holidays` and `weekdays`. */
  readonly workdays?: Readonly<Record<string, string>>;
  /** Ranges of days on which nothing runs, whatever else is said; never moved, always skipped. */
  readonly blackout?: Readonly<Record<string, string>>;
  /**
   * What happens to a slot on a day that does not count: `skip` (default) drops it, `next` and `previous`
   * move it to the same local time of the nearest day that counts, in that direction.
   */
  readonly shift?: 'skip' | 'next' | 'previous';
  /** Keeps only this workday of each month: 1 is the first, -1 the last. */
  readonly nthWorkday?: number;
  /** Last day the author has entered; an alarm comes 60 days before it. */
  readonly until?: string;
}
