import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseTime } from './time.js';

test.each([
  ['2026-11-24T02:00+08:00', '2026-11-23T18:00:00.000Z'],
  ['2026-11-24T02:00:30Z', '2026-11-24T02:00:30.000Z'],
  ['2026-11-24t02:00:30.5z', '2026-11-24T02:00:30.500Z'],
  ['2026-11-24T02:00:30,123456-0330', '2026-11-24T05:30:30.123Z'],
  ['2026-11-24T02:00+05', '2026-11-23T21:00:00.000Z'],
  ['2024-02-29T00:00Z', '2024-02-29T00:00:00.000Z'],
])('%s is %s', (text, iso) => {
  expect(new Date(parseTime(text)).toISOString()).toBe(iso);
});

test('a Date and epoch milliseconds are taken as they are', () => {
  expect(parseTime(new Date(5))).toBe(5);
  expect(parseTime(-5)).toBe(-5);
});

test.each([
  '2026-11-24T02:00',
  '2026-11-24',
  '2026-02-29T00:00Z',
  '2026-11-24T24:00Z',
  '2026-11-24T02:60Z',
  '2026-11-24T02:00+19:00',
  '2026-11-24T02:00+08:75',
  '2026-11-24 02:00Z',
  'now',
  '',
  NaN,
  0.5,
  9e15,
  new Date(NaN),
])('%s is refused', (time) => {
  expect(() => parseTime(time)).toThrow(expect.objectContaining({ code: 'TIME_INVALID' }));
});

test('reads what Date writes', () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date(0), max: new Date(Date.UTC(9999, 0)), noInvalidDate: true }),
      (date) => {
        expect(parseTime(date.toISOString())).toBe(date.getTime());
      },
    ),
  );
});
