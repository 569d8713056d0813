/**
 * A schedule, compiled: what the kernel, the simulator and the pages ask for instants. Compiled schedules
 * are immutable plain values and hold no text; identical ones are shared through `createScheduleTable`, so
 * a hundred thousand jobs with a few hundred different schedules cost a few hundred small objects.
 */
import { unreachable } from '../model/assert.js';
import { SchedulerError } from '../model/errors.js';
import { instant } from '../model/ids.js';
import type { DurationMs, Instant, ZoneName } from '../model/ids.js';
import type { Interval, Slot } from '../model/slot.js';
import type {
  CronScheduleDefinition,
  OneShotScheduleDefinition,
  Misfire,
  Period,
  ScheduleDefinition,
  ScheduleObject,
} from '../model/schedule.js';
import type { CompiledCalendar } from './calendar.js';
import { nextStandard, previousStandard } from './cron-next.js';
import { parseCron } from './cron-parse.js';
import { nextQuartz, previousQuartz } from './cron-quartz-dst.js';
import { dateText } from './civil.js';
import { parseDuration } from './duration.js';
import { calendarInterval } from './interval.js';
import { defaultPeriod, nominalMs } from './period.js';
import { parseTime } from './time.js';
import { movedInstant, nextEvery, previousEvery } from './timing.js';
import type { Timing } from './timing.js';
import { checkZone, localDayOf } from './time-zone.js';
import { zoneTable } from './zone-table.js';
import type { ZoneTable } from './zone-table.js';

const CATCH_UP = 60;

/** Opaque outside the calendar but for `zone`, `misfire`, `withinMs`, `catchUp` and `periodMs`. Immutable. */
export interface CompiledSchedule {
  readonly zone: ZoneName;
  readonly misfire: Misfire;
  /** How late a missed slot may still start. */
  readonly withinMs: DurationMs;
  /** Missed slots that are made up for in a minute. */
  readonly catchUp: number;
  /** Average length of the interval in ms; tells which of two schedules is the coarser. */
  readonly periodMs: number;
  /** Period of the interval, given or guessed, and by how many of them it is shifted. */
  readonly period: Period;
  readonly shift: number;
  readonly timing: Timing;
  readonly calendar: CompiledCalendar | null;
  readonly table: ZoneTable;
}

/** What a definition leaves open: the group's zone, and the calendars by name (null: unknown). */
export interface ScheduleContext {
  readonly zone: ZoneName;
  readonly calendars: (name: string) => CompiledCalendar | null;
}

/** The interval is the period before the instant's own. */
const DEFAULT_SHIFT = -1;

/**
 * Compiles a schedule. Throws CRON_INVALID, ZONE_UNKNOWN, DURATION_INVALID or TIME_INVALID for a text that
 * does not read, and DEFINITION_INVALID for an unknown calendar, a wrong misfire, period or shift, a list
 * without instants, or `every` with a calendar that moves slots.
 */
export function compileSchedule(definition: ScheduleDefinition, context: ScheduleContext): CompiledSchedule {
  const object: ScheduleObject = typeof definition === 'string' ? { cron: definition } : definition;
  const zone = object.zone === undefined ? context.zone : checkZone(object.zone);
  const calendar = object.calendar === undefined ? null : context.calendars(object.calendar);
  if (object.calendar !== undefined && calendar === null)
    throw invalid('calendar', `"${object.calendar}" is not defined`);
  const { misfire = 'all', shift = DEFAULT_SHIFT } = object;
  if (!['all', 'latest', 'none'].includes(misfire))
    throw invalid('misfire', `must be all, latest or none, got "${misfire}"`);
  if (!Number.isSafeInteger(shift)) throw invalid('shift', `must be a whole number of periods, got ${shift}`);
  const table = zoneTable(zone);
  const timing = compileTiming(object, table, calendar);
  const period = object.period ?? defaultPeriod(timing, calendar);
  if (!PERIODS.has(period)) throw invalid('period', `must be ${[...PERIODS].join(', ')}, got "${period}"`);
  return {
    zone,
    misfire,
    withinMs: parseDuration(object.within ?? '24h'),
    catchUp: object.catchUp ?? CATCH_UP,
    periodMs: nominalMs(period, timing, calendar),
    period,
    shift: shift - DEFAULT_SHIFT,
    timing,
    calendar,
    table,
  };
}

/** Shares compiled schedules that have the same definition, zone and calendar. One table per engine. */
export interface ScheduleTable {
  /** As `compileSchedule`. */
  compile(definition: ScheduleDefinition, context: ScheduleContext): CompiledSchedule;
}

/** Makes an empty table. It keeps what it has compiled until the calendar it was compiled with is gone. */
export function createScheduleTable(): ScheduleTable {
  const withoutCalendar = new Map<string, CompiledSchedule>();
  const byCalendar = new WeakMap<CompiledCalendar, Map<string, CompiledSchedule>>();
  const schedulesOf = (calendar: CompiledCalendar | null) => {
    if (calendar === null) return withoutCalendar;
    const schedules = byCalendar.get(calendar) ?? new Map<string, CompiledSchedule>();
    byCalendar.set(calendar, schedules);
    return schedules;
  };
  return {
    compile(definition, context) {
      const name = typeof definition === 'string' ? undefined : definition.calendar;
      const schedules = schedulesOf(name === undefined ? null : context.calendars(name));
      const key = `${context.zone} ${definitionKey(definition)}`;
      const known = schedules.get(key);
      if (known !== undefined) return known;
      const compiled = compileSchedule(definition, context);
      schedules.set(key, compiled);
      return compiled;
    },
  };
}

/** The first instant strictly after `after`; null when none is left. Schedules end with the year 2199. */
export function nextInstant(schedule: CompiledSchedule, after: Instant): Instant | null {
  const { timing } = schedule;
  switch (timing.type) {
    case 'cron': {
      const cron = { sets: timing.sets, calendar: schedule.calendar, table: schedule.table };
      return asInstant(timing.dst === 'quartz' ? nextQuartz(cron, after) : nextStandard(cron, after));
    }
    case 'every':
      return asInstant(nextEvery(schedule, timing, after));
    case 'at':
      return asInstant(timing.instants.find((at) => at > after) ?? null);
    default:
      return unreachable(timing);
  }
}

/** The last instant strictly before `before`; null when there is none since 1970. */
export function previousInstant(schedule: CompiledSchedule, before: Instant): Instant | null {
  const { timing } = schedule;
  switch (timing.type) {
    case 'cron': {
      const cron = { sets: timing.sets, calendar: schedule.calendar, table: schedule.table };
      return asInstant(
        timing.dst === 'quartz' ? previousQuartz(cron, before) : previousStandard(cron, before),
      );
    }
    case 'every':
      return asInstant(previousEvery(schedule, timing, before));
    case 'at':
      return asInstant(timing.instants.findLast((at) => at < before) ?? null);
    default:
      return unreachable(timing);
  }
}

/** The first `max` instants between two others, both excluded, in order. */
export function instantsBetween(
  schedule: CompiledSchedule,
  from: Instant,
  to: Instant,
  max: number,
): Instant[] {
  const found: Instant[] = [];
  let at = found.length < max ? nextInstant(schedule, from) : null;
  while (at !== null && at < to) {
    found.push(at);
    at = found.length < max ? nextInstant(schedule, at) : null;
  }
  return found;
}

/** Whether the schedule has this very instant, to the millisecond. */
export function isInstantOf(schedule: CompiledSchedule, at: Instant): boolean {
  return nextInstant(schedule, instant(at - 1)) === at;
}

/** The slot of an instant. Total: also for an instant the schedule does not have. */
export function slotAt(schedule: CompiledSchedule, at: Instant): Slot {
  const { table, zone, period, shift } = schedule;
  const interval =
    period === 'other' ? fireInterval(schedule, at) : calendarInterval(table, { period, shift }, at);
  return { instant: at, interval, businessDate: dateText(localDayOf(table, interval.start)), zone };
}

/** The slot of an ad hoc run as of an instant: interval and business date are the local day before. */
export function dailySlot(zone: ZoneName, asOf: Instant): Slot {
  const table = zoneTable(zone);
  const interval = calendarInterval(table, { period: 'day', shift: 0 }, asOf);
  return { instant: asOf, interval, businessDate: dateText(localDayOf(table, asOf) - 1), zone };
}

const FORMS: ReadonlySet<string> = new Set(['cron', 'every', 'at']);
const PERIODS: ReadonlySet<string> = new Set<Period>([
  'year',
  'month',
  'week',
  'day',
  'hour',
  'minute',
  'second',
  'other',
]);

function compileTiming(object: ScheduleObject, table: ZoneTable, calendar: CompiledCalendar | null): Timing {
  const forms = Object.entries(object).flatMap(([key, value]) =>
    FORMS.has(key) && value !== undefined ? [key] : [],
  );
  if (forms.length !== 1) {
    throw invalid('schedule', `must have one of cron, every and at, got ${forms.join(', ') || 'none'}`);
  }
  if ('cron' in object && object.cron !== undefined) {
    if (typeof object.cron !== 'string') throw invalid('cron', `must be a text, got ${typeof object.cron}`);
    return { type: 'cron', sets: parseCron(object.cron, object.dialect), dst: checkDst(object) };
  }
  if ('every' in object && object.every !== undefined) {
    const everyMs = parseDuration(object.every);
    const text = String(object.every);
    if (everyMs === 0) throw new SchedulerError('DURATION_INVALID', 'every: must be longer than 0', { text });
    if (calendar !== null && calendar.shift !== 'skip') {
      throw invalid('calendar', `"${object.calendar}" moves slots; every ${text} can only skip them`);
    }
    return { type: 'every', everyMs, fromMs: object.from === undefined ? 0 : parseTime(object.from) };
  }
  const { at = [] } = object as OneShotScheduleDefinition;
  const times = (typeof at === 'string' ? [at] : at).map(parseTime);
  if (times.length === 0) throw invalid('at', 'must list at least one instant');
  const moved = times.map((at) => movedInstant({ table, calendar }, at)).filter((at) => at !== null);
  return { type: 'at', instants: [...new Set(moved)].sort((a, b) => a - b) };
}

function checkDst({ dst = 'standard' }: CronScheduleDefinition) {
  if (dst !== 'standard' && dst !== 'quartz')
    throw invalid('dst', `must be standard or quartz, got "${String(dst)}"`);
  return dst;
}

/**
 * From the instant before to this one; a shift goes so many instants back or on. Where the schedule has no
 * further instant, one average length stands in for it.
 */
function fireInterval(schedule: CompiledSchedule, at: Instant): Interval {
  const { timing, shift, periodMs } = schedule;
  if (timing.type === 'every') {
    const end = instant(at + shift * timing.everyMs);
    return { start: instant(end - timing.everyMs), end };
  }
  const lengthMs = Math.round(periodMs);
  let end = at;
  for (let n = 0; n < Math.abs(shift); n++) {
    const moved = shift < 0 ? previousInstant(schedule, end) : nextInstant(schedule, end);
    end = moved ?? instant(end + Math.sign(shift) * lengthMs);
  }
  return { start: previousInstant(schedule, end) ?? instant(end - lengthMs), end };
}

/** Definitions that differ only in the order of their keys have the same key. */
function definitionKey(definition: ScheduleDefinition): string {
  if (typeof definition === 'string') return JSON.stringify([['cron', definition]]);
  return JSON.stringify(Object.entries(definition).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const asInstant = (at: number | null): Instant | null => (at === null ? null : instant(at));

function invalid(path: string, message: string) {
  const problems = [{ path, rule: 'schedule', message }];
  return new SchedulerError('DEFINITION_INVALID', `schedule: ${path} ${message}`, { problems });
}
