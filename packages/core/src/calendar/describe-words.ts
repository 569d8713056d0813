/** The words of schedule descriptions, in English and Chinese. Sentences are built in describe.ts. */

/** Weekdays count from Sunday = 0, months from 1. All texts read inside a sentence. */
export interface ScheduleWords {
  /** Parts that stand side by side: days, then times. */
  readonly join: (days: string, times: string) => string;
  readonly list: (items: readonly string[]) => string;
  readonly everyDay: string;
  readonly at: (times: string) => string;
  /** `every(1, …)` leaves the number out. */
  readonly every: (count: number, unit: 'day' | 'hour' | 'minute' | 'second' | 'millisecond') => string;
  readonly atMinute: (rate: string, minute: number) => string;
  readonly between: (rate: string, from: string, to: string) => string;
  readonly weekday: (weekday: number) => string;
  readonly weekly: (weekday: string) => string;
  readonly range: (from: string, to: string) => string;
  /** Days of a month, of those months, such as `of every month`. */
  readonly monthDays: (days: readonly number[], months: string) => string;
  readonly yearDay: (month: number, day: number) => string;
  readonly lastDay: (before: number, months: string) => string;
  readonly lastWorkday: (before: number, months: string) => string;
  readonly nearest: (day: number, months: string) => string;
  readonly lastOf: (weekday: string, months: string) => string;
  readonly nthOf: (nth: number, weekday: string, months: string) => string;
  readonly either: (monthDays: string, weekdays: string) => string;
  /** `months` null: of every month. */
  readonly ofMonths: (months: readonly number[] | null) => string;
  readonly inMonths: (days: string, months: readonly number[]) => string;
  readonly inYears: (text: string, years: string) => string;
  readonly since: (rate: string, from: string) => string;
  readonly once: (times: readonly string[]) => string;
  readonly remarks: (text: string, remarks: readonly string[]) => string;
  readonly calendar: (name: string) => string;
  readonly fields: Readonly<Record<string, string>>;
  readonly field: (name: string, value: string) => string;
}

const EN_WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const EN_MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
const EN_NTH = ['first', 'second', 'third', 'fourth', 'fifth'];

function enList(items: readonly string[]): string {
  const last = items.at(-1) ?? '';
  return items.length < 2 ? last : `${items.slice(0, -1).join(', ')} and ${last}`;
}

const enMonths = (months: readonly number[]) => enList(months.map((month) => EN_MONTHS[month - 1] ?? ''));
const enDays = (count: number) => (count === 1 ? '1 day' : `${count} days`);

export const EN: ScheduleWords = {
  join: (days, times) => `${days} ${times}`,
  list: enList,
  everyDay: 'every day',
  at: (times) => `at ${times}`,
  every: (count, unit) => (count === 1 ? `every ${unit}` : `every ${count} ${unit}s`),
  atMinute: (rate, minute) => `${rate} at minute ${minute}`,
  between: (rate, from, to) => `${rate} from ${from} to ${to}`,
  weekday: (weekday) => EN_WEEKDAYS[weekday] ?? '',
  weekly: (weekday) => `every ${weekday}`,
  range: (from, to) => `${from} to ${to}`,
  monthDays: (days, months) => `on day${days.length > 1 ? 's' : ''} ${enList(days.map(String))} ${months}`,
  yearDay: (month, day) => `every year on ${EN_MONTHS[month - 1] ?? ''} ${day}`,
  lastDay: (before, months) =>
    before === 0 ? `on the last day ${months}` : `${enDays(before)} before the last day ${months}`,
  lastWorkday: (before, months) =>
    before === 0
      ? `on the last weekday ${months}`
      : `on the weekday nearest to ${enDays(before)} before the last day ${months}`,
  nearest: (day, months) => `on the weekday nearest to day ${day} ${months}`,
  lastOf: (weekday, months) => `on the last ${weekday} ${months}`,
  nthOf: (nth, weekday, months) => `on the ${EN_NTH[nth - 1] ?? ''} ${weekday} ${months}`,
  either: (monthDays, weekdays) => `${monthDays} and ${weekdays}`,
  ofMonths: (months) => (months === null ? 'of every month' : `of ${enMonths(months)}`),
  inMonths: (days, months) => `${days} in ${enMonths(months)}`,
  inYears: (text, years) => `${text}, in ${years}`,
  since: (rate, from) => `${rate} from ${from}`,
  once: (times) =>
    times.length === 1 ? `once, at ${times[0] ?? ''}` : `${times.length} times: ${times.join(', ')}`,
  remarks: (text, remarks) => `${text} (${remarks.join(', ')})`,
  calendar: (name) => `calendar ${name}`,
  fields: {
    second: 'second',
    minute: 'minute',
    hour: 'hour',
    'day of month': 'day of month',
    month: 'month',
    'day of week': 'day of week',
    year: 'year',
  },
  field: (name, value) => `${name} ${value}`,
};

const ZH_WEEKDAYS = ['周日', '周一', '周二', '周三', '周四', '周五', '周六'];
const ZH_UNITS = { day: '天', hour: '小时', minute: '分钟', second: '秒', millisecond: '毫秒' };
const zhMonths = (months: readonly number[]) => `${months.join('、')} 月`;

export const ZH: ScheduleWords = {
  join: (days, times) => `${days} ${times}`,
  list: (items) => items.join('、'),
  everyDay: '每天',
  at: (times) => times,
  every: (count, unit) => (count === 1 ? `每${ZH_UNITS[unit]}` : `每 ${count} ${ZH_UNITS[unit]}`),
  atMinute: (rate, minute) => `${rate}的第 ${minute} 分`,
  between: (rate, from, to) => `${from} 至 ${to} ${rate}`,
  weekday: (weekday) => ZH_WEEKDAYS[weekday] ?? '',
  weekly: (weekday) => `每${weekday}`,
  range: (from, to) => `${from}至${to}`,
  monthDays: (days, months) => `${months} ${days.join('、')} 日`,
  yearDay: (month, day) => `每年 ${month} 月 ${day} 日`,
  lastDay: (before, months) => (before === 0 ? `${months}最后一天` : `${months}倒数第 ${before + 1} 天`),
  lastWorkday: (before, months) =>
    before === 0
      ? `${months}最后一个工作日（周一至周五）`
      : `${months}最接近倒数第 ${before + 1} 天的工作日（周一至周五）`,
  nearest: (day, months) => `${months}最接近 ${day} 日的工作日（周一至周五）`,
  lastOf: (weekday, months) => `${months}最后一个${weekday}`,
  nthOf: (nth, weekday, months) => `${months}第 ${nth} 个${weekday}`,
  either: (monthDays, weekdays) => `${monthDays}以及${weekdays}`,
  ofMonths: (months) => (months === null ? '每月' : `每年 ${zhMonths(months)}`),
  inMonths: (days, months) => `每年 ${zhMonths(months)}${days}`,
  inYears: (text, years) => `${text}，限 ${years} 年`,
  since: (rate, from) => `自 ${from} 起${rate}`,
  once: (times) =>
    times.length === 1 ? `一次，${times[0] ?? ''}` : `共 ${times.length} 次：${times.join('、')}`,
  remarks: (text, remarks) => `${text}（${remarks.join('，')}）`,
  calendar: (name) => `日历 ${name}`,
  fields: {
    second: '秒',
    minute: '分',
    hour: '时',
    'day of month': '日',
    month: '月',
    'day of week': '周',
    year: '年',
  },
  field: (name, value) => `${name} ${value}`,
};
