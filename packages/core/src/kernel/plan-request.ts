/**
 * What may be asked of a plan: defaults, and the rules that a request is held to before anything is chosen.
 */
import { parseDate } from '../calendar/civil.js';
import { checkZone } from '../calendar/time-zone.js';
import { SchedulerError } from '../model/errors.js';
import { isJobName, parseRunText, zoneName } from '../model/ids.js';
import type { PlanHours, PlanRequest, PlanSpan, PlanType, RunReach } from './event.js';

const DAY_MINUTES = 1440;

/** A request with everything that is not said: all members, all dates at once, round failures, by itself. */
export function planRequest(
  type: PlanType,
  given: { readonly [K in keyof PlanRequest]?: PlanRequest[K] | undefined },
): PlanRequest {
  const said = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return {
    runs: [],
    select: null,
    span: null,
    exclude: [],
    only: type === 'backfill' ? 'missing' : 'all',
    parallel: type === 'backfill' ? 1 : null,
    runningMax: null,
    hours: null,
    onFailure: 'goRound',
    downstream: false,
    params: {},
    memberParams: {},
    ...said,
    type,
  };
}

/** @throws SchedulerError `OPTION_INVALID`, `TIME_INVALID`, `ZONE_UNKNOWN` */
export function checkPlanRequest(request: PlanRequest): void {
  const { runs, parallel, runningMax, hours, span } = request;
  for (const { run, up, down } of runs) {
    checkCount(`levels above ${run}`, up, 0);
    checkCount(`levels below ${run}`, down, 0);
  }
  checkCount('parallel', parallel, 1);
  checkCount('runningMax', runningMax, 1);
  if (hours) checkHours(hours);
  if (span) checkSpan(span);
}

function checkCount(option: string, value: number | null, min: number): void {
  if (value === null || (Number.isSafeInteger(value) && value >= min)) return;
  throw invalid(option, value, `a whole number of at least ${min}`);
}

function checkHours({ fromMinute, toMinute, zone }: PlanHours): void {
  checkZone(zone);
  const isMinute = (value: number) => Number.isInteger(value) && value >= 0 && value <= DAY_MINUTES;
  if (!isMinute(fromMinute) || !isMinute(toMinute) || fromMinute % DAY_MINUTES === toMinute % DAY_MINUTES)
    throw invalid('hours', `${fromMinute} to ${toMinute}`, 'two different times of the day');
}

function checkSpan(span: PlanSpan): void {
  const { from, to } = span;
  if (span.by === 'date') {
    for (const date of [span.from, span.to]) if (parseDate(date) === null) throw notADate(date);
  }
  if (from > to) throw invalid('to', String(to), `not before ${from}`);
}

const notADate = (text: string) =>
  new SchedulerError('TIME_INVALID', `date "${text}": must be YYYY-MM-DD`, { text });
const invalid = (option: string, found: string | number, expected: string) =>
  new SchedulerError('OPTION_INVALID', `${option} is ${found}, it must be ${expected}`, { option, expected });

/** A run among the names of a selection, with pluses as names have them: `2+job@slot+`. */
const REACHED_RUN = /^(?:(\d*)\+)?([^\s,]+@(?:a:.+?|\d{8}T\d{6}Z))(?:\+(\d*))?$/u;

/**
 * Tells runs from the rest of a selection: `orders@20260302T020000Z+ !users@20260302T020000Z group:dw`. What
 * is left is a selection of jobs, or nothing.
 */
export function readPlanSelection(text: string): Pick<PlanRequest, 'runs' | 'select' | 'exclude'> {
  const runs: RunReach[] = [];
  const exclude: string[] = [];
  const rest: string[] = [];
  for (const item of text.split(/[\s,]+/u).filter((each) => each !== '')) {
    const without = item.startsWith('!');
    const [, up, run = '', down] = REACHED_RUN.exec(without ? item.slice(1) : item) ?? [];
    const ref = parseRunText(run);
    if (!ref || !isJobName(ref.job)) rest.push(item);
    else if (without) exclude.push(run);
    else runs.push({ run, up: levels(up), down: levels(down) });
  }
  return { runs, exclude, select: rest.length === 0 ? null : rest.join(' ') };
}

/** No plus is no level, a plus alone is all of them. */
const levels = (digits: string | undefined): number | null =>
  digits === undefined ? 0 : digits === '' ? null : Number(digits);

/** `22:00` to `06:00` in minutes of the day. @throws SchedulerError `OPTION_INVALID`, `ZONE_UNKNOWN` */
export function readPlanHours(hours: {
  readonly from: string;
  readonly to: string;
  readonly zone: string;
}): PlanHours {
  checkZone(hours.zone);
  return {
    fromMinute: minuteOf('hours.from', hours.from),
    toMinute: minuteOf('hours.to', hours.to),
    zone: zoneName(hours.zone),
  };
}

function minuteOf(option: string, text: string): number {
  const [, hour = '', minute = ''] = /^(\d\d):([0-5]\d)$/.exec(text) ?? [];
  const minutes = hour === '' ? NaN : Number(hour) * 60 + Number(minute);
  if (minutes <= DAY_MINUTES) return minutes;
  throw invalid(option, `"${text}"`, 'a time of the day such as 22:00');
}
