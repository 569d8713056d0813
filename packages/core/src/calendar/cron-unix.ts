/**
 * The Unix dialect: minute, hour, day of month, month, day of week (Sunday is 0 or 7), and the aliases from
 * `@hourly` to `@yearly`. As in crontab(5), when both day fields are restricted a day that meets either
 * counts; a field that begins with `*`, a step included, does not restrict, and then both must be met.
 */
import type { CronField, CronSets, FieldRange } from './cron-sets.js';
import { FieldSet, MONTH_NAMES, WEEKDAY_NAMES, cronError, fieldRanges } from './cron-sets.js';

const ALIASES: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

/** Reads an expression of 5 fields, or an alias. Throws CRON_INVALID naming the field and its range. */
export function parseUnix(expression: string): CronSets {
  const text = expression.trim();
  const texts = unixFields(expression, text);
  const [minute, hour, day, month, weekday] = fieldRanges('unix').map((range, index) =>
    readField(expression, range, texts[index] ?? ''),
  );
  const minutes = (minute ?? new FieldSet()).halves();
  const weekdays = weekday ?? new FieldSet();
  if (weekdays.has(7)) weekdays.add(0);
  const anyDay = texts[2]?.startsWith('*') ?? false;
  const anyWeekday = texts[4]?.startsWith('*') ?? false;
  const rule = texts[4] === '*' ? 'days' : texts[2] === '*' ? 'weekdays' : 'both';
  return {
    secondsLow: 1,
    secondsHigh: 0,
    minutesLow: minutes.low,
    minutesHigh: minutes.high,
    hours: hour?.bits(0) ?? 0,
    months: month?.bits(0) ?? 0,
    dayRule: anyDay || anyWeekday ? rule : 'either',
    dayBits: day?.bits(1) ?? 0,
    weekdayBits: weekdays.bits(0) & 0x7f,
    dayNumber: 0,
    years: null,
    elapsed: /[*/]/.test(texts[1] ?? '') || hour?.size === 24,
  };
}

/** Whether a text is one of the aliases, which only the unix dialect has. */
export const isCronAlias = (text: string) => text.trim().startsWith('@');

function unixFields(expression: string, text: string): readonly string[] {
  if (text.startsWith('@')) {
    const meaning = ALIASES[text.toLowerCase()];
    if (meaning !== undefined) return meaning.split(' ');
    throw cronError(expression, 'alias', `must be one of ${Object.keys(ALIASES).join(', ')}`);
  }
  const texts = text === '' ? [] : text.toUpperCase().split(/\s+/);
  if (texts.length === 5) return texts;
  throw cronError(expression, 'fields', `must have 5 fields in the unix dialect, got ${texts.length}`);
}

function readField(expression: string, range: FieldRange, text: string): FieldSet {
  const set = new FieldSet();
  for (const item of text.split(',')) {
    const { from, to, step } = readItem(expression, range, item);
    for (let value = from; value <= to; value += step) set.add(value);
  }
  return set;
}

const ITEM = /^(?:(\*)|(\d+|[A-Z]{3})(?:-(\d+|[A-Z]{3}))?)(?:\/(\d+))?$/;

function readItem(expression: string, range: FieldRange, item: string) {
  const { name, min, max } = range;
  if (item === '') throw cronError(expression, name, 'has an empty list item');
  const match = ITEM.exec(item);
  const found = /^[-+]?\d+$/.test(item) ? item : `"${item}"`;
  if (match === null)
    throw cronError(expression, name, `must be ${min}–${max}, a range, a list or a step, got ${found}`);
  const [, all, first = '', last, stepText] = match;
  // The end of the week is 6 for * and for an open step, or Sunday would be meant twice.
  const highest = name === 'day of week' ? 6 : max;
  const from = all === undefined ? readValue(expression, range, first) : min;
  const step = stepText === undefined ? 1 : Number(stepText);
  let to = all === undefined && stepText === undefined ? from : highest;
  if (last !== undefined) to = readValue(expression, range, last);
  if (name === 'day of week' && last !== undefined && to === 0 && from > 0) to = 7;
  if (to < from && last !== undefined) {
    throw cronError(
      expression,
      name,
      `range must not run backwards, got ${item}; write ${turned(range, from, to)}`,
    );
  }
  const stepMax = STEP_MAX[name] ?? max;
  if (step < 1 || step > stepMax)
    throw cronError(expression, name, `step must be 1–${stepMax}, got ${stepText}`);
  return { from, to: Math.max(from, to), step };
}

const STEP_MAX: Readonly<Partial<Record<CronField, number>>> = { 'day of week': 7 };

const turned = ({ min, max }: FieldRange, from: number, to: number) => `${from}-${max},${min}-${to}`;

function readValue(expression: string, range: FieldRange, text: string): number {
  const { name, min, max } = range;
  if (/^[A-Z]/.test(text)) {
    const names = name === 'month' ? MONTH_NAMES : name === 'day of week' ? WEEKDAY_NAMES : [];
    const index = names.indexOf(text);
    if (index >= 0) return index + (name === 'month' ? 1 : 0);
    throw cronError(expression, name, `must be ${min}–${max}, got "${text}"`);
  }
  const value = Number(text);
  if (value >= min && value <= max) return value;
  throw cronError(expression, name, `must be ${min}–${max}, got ${text}`);
}
