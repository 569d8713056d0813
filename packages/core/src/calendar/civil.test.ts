import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  civilDate,
  countBits,
  dateText,
  dayNumber,
  monthLength,
  nextBit,
  parseDate,
  previousBit,
  weekdayBitsOfMonth,
  weekdayOf,
} from './civil.js';

const days = fc.integer({ min: -800_000, max: 200_000 });

describe('dates', () => {
  test('agree with Date, over three thousand years', () => {
    fc.assert(
      fc.property(days, (number) => {
        const date = new Date(number * 86_400_000);
        const { year, month, day } = civilDate(number);
        expect([year, month, day]).toEqual([
          date.getUTCFullYear(),
          date.getUTCMonth() + 1,
          date.getUTCDate(),
        ]);
        expect(weekdayOf(number)).toBe(date.getUTCDay());
        expect(dayNumber(year, month, day)).toBe(number);
        expect(monthLength(year, month)).toBe(new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate());
      }),
      { numRuns: 1_000 },
    );
  });

  test('texts are read back, and nothing else is read', () => {
    fc.assert(
      fc.property(fc.integer({ min: -719_528, max: 2_000_000 }), (number) => {
        expect(parseDate(dateText(number))).toBe(number);
      }),
    );
    for (const text of ['2026-02-29', '2026-13-01', '2026-1-1', '20260101', '2026-01-01T00:00Z', '']) {
      expect(parseDate(text)).toBeNull();
    }
  });

  test('the Sundays of a month are its Sundays', () => {
    const months = fc.tuple(fc.integer({ min: 1970, max: 2199 }), fc.integer({ min: 1, max: 12 }));
    fc.assert(
      fc.property(months, fc.integer({ min: 0, max: 127 }), ([year, month], weekdays) => {
        let wanted = 0;
        for (let day = 1; day <= monthLength(year, month); day++) {
          if ((weekdays >>> weekdayOf(dayNumber(year, month, day))) & 1) wanted |= 1 << (day - 1);
        }
        expect(weekdayBitsOfMonth(weekdays, year, month)).toBe(wanted);
      }),
    );
  });
});

test('bit sets are searched from both sides', () => {
  const bits = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
  fc.assert(
    fc.property(bits, fc.integer({ min: 0, max: 31 }), (set, from) => {
      const members = Array.from({ length: 32 }, (_, bit) => bit).filter((bit) => (set >>> bit) & 1);
      expect(nextBit(set, from)).toBe(members.find((bit) => bit >= from) ?? -1);
      expect(previousBit(set, from)).toBe(members.findLast((bit) => bit <= from) ?? -1);
      expect(countBits(set)).toBe(members.length);
    }),
  );
  expect(nextBit(-1, 32)).toBe(-1);
  expect(previousBit(-1, -1)).toBe(-1);
});
