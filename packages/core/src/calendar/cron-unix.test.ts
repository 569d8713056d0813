/**
 * The unix dialect: what it accepts, and a second and third opinion on what it means, from croner 11 and
 * cron-parser 5. Where they are left out of a comparison, their rule is another one:
 *
 * - both take a day field such as `*\/2` for a restricted one, so that with a weekday either counts;
 *   crontab(5), and we, look for the `*` and ask for both;
 * - cron-parser refuses a list that names a value twice, moves 02:30 in a gap to 03:30 where we run at
 *   03:00, and gives up on Lord Howe, whose clocks change by half an hour;
 * - croner runs lists and ranges of fixed hours in both passes of an overlap, and drops their times in a
 *   gap; we run them once, and at the end of the gap, as we do a single hour.
 */
import { CronExpressionParser } from 'cron-parser';
import { Cron } from 'croner';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { instant, zoneName } from '../model/ids.js';
import { parseUnix } from './cron-unix.js';
import { compileSchedule, instantsBetween, nextInstant } from './schedule.js';

const COUNT = 4;

function ours(expression: string, zone: string, from: number): string[] {
  const schedule = compileSchedule(expression, { zone: zoneName(zone), calendars: () => null });
  return instantsBetween(schedule, instant(from), instant(Infinity), COUNT).map((at) =>
    new Date(at).toISOString(),
  );
}

function croners(expression: string, zone: string, from: number): string[] {
  return new Cron(expression, { timezone: zone })
    .nextRuns(COUNT, new Date(from))
    .map((at) => at.toISOString());
}

function cronParsers(expression: string, zone: string, from: number): string[] {
  const cron = CronExpressionParser.parse(expression, { tz: zone, currentDate: new Date(from) });
  return Array.from({ length: COUNT }, () => cron.next().toDate().toISOString());
}

const field = (min: number, max: number) => {
  const value = fc.integer({ min, max });
  const range = fc.tuple(value, value).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`);
  return fc.oneof(
    { arbitrary: fc.constant('*'), weight: 3 },
    { arbitrary: value.map(String), weight: 3 },
    fc.integer({ min: 2, max: Math.ceil(max / 2) }).map((step) => `*/${step}`),
    range,
    fc.tuple(range, fc.integer({ min: 1, max: 5 })).map(([text, step]) => `${text}/${step}`),
    fc.uniqueArray(value, { minLength: 2, maxLength: 4 }).map((values) => values.join(',')),
  );
};

/** Day fields, not both restricted where one of them has a `*` in a step, which we read otherwise. */
const days = fc
  .tuple(field(1, 28), field(1, 12), field(0, 6))
  .filter(([day, , weekday]) => !(/\*\//.test(day + weekday) && day !== '*' && weekday !== '*'))
  .map((fields) => fields.join(' '));
const from = fc.integer({ min: Date.UTC(2015, 0), max: Date.UTC(2035, 0) });
/**
 * Within two days of a change of clocks, in zones that change them at several times of day and by half an
 * hour.
 */
const night = fc
  .constantFrom(
    ['America/New_York', '2026-03-08T07:00Z'],
    ['America/New_York', '2026-11-01T06:00Z'],
    ['Europe/Berlin', '2026-03-29T01:00Z'],
    ['Europe/Berlin', '2026-10-25T01:00Z'],
    ['Australia/Lord_Howe', '2026-10-03T15:30Z'],
    ['Australia/Lord_Howe', '2026-04-04T15:00Z'],
    ['America/Santiago', '2026-09-06T04:00Z'],
    ['America/Santiago', '2026-04-05T03:00Z'],
    ['America/Havana', '2026-03-08T05:00Z'],
    ['America/Havana', '2026-11-01T05:00Z'],
  )
  .chain(([zone = '', change = '']) =>
    fc.record({
      zone: fc.constant(zone),
      from: fc.integer({ min: Date.parse(change) - 172_800_000, max: Date.parse(change) + 172_800_000 }),
    }),
  );

describe('agreement', () => {
  test('with croner and cron-parser, where clocks do not change', () => {
    const zone = fc.constantFrom('UTC', 'Asia/Shanghai', 'Asia/Kathmandu', 'America/Phoenix');
    fc.assert(
      fc.property(field(0, 59), field(0, 23), days, zone, from, (minute, hour, rest, where, at) => {
        const expression = `${minute} ${hour} ${rest}`;
        expect(croners(expression, where, at)).toEqual(ours(expression, where, at));
        expect(cronParsers(expression, where, at)).toEqual(ours(expression, where, at));
      }),
      { numRuns: 600, seed: 1 },
    );
  });

  test('with croner on nights when clocks change, for * and steps in the hour field', () => {
    const hour = fc.constantFrom('*', '*/2', '*/3', '0-23/5', '1-8/2');
    fc.assert(
      fc.property(field(0, 59), hour, days, night, (minute, hours, rest, { zone, from: at }) => {
        const expression = `${minute} ${hours} ${rest}`;
        expect(croners(expression, zone, at)).toEqual(ours(expression, zone, at));
      }),
      { numRuns: 500, seed: 2 },
    );
  });

  test('with croner on nights when clocks change, for one fixed time', () => {
    const minute = fc.integer({ min: 0, max: 59 });
    const hour = fc.integer({ min: 0, max: 23 });
    fc.assert(
      fc.property(minute, hour, days, night, (m, h, rest, { zone, from: at }) => {
        const expression = `${m} ${h} ${rest}`;
        expect(croners(expression, zone, at)).toEqual(ours(expression, zone, at));
      }),
      { numRuns: 500, seed: 3 },
    );
  });
});

describe('meaning', () => {
  const NOON = Date.parse('2026-11-24T12:00Z');
  test.each([
    ['both day fields restricted: either counts', '0 0 1 * MON', '2026-11-30', '2026-12-01'],
    ['a step of * does not restrict: both must be met', '0 0 */2 * MON', '2026-12-07', '2026-12-21'],
    ['the first Sunday, said the crontab way', '0 0 1-7 * */7', '2026-12-06', '2027-01-03'],
    ['Sunday is 0', '0 0 * * 0', '2026-11-29', '2026-12-06'],
    ['Sunday is 7', '0 0 * * 7', '2026-11-29', '2026-12-06'],
    ['FRI-SUN ends the week', '0 0 * * fri-sun', '2026-11-27', '2026-11-28'],
    ['@weekly', '@weekly', '2026-11-29', '2026-12-06'],
    ['@yearly', '@YEARLY', '2027-01-01', '2028-01-01'],
    ['an open step runs to the end of the field', '0 0 25/3 * *', '2026-11-25', '2026-11-28'],
  ])('%s: %s', (_, expression, first, second) => {
    expect(ours(expression, 'UTC', NOON).slice(0, 2)).toEqual(
      [first, second].map((day) => `${day}T00:00:00.000Z`),
    );
  });

  test('an impossible date ends, and does not hang', () => {
    const never = compileSchedule('0 0 31 2 *', { zone: zoneName('UTC'), calendars: () => null });
    expect(nextInstant(never, instant(NOON))).toBeNull();
  });
});

describe('errors', () => {
  test.each([
    ['61 * * * *', 'minute must be 0–59, got 61'],
    ['* 24 * * *', 'hour must be 0–23, got 24'],
    ['* * 0 * *', 'day of month must be 1–31, got 0'],
    ['* * * 13 *', 'month must be 1–12, got 13'],
    ['* * * FOO *', 'month must be 1–12, got "FOO"'],
    ['* * * * 8', 'day of week must be 0–7, got 8'],
    ['1,,2 * * * *', 'minute has an empty list item'],
    ['*/0 * * * *', 'minute step must be 1–59, got 0'],
    ['*/90 * * * *', 'minute step must be 1–59, got 90'],
    ['* 22-2 * * *', 'hour range must not run backwards, got 22-2; write 22-23,0-2'],
    ['-5 * * * *', 'minute must be 0–59, a range, a list or a step, got -5'],
    ['5-x * * * *', 'minute must be 0–59, a range, a list or a step, got "5-X"'],
    ['* * * *', 'must have 5 fields in the unix dialect, got 4'],
    ['@often', 'alias must be one of @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly'],
  ])('%s: %s', (expression, message) => {
    expect(() => parseUnix(expression)).toThrow(`cron expression "${expression}": ${message}`);
  });

  test('any text gives an expression or CRON_INVALID, nothing else', () => {
    const noise = fc.stringMatching(/^[0-9*\/,\-@A-Z ]{0,20}$/);
    fc.assert(
      fc.property(fc.oneof(noise, fc.string()), (text) => {
        try {
          parseUnix(text);
        } catch (error) {
          expect(error).toMatchObject({ code: 'CRON_INVALID' });
        }
      }),
    );
  });
});
