/**
 * Date patterns as `java.text.SimpleDateFormat` understands them: runs of the letters G y Y M L w W D d F E u
 * a H k K h m s S z Z X, text in single quotes, two quotes for one, everything else as it stands. Names come
 * in English, in Chinese, and in the Chinese of Java 8, which has no short ones.
 */
import type { ZoneName } from '../model/ids.js';
import { FIELD, weekYearOf } from './java-calendar.js';
import type { JavaCalendar } from './java-calendar.js';
import { ZONE_NAMES } from './zone-names.data.js';

/** A pattern that Java refuses, and where. */
export class PatternError extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** What a pattern is filled with. */
export interface FormatContext {
  readonly calendar: JavaCalendar;
  readonly zone: ZoneName;
  /** `zh` and everything that begins with `zh-`: Chinese; `zh-x-java8`: of Java 8; else English. */
  readonly locale: string;
}

interface Names {
  readonly months: readonly string[];
  readonly monthsShort: readonly string[];
  /** From Sunday. */
  readonly weekdays: readonly string[];
  readonly weekdaysShort: readonly string[];
  readonly halves: readonly [am: string, pm: string];
  readonly era: string;
}

const ENGLISH_MONTHS =
  'January February March April May June July August September October November December'.split(' ');
const ENGLISH_WEEKDAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');
const CHINESE_MONTHS = '一月 二月 三月 四月 五月 六月 七月 八月 九月 十月 十一月 十二月'.split(' ');
const CHINESE_WEEKDAYS = [...'日一二三四五六'].map((day) => `星期${day}`);

const ENGLISH: Names = {
  months: ENGLISH_MONTHS,
  monthsShort: ENGLISH_MONTHS.map((name) => name.slice(0, 3)),
  weekdays: ENGLISH_WEEKDAYS,
  weekdaysShort: ENGLISH_WEEKDAYS.map((name) => name.slice(0, 3)),
  halves: ['AM', 'PM'],
  era: 'AD',
};
const CHINESE: Names = {
  months: CHINESE_MONTHS,
  monthsShort: CHINESE_MONTHS.map((_, month) => `${month + 1}月`),
  weekdays: CHINESE_WEEKDAYS,
  weekdaysShort: CHINESE_WEEKDAYS.map((name) => name.replace('星期', '周')),
  halves: ['上午', '下午'],
  era: '公元',
};
const CHINESE_OF_JAVA_8: Names = {
  ...CHINESE,
  monthsShort: CHINESE_MONTHS,
  weekdaysShort: CHINESE_WEEKDAYS,
};

/** The moment of the calendar in the form of `pattern`. Throws PatternError where Java refuses it. */
export function formatJavaDate(pattern: string, context: FormatContext): string {
  let out = '';
  let at = 0;
  while (at < pattern.length) {
    const char = pattern.charAt(at);
    if (char === "'") {
      const quoted = quotedAt(pattern, at);
      out += quoted.text;
      at = quoted.end;
    } else if (/[A-Za-z]/.test(char)) {
      let end = at + 1;
      while (pattern.charAt(end) === char) end += 1;
      out += letters(char, end - at, at, context);
      at = end;
    } else {
      out += char;
      at += 1;
    }
  }
  return out;
}

/** Quoted text from the quote at `start`; a quote doubled, inside or outside of such text, is a quote. */
function quotedAt(pattern: string, start: number): { readonly text: string; readonly end: number } {
  if (pattern.charAt(start + 1) === "'") return { text: "'", end: start + 2 };
  let text = '';
  for (let at = start + 1; at < pattern.length; at++) {
    const char = pattern.charAt(at);
    if (char !== "'") {
      text += char;
      continue;
    }
    if (pattern.charAt(at + 1) !== "'") return { text, end: at + 1 };
    text += char;
    at += 1;
  }
  throw new PatternError('a single quote is never closed', start);
}

function letters(letter: string, count: number, offset: number, context: FormatContext): string {
  const { calendar } = context;
  const names = namesOf(context.locale);
  const number = (field: number) => padded(calendar.get(field), count);
  switch (letter) {
    case 'G':
      return names.era;
    case 'y':
      return year(calendar.get(FIELD.year), count);
    case 'Y':
      return year(weekYearOf(calendar.time + calendar.offsetMs), count);
    case 'M':
    case 'L': {
      const month = calendar.get(FIELD.month);
      if (count < 3) return padded(month + 1, count);
      return (count === 3 ? names.monthsShort : names.months)[month] ?? '';
    }
    case 'E':
      return (count < 4 ? names.weekdaysShort : names.weekdays)[calendar.get(FIELD.dayOfWeek) - 1] ?? '';
    case 'u':
      return padded(((calendar.get(FIELD.dayOfWeek) + 5) % 7) + 1, count);
    case 'a':
      return names.halves[calendar.get(FIELD.amPm) === 0 ? 0 : 1];
    case 'k':
      return padded(calendar.get(FIELD.hourOfDay) || 24, count);
    case 'h':
      return padded(calendar.get(FIELD.hour) || 12, count);
    case 'w':
      return number(FIELD.weekOfYear);
    case 'W':
      return number(FIELD.weekOfMonth);
    case 'D':
      return number(FIELD.dayOfYear);
    case 'd':
      return number(FIELD.dayOfMonth);
    case 'F':
      return number(FIELD.dayOfWeekInMonth);
    case 'H':
      return number(FIELD.hourOfDay);
    case 'K':
      return number(FIELD.hour);
    case 'm':
      return number(FIELD.minute);
    case 's':
      return number(FIELD.second);
    case 'S':
      return number(FIELD.millisecond);
    case 'z':
      return zoneNameOf(context, count >= 4);
    case 'Z':
      return offsetText(calendar.offsetMs, '');
    case 'X':
      if (count > 3) throw new PatternError('X stands at most three times', offset);
      return isoOffset(calendar.offsetMs, count);
    default:
      throw new PatternError(`${letter} is no letter of a date pattern; put text in single quotes`, offset);
  }
}

const padded = (value: number, digits: number) => String(value).padStart(digits, '0');
const year = (value: number, count: number) => (count === 2 ? padded(value % 100, 2) : padded(value, count));

function namesOf(locale: string): Names {
  const tag = locale.toLowerCase().replaceAll('_', '-');
  if (tag === 'zh-x-java8') return CHINESE_OF_JAVA_8;
  return tag === 'zh' || tag.startsWith('zh-') ? CHINESE : ENGLISH;
}

const MINUTE_MS = 60_000;

/** `+0800`, or with a separator `+08:00`. */
function offsetText(offsetMs: number, separator: string): string {
  const minutes = Math.floor(Math.abs(offsetMs) / MINUTE_MS);
  const sign = offsetMs < 0 ? '-' : '+';
  return `${sign}${padded(Math.floor(minutes / 60), 2)}${separator}${padded(minutes % 60, 2)}`;
}

function isoOffset(offsetMs: number, count: number): string {
  if (offsetMs === 0) return 'Z';
  return count === 1 ? offsetText(offsetMs, '').slice(0, 3) : offsetText(offsetMs, count === 3 ? ':' : '');
}

function zoneNameOf({ calendar, zone, locale }: FormatContext, isLong: boolean): string {
  const entry = ZONE_NAMES.find(([, zones]) => zones.split(' ').includes(zone));
  if (entry === undefined) {
    return calendar.offsetMs === 0 && zone.endsWith('UTC')
      ? 'UTC'
      : `GMT${offsetText(calendar.offsetMs, ':')}`;
  }
  const names = entry[0].split('|');
  const isDaylight = calendar.dstOffsetMs > 0;
  const column = !isLong ? 0 : namesOf(locale) === ENGLISH ? 2 : 4;
  return names[column + (isDaylight ? 1 : 0)] ?? '';
}
