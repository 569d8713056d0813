import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ScheduleDefinition } from '../model/schedule.js';
import { describeSchedule } from './describe.js';

test.each([
  ['0 2 * * *', 'every day at 02:00', '每天 02:00'],
  ['@daily', 'every day at 00:00', '每天 00:00'],
  ['30 0 2 ? * *', 'every day at 02:00:30', '每天 02:00:30'],
  ['0 9,12,18 * * *', 'every day at 09:00, 12:00 and 18:00', '每天 09:00、12:00、18:00'],
  ['*/15 * * * *', 'every 15 minutes', '每 15 分钟'],
  ['* * * * *', 'every minute', '每分钟'],
  ['*/10 * * * * ?', 'every 10 seconds', '每 10 秒'],
  ['@hourly', 'every hour', '每小时'],
  ['5 * * * *', 'every hour at minute 5', '每小时的第 5 分'],
  ['0 */2 * * *', 'every 2 hours', '每 2 小时'],
  ['5 9-17 * * *', 'every hour from 09:05 to 17:05', '09:05 至 17:05 每小时'],
  [
    '*/10 9-17 * * 1-5',
    'Monday to Friday every 10 minutes from 09:00 to 17:50',
    '周一至周五 09:00 至 17:50 每 10 分钟',
  ],
  ['30 9 * * MON-FRI', 'Monday to Friday at 09:30', '周一至周五 09:30'],
  ['0 10 * * SAT,SUN', 'Saturday and Sunday at 10:00', '周六、周日 10:00'],
  ['0 10 * * MON,THU', 'Monday and Thursday at 10:00', '周一、周四 10:00'],
  ['0 10 * * SUN', 'every Sunday at 10:00', '每周日 10:00'],
  ['0 0 1 * *', 'on day 1 of every month at 00:00', '每月 1 日 00:00'],
  ['0 9 1,15 * *', 'on days 1 and 15 of every month at 09:00', '每月 1、15 日 09:00'],
  ['0 0 1 1 *', 'every year on January 1 at 00:00', '每年 1 月 1 日 00:00'],
  [
    '0 6 1 1,4,7,10 *',
    'on day 1 of January, April, July and October at 06:00',
    '每年 1、4、7、10 月 1 日 06:00',
  ],
  ['0 2 * 6 *', 'every day in June at 02:00', '每年 6 月每天 02:00'],
  ['0 0 1 * MON', 'on day 1 of every month and every Monday at 00:00', '每月 1 日以及每周一 00:00'],
  ['0 30 0 L * ?', 'on the last day of every month at 00:30', '每月最后一天 00:30'],
  ['0 0 12 L-1 * ?', '1 day before the last day of every month at 12:00', '每月倒数第 2 天 12:00'],
  ['0 0 12 LW * ?', 'on the last weekday of every month at 12:00', '每月最后一个工作日（周一至周五） 12:00'],
  [
    '0 0 12 15W * ?',
    'on the weekday nearest to day 15 of every month at 12:00',
    '每月最接近 15 日的工作日（周一至周五） 12:00',
  ],
  ['0 0 9 ? * 6#2', 'on the second Friday of every month at 09:00', '每月第 2 个周五 09:00'],
  ['0 0 9 ? * 6L', 'on the last Friday of every month at 09:00', '每月最后一个周五 09:00'],
  [
    '0 0 9 ? JAN,JUL 2#1',
    'on the first Monday of January and July at 09:00',
    '每年 1、7 月第 1 个周一 09:00',
  ],
  ['0 0 2 * * ? 2030', 'every day at 02:00, in 2030', '每天 02:00，限 2030 年'],
  ['0 0 2 * * ? 2030-2035', 'every day at 02:00, in 2030 to 2035', '每天 02:00，限 2030至2035 年'],
  [
    '1-59/7 3,5 * * *',
    'minute 1-59/7, hour 3,5, day of month *, month * and day of week *',
    '分 1-59/7、时 3,5、日 *、月 *、周 *',
  ],
  [
    '5 1 2 3/2 * ? */7',
    'second 5, minute 1, hour 2, day of month 3/2, month *, day of week ? and year */7',
    '秒 5、分 1、时 2、日 3/2、月 *、周 ?、年 */7',
  ],
  [{ every: '15m' }, 'every 15 minutes', '每 15 分钟'],
  [{ every: '24h' }, 'every day', '每天'],
  [{ every: 1500 }, 'every 1500 milliseconds', '每 1500 毫秒'],
  [
    { every: '2h', from: '2026-11-24T02:00Z' },
    'every 2 hours from 2026-11-24T02:00Z',
    '自 2026-11-24T02:00Z 起每 2 小时',
  ],
  [{ at: '2026-11-24T02:00+08:00' }, 'once, at 2026-11-24T02:00+08:00', '一次，2026-11-24T02:00+08:00'],
  [
    { at: ['2026-11-24T02:00Z', '2026-11-25T02:00Z'] },
    '2 times: 2026-11-24T02:00Z, 2026-11-25T02:00Z',
    '共 2 次：2026-11-24T02:00Z、2026-11-25T02:00Z',
  ],
  [
    { cron: '0 2 * * *', zone: 'Asia/Shanghai', calendar: 'cn' },
    'every day at 02:00 (calendar cn, Asia/Shanghai)',
    '每天 02:00（日历 cn，Asia/Shanghai）',
  ],
] satisfies [ScheduleDefinition, string, string][])('%j', (schedule, en, zh) => {
  expect(describeSchedule(schedule, 'en')).toBe(en);
  expect(describeSchedule(schedule, 'zh')).toBe(zh);
});

test('an expression that does not read is refused', () => {
  expect(() => describeSchedule('61 * * * *', 'en')).toThrow(
    expect.objectContaining({ code: 'CRON_INVALID' }),
  );
});

test('two expressions with different hours or days are never described alike', () => {
  const field = (min: number, max: number) =>
    fc.oneof(
      fc.constant('*'),
      fc.integer({ min, max }).map(String),
      fc.integer({ min: 2, max: 9 }).map((n) => `${min}-${max}/${n}`),
    );
  const expression = fc
    .tuple(field(0, 59), field(0, 23), field(1, 31), field(1, 12))
    .map((fields) => `${fields.join(' ')} *`);
  const seen = new Map<string, string>();
  fc.assert(
    fc.property(expression, (text) => {
      const words = describeSchedule(text, 'en');
      // The same text of fields gives the same words; other fields may share them only if they say the same.
      const meaning = text.replace(/\b(0-59|0-23|1-31|1-12)\/1\b/g, '*');
      expect(seen.get(words) ?? meaning).toBe(meaning);
      seen.set(words, meaning);
    }),
    { numRuns: 500 },
  );
});
