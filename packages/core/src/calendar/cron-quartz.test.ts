import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { instant, zoneName } from '../model/ids.js';
import { parseQuartz } from './cron-quartz.js';
import { compileSchedule, instantsBetween, nextInstant, previousInstant } from './schedule.js';

/** Forty cases chosen by hand, with Quartz's answers: id, expression, zone, start, count, answers. */
const cases = readFileSync(new URL('../../test/vectors/quartz-2.3.2.cases.txt', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => line.split('|'));

const compile = (cron: string, zone: string) =>
  compileSchedule({ cron, dst: 'quartz' }, { zone: zoneName(zone), calendars: () => null });

describe('cases chosen by hand', () => {
  const refused = cases.filter(([, , , , , answers]) => answers?.startsWith('ERR'));
  const answered = cases.filter(([, , , , , answers]) => !answers?.startsWith('ERR'));

  test.each(refused)('%s: %s is refused', (_, expression = '') => {
    expect(() => parseQuartz(expression)).toThrow(expect.objectContaining({ code: 'CRON_INVALID' }));
  });

  test.each(answered)(
    '%s: %s in %s',
    (_, expression = '', zone = '', from = '', count = '', answers = '') => {
      const wanted = answers.split(' ').filter((text) => text !== 'none');
      const after = instant(Date.parse(from));
      const found = instantsBetween(compile(expression, zone), after, instant(Infinity), Number(count));
      expect(found).toEqual(wanted.map((text) => Date.parse(text)));
    },
  );
});

describe('errors name the field and its range', () => {
  test.each([
    ['61 * * * * ?', 'second must be 0–59, got 61'],
    ['0 60 * * * ?', 'minute must be 0–59, got 60'],
    ['0 0 24 * * ?', 'hour must be 0–23, got 24'],
    ['0 0 0 32 * ?', 'day of month must be 1–31, got 32'],
    ['0 0 0 * 0 ?', 'month must be 1–12, got 0'],
    ['0 0 0 ? * 8', 'day of week must be 1–7, got 8'],
    ['0 0/60 * * * ?', 'minute step must be 1–59, got 60'],
    ['0 */0 * * * ?', 'minute step must be 1–59, got 0'],
    ['0 0,,5 * * * ?', 'minute has an empty list item'],
    ['0 0 L * * ?', 'hour cannot be L, only a day can'],
    ['0 ? * * * ?', 'minute cannot be ?, only a day can'],
    ['0 0 15W * * ?', 'hour cannot have W, only the day of month can'],
    ['0 0 0 L-31 * ?', 'day of month offset before the last day must be 0–30, got "L-31"'],
    ['0 0 0 L,15 * ?', 'day of month cannot combine L with other items'],
    ['0 0 0 ? * 6#6', 'day of week must have 1–5 after #, got "6#6"'],
    ['0 0 0 ? * 2#1,3#2', 'day of week can have one # only'],
    ['0 0 0 * * *', 'day of week or day of month must be ?, and only one of them'],
    ['0 0 0 ? * ?', 'day of week and day of month cannot both be ?'],
    ['0 0 0 ? JAM ?', 'month must be 1–12, a range, a list or a step, got "JAM"'],
    ['0 0 0 * * ? 2030-2020', 'year range must not run backwards, got 2030-2020'],
    ['0 0 0 * * ? 2030 1', 'must have 6 or 7 fields in the quartz dialect, got 8'],
  ])('%s: %s', (expression, message) => {
    expect(() => parseQuartz(expression)).toThrow(`cron expression "${expression}": ${message}`);
  });

  test('any text gives an expression or CRON_INVALID, nothing else', () => {
    const noise = fc.array(fc.stringMatching(/^[0-9*\/,\-?LW#A-Z]{1,6}$/), { minLength: 6, maxLength: 7 });
    fc.assert(
      fc.property(
        fc.oneof(
          noise.map((fields) => fields.join(' ')),
          fc.string(),
        ),
        (text) => {
          try {
            parseQuartz(text);
          } catch (error) {
            expect(error).toMatchObject({ code: 'CRON_INVALID' });
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('dst: quartz backwards', () => {
  const hours = fc.constantFrom('0', '1', '2', '3', '1-3', '*', '0/2');
  const minutes = fc.constantFrom('0', '30', '0/15', '45', '10-50/20');
  const change = fc.constantFrom(
    ['America/New_York', '2026-03-08T07:00Z'],
    ['America/New_York', '2026-11-01T06:00Z'],
    ['Australia/Lord_Howe', '2026-04-04T15:00Z'],
    ['America/Santiago', '2026-09-06T04:00Z'],
    ['Europe/Berlin', '2026-10-25T01:00Z'],
  );
  const around = fc.integer({ min: -90_000, max: 90_000 });

  test('previous is the last of what next gives', () => {
    fc.assert(
      fc.property(minutes, hours, change, around, (minute, hour, [zone = '', at = ''], seconds) => {
        const schedule = compile(`0 ${minute} ${hour} * * ?`, zone);
        const before = instant(Date.parse(at) + seconds * 1000);
        const reached = instantsBetween(schedule, instant(before - 3 * 86_400_000), before, 1_000);
        const previous = previousInstant(schedule, before);
        expect(previous).toBe(reached.at(-1));
        expect(nextInstant(schedule, instant((previous ?? 0) - 1000))).toBe(previous);
      }),
      { numRuns: 300 },
    );
  });
});
