import { afterEach, describe, expect, it } from 'vitest';
import { AttemptStateSchema, BlockerCodeSchema, PHASES, TriggerSchema } from '@hera/api';
import { blockerFacts, blockerText } from './blocker-text.js';
import {
  formatBytes,
  formatDuration,
  formatRelative,
  formatTime,
  formatTimeLong,
  zoneText,
} from './format.js';
import { en } from './messages/en.js';
import { zh } from './messages/zh.js';
import { slotText } from './rows.js';
import { scheduleText } from './schedule-text.js';
import { changeSettings, localeOf } from './settings.js';
import { translate, translateCode } from './translate.js';

const AT = Date.UTC(2026, 10, 23, 23, 30, 5);
const english = () => changeSettings({ locale: 'en', zone: 'Asia/Shanghai' });
const chinese = () => changeSettings({ locale: 'zh', zone: 'Asia/Shanghai' });
afterEach(english);

const placesOf = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
/** A count reads differently in the two languages: one says how many more, the other how many in all. */
const FREE_PLACES = new Set(['jobs.afterMany']);

describe('the catalogues', () => {
  it('have the same keys', () => {
    expect(Object.keys(zh).sort()).toEqual(Object.keys(en).sort());
  });

  it.each(Object.entries(en).filter(([key]) => !FREE_PLACES.has(key)))(
    '%s has the same places',
    (key, text) => {
      expect(placesOf(zh[key as keyof typeof en])).toEqual(placesOf(text));
    },
  );

  it('have a word for every code on the wire', () => {
    const codes = [
      ...PHASES.map((code) => `phase.${code}`),
      ...AttemptStateSchema.enum.map((code) => `attempt.${code}`),
      ...TriggerSchema.enum.map((code) => `trigger.${code}`),
      ...BlockerCodeSchema.enum.map((code) => `blocker.${code}`),
    ];
    expect(codes.filter((code) => !(code in en))).toEqual([]);
  });

  it('use Chinese punctuation in Chinese sentences', () => {
    const half = Object.entries(zh).filter(([, text]) => /[\u4e00-\u9fff][,.;:!?]/.test(text));
    expect(half).toEqual([]);
  });
});

describe('translate', () => {
  it('fills places and groups numbers', () => {
    english();
    expect(translate('log.lines', { lines: 123_456 })).toBe('123,456 lines');
    chinese();
    expect(translate('log.lines', { lines: 123_456 })).toBe('123,456 行');
  });

  it('shows a code that it does not know', () => {
    expect(translateCode('reason', 'solarFlare')).toBe('solarFlare');
  });

  it.each([
    ['zh-Hant-TW', 'zh'],
    ['ZH', 'zh'],
    ['en-US', 'en'],
    ['de', 'en'],
  ])('reads %s as %s', (tag, locale) => {
    expect(localeOf(tag)).toBe(locale);
  });
});

describe('formats', () => {
  it('shows times in the zone of the reader, with the year only where it differs', () => {
    english();
    expect(formatTime(AT, AT)).toBe('11-24 07:30:05');
    expect(formatTime(AT, Date.UTC(2027, 5, 1))).toBe('2026-11-24 07:30:05');
    changeSettings({ zone: 'UTC' });
    expect(formatTime(AT, AT)).toBe('11-23 23:30:05');
  });

  it('names the zone', () => {
    english();
    expect(formatTimeLong(AT)).toContain('GMT+8');
    expect(zoneText(AT)).toBe('UTC+8');
    changeSettings({ zone: 'Asia/Kathmandu' });
    expect(zoneText(AT)).toBe('UTC+5:45');
  });

  it.each([
    [-5, '0 ms'],
    [850, '850 ms'],
    [12_340, '12.3 s'],
    [59_949, '59.9 s'],
    [59_950, '1 m 00 s'],
    [3_599_499, '59 m 59 s'],
    [3_840_000, '1 h 04 m'],
    [183_600_000, '2 d 03 h'],
  ])('%d ms is %s', (ms, text) => {
    english();
    expect(formatDuration(ms)).toBe(text);
  });

  it.each([
    [420_000, 'in 7 min'],
    [-7_200_000, '2 hr ago'],
  ])('%d ms from now is %s', (ms, text) => {
    english();
    expect(formatRelative(AT + ms, AT)).toBe(text);
  });

  it.each([
    [512, '512 B'],
    [49_152, '48 KiB'],
    [1_572_864, '1.5 MiB'],
  ])('%d bytes are %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});

describe('texts of things', () => {
  it.each([
    ['a@20261123T020000Z', '11-23 10:00:00'],
    ['a@a:nightly/7', 'nightly/7'],
  ])('the slot of %s is %s', (run, text) => {
    english();
    expect(slotText(run).replace(/^2026-/, '')).toBe(text);
  });

  it('says what a blocker is about, until when, and its facts', () => {
    english();
    const blocker = {
      code: 'POOL_BUSY',
      subject: 'etl',
      until: null,
      details: { slots: 40, holders: 'a, b' },
    } as const;
    expect(blockerText(blocker)).toBe('Every slot of pool etl is taken.');
    expect(blockerFacts(blocker)).toBe('slots 40 · holders a, b');
    const later = { code: 'NOT_DUE', subject: 'a', until: null, details: {} } as const;
    expect(blockerText(later)).toBe('Its slot comes later.');
  });

  it.each([
    [{}, 'by hand', '手动'],
    [{ schedule: '0 2 * * *' }, '0 2 * * *', '0 2 * * *'],
    [{ schedule: { every: '15m' } }, 'every 15m', '每 15m'],
    [{ after: { a: 'same' } }, 'after a', '在 a 之后'],
    [
      { schedule: { cron: '0 3 * * *' }, after: { a: 'same', b: 'same', c: 'same' } },
      '0 3 * * *, after a, b and 1 more',
      '0 3 * * *, 在 a, b 等 3 个上游之后',
    ],
  ] as const)('the schedule of %j', (definition, inEnglish, inChinese) => {
    english();
    expect(scheduleText({ definition })).toBe(inEnglish);
    chinese();
    expect(scheduleText({ definition })).toBe(inChinese);
  });
});
