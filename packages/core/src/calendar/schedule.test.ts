import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { instant, localDate, zoneName } from '../model/ids.js';
import type { Instant } from '../model/ids.js';
import type { ScheduleDefinition } from '../model/schedule.js';
import { compileCalendar } from './calendar.js';
import {
  compileSchedule,
  createScheduleTable,
  dailySlot,
  instantsBetween,
  isInstantOf,
  nextInstant,
  previousInstant,
  slotAt,
} from './schedule.js';
import { localDateOf, localFields, startOfLocalDay } from './time-zone.js';

const UTC = zoneName('UTC');
const at = (text: string) => instant(Date.parse(text));
const noCalendars = () => null;
const compile = (definition: ScheduleDefinition, zone = 'UTC') =>
  compileSchedule(definition, { zone: zoneName(zone), calendars: noCalendars });
const iso = (found: Instant | null) => (found === null ? null : new Date(found).toISOString());

describe('clock changes, standard rule', () => {
  test.each([
    [
      'a fixed time in the gap runs at its end',
      '30 2 * * *',
      'America/New_York',
      '2026-03-07T12:00-05:00',
      '2026-03-08T03:00-04:00 2026-03-09T02:30-04:00',
    ],
    [
      'all times of a gap run once',
      '0,15,45 2 * * *',
      'America/New_York',
      '2026-03-07T12:00-05:00',
      '2026-03-08T03:00-04:00 2026-03-09T02:00-04:00',
    ],
    [
      'a time in the gap meets the time at its end',
      '30 2,3 * * *',
      'America/New_York',
      '2026-03-08T00:00-05:00',
      '2026-03-08T03:00-04:00 2026-03-08T03:30-04:00',
    ],
    [
      'a fixed time in the overlap runs in the first pass',
      '30 1 * * *',
      'America/New_York',
      '2026-10-31T12:00-04:00',
      '2026-11-01T01:30-04:00 2026-11-02T01:30-05:00',
    ],
    [
      'asked in the second pass, it has run',
      '30 1 * * *',
      'America/New_York',
      '2026-11-01T01:10-05:00',
      '2026-11-02T01:30-05:00',
    ],
    [
      'every hour: both passes',
      '30 * * * *',
      'America/New_York',
      '2026-11-01T00:30-04:00',
      '2026-11-01T01:30-04:00 2026-11-01T01:30-05:00 2026-11-01T02:30-05:00',
    ],
    [
      'every hour: nothing for the gap',
      '30 * * * *',
      'America/New_York',
      '2026-03-08T00:30-05:00',
      '2026-03-08T01:30-05:00 2026-03-08T03:30-04:00',
    ],
    [
      'every half hour through the gap',
      '0 0/30 * * * ?',
      'Europe/Berlin',
      '2026-03-29T01:10+01:00',
      '2026-03-29T01:30+01:00 2026-03-29T03:00+02:00',
    ],
    [
      'a step in the hour drops its time in the gap',
      '30 */2 * * *',
      'America/New_York',
      '2026-03-08T00:00-05:00',
      '2026-03-08T00:30-05:00 2026-03-08T04:30-04:00',
    ],
    [
      'midnight that does not exist',
      '0 0 * * *',
      'America/Santiago',
      '2026-09-05T12:00-04:00',
      '2026-09-06T01:00-03:00 2026-09-07T00:00-03:00',
    ],
    [
      'midnight that comes twice',
      '30 23 * * *',
      'America/Santiago',
      '2026-04-04T12:00-03:00',
      '2026-04-04T23:30-03:00 2026-04-05T23:30-04:00',
    ],
    [
      'a gap of half an hour',
      '15 2 * * *',
      'Australia/Lord_Howe',
      '2026-10-03T12:00+10:30',
      '2026-10-04T02:30+11:00 2026-10-05T02:15+11:00',
    ],
    [
      'a day that is left out',
      '0 2 * * *',
      'Pacific/Apia',
      '2011-12-29T00:00-10:00',
      '2011-12-29T02:00-10:00 2011-12-31T02:00+14:00',
    ],
    [
      'no change of clocks in Shanghai',
      '30 2 * * *',
      'Asia/Shanghai',
      '2026-03-08T00:00+08:00',
      '2026-03-08T02:30+08:00 2026-03-09T02:30+08:00',
    ],
  ])('%s', (_, expression, zone, after, wanted) => {
    const schedule = compile(expression, zone);
    const times = wanted.split(' ').map(at);
    expect(instantsBetween(schedule, at(after), instant(Infinity), times.length).map(iso)).toEqual(
      times.map(iso),
    );
    for (const time of times.toReversed()) expect(previousInstant(schedule, instant(time + 1))).toBe(time);
  });
});

/** The standard rule, said the slow way: by what the clock shows, minute by minute. */
function lookAtEveryMinute(of: { minute: string; hour: string; zone: string; from: Instant; to: Instant }) {
  const minutes = membersOf(of.minute, 59);
  const hours = membersOf(of.hour, 23);
  const elapsed = /[*/]/.test(of.hour);
  const found: Instant[] = [];
  let latest: number | null = null;
  for (let time = of.from - 3 * 3_600_000; time < of.to; time += 60_000) {
    const { hour, minute, ...date } = localFields(zoneName(of.zone), instant(time));
    const wall = Date.UTC(date.year, date.month - 1, date.day, hour, minute);
    const shown = (each: number) => {
      const local = new Date(each);
      return hours.has(local.getUTCHours()) && minutes.has(local.getUTCMinutes());
    };
    let due = elapsed && shown(wall);
    const newest: number = latest ?? wall;
    for (let each = newest + 60_000; !elapsed && each <= wall; each += 60_000) due ||= shown(each);
    latest = Math.max(newest, wall);
    if (due && time > of.from) found.push(instant(time));
  }
  return found;
}

function membersOf(field: string, max: number): Set<number> {
  const all = Array.from({ length: max + 1 }, (_, value) => value);
  const matches = field.split(',').flatMap((item) => {
    const [range = '', step = '1'] = item.split('/');
    const [from = '0', to = from] = range === '*' ? ['0', String(max)] : range.split('-');
    return all.filter(
      (value) => value >= Number(from) && value <= Number(to) && (value - Number(from)) % Number(step) === 0,
    );
  });
  return new Set(matches);
}

describe('every zone', () => {
  const zones = Intl.supportedValuesOf('timeZone');

  test('each day of 2026 has one instant of a daily job, whatever the clocks do', () => {
    const odd: string[] = [];
    for (const zone of zones) {
      for (const expression of ['30 2 * * *', '0 0 * * *']) {
        const schedule = compile(expression, zone);
        const first = startOfLocalDay(schedule.zone, localDate('2026-01-01'));
        const end = startOfLocalDay(schedule.zone, localDate('2027-01-01'));
        const found = instantsBetween(schedule, instant(first - 1), end, 1_000);
        const days = new Set(found.map((time) => localDateOf(schedule.zone, time)));
        if (found.length !== 365 || days.size !== 365)
          odd.push(`${zone} ${expression} ${found.length} ${days.size}`);
      }
    }
    expect(odd).toEqual([]);
  });

  const expression = fc.constantFrom(
    '30 2 * * *',
    '*/7 * * * *',
    '0 */3 * * *',
    '15,45 0-3 * * *',
    '0 0 29 2 *',
    '0 0 3 LW * ?',
    '*/20 59 23 ? * 6#2',
    '0 0 12 1 1 ? 2030',
    '0 30 1 ? MAR,OCT 1L',
  );
  // Where a gap is two hours long or ends at midnight, Quartz's answer depends on where the search began.
  const place = fc.oneof(
    {
      arbitrary: fc.record({ zone: fc.constantFrom(...zones), dst: fc.constant('standard' as const) }),
      weight: 3,
    },
    fc.record({
      zone: fc.constantFrom('America/New_York', 'Asia/Shanghai'),
      dst: fc.constant('quartz' as const),
    }),
  );
  const start = fc.integer({ min: Date.UTC(1999, 0), max: Date.UTC(2045, 0) });

  test('next goes forward, previous comes back, nothing lies between', () => {
    fc.assert(
      fc.property(expression, place, start, (cron, { zone, dst }, from) => {
        const schedule = compile({ cron, dst }, zone);
        const next = nextInstant(schedule, instant(from));
        if (next === null) return;
        expect(next).toBeGreaterThan(from);
        expect(isInstantOf(schedule, next)).toBe(true);
        expect(nextInstant(schedule, instant(next - 1))).toBe(next);
        const previous = previousInstant(schedule, next);
        expect(previous ?? -Infinity).toBeLessThanOrEqual(from);
        if (previous !== null) expect(nextInstant(schedule, previous)).toBe(next);
      }),
      { numRuns: 800 },
    );
  });

  test('on nights when clocks change, agrees with a look at every minute', () => {
    const field = (min: number, max: number) =>
      fc.oneof(
        fc.constant('*'),
        fc.integer({ min, max }).map(String),
        fc.constantFrom('*/2', '*/7', '1-3', '0,2', '3-23/5'),
      );
    const change = fc.constantFrom(
      ['America/New_York', '2026-03-08'],
      ['America/New_York', '2026-11-01'],
      ['Europe/London', '2026-10-25'],
      ['Australia/Lord_Howe', '2026-10-04'],
      ['Australia/Lord_Howe', '2026-04-05'],
      ['America/Santiago', '2026-09-06'],
      ['America/Santiago', '2026-04-05'],
      ['Antarctica/Troll', '2026-03-29'],
    );
    fc.assert(
      fc.property(field(0, 59), field(0, 23), change, (minute, hour, [zone = '', date = '']) => {
        const schedule = compile(`${minute} ${hour} * * *`, zone);
        const from = instant(Date.parse(date) - 16 * 3_600_000);
        const to = instant(Date.parse(date) + 20 * 3_600_000);
        const looked = lookAtEveryMinute({ minute, hour, zone, from, to });
        expect(instantsBetween(schedule, from, to, 10_000).map(iso)).toEqual(looked.map(iso));
      }),
      { numRuns: 40 },
    );
  });

  test('a later question never has an earlier answer', () => {
    const ahead = fc.integer({ min: 0, max: 40 * 86_400_000 });
    fc.assert(
      fc.property(expression, place, start, ahead, (cron, { zone, dst }, from, more) => {
        const schedule = compile({ cron, dst }, zone);
        const first = nextInstant(schedule, instant(from)) ?? Infinity;
        expect(nextInstant(schedule, instant(from + more)) ?? Infinity).toBeGreaterThanOrEqual(first);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the end of time', () => {
  test.each(['0 0 31 2 *', '0 0 0 30 2 ?', '0 0 12 1 1 ? 1999', '0 0 0 31W 2 ?'])('%s ends', (cron) => {
    for (const zone of ['UTC', 'America/New_York']) {
      expect(nextInstant(compile(cron, zone), at('2026-01-01T00:00Z'))).toBeNull();
    }
  });

  test('the last instant is the last of 2199, the first the first of 1970', () => {
    const hourly = compile('0 * * * *');
    expect(nextInstant(hourly, at('2199-12-31T22:30Z'))).toBe(at('2199-12-31T23:00Z'));
    expect(nextInstant(hourly, at('2199-12-31T23:00Z'))).toBeNull();
    expect(nextInstant(hourly, instant(-1e12))).toBe(0);
    expect(previousInstant(hourly, instant(0))).toBeNull();
    expect(previousInstant(hourly, at('2300-01-01T00:00Z'))).toBe(at('2199-12-31T23:00Z'));
  });

  test.each(['standard', 'quartz'] as const)('any instant may be asked about, dst %s', (dst) => {
    for (const zone of ['UTC', 'America/New_York', 'Africa/Monrovia']) {
      const schedule = compile({ cron: '0 0 2 * * ?', dst }, zone);
      const [first, last] = [
        nextInstant(schedule, instant(-8.64e15)),
        previousInstant(schedule, instant(8.64e15)),
      ];
      expect(iso(first)).toMatch(/^1970-01-01T0[2-7]:/);
      expect(iso(last)).toMatch(/^2199-12-31T0[2-7]:00/);
      expect(previousInstant(schedule, first ?? instant(0))).toBeNull();
      expect(nextInstant(schedule, last ?? instant(0))).toBeNull();
      expect(slotAt(schedule, instant(-8.6e15)).zone).toBe(zone);
    }
  });

  test('a list of no length asks nothing', () => {
    expect(instantsBetween(compile('* * * * *'), instant(0), instant(1e9), 0)).toEqual([]);
  });
});

describe('every and at', () => {
  test('every counts from the epoch, or from a given instant', () => {
    expect(iso(nextInstant(compile({ every: '15m' }), at('2026-11-24T10:07Z')))).toBe(
      '2026-11-24T10:15:00.000Z',
    );
    const from = compile({ every: '36h', from: '2026-11-24T10:00+08:00' });
    expect(iso(nextInstant(from, at('2026-01-01T00:00Z')))).toBe('2026-11-24T02:00:00.000Z');
    expect(iso(nextInstant(from, at('2026-11-24T02:00Z')))).toBe('2026-11-25T14:00:00.000Z');
    expect(previousInstant(from, at('2026-11-24T02:00Z'))).toBeNull();
    expect(iso(previousInstant(from, at('2026-11-25T15:00Z')))).toBe('2026-11-25T14:00:00.000Z');
  });

  test('at is a list, in any order', () => {
    const schedule = compile({ at: ['2026-12-02T00:00Z', '2026-12-01T08:00+08:00', '2026-12-02T00:00Z'] });
    const found = instantsBetween(schedule, instant(0), instant(Infinity), 9);
    expect(found.map(iso)).toEqual(['2026-12-01T00:00:00.000Z', '2026-12-02T00:00:00.000Z']);
    expect(previousInstant(schedule, at('2026-12-02T00:00Z'))).toBe(at('2026-12-01T00:00Z'));
  });
});

describe('slots', () => {
  test.each([
    [
      'daily',
      '0 2 * * *',
      'Asia/Shanghai',
      '2026-11-24T02:00+08:00',
      '2026-11-23T00:00+08:00',
      '2026-11-24T00:00+08:00',
      '2026-11-23',
    ],
    [
      'on weekdays: still the day before',
      '30 9 * * MON-FRI',
      'UTC',
      '2026-11-23T09:30Z',
      '2026-11-22T00:00Z',
      '2026-11-23T00:00Z',
      '2026-11-22',
    ],
    [
      'daily, the day after a short one',
      '0 4 * * *',
      'America/New_York',
      '2026-03-09T04:00-04:00',
      '2026-03-08T00:00-05:00',
      '2026-03-09T00:00-04:00',
      '2026-03-08',
    ],
    [
      'daily, the day that began at 01:00',
      '0 4 * * *',
      'America/Santiago',
      '2026-09-07T04:00-03:00',
      '2026-09-06T01:00-03:00',
      '2026-09-07T00:00-03:00',
      '2026-09-06',
    ],
    [
      'hourly',
      '5 * * * *',
      'UTC',
      '2026-11-24T00:05Z',
      '2026-11-23T23:00Z',
      '2026-11-24T00:00Z',
      '2026-11-23',
    ],
    [
      'hourly, in a zone of half hours',
      '0 * * * *',
      'Asia/Kolkata',
      '2026-11-24T10:00+05:30',
      '2026-11-24T09:00+05:30',
      '2026-11-24T10:00+05:30',
      '2026-11-24',
    ],
    [
      'hourly, second pass of an overlap',
      '0 * * * *',
      'America/New_York',
      '2026-11-01T01:00-05:00',
      '2026-11-01T01:00-04:00',
      '2026-11-01T01:00-05:00',
      '2026-11-01',
    ],
    [
      'hourly in office hours',
      '0 9-17 * * *',
      'UTC',
      '2026-11-24T09:00Z',
      '2026-11-24T08:00Z',
      '2026-11-24T09:00Z',
      '2026-11-24',
    ],
    [
      'weekly',
      '0 6 * * MON',
      'UTC',
      '2026-11-23T06:00Z',
      '2026-11-16T00:00Z',
      '2026-11-23T00:00Z',
      '2026-11-16',
    ],
    [
      'monthly',
      '0 6 3 * *',
      'UTC',
      '2026-11-03T06:00Z',
      '2026-10-01T00:00Z',
      '2026-11-01T00:00Z',
      '2026-10-01',
    ],
    [
      'monthly, in January',
      '0 0 6 LW * ?',
      'UTC',
      '2026-01-30T06:00Z',
      '2025-12-01T00:00Z',
      '2026-01-01T00:00Z',
      '2025-12-01',
    ],
    [
      'yearly',
      '0 6 1 1 *',
      'UTC',
      '2026-01-01T06:00Z',
      '2025-01-01T00:00Z',
      '2026-01-01T00:00Z',
      '2025-01-01',
    ],
    [
      'every minute',
      '* * * * *',
      'UTC',
      '2026-11-24T00:00Z',
      '2026-11-23T23:59Z',
      '2026-11-24T00:00Z',
      '2026-11-23',
    ],
    [
      'every 15 minutes: fire to fire',
      '*/15 * * * *',
      'UTC',
      '2026-11-24T00:00Z',
      '2026-11-23T23:45Z',
      '2026-11-24T00:00Z',
      '2026-11-23',
    ],
    [
      'twice a day: fire to fire',
      '0 9,21 * * *',
      'UTC',
      '2026-11-24T09:00Z',
      '2026-11-23T21:00Z',
      '2026-11-24T09:00Z',
      '2026-11-23',
    ],
    [
      'the 1st and the 15th: fire to fire',
      '0 0 1,15 * *',
      'UTC',
      '2026-11-15T00:00Z',
      '2026-11-01T00:00Z',
      '2026-11-15T00:00Z',
      '2026-11-01',
    ],
    [
      'period given',
      { cron: '*/15 * * * *', period: 'day' },
      'UTC',
      '2026-11-24T00:15Z',
      '2026-11-23T00:00Z',
      '2026-11-24T00:00Z',
      '2026-11-23',
    ],
    [
      'shifted to the day itself',
      { cron: '0 23 * * *', shift: 0 },
      'UTC',
      '2026-11-24T23:00Z',
      '2026-11-24T00:00Z',
      '2026-11-25T00:00Z',
      '2026-11-24',
    ],
    [
      'shifted a day back',
      { cron: '0 2 * * *', shift: -2 },
      'UTC',
      '2026-11-24T02:00Z',
      '2026-11-22T00:00Z',
      '2026-11-23T00:00Z',
      '2026-11-22',
    ],
    [
      'months shifted over the year',
      { cron: '0 2 1 * *', shift: -3 },
      'UTC',
      '2026-01-01T02:00Z',
      '2025-10-01T00:00Z',
      '2025-11-01T00:00Z',
      '2025-10-01',
    ],
    [
      'fire to fire, shifted',
      { cron: '*/15 * * * *', shift: -2 },
      'UTC',
      '2026-11-24T00:00Z',
      '2026-11-23T23:30Z',
      '2026-11-23T23:45Z',
      '2026-11-23',
    ],
    [
      'every',
      { every: '6h' },
      'UTC',
      '2026-11-24T06:00Z',
      '2026-11-24T00:00Z',
      '2026-11-24T06:00Z',
      '2026-11-24',
    ],
    [
      'every, shifted',
      { every: '6h', shift: -2 },
      'UTC',
      '2026-11-24T06:00Z',
      '2026-11-23T18:00Z',
      '2026-11-24T00:00Z',
      '2026-11-23',
    ],
    [
      'once',
      { at: '2026-11-24T06:00Z' },
      'UTC',
      '2026-11-24T06:00Z',
      '2026-11-23T00:00Z',
      '2026-11-24T00:00Z',
      '2026-11-23',
    ],
    [
      'the first of all, fire to fire',
      { cron: '0 0 0,12 1 1 ? 2030' },
      'UTC',
      '2030-01-01T00:00Z',
      '2029-07-02T12:00Z',
      '2030-01-01T00:00Z',
      '2029-07-02',
    ],
  ] satisfies [string, ScheduleDefinition, string, string, string, string, string][])(
    '%s',
    (_, definition, zone, time, start, end, businessDate) => {
      const schedule = compile(definition, zone);
      expect(isInstantOf(schedule, at(time))).toBe(true);
      expect(slotAt(schedule, at(time))).toEqual({
        instant: at(time),
        interval: { start: at(start), end: at(end) },
        businessDate,
        zone,
      });
    },
  );

  test('intervals of a daily job follow each other without hole or overlap, in every zone', () => {
    const zone = fc.constantFrom(...Intl.supportedValuesOf('timeZone'));
    const start = fc.integer({ min: Date.UTC(2000, 0), max: Date.UTC(2040, 0) });
    fc.assert(
      fc.property(zone, start, fc.integer({ min: 0, max: 23 }), (name, from, hour) => {
        const schedule = compile(`0 ${hour} * * *`, name);
        const slots = instantsBetween(schedule, instant(from), instant(Infinity), 200).map((time) =>
          slotAt(schedule, time),
        );
        slots.slice(1).forEach((slot, n) => expect(slot.interval.start).toBe(slots[n]?.interval.end));
      }),
      { numRuns: 30 },
    );
  });

  test('an ad hoc run is about the local day before', () => {
    expect(dailySlot(zoneName('Asia/Shanghai'), at('2026-11-24T00:30+08:00'))).toEqual({
      instant: at('2026-11-24T00:30+08:00'),
      interval: { start: at('2026-11-23T00:00+08:00'), end: at('2026-11-24T00:00+08:00') },
      businessDate: '2026-11-23',
      zone: 'Asia/Shanghai',
    });
  });

  test.each([
    ['* * * * *', 60_000],
    ['0 * * * *', 3_600_000],
    ['0 2 * * *', 86_400_000],
    ['0 2 * * 1', 7 * 86_400_000],
    ['*/15 * * * *', 900_000],
    ['0 9,21 * * *', 43_200_000],
    [{ every: '90m' }, 5_400_000],
  ] satisfies [ScheduleDefinition, number][])('average length of %j', (definition, ms) => {
    expect(compile(definition).periodMs).toBeCloseTo(ms, 0);
  });
});

describe('calendars', () => {
  const china = compileCalendar({
    holidays: { '2026-10-01..2026-10-07': '国庆', '2026-09-25..2026-09-27': '中秋' },
    workdays: { '2026-09-20': '调休', '2026-10-10': '调休' },
    blackout: { '2026-11-11': 'shopping day' },
  });
  const all = {
    skip: china,
    next: { ...china, shift: 'next' as const },
    previous: { ...china, shift: 'previous' as const },
    last: { ...china, nthWorkday: -1 },
    second: { ...china, nthWorkday: 2 },
  };
  const days = (definition: ScheduleDefinition, from: string, to: string) => {
    const calendars = (name: string) => all[name as keyof typeof all] ?? null;
    const schedule = compileSchedule(definition, { zone: zoneName('Asia/Shanghai'), calendars });
    const bounds = [at(`${from}T00:00+08:00`), at(`${to}T00:00+08:00`)] as const;
    const found = instantsBetween(schedule, ...bounds, 1_000);
    const back = [];
    let time = previousInstant(schedule, bounds[1]);
    while (time !== null && time > bounds[0]) {
      back.unshift(time);
      time = previousInstant(schedule, time);
    }
    expect(back).toEqual(found);
    return found.map((one) => localDateOf(schedule.zone, one).slice(5)).join(' ');
  };

  test.each([
    [
      'skip drops holidays, keeps make-up days',
      { cron: '0 2 * * *', calendar: 'skip' },
      '2026-09-19',
      '2026-10-11',
      '09-20 09-21 09-22 09-23 09-24 09-28 09-29 09-30 10-08 10-09 10-10',
    ],
    [
      'blackout is dropped',
      { cron: '0 2 * * *', calendar: 'skip' },
      '2026-11-09',
      '2026-11-14',
      '11-09 11-10 11-12 11-13',
    ],
    [
      'next moves the 1st behind the holidays',
      { cron: '0 2 1 * *', calendar: 'next' },
      '2026-09-01',
      '2026-12-31',
      '09-01 10-08 11-02 12-01',
    ],
    [
      'previous moves the 1st before them',
      { cron: '0 2 1 * *', calendar: 'previous' },
      '2026-09-01',
      '2026-12-31',
      '09-01 09-30 10-30 12-01',
    ],
    [
      'next of a daily schedule has each counting day once',
      { cron: '0 2 * * *', calendar: 'next' },
      '2026-09-24',
      '2026-10-01',
      '09-24 09-28 09-29 09-30',
    ],
    [
      'a slot passes over blackout',
      { cron: '0 2 * * 0', calendar: 'next' },
      '2026-11-06',
      '2026-11-20',
      '11-09 11-16',
    ],
    [
      'last workday of the month',
      { cron: '0 2 * * *', calendar: 'last' },
      '2026-09-01',
      '2026-12-31',
      '09-30 10-30 11-30',
    ],
    [
      'second workday of the month',
      { cron: '0 2 * * *', calendar: 'second' },
      '2026-09-01',
      '2026-12-31',
      '09-02 10-09 11-03 12-02',
    ],
    [
      'every skips days',
      { every: '12h', calendar: 'skip' },
      '2026-09-30',
      '2026-10-09',
      '09-30 09-30 10-08 10-08',
    ],
    [
      'at moves to the same local time',
      { at: ['2026-10-03T09:00+08:00', '2026-10-09T09:00+08:00'], calendar: 'next' },
      '2026-10-01',
      '2026-12-01',
      '10-08 10-09',
    ],
  ] satisfies [string, ScheduleDefinition, string, string, string][])(
    '%s',
    (_, definition, from, to, wanted) => {
      expect(days(definition, from, to)).toBe(wanted);
    },
  );

  test('a slot on a blacked-out day is never moved', () => {
    expect(days({ cron: '0 2 11 11 *', calendar: 'next' }, '2026-11-01', '2026-12-01')).toBe('');
  });

  test('the n-th workday of a daily schedule is about the month before', () => {
    const schedule = compileSchedule(
      { cron: '0 2 * * *', calendar: 'last' },
      { zone: UTC, calendars: () => all.last },
    );
    expect(slotAt(schedule, at('2026-10-30T02:00Z')).businessDate).toBe('2026-09-01');
  });
});

describe('definitions', () => {
  test.each([
    [{ cron: '61 * * * *' }, 'CRON_INVALID', 'cron expression "61 * * * *": minute must be 0–59, got 61'],
    [
      { cron: '0 2 * *' },
      'CRON_INVALID',
      'cron expression "0 2 * *": must have 5 fields (unix) or 6 to 7 (quartz), got 4',
    ],
    [
      { cron: '0 2 * * *', dialect: 'quartz' as const },
      'CRON_INVALID',
      'cron expression "0 2 * * *": must have 6 or 7 fields in the quartz dialect, got 5',
    ],
    [
      { cron: '0 2 * * *', zone: 'Mars/Olympus' },
      'ZONE_UNKNOWN',
      'time zone "Mars/Olympus": must be an IANA name such as Asia/Shanghai or UTC',
    ],
    [{ every: '0s' as const }, 'DURATION_INVALID', 'every: must be longer than 0'],
    [
      { at: '2026-11-24T02:00' },
      'TIME_INVALID',
      'time "2026-11-24T02:00": must be epoch milliseconds, a Date, or ISO 8601 with an offset such as 2026-11-24T02:00+08:00',
    ],
    [{ at: [] }, 'DEFINITION_INVALID', 'schedule: at must list at least one instant'],
    [{ cron: '0 2 * * *', calendar: 'cn' }, 'DEFINITION_INVALID', 'schedule: calendar "cn" is not defined'],
    [
      { cron: '0 2 * * *', shift: 0.5 },
      'DEFINITION_INVALID',
      'schedule: shift must be a whole number of periods, got 0.5',
    ],
    [
      { cron: '0 2 * * *', misfire: 'some' },
      'DEFINITION_INVALID',
      'schedule: misfire must be all, latest or none, got "some"',
    ],
    [
      { cron: '0 2 * * *', dst: 'vixie' },
      'DEFINITION_INVALID',
      'schedule: dst must be standard or quartz, got "vixie"',
    ],
    [
      { cron: '0 2 * * *', period: 'decade' },
      'DEFINITION_INVALID',
      'schedule: period must be year, month, week, day, hour, minute, second, other, got "decade"',
    ],
    [{ cron: 5 }, 'DEFINITION_INVALID', 'schedule: cron must be a text, got number'],
    [
      { cron: '0 2 * * *', every: '1h' },
      'DEFINITION_INVALID',
      'schedule: schedule must have one of cron, every and at, got cron, every',
    ],
    [{}, 'DEFINITION_INVALID', 'schedule: schedule must have one of cron, every and at, got none'],
  ])('%j is refused with %s', (definition, code, message) => {
    expect(() => compile(definition as ScheduleDefinition)).toThrow(
      expect.objectContaining({ code, message }),
    );
  });

  test('every refuses a calendar that moves', () => {
    const calendar = compileCalendar({ shift: 'next' });
    const context = { zone: UTC, calendars: () => calendar };
    const definition = { every: '1h', calendar: 'moving' } as const;
    expect(() => compileSchedule(definition, context)).toThrow(
      expect.objectContaining({ code: 'DEFINITION_INVALID' }),
    );
  });

  test('misfire and its window have defaults', () => {
    expect(compile('0 2 * * *')).toMatchObject({ misfire: 'all', withinMs: 86_400_000, zone: 'UTC' });
    expect(compile({ cron: '0 2 * * *', misfire: 'latest', within: '6h' })).toMatchObject({
      misfire: 'latest',
      withinMs: 21_600_000,
    });
  });

  test('a table shares what is the same and nothing else', () => {
    const table = createScheduleTable();
    const calendar = compileCalendar({});
    const context = { zone: UTC, calendars: () => calendar };
    const first = table.compile({ cron: '0 2 * * *', misfire: 'latest' }, context);
    expect(table.compile({ misfire: 'latest', cron: '0 2 * * *' }, context)).toBe(first);
    expect(table.compile('0 2 * * *', context)).toBe(table.compile({ cron: '0 2 * * *' }, context));
    expect(table.compile({ cron: '0 2 * * *' }, context)).not.toBe(first);
    expect(table.compile({ cron: '0 2 * * *', misfire: 'latest', calendar: 'c' }, context)).not.toBe(first);
    const shanghai = { ...context, zone: zoneName('Asia/Shanghai') };
    expect(table.compile({ cron: '0 2 * * *', misfire: 'latest' }, shanghai)).not.toBe(first);
  });
});
