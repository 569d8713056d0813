/**
 * The date expressions of scripts: `${zdt.addDay(-1).format("yyyyMMdd")}`, `${yesterday}`, `${bizdate}`. Hera
 * gave them to a template engine, which also runs code; here a chain of calls is read by hand and every call
 * is looked up in one table. Each expression starts from the slot's instant and knows nothing of the others.
 */
import { SchedulerError } from '../model/errors.js';
import type { Instant, LocalDate, ZoneName } from '../model/ids.js';
import type { ZoneMath } from '../model/zone-math.js';
import { FIELD, JavaCalendar } from './java-calendar.js';
import { formatJavaDate, PatternError } from './java-format.js';

/** What date expressions depend on, and all they depend on. */
export interface DateContext {
  /** The instant of the slot, from which every expression starts. */
  readonly at: Instant;
  readonly zone: ZoneName;
  readonly zoneMath: ZoneMath;
  /** What `getNowMillis()` and `getToday()` give: passed in, never read. */
  readonly nowMs: Instant;
  /** Absent: `${bizdate}` stays as it is. */
  readonly businessDate?: LocalDate;
  /** Language of month and weekday names: `zh` or `en`, the default. */
  readonly locale?: string;
}

/** A date expression found in a text, with its value. */
export interface DateExpression {
  /** Offset behind its closing brace. */
  readonly end: number;
  readonly value: string;
}

/**
 * Reads and evaluates the date expression that begins at `start`, where `${` stands; null when none does.
 * TEMPLATE_INVALID, with an offset that counts from `${`, when it begins like one but cannot be evaluated.
 */
export function dateExpressionAt(text: string, start: number, context: DateContext): DateExpression | null {
  if (text.startsWith('${zdt.', start)) return new ChainReader(text, start, context).read();
  if (text.startsWith(YESTERDAY, start)) {
    const { value } = new ChainReader(YESTERDAY_IN_CALLS, 0, context).read();
    return { end: start + YESTERDAY.length, value };
  }
  if (context.businessDate !== undefined && text.startsWith('${bizdate}', start)) {
    return { end: start + '${bizdate}'.length, value: context.businessDate.replaceAll('-', '') };
  }
  return null;
}

const YESTERDAY = '${yesterday}';
const YESTERDAY_IN_CALLS = '${zdt.addDay(-1).format("yyyyMMdd")}';

type Argument = number | string;
/** `field` is a field that can be moved; `anyField` also one that can only be read. */
type ArgumentType = 'integer' | 'field' | 'anyField' | 'text';

interface Method {
  readonly takes: readonly ArgumentType[];
  /** Text ends the chain; null goes on with the same moment. */
  readonly call: (calendar: JavaCalendar, given: readonly Argument[], context: DateContext) => string | null;
}

const INTEGER_MAX = 2 ** 31 - 1;
const RANGES = {
  integer: [-INTEGER_MAX, INTEGER_MAX],
  field: [FIELD.year, FIELD.millisecond],
  anyField: [FIELD.era, FIELD.dstOffset],
} as const;
const SECOND_MS = 1000;

const METHODS: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['addDay', { takes: ['integer'], call: (date, [days]) => done(date.add(FIELD.dayOfYear, Number(days))) }],
  [
    'add',
    { takes: ['field', 'integer'], call: (date, [field, n]) => done(date.add(Number(field), Number(n))) },
  ],
  [
    'set',
    { takes: ['field', 'integer'], call: (date, [field, n]) => done(date.set(Number(field), Number(n))) },
  ],
  ['get', { takes: ['anyField'], call: (date, [field]) => String(date.get(Number(field))) }],
  ['format', { takes: ['text'], call: (date, [pattern], context) => format(date, String(pattern), context) }],
  ['getTime', { takes: [], call: (date) => String(Math.trunc(date.time / SECOND_MS)) }],
  ['getMillis', { takes: [], call: (date) => String(date.time) }],
  ['getNowMillis', { takes: [], call: (_, __, context) => String(context.nowMs) }],
  [
    'getToday',
    {
      takes: [],
      call: (_, __, context) => format(calendarOf({ ...context, at: context.nowMs }), 'yyyy-MM-dd', context),
    },
  ],
]);

const done = (_: void) => null;

const calendarOf = (context: DateContext) => new JavaCalendar(context.at, context.zone, context.zoneMath);

function format(calendar: JavaCalendar, pattern: string, context: DateContext): string {
  return formatJavaDate(pattern, { calendar, zone: context.zone, locale: context.locale ?? 'en' });
}

/** Reads `${zdt.name(argument, …).name …}` from left to right and carries each call out as it goes. */
class ChainReader {
  readonly #text: string;
  readonly #start: number;
  readonly #context: DateContext;
  #at: number;

  constructor(text: string, start: number, context: DateContext) {
    this.#text = text;
    this.#start = start;
    this.#context = context;
    this.#at = start + '${zdt'.length;
  }

  read(): DateExpression {
    const calendar = this.#within({ at: this.#at, pattern: 0 }, () => calendarOf(this.#context));
    while (this.#take(/\./y) !== null) {
      const value = this.#call(calendar);
      if (value === null) continue;
      if (this.#take(/\}/y) === null) this.#fail(this.#at, 'a } is expected after what gives text');
      return { end: this.#at, value };
    }
    if (this.#take(/\}/y) === null) this.#fail(this.#at, 'a . or } is expected');
    return this.#fail(this.#at - 1, 'the expression gives a moment, not text: end it with .format("…")');
  }

  #call(calendar: JavaCalendar): string | null {
    const at = this.#at;
    const word = this.#take(/[A-Za-z_][A-Za-z0-9_]*/y) ?? this.#fail(at, 'a method is expected');
    const isCall = this.#take(/\(/y) !== null;
    const name = isCall ? word : getterOf(word);
    const method =
      METHODS.get(name) ?? this.#fail(at, `${word} is none of ${[...METHODS.keys()].join(', ')}`);
    if (!isCall && method.takes.length > 0) this.#fail(this.#at, `${word} needs arguments in parentheses`);
    const argumentsAt: number[] = [];
    const given = isCall ? this.#arguments(method, argumentsAt) : [];
    // Behind the opening quote of the only argument lies the pattern; escapes do not exist in it.
    const pattern = (argumentsAt[0] ?? at) + 1;
    return this.#within({ at, pattern }, () => method.call(calendar, given, this.#context));
  }

  /** Turns what the calendar and the pattern refuse into errors of the expression, with their places. */
  #within<Result>(place: { readonly at: number; readonly pattern: number }, evaluate: () => Result): Result {
    try {
      return evaluate();
    } catch (error) {
      if (error instanceof PatternError) return this.#fail(place.pattern + error.offset, error.message);
      if (error instanceof RangeError) return this.#fail(place.at, `the result lies in ${error.message}`);
      throw error;
    }
  }

  #arguments(method: Method, argumentsAt: number[]): Argument[] {
    const given: Argument[] = [];
    for (const [index, type] of method.takes.entries()) {
      if (index > 0 && this.#take(/\s*,/y) === null)
        this.#fail(this.#at, 'a comma and another argument are expected');
      this.#take(/\s*/y);
      argumentsAt.push(this.#at);
      given.push(type === 'text' ? this.#string() : this.#integer(type));
    }
    if (this.#take(/\s*\)/y) === null) this.#fail(this.#at, 'a ) is expected');
    return given;
  }

  #string(): string {
    const quoted = this.#take(/"[^"]*"|'[^']*'/y) ?? this.#fail(this.#at, 'a text in quotes is expected');
    return quoted.slice(1, -1);
  }

  #integer(type: keyof typeof RANGES): number {
    const at = this.#at;
    const value = Number(this.#take(/-?\d{1,10}(?!\d)/y) ?? this.#fail(at, 'a whole number is expected'));
    const [low, high] = RANGES[type];
    if (value < low || value > high) this.#fail(at, `the number must be from ${low} to ${high}`);
    return value;
  }

  /** Takes what the sticky expression finds here; null when it finds nothing. */
  #take(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found === undefined) return null;
    this.#at += found.length;
    return found;
  }

  #fail(at: number, rule: string): never {
    const lineEnd = this.#text.indexOf('\n', at);
    const close = this.#text.indexOf('}', at);
    const ends = [lineEnd, close === -1 ? -1 : close + 1].filter((end) => end !== -1);
    const expression = this.#text.slice(this.#start, Math.min(this.#text.length, ...ends));
    const offset = at - this.#start;
    const line = this.#text.slice(0, this.#start).split('\n').length;
    const message = `line ${line}: ${expression}, at ${offset}: ${rule}`;
    throw new SchedulerError('TEMPLATE_INVALID', message, { expression, offset });
  }
}

/** `${zdt.today}` is short for `getToday()`, as template engines have it. */
const getterOf = (property: string) => `get${property.charAt(0).toUpperCase()}${property.slice(1)}`;
