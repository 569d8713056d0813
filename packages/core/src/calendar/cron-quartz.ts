/**
 * The Quartz dialect: seconds first, `?`, `L`, `L-n`, `W`, `LW`, `n#k`, `nL`, ranges that wrap round, Sunday
 * = 1, and an optional year. It accepts what Quartz 2.3.2 accepts and means what Quartz means by it, oddities
 * included, because estates are full of expressions that run today; `tools/quartz-vectors` holds the proof.
 * Text that Quartz reads past (after a name, after `*`, after a range) is read past here as well.
 *
 * Stricter than Quartz, and listed in docs/reference/schedules.md: an empty list item, a step of 0 or below,
 * a field that in the end names nothing, a day 0 before `W`, a weekday outside 1–7 before `#`, 98 and 99, an
 * eighth field.
 */
import type { CronField, CronSets, DayRule, FieldRange } from './cron-sets.js';
import {
  FieldSet,
  MONTH_NAMES,
  WEEKDAY_NAMES,
  YEAR_MAX,
  YEAR_MIN,
  cronError,
  fieldRanges,
} from './cron-sets.js';

/** Reads a Quartz expression of 6 or 7 fields. Throws CRON_INVALID naming the field and its range. */
export function parseQuartz(expression: string): CronSets {
  const texts = expression
    .toUpperCase()
    .split(/[ \t]+/)
    .map((text) => text.trim())
    .filter((text) => text !== '');
  if (texts.length < 6 || texts.length > 7) {
    throw cronError(
      expression,
      'fields',
      `must have 6 or 7 fields in the quartz dialect, got ${texts.length}`,
    );
  }
  const reader = new QuartzReader(expression);
  fieldRanges('quartz').forEach((range, index) => reader.readField(range, texts[index] ?? '*'));
  return reader.finish();
}

const STEP_MAX: Readonly<Record<CronField, number>> = {
  second: 59,
  minute: 59,
  hour: 23,
  'day of month': 31,
  month: 12,
  'day of week': 7,
  year: 0x7fff_ffff,
};
const INTEGER_MAX = 0x7fff_ffff;

class QuartzReader {
  readonly #expression: string;
  readonly #sets = new Map<CronField, FieldSet>();
  /** Fields that hold a `?` among their items. */
  readonly #unspecified = new Set<CronField>();
  /** Day fields that hold a bare `*`. */
  readonly #all = new Set<CronField>();
  #elapsed = false;
  #lastDay = false;
  #lastOffset = 0;
  #nearest = false;
  #lastOf = false;
  #nth = 0;

  constructor(expression: string) {
    this.#expression = expression;
  }

  readField(range: FieldRange, text: string): void {
    const { name } = range;
    this.#sets.set(name, new FieldSet());
    const list = text.includes(',');
    if (list && text.includes('L') && (name === 'day of month' || name === 'day of week')) {
      throw this.#error(name, 'cannot combine L with other items');
    }
    if (name === 'day of week' && text.split('#').length > 2) {
      throw this.#error(name, 'can have one # only');
    }
    for (const item of text.split(',')) this.#readItem(range, item);
    const empty = this.#set(name).size === 0 && !this.#lastDay && !this.#unspecified.has(name);
    if (empty) throw this.#error(name, `must name a value, got "${text}"`);
  }

  finish(): CronSets {
    const seconds = this.#set('second').halves();
    const minutes = this.#set('minute').halves();
    const years = this.#set('year')
      .values()
      .filter((year) => year >= YEAR_MIN && year <= YEAR_MAX);
    return {
      secondsLow: seconds.low,
      secondsHigh: seconds.high,
      minutesLow: minutes.low,
      minutesHigh: minutes.high,
      hours: this.#set('hour').bits(0),
      months: this.#set('month').bits(0),
      ...this.#days(),
      years: years.length === YEAR_MAX - YEAR_MIN + 1 ? null : years,
      elapsed: this.#elapsed || this.#set('hour').size === 24,
    };
  }

  #days(): Pick<CronSets, 'dayRule' | 'dayBits' | 'weekdayBits' | 'dayNumber'> {
    const byDay = !this.#unspecified.has('day of month');
    const byWeekday = !this.#unspecified.has('day of week');
    if (byDay === byWeekday) {
      throw this.#error('day of week', 'or day of month must be ?, and only one of them');
    }
    const days = this.#set('day of month');
    const weekdays = this.#set('day of week');
    const rule = (
      dayRule: DayRule,
      bits: { dayBits?: number; weekdayBits?: number; dayNumber?: number },
    ) => ({
      dayRule,
      dayBits: bits.dayBits ?? 0,
      weekdayBits: bits.weekdayBits ?? 0,
      dayNumber: bits.dayNumber ?? 0,
    });
    if (byDay && this.#lastDay && this.#nearest) return rule('lastWorkday', { dayNumber: this.#lastOffset });
    if (byDay && this.#lastDay) return rule('last', { dayNumber: this.#lastOffset });
    if (byDay && this.#nearest) return rule('nearest', { dayNumber: days.first() });
    if (byDay) return rule('days', { dayBits: days.bits(1) });
    // As in Quartz, L and # hold for the field: with a list, its earliest weekday is the one meant.
    const first = 1 << (weekdays.first() - 1);
    if (this.#lastOf) return rule('lastOf', { weekdayBits: first });
    if (this.#nth > 0) return rule('nthOf', { weekdayBits: first, dayNumber: this.#nth });
    return rule('weekdays', { weekdayBits: weekdays.bits(1) });
  }

  #readItem(range: FieldRange, item: string): void {
    if (item === '') throw this.#error(range.name, 'has an empty list item');
    if (item === 'L' || item === 'LW' || /^L-\d*W?$/.test(item)) this.#readLast(range, item);
    else if (/^[A-Z]/.test(item)) this.#readName(range, item);
    else if (item.startsWith('?')) this.#readUnspecified(range, item);
    else if (/^[*/]/.test(item)) this.#readAll(range, item);
    else if (/^\d/.test(item)) this.#readNumber(range, item);
    else throw this.#invalid(range, item);
  }

  #readLast(range: FieldRange, item: string): void {
    if (range.name === 'day of week') return this.#set(range.name).add(7);
    if (range.name !== 'day of month') throw this.#error(range.name, 'cannot be L, only a day can');
    const offset = /^L-(\d+)/.exec(item)?.[1] ?? (item.endsWith('-') ? NaN : 0);
    if (!(Number(offset) <= 30)) {
      throw this.#error(range.name, `offset before the last day must be 0–30, got "${item}"`);
    }
    this.#lastDay = true;
    this.#lastOffset = Number(offset);
    if (item.endsWith('W')) this.#nearest = true;
  }

  #readName(range: FieldRange, item: string): void {
    const names = range.name === 'month' ? MONTH_NAMES : range.name === 'day of week' ? WEEKDAY_NAMES : [];
    const valueOf = (text: string) => {
      const index = names.indexOf(text);
      if (index < 0) throw this.#invalid(range, item);
      return index + 1;
    };
    const value = valueOf(item.slice(0, 3));
    const mark = item.slice(3, 4);
    if (mark === '-') return this.#addRange(range, { from: value, to: valueOf(item.slice(4, 7)), step: 1 });
    this.#set(range.name).add(value);
    if (range.name !== 'day of week') return;
    if (mark === '#') this.#nth = this.#readNth(item.slice(4), item);
    if (mark === 'L') this.#lastOf = true;
  }

  #readUnspecified(range: FieldRange, item: string): void {
    const { name } = range;
    if (name !== 'day of month' && name !== 'day of week')
      throw this.#error(name, 'cannot be ?, only a day can');
    if (item.length > 2) throw this.#invalid(range, item);
    const other = this.#unspecified.has('day of month') && !this.#all.has('day of month');
    if (name === 'day of week' && other) throw this.#error(name, 'and day of month cannot both be ?');
    this.#unspecified.add(name);
  }

  #readAll(range: FieldRange, item: string): void {
    const { name, min, max } = range;
    if (name === 'hour') this.#elapsed = true;
    const rest = item.startsWith('*') ? item.slice(1) : item;
    if (rest === '') this.#all.add(name);
    const step = rest.startsWith('/') ? this.#readStep(range, rest.slice(1)) : 1;
    this.#addRange(range, { from: min, to: max, step });
  }

  #readNumber(range: FieldRange, item: string): void {
    const digits = /^\d+/.exec(item)?.[0] ?? '';
    const value = Number(digits);
    const rest = item.slice(digits.length);
    if (value > INTEGER_MAX) throw this.#outside(range, digits);
    switch (rest.charAt(0)) {
      case 'L':
      case 'W':
      case '#':
        return this.#readMarked(range, value, item);
      case '-':
        return this.#readRange(range, value, item);
      case '/': {
        if (range.name === 'hour') this.#elapsed = true;
        // Quartz reads past what follows a step of two digits, but not of one.
        const step = /^\/(\d\d+|\d$)/.exec(rest)?.[1];
        if (step === undefined) throw this.#invalid(range, item);
        return this.#addRange(range, { from: value, to: null, step: this.#readStep(range, step) });
      }
      default:
        this.#checkInside(range, value);
        this.#set(range.name).add(value);
    }
  }

  /** `6L`, `15W`, `6#3`. */
  #readMarked(range: FieldRange, value: number, item: string): void {
    const mark = /[LW#]/.exec(item)?.[0];
    const wanted = mark === 'W' ? 'day of month' : 'day of week';
    if (range.name !== wanted) throw this.#error(range.name, `cannot have ${mark}, only the ${wanted} can`);
    this.#checkInside(range, value);
    this.#set(range.name).add(value);
    if (mark === 'L') this.#lastOf = true;
    if (mark === 'W') this.#nearest = true;
    if (mark === '#') this.#nth = this.#readNth(item.slice(item.indexOf('#') + 1), item);
  }

  #readRange(range: FieldRange, from: number, item: string): void {
    const match = /^\d+-(\d+)(?:\/(\d*))?/.exec(item);
    const to = Number(match?.[1] ?? NaN);
    if (match === null || match[2] === '' || !(to <= INTEGER_MAX)) throw this.#invalid(range, item);
    const step = match[2] === undefined ? 1 : Number(match[2]);
    if (step < 1 || step > INTEGER_MAX)
      throw this.#error(range.name, `step must be 1 or more, got ${match[2]}`);
    if (range.name === 'hour' && match[2] !== undefined) this.#elapsed = true;
    this.#addRange(range, { from, to, step });
  }

  #addRange(range: FieldRange, { from, to, step }: { from: number; to: number | null; step: number }): void {
    const { name, min, max } = range;
    this.#checkInside(range, from);
    if (name !== 'year' && to !== null && to > max) throw this.#outside(range, String(to));
    let end = to ?? max;
    if (end < from && name === 'year') {
      if (to === null) throw this.#outside(range, String(from));
      throw this.#error(name, `range must not run backwards, got ${from}-${to}`);
    }
    const size = max - min + 1;
    if (end < from) end += size;
    const last = name === 'year' ? Math.min(end, Math.max(from, YEAR_MAX)) : end;
    for (let value = from; value <= last; value += step) {
      this.#set(name).add(value > max && name !== 'year' ? value - size : value);
    }
  }

  #readStep(range: FieldRange, text: string): number {
    const step = /^[+-]?\d+$/.test(text) ? Number(text) : NaN;
    const max = STEP_MAX[range.name];
    if (step >= 1 && step <= max) return step;
    const allowed = range.name === 'year' ? '1 or more' : `1–${max}`;
    throw this.#error(range.name, `step must be ${allowed}, got ${text === '' ? 'nothing' : text}`);
  }

  #readNth(text: string, item: string): number {
    const nth = /^\+?0*[1-5]$/.test(text) ? Number(text) : NaN;
    if (nth >= 1 && nth <= 5) return nth;
    throw this.#error('day of week', `must have 1–5 after #, got "${item}"`);
  }

  #set(name: CronField): FieldSet {
    const set = this.#sets.get(name) ?? new FieldSet();
    this.#sets.set(name, set);
    return set;
  }

  #checkInside(range: FieldRange, value: number): void {
    const { name, min, max } = range;
    // Quartz takes years from outside its range, which never come, but means other things by 98 and 99.
    const inside = name === 'year' ? value !== 98 && value !== 99 : value >= min && value <= max;
    if (inside) return;
    throw this.#outside(range, String(value));
  }

  #outside(range: FieldRange, found: string) {
    return this.#error(range.name, `must be ${range.min}–${range.max}, got ${found}`);
  }

  #invalid(range: FieldRange, item: string) {
    return this.#error(
      range.name,
      `must be ${range.min}–${range.max}, a range, a list or a step, got "${item}"`,
    );
  }

  #error(field: CronField, expected: string) {
    return cronError(this.#expression, field, expected);
  }
}
