/**
 * A schedule in words, for pages and the command line: `every day at 02:00`, `每月最后一天 00:30`. Common shapes
 * read as a person would say them; anything else falls back to its fields, so that no description is wrong.
 */
import type { CronScheduleDefinition, ScheduleDefinition } from '../model/schedule.js';
import { monthBits, nextBit } from './civil.js';
import { cronDialect, parseCron } from './cron-parse.js';
import { fieldRanges } from './cron-sets.js';
import type { CronSets } from './cron-sets.js';
import { EN, ZH } from './describe-words.js';
import type { ScheduleWords } from './describe-words.js';
import { parseDuration } from './duration.js';

/**
 * Describes a schedule in English or Chinese, zone and calendar included where the definition names them.
 * Throws CRON_INVALID or DURATION_INVALID where `compileSchedule` would.
 */
export function describeSchedule(schedule: ScheduleDefinition, locale: 'en' | 'zh'): string {
  const words = locale === 'zh' ? ZH : EN;
  if (typeof schedule === 'string') return describeCron({ cron: schedule }, words);
  const remarks: string[] = [];
  if (schedule.calendar !== undefined) remarks.push(words.calendar(schedule.calendar));
  if (schedule.zone !== undefined) remarks.push(schedule.zone);
  const text = describeForm(schedule, words);
  return remarks.length === 0 ? text : words.remarks(text, remarks);
}

/** More times of day than this are not listed one by one. */
const TIMES_LISTED_MAX = 6;
const ALL_MONTHS = ((1 << 12) - 1) << 1;
const ALL_WEEKDAYS = 0x7f;

function describeForm(schedule: Exclude<ScheduleDefinition, string>, words: ScheduleWords): string {
  if ('cron' in schedule) return describeCron(schedule, words);
  if ('at' in schedule) return words.once(typeof schedule.at === 'string' ? [schedule.at] : schedule.at);
  const rate = describeLength(parseDuration(schedule.every), words);
  return schedule.from === undefined ? rate : words.since(rate, schedule.from);
}

function describeLength(ms: number, words: ScheduleWords): string {
  for (const [unit, unitMs] of UNITS) if (ms % unitMs === 0) return words.every(ms / unitMs, unit);
  return words.every(ms, 'millisecond');
}

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

function describeCron({ cron, dialect }: CronScheduleDefinition, words: ScheduleWords): string {
  const sets = parseCron(cron, dialect);
  const times = describeTimes(sets, words);
  const days = describeDays(sets, words);
  if (times === null || days === null) return describeFields(cron, dialect ?? cronDialect(cron), words);
  const text = days === '' ? times.text : words.join(days, times.text);
  const everyDay = days === '' && !times.rate;
  const whole = everyDay ? words.join(words.everyDay, times.text) : text;
  const years = sets.years === null ? '' : describeYears(sets.years, words);
  if (years === null) return describeFields(cron, dialect ?? cronDialect(cron), words);
  return years === '' ? whole : words.inYears(whole, years);
}

/** The times of a day; `rate` when they are said as `every …`, which needs no `every day` before it. */
function describeTimes(sets: CronSets, words: ScheduleWords): { text: string; rate: boolean } | null {
  const seconds = [...members(sets.secondsLow, 0), ...members(sets.secondsHigh, 30)];
  const minutes = [...members(sets.minutesLow, 0), ...members(sets.minutesHigh, 30)];
  const hours = members(sets.hours, 0);
  const second = seconds.length === 1 ? seconds[0] : undefined;
  if (second === undefined) {
    const step = stepOf(seconds, 60);
    const always = minutes.length === 60 && hours.length === 24;
    return step === null || !always ? null : { text: words.every(step, 'second'), rate: true };
  }
  const rate = second === 0 ? describeRate(minutes, hours, words) : null;
  if (rate !== null) return { text: rate, rate: true };
  if (minutes.length * hours.length > TIMES_LISTED_MAX) return null;
  const times = hours.flatMap((hour) => minutes.map((minute) => clock(hour, minute, second)));
  return { text: words.at(words.list(times)), rate: false };
}

/** `every 15 minutes`, `every hour at minute 5`, either of them between two hours. */
function describeRate(
  minutes: readonly number[],
  hours: readonly number[],
  words: ScheduleWords,
): string | null {
  const [firstHour = 0] = hours;
  const lastHour = hours.at(-1) ?? 0;
  const all = hours.length === 24;
  const unbroken = lastHour - firstHour === hours.length - 1 && hours.length > 1;
  const minuteStep = minutes.length > 1 ? stepOf(minutes, 60) : null;
  const listed = minutes.length * hours.length <= TIMES_LISTED_MAX;
  if (minuteStep !== null && (all || ((unbroken || hours.length === 1) && !listed))) {
    const rate = words.every(minuteStep, 'minute');
    const lastMinute = minutes.at(-1) ?? 0;
    return all ? rate : words.between(rate, clock(firstHour, 0, 0), clock(lastHour, lastMinute, 0));
  }
  const [minute = 0] = minutes;
  if (minutes.length > 1) return null;
  if (unbroken && !all && !listed) {
    return words.between(words.every(1, 'hour'), clock(firstHour, minute, 0), clock(lastHour, minute, 0));
  }
  const hourStep = hours.length > 2 ? stepOf(hours, 24) : null;
  if (hourStep === null) return null;
  const rate = words.every(hourStep, 'hour');
  return minute === 0 ? rate : words.atMinute(rate, minute);
}

/** The days; empty when all count, null when they have no common name. */
function describeDays(sets: CronSets, words: ScheduleWords): string | null {
  const { months, dayRule, dayBits, weekdayBits, dayNumber } = sets;
  const monthList = months === ALL_MONTHS ? null : members(months, 0);
  const of = words.ofMonths(monthList);
  const weekday = words.weekday(nextBit(weekdayBits, 0));
  const within = (days: string) => (monthList === null ? days : words.inMonths(days, monthList));
  const allDays = monthList === null ? '' : words.inMonths(words.everyDay, monthList);
  switch (dayRule) {
    case 'days':
      if (dayBits === monthBits(31)) return allDays;
      return describeMonthDays(members(dayBits, 1), monthList, words);
    case 'weekdays':
      if (weekdayBits === ALL_WEEKDAYS) return allDays;
      return within(describeWeekdays(weekdayBits, words));
    case 'either':
      return words.either(
        words.monthDays(members(dayBits, 1), of),
        within(describeWeekdays(weekdayBits, words)),
      );
    case 'last':
      return words.lastDay(dayNumber, of);
    case 'lastWorkday':
      return words.lastWorkday(dayNumber, of);
    case 'nearest':
      return words.nearest(dayNumber, of);
    case 'lastOf':
      return words.lastOf(weekday, of);
    case 'nthOf':
      return words.nthOf(dayNumber, weekday, of);
    default:
      return null;
  }
}

/** `2030`, `2030 to 2035`, a short list; null for more than that. */
function describeYears(years: readonly number[], words: ScheduleWords): string | null {
  const [first = 0] = years;
  const last = years.at(-1) ?? 0;
  if (years.length > 2 && last - first === years.length - 1) return words.range(String(first), String(last));
  return years.length > TIMES_LISTED_MAX || years.length === 0 ? null : words.list(years.map(String));
}

function describeMonthDays(
  days: readonly number[],
  months: readonly number[] | null,
  words: ScheduleWords,
): string {
  const [day = 0] = days;
  const [month = 0] = months ?? [];
  if (days.length === 1 && months?.length === 1) return words.yearDay(month, day);
  return words.monthDays(days, words.ofMonths(months));
}

/** `Monday to Friday`, `every Sunday`, `Saturday and Sunday`; the week is told from Monday. */
function describeWeekdays(bits: number, words: ScheduleWords): string {
  const week = [1, 2, 3, 4, 5, 6, 0].filter((weekday) => (bits >>> weekday) & 1);
  const names = week.map(words.weekday);
  const [first = ''] = names;
  if (week.length === 1) return words.weekly(first);
  const places = week.map((weekday) => (weekday + 6) % 7);
  const unbroken = (places.at(-1) ?? 0) - (places[0] ?? 0) === week.length - 1;
  return unbroken && week.length > 2 ? words.range(first, names.at(-1) ?? '') : words.list(names);
}

function describeFields(cron: string, dialect: 'unix' | 'quartz', words: ScheduleWords): string {
  const texts = cron.trim().split(/\s+/);
  const fields = fieldRanges(dialect).slice(0, texts.length);
  return words.list(
    fields.map(({ name }, index) => words.field(words.fields[name] ?? name, texts[index] ?? '')),
  );
}

/** The members of a bit set, bit 0 being `first`. */
function members(bits: number, first: number): number[] {
  const found: number[] = [];
  for (let bit = nextBit(bits, 0); bit >= 0; bit = nextBit(bits, bit + 1)) found.push(bit + first);
  return found;
}

/** The step, when the values are 0 and every multiple of it below `size`, which it divides. */
function stepOf(values: readonly number[], size: number): number | null {
  const step = size / values.length;
  return Number.isInteger(step) && values.every((value, index) => value === index * step) ? step : null;
}

function clock(hour: number, minute: number, second: number): string {
  const parts = second === 0 ? [hour, minute] : [hour, minute, second];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}
