/** Rules of `schedule` and `pace`. */
import type { CompiledCalendar } from '../calendar/calendar.js';
import { compileSchedule } from '../calendar/schedule.js';
import { isSchedulerError } from '../model/errors.js';
import { zoneName } from '../model/ids.js';
import type { JobDefinition } from '../model/job.js';
import type { ScheduleDefinition } from '../model/schedule.js';
import type { PathStep } from './path.js';
import { reportZone } from './report.js';
import type { Report } from './report.js';
import { didYouMean } from './suggest.js';

/** Calendars by name; null for one that is wrong, which has been reported where it stands. */
export type CompiledCalendars = ReadonlyMap<string, CompiledCalendar | null>;

/** Rules by which a job without a schedule finds whose slots it takes. */
const PACE_RULES = ['coarsest', 'heraFewest'];

/** Checks cron expression, interval, times, zone and calendar of one job's schedule. */
export function checkSchedule(
  name: string,
  job: JobDefinition,
  known: { readonly calendars: CompiledCalendars; readonly report: Report },
): void {
  const { schedule } = job;
  if (schedule === undefined) return;
  const { calendars, report } = known;
  const at = ['jobs', name, 'schedule'];
  const { zone, calendar } = typeof schedule === 'string' ? {} : schedule;
  if (zone !== undefined) reportZone([...at, 'zone'], zone, report);
  if (calendar !== undefined && !calendars.has(calendar)) {
    const near = didYouMean(calendar, calendars.keys());
    report([...at, 'calendar'], 'calendar', `names the calendar "${calendar}", which does not exist${near}`);
  } else if (calendar === undefined || calendars.get(calendar) !== null) {
    tryCompile(at, schedule, known);
  }
}

function tryCompile(
  at: readonly PathStep[],
  schedule: ScheduleDefinition,
  known: { readonly calendars: CompiledCalendars; readonly report: Report },
): void {
  const { calendars, report } = known;
  const field = (key: string) => (typeof schedule === 'string' ? at : [...at, key]);
  try {
    compileSchedule(schedule, {
      zone: zoneName('UTC'),
      calendars: (name) => calendars.get(name) ?? null,
    });
  } catch (error) {
    if (isSchedulerError(error, 'CRON_INVALID')) {
      const { expression, field: part, expected } = error.details;
      const place = part === 'fields' ? 'it' : part;
      report(field('cron'), 'cron', `is ${JSON.stringify(expression)}: ${place} ${expected}`);
    } else if (isSchedulerError(error, 'TIME_INVALID')) {
      const key = typeof schedule !== 'string' && 'at' in schedule ? 'at' : 'from';
      report(field(key), 'time', `is "${error.details.text}", which is no time`);
    } else if (isSchedulerError(error, 'DEFINITION_INVALID')) {
      for (const { path, rule, message } of error.details.problems) report(field(path), rule, message);
    } else if (isSchedulerError(error, 'DURATION_INVALID')) {
      report(field('every'), 'duration', `holds "${error.details.text}": ${error.message}`);
    } else if (!isSchedulerError(error, 'ZONE_UNKNOWN')) {
      throw error;
    }
  }
}

/** A pace is a rule or one of the job's own upstreams, and only a job without a schedule has one. */
export function checkPace(name: string, job: JobDefinition, report: Report): void {
  const { pace } = job;
  if (pace === undefined) return;
  const upstreams = Object.keys(job.after ?? {}).filter((upstream) => upstream !== name);
  if (job.schedule !== undefined) {
    report(['jobs', name, 'pace'], 'pace', 'has no meaning for a job with a schedule; leave one of them out');
  } else if (!PACE_RULES.includes(pace) && !upstreams.includes(pace)) {
    const near = didYouMean(pace, [...upstreams, ...PACE_RULES]);
    const message = `is "${pace}"; it must be one of the job's upstreams or ${PACE_RULES.join(', ')}${near}`;
    report(['jobs', name, 'pace'], 'pace', message);
  }
}
