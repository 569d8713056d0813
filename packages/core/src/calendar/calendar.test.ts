import { describe, expect, test } from 'vitest';
import { localDate } from '../model/ids.js';
import type { CalendarDefinition } from '../model/schedule.js';
import { compileCalendar, countingBits, endsOn, isWorkday, movedDay } from './calendar.js';
import { dateText, parseDate } from './civil.js';

const CHINA: CalendarDefinition = {
  holidays: { '2026-10-01..2026-10-07': '国庆', '2027-01-01': '元旦' },
  workdays: { '2026-10-10': '调休' },
  blackout: { '2026-10-12': 'move of the data centre' },
  until: '2026-12-31',
};

describe('workdays', () => {
  test.each([
    ['2026-09-30', true, 'an ordinary Wednesday'],
    ['2026-10-01', false, 'the first day of a range of holidays'],
    ['2026-10-07', false, 'its last day'],
    ['2026-10-08', true, 'the day after'],
    ['2026-10-10', true, 'a Saturday that makes up'],
    ['2026-10-11', false, 'a Sunday'],
    ['2026-10-12', true, 'a Monday under blackout, which is still a workday'],
    ['2027-01-01', false, 'a holiday by itself'],
    ['2031-05-01', true, 'a day nobody has entered yet'],
  ])('%s: %s, %s', (date, works) => {
    expect(isWorkday(compileCalendar(CHINA), localDate(date))).toBe(works);
  });

  test('a make-up day is stronger than a holiday', () => {
    const calendar = compileCalendar({ holidays: { '2026-05-01': '' }, workdays: { '2026-05-01': '' } });
    expect(isWorkday(calendar, localDate('2026-05-01'))).toBe(true);
  });

  test('weekdays may be others', () => {
    const calendar = compileCalendar({ weekdays: ['sun', 'mon', 'tue', 'wed', 'thu'] });
    expect(
      ['2026-11-26', '2026-11-27', '2026-11-28', '2026-11-29'].map((date) =>
        isWorkday(calendar, localDate(date)),
      ),
    ).toEqual([true, false, false, true]);
  });

  test('the end is what the author says', () => {
    expect(endsOn(compileCalendar(CHINA))).toBe('2026-12-31');
    expect(endsOn(compileCalendar({}))).toBeNull();
  });
});

describe('days that count', () => {
  const counting = (definition: CalendarDefinition) => {
    const bits = countingBits(compileCalendar(definition), 2026, 10);
    return Array.from({ length: 31 }, (_, n) => n + 1).filter((day) => (bits >>> (day - 1)) & 1);
  };

  test.each([
    ['all workdays but blackout', {}, [8, 9, 10, 13, 14, 15, 16, 19, 20, 21, 22, 23, 26, 27, 28, 29, 30]],
    ['the first workday', { nthWorkday: 1 }, [8]],
    ['the third', { nthWorkday: 3 }, [10]],
    ['the fourth is blacked out: none', { nthWorkday: 4 }, []],
    ['the last', { nthWorkday: -1 }, [30]],
    ['the second last', { nthWorkday: -2 }, [29]],
    ['more than there are', { nthWorkday: 25 }, []],
    ['more than there are, from the end', { nthWorkday: -25 }, []],
  ])('%s', (_, more, days) => {
    expect(counting({ ...CHINA, ...more })).toEqual(days);
  });

  test.each([
    ['skip', '2026-10-03', null],
    ['next', '2026-10-03', '2026-10-08'],
    ['previous', '2026-10-03', '2026-09-30'],
    ['next', '2026-10-11', '2026-10-13'],
    ['next', '2026-10-12', null],
    ['previous', '2026-10-08', '2026-10-08'],
  ] as const)('%s moves %s to %s', (shift, from, to) => {
    const moved = movedDay(compileCalendar({ ...CHINA, shift }), parseDate(from) ?? NaN);
    expect(moved === null ? null : dateText(moved)).toBe(to);
  });

  test('a calendar without days that count moves nothing anywhere', () => {
    const calendar = compileCalendar({ weekdays: [], shift: 'next' });
    expect(movedDay(calendar, parseDate('2026-10-03') ?? NaN)).toBeNull();
  });
});

test('every wrong entry is named', () => {
  const wrong = {
    weekdays: ['mon', 'dimanche'],
    holidays: { '2026-13-01': '', '2026-10-07..2026-10-01': '', '2026-01-01..2099-01-01': '' },
    workdays: { tomorrow: '' },
    nthWorkday: 0,
    shift: 'sideways',
    until: '2026',
  } as unknown as CalendarDefinition;
  expect(() => compileCalendar(wrong)).toThrow(
    expect.objectContaining({
      code: 'DEFINITION_INVALID',
      details: {
        problems: [
          ['holidays.2026-13-01', 'must be a date YYYY-MM-DD or a range of two, from..to'],
          ['holidays.2026-10-07..2026-10-01', 'must not run backwards'],
          ['holidays.2026-01-01..2099-01-01', 'must not be longer than 3660 days'],
          ['workdays.tomorrow', 'must be a date YYYY-MM-DD or a range of two, from..to'],
          ['weekdays', 'must be sun, mon, tue, wed, thu, fri, sat, got "dimanche"'],
          ['nthWorkday', 'must be 1–31 or -1–-31, got 0'],
          ['shift', 'must be skip, next or previous, got "sideways"'],
          ['until', 'must be a date YYYY-MM-DD, got "2026"'],
        ].map(([path, message]) => ({ path, rule: 'calendar', message })),
      },
    }),
  );
});
