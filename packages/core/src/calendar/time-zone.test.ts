import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { instant, localDate, zoneName } from '../model/ids.js';
import {
  checkZone,
  firstShowing,
  lastShowing,
  latestShown,
  localDateOf,
  localFields,
  offsetMs,
  startOfLocalDay,
} from './time-zone.js';
import { zoneTable } from './zone-table.js';

const at = (text: string) => instant(Date.parse(text));
const NEW_YORK = zoneName('America/New_York');
const zones = fc.constantFrom(...Intl.supportedValuesOf('timeZone'));
const time = fc.integer({ min: Date.UTC(1970, 0), max: Date.UTC(2060, 0) });

describe('checkZone', () => {
  test.each([
    ['asia/shanghai', 'Asia/Shanghai'],
    ['UTC', 'UTC'],
    ['utc', 'UTC'],
    ['Asia/Kolkata', 'Asia/Kolkata'],
    ['Asia/Calcutta', 'Asia/Calcutta'],
  ])('%s is %s', (name, zone) => {
    expect(checkZone(name)).toBe(zone);
  });

  test.each(['', '+08:00', 'Mars/Olympus', 'Beijing'])('%s is refused', (name) => {
    expect(() => checkZone(name)).toThrow(
      expect.objectContaining({ code: 'ZONE_UNKNOWN', details: { zone: name } }),
    );
  });
});

describe('local clocks', () => {
  test('show what Intl shows, in every zone', () => {
    fc.assert(
      fc.property(zones, time, (name, when) => {
        const { year, month, day, hour, minute, second, weekday } = localFields(
          zoneName(name),
          instant(when),
        );
        const shown = new Intl.DateTimeFormat('en-GB', {
          timeZone: name,
          dateStyle: 'full',
          timeStyle: 'medium',
        }).format(when);
        const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
        expect(date.getUTCDay()).toBe(weekday);
        const wanted = new Intl.DateTimeFormat('en-GB', {
          timeZone: 'UTC',
          dateStyle: 'full',
          timeStyle: 'medium',
        });
        expect(wanted.format(date)).toBe(shown);
      }),
      { numRuns: 200 },
    );
  });

  test('offsets, to the minute and in both seasons', () => {
    expect(offsetMs(NEW_YORK, at('2026-07-01T00:00Z'))).toBe(-4 * 3_600_000);
    expect(offsetMs(NEW_YORK, at('2026-12-01T00:00Z'))).toBe(-5 * 3_600_000);
    expect(offsetMs(zoneName('Asia/Kathmandu'), at('2026-12-01T00:00Z'))).toBe(5.75 * 3_600_000);
    expect(offsetMs(NEW_YORK, at('2026-03-08T06:59:59.999Z'))).toBe(-5 * 3_600_000);
    expect(offsetMs(NEW_YORK, at('2026-03-08T07:00:00Z'))).toBe(-4 * 3_600_000);
  });

  test('the order in which years are asked for does not matter', () => {
    const years = fc.uniqueArray(fc.integer({ min: 1975, max: 2080 }), { minLength: 2, maxLength: 6 });
    const zone = 'Europe/Lisbon';
    fc.assert(
      fc.property(years, (asked) => {
        for (const year of asked) {
          const winter = Date.UTC(year, 0, 15);
          const shown = new Intl.DateTimeFormat('en-US', {
            timeZone: zone,
            hourCycle: 'h23',
            hour: 'numeric',
          });
          expect(localFields(zoneName(zone), instant(winter)).hour).toBe(Number(shown.format(winter)));
        }
      }),
    );
  });
});

describe('local days', () => {
  test.each([
    ['Asia/Shanghai', '2026-11-24', '2026-11-24T00:00+08:00'],
    ['America/Santiago', '2026-09-06', '2026-09-06T01:00-03:00'],
    ['America/New_York', '2026-11-01', '2026-11-01T00:00-04:00'],
    ['Pacific/Apia', '2011-12-30', '2011-12-31T00:00+14:00'],
    ['Pacific/Apia', '2011-12-31', '2011-12-31T00:00+14:00'],
    ['America/Havana', '2026-11-01', '2026-11-01T00:00-04:00'],
  ])('in %s, %s begins at %s', (zone, date, start) => {
    expect(startOfLocalDay(zoneName(zone), localDate(date))).toBe(at(start));
  });

  test('begin with their first instant, in every zone', () => {
    fc.assert(
      fc.property(zones, time, (name, when) => {
        const zone = zoneName(name);
        const date = localDateOf(zone, instant(when));
        const start = startOfLocalDay(zone, date);
        expect(start).toBeLessThanOrEqual(when);
        expect(localDateOf(zone, start)).toBe(date);
        expect(localDateOf(zone, instant(start - 1)) < date).toBe(true);
      }),
      { numRuns: 250 },
    );
  });

  test('a text that is no date is refused', () => {
    expect(() => startOfLocalDay(NEW_YORK, localDate('2026-02-30'))).toThrow(
      expect.objectContaining({ code: 'TIME_INVALID' }),
    );
  });
});

describe('wall times', () => {
  const table = zoneTable(NEW_YORK);
  const wall = (text: string) => Date.parse(`${text}Z`);

  test.each([
    ['an ordinary time', '2026-11-24T02:00', '2026-11-24T02:00-05:00', '2026-11-24T02:00-05:00'],
    ['in the gap', '2026-03-08T02:30', '2026-03-08T03:00-04:00', '2026-03-08T03:30-04:00'],
    ['at the end of the gap', '2026-03-08T03:00', '2026-03-08T03:00-04:00', '2026-03-08T03:00-04:00'],
    ['in the overlap', '2026-11-01T01:30', '2026-11-01T01:30-04:00', '2026-11-01T01:30-05:00'],
    ['at the end of the overlap', '2026-11-01T02:00', '2026-11-01T02:00-05:00', '2026-11-01T02:00-05:00'],
  ])('%s', (_, text, first, last) => {
    expect(firstShowing(table, wall(text))).toBe(at(first));
    expect(lastShowing(table, wall(text))).toBe(at(last));
  });

  test('the latest time shown stands still through the second pass', () => {
    const end = wall('2026-11-01T02:00') - 1;
    expect(latestShown(table, at('2026-11-01T01:00-05:00'))).toBe(end);
    expect(latestShown(table, at('2026-11-01T01:59-05:00'))).toBe(end);
    expect(latestShown(table, at('2026-11-01T02:00-05:00'))).toBe(wall('2026-11-01T02:00'));
  });

  test('firstShowing and latestShown reverse each other, in every zone', () => {
    fc.assert(
      fc.property(zones, time, (name, when) => {
        const zone = zoneTable(name);
        expect(latestShown(zone, firstShowing(zone, when))).toBeGreaterThanOrEqual(when);
        expect(latestShown(zone, firstShowing(zone, when) - 1)).toBeLessThan(when);
      }),
      { numRuns: 250 },
    );
  });
});
