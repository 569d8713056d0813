import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { instant, localDate, zoneName } from '../model/ids.js';
import { intlZoneMath } from '../../test/vectors/intl-zone-math.js';
import { dateExpressionAt } from './date-template.js';
import type { DateContext } from './date-template.js';

const context: DateContext = {
  at: instant(Date.parse('2026-11-24T02:00:00+08:00')),
  zone: zoneName('Asia/Shanghai'),
  zoneMath: intlZoneMath,
  nowMs: instant(Date.parse('2026-12-01T00:30:00+08:00')),
  businessDate: localDate('2026-11-23'),
};
const value = (expression: string, changes: Partial<DateContext> = {}) =>
  dateExpressionAt(expression, 0, { ...context, ...changes })?.value;

test('what Java makes of the same expressions', () => {
  const file = new URL('../../test/vectors/date-template.json', import.meta.url);
  const rows = JSON.parse(readFileSync(file, 'utf8')) as [string, string, string, string, string][];
  expect(rows.length).toBeGreaterThan(1_500);
  const wrong = rows
    .map(([at, zone, locale, expression, expected]) => {
      const changes = { at: instant(Date.parse(at)), zone: zoneName(zone), locale };
      const found = value(expression, changes);
      return { at, zone, locale, expression, expected, found };
    })
    .filter((row) => row.found !== row.expected);
  expect(wrong).toEqual([]);
});

describe('expressions', () => {
  test.each([
    ['the local day of the slot', '${zdt.format("yyyyMMdd")}', '20261124'],
    ['single quotes', "${zdt.format('HH')}", '02'],
    ['spaces inside parentheses', '${zdt.add( 5 , -1 ).format( "dd" )}', '23'],
    ['a brace inside a text', '${zdt.format("{yyyy}")}', '{2026}'],
    ['yesterday', '${yesterday}', '20261123'],
    ['the business date', '${bizdate}', '20261123'],
    ['seconds', '${zdt.getTime()}', '1795456800'],
    ['milliseconds', '${zdt.getMillis()}', '1795456800000'],
    ['the month counts from zero', '${zdt.get(2)}', '10'],
    ['now, not the slot', '${zdt.getNowMillis()}', '1796056200000'],
    ['today, not the day of the slot', '${zdt.addDay(-9).getToday()}', '2026-12-01'],
    ['a getter by its property', '${zdt.today}', '2026-12-01'],
    ['an empty pattern', '${zdt.format("")}', ''],
    ['the first of the month', '${zdt.set(5,1).format("yyyy-MM-dd")}', '2026-11-01'],
    ['the last of the month before', '${zdt.set(5,0).format("yyyy-MM-dd")}', '2026-10-31'],
  ])('%s: %s', (_, expression, expected) => expect(value(expression)).toBe(expected));

  test('the end lies behind the brace', () => {
    expect(dateExpressionAt('a ${yesterday} b', 2, context)).toEqual({ end: 14, value: '20261123' });
  });

  test.each([
    ['another variable', '${zdtx.format("yyyy")}'],
    ['the bare moment', '${zdt}'],
    ['a longer name', '${yesterdays}'],
    ['no expression', 'zdt.format("yyyy")'],
  ])('%s is left alone', (_, text) => expect(value(text)).toBeUndefined());

  test('without a business date its name is unknown', () => {
    const { businessDate: _, ...without } = context;
    expect(dateExpressionAt('${bizdate}', 0, without)).toBeNull();
  });

  test('the Chinese of Java 8 has no short names', () => {
    const names = (locale: string) => value('${zdt.format("E MMM a")}', { locale });
    expect([names('zh-x-java8'), names('zh_CN'), names('en-GB')]).toEqual([
      '星期二 十一月 上午',
      '周二 11月 上午',
      'Tue Nov AM',
    ]);
  });

  test('a zone Java has no name for here', () => {
    const changes = { zone: zoneName('Asia/Vladivostok') };
    expect(value('${zdt.format("z")}', changes)).toBe('GMT+10:00');
  });
});

describe('refused with the offset from ${', () => {
  test.each([
    ['an unknown method', '${zdt.addDays(1).format("yyyy")}', 6],
    ['code', '${zdt.class.forName("x")}', 6],
    ['an inherited property', '${zdt.constructor}', 6],
    ['a moment in place of text', '${zdt.addDay(1)}', 15],
    ['a method without its arguments', '${zdt.addDay.format("yyyy")}', 6],
    ['a missing argument', '${zdt.add(5).format("yyyy")}', 11],
    ['too many arguments', '${zdt.addDay(1,2).format("yyyy")}', 14],
    ['a fraction', '${zdt.addDay(1.5).format("yyyy")}', 14],
    ['a number beyond 32 bits', '${zdt.addDay(9999999999).format("yyyy")}', 13],
    ['a field that cannot be moved', '${zdt.add(15,1).format("yyyy")}', 10],
    ['a field that does not exist', '${zdt.get(17)}', 10],
    ['a year that does not exist', '${zdt.set(1,999999).format("yyyy")}', 20],
    ['days beyond all years', '${zdt.addDay(2000000000).format("yyyy")}', 6],
    ['an unknown letter', '${zdt.format("yyyyb")}', 18],
    ['an open quote in the pattern', '${zdt.format("yyyy\'T")}', 18],
    ['four X', '${zdt.format("XXXX")}', 14],
    ['an open text', '${zdt.format("yyyy)}', 13],
    ['no text', '${zdt.format(yyyy)}', 13],
    ['a chain behind text', '${zdt.format("yyyy").trim()}', 20],
    ['no end', '${zdt.format("yyyy")', 20],
    ['spaces between calls', '${zdt.addDay(1) .format("yyyy")}', 15],
  ])('%s: %s', (_, expression, offset) => {
    const details = expect.objectContaining({ offset });
    expect(() => value(expression)).toThrow(expect.objectContaining({ code: 'TEMPLATE_INVALID', details }));
  });

  test.each(['${yesterday}', '${zdt.format("yyyy")}'])('%s of a slot before all calendars', (expression) => {
    const before = { at: instant(-1e14) };
    expect(() => value(expression, before)).toThrow(expect.objectContaining({ code: 'TEMPLATE_INVALID' }));
  });

  test('the message names line and expression', () => {
    expect(() => dateExpressionAt('one\ntwo ${zdt.no()} three', 8, context)).toThrow(
      /^line 2: \$\{zdt\.no\(\)\}, at 6: no is none of addDay, add/,
    );
  });

  test('nothing else is ever thrown', () => {
    const piece = fc.constantFrom(
      ...[
        '.format(',
        '.add(',
        '.set(',
        '.get(',
        '.addDay(',
        '1',
        '5',
        ',',
        '-40',
        '99',
        ')',
        '"',
        "'",
        'yyyy',
        'X',
        '}',
        'b',
        '.',
        ' ',
      ],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        try {
          expect(typeof value(`\${zdt.${pieces.join('')}`)).toBe('string');
        } catch (error) {
          expect(error).toMatchObject({ code: 'TEMPLATE_INVALID' });
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
