import { describe, expect, test } from 'vitest';
import { cron } from './cron.js';

const AT = '2026-11-24T12:00Z';
const iso = (dates: Date[]) => dates.map((date) => date.toISOString());

describe('cron', () => {
  test('answers with one date or with a list, bounds excluded', () => {
    const daily = cron('0 12 * * *');
    expect(daily.next(AT)?.toISOString()).toBe('2026-11-25T12:00:00.000Z');
    expect(iso(daily.next(AT, 2))).toEqual(['2026-11-25T12:00:00.000Z', '2026-11-26T12:00:00.000Z']);
    expect(daily.previous(new Date(AT))?.toISOString()).toBe('2026-11-23T12:00:00.000Z');
    expect(iso(daily.previous(Date.parse(AT), 2))).toEqual([
      '2026-11-23T12:00:00.000Z',
      '2026-11-22T12:00:00.000Z',
    ]);
    expect(iso(daily.between('2026-11-23T12:00Z', '2026-11-26T12:00Z'))).toEqual([
      '2026-11-24T12:00:00.000Z',
      '2026-11-25T12:00:00.000Z',
    ]);
  });

  test('may have fewer than asked for, or none', () => {
    expect(iso(cron('0 0 0 1 1 ? 2030').next(AT, 5))).toEqual(['2030-01-01T00:00:00.000Z']);
    expect(cron('0 0 31 2 *').next(AT)).toBeNull();
    expect(cron('0 0 31 2 *').previous(AT)).toBeNull();
    expect(cron('* * * * *').next(AT, 0)).toEqual([]);
  });

  test('takes zone, dialect and the rule for clock changes', () => {
    expect(cron('0 2 * * *', { zone: 'Asia/Shanghai' }).next(AT)?.toISOString()).toBe(
      '2026-11-24T18:00:00.000Z',
    );
    const gap = '2026-03-08T00:00-05:00';
    const options = { zone: 'America/New_York', dialect: 'quartz' } as const;
    expect(cron('0 30 2 * * ?', options).next(gap)?.toISOString()).toBe('2026-03-08T07:00:00.000Z');
    expect(
      cron('0 30 2 * * ?', { ...options, dst: 'quartz' })
        .next(gap)
        ?.toISOString(),
    ).toBe('2026-03-09T06:30:00.000Z');
  });

  test('says it in words', () => {
    expect(cron('*/15 * * * *').describe('en')).toBe('every 15 minutes');
    expect(cron('0 30 9 ? * MON-FRI').describe('zh')).toBe('周一至周五 09:30');
  });

  test.each([
    ['CRON_INVALID', () => cron('61 * * * *')],
    ['ZONE_UNKNOWN', () => cron('0 2 * * *', { zone: 'Mars/Olympus' })],
    ['TIME_INVALID', () => cron('0 2 * * *').next('2026-11-24T02:00')],
    ['OPTION_INVALID', () => cron('0 2 * * *').next(AT, -1)],
    ['OPTION_INVALID', () => cron('0 2 * * *').previous(AT, 0.5)],
    ['OPTION_INVALID', () => cron('* * * * * ?').between('2026-01-01T00:00Z', '2027-01-01T00:00Z')],
  ])('%s', (code, call) => {
    expect(call).toThrow(expect.objectContaining({ code }));
  });
});
