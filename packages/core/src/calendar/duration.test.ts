import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Duration } from '../model/schedule.js';
import { formatDuration, parseDuration } from './duration.js';

test.each([
  [0, 0, '0ms'],
  [1500, 1500, '1500ms'],
  ['250ms', 250, '250ms'],
  ['30s', 30_000, '30s'],
  ['90s', 90_000, '90s'],
  ['10m', 600_000, '10m'],
  ['2h', 7_200_000, '2h'],
  ['24h', 86_400_000, '1d'],
  ['1.5h', 5_400_000, '90m'],
  ['1.1s', 1_100, '1100ms'],
] satisfies [Duration, number, string][])('%s is %d ms and reads %s', (duration, ms, text) => {
  expect(parseDuration(duration)).toBe(ms);
  expect(formatDuration(ms)).toBe(text);
});

test.each(['', '5', '5 m', '-5m', 'm', '5min', '1e3s', '0.0001s', '1h30m', NaN, -1, 0.5, 2 ** 60])(
  '%s is refused',
  (text) => {
    expect(() => parseDuration(text as Duration)).toThrow(
      expect.objectContaining({ code: 'DURATION_INVALID', details: { text: String(text) } }),
    );
  },
);

test('what is written is read back', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (ms) => {
      expect(parseDuration(formatDuration(ms) as Duration)).toBe(ms);
    }),
  );
});
