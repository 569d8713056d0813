/** Which slots each selector waits for: one row per rule, read off the stored bindings. */
import { describe, expect, test } from 'vitest';
import { Drive } from './drive.js';
import type { Definitions } from '../../src/model/job.js';
import type { EdgeDefinition } from '../../src/model/edge.js';
import type { ScheduleDefinition } from '../../src/model/schedule.js';

interface Row {
  readonly name: string;
  readonly up: ScheduleDefinition;
  readonly down: ScheduleDefinition;
  readonly edge: EdgeDefinition;
  /** The downstream's slot that is looked at; time runs up to it. */
  readonly slot: string;
  readonly from?: string;
  /** Instants of the upstream's slots; a first and a count when there are many. */
  readonly waitsFor:
    readonly string[] | { readonly first: string; readonly last: string; readonly count: number };
  readonly need?: number;
  readonly definitions?: Definitions;
  readonly selectors?: ConstructorParameters<typeof Drive>[0] extends infer O
    ? O extends { selectors?: infer S }
      ? S
      : never
    : never;
}

const ny = (cron: string) => ({ cron, zone: 'America/New_York' });
const berlin = (cron: string) => ({ cron, zone: 'Europe/Berlin' });
const shanghai = (cron: string) => ({ cron, zone: 'Asia/Shanghai' });

const DEFAULTS: readonly Row[] = [
  {
    name: 'daily after daily: the same day, however late the downstream',
    up: '0 2 * * *',
    down: '0 7 * * *',
    edge: 'default',
    slot: '2026-03-03T07:00Z',
    waitsFor: ['2026-03-03T02:00Z'],
  },
  {
    name: 'daily after a later daily: its own day all the same',
    up: '0 5 * * *',
    down: '0 1 * * *',
    edge: 'default',
    slot: '2026-03-03T01:00Z',
    waitsFor: ['2026-03-03T05:00Z'],
  },
  {
    name: 'hourly after hourly at another minute: the hour with the same interval',
    up: '10 * * * *',
    down: '40 * * * *',
    edge: 'default',
    slot: '2026-03-03T07:40Z',
    waitsFor: ['2026-03-03T07:10Z'],
  },
  {
    name: 'finer upstream: daily waits for the 24 hours of its day',
    up: '0 * * * *',
    down: '0 3 * * *',
    edge: 'default',
    slot: '2026-03-03T03:00Z',
    waitsFor: { first: '2026-03-02T01:00Z', last: '2026-03-03T00:00Z', count: 24 },
  },
  {
    name: 'finer upstream over the short day of spring: 23 hours',
    up: ny('0 * * * *'),
    down: ny('0 4 * * *'),
    edge: 'default',
    slot: '2026-03-09T08:00Z',
    from: '2026-03-06T00:00Z',
    waitsFor: { first: '2026-03-08T06:00Z', last: '2026-03-09T04:00Z', count: 23 },
  },
  {
    name: 'finer upstream over the long day of autumn: 25 hours',
    up: berlin('0 * * * *'),
    down: berlin('0 4 * * *'),
    edge: 'default',
    slot: '2026-10-26T03:00Z',
    from: '2026-10-23T00:00Z',
    waitsFor: { first: '2026-10-24T23:00Z', last: '2026-10-25T23:00Z', count: 25 },
  },
  {
    name: 'finer upstream in another zone: its hours within the downstream’s day',
    up: ny('0 * * * *'),
    down: shanghai('0 3 * * *'),
    edge: 'default',
    slot: '2026-03-03T19:00Z',
    waitsFor: { first: '2026-03-02T17:00Z', last: '2026-03-03T16:00Z', count: 24 },
  },
  {
    name: 'weekly after daily: the seven days before it',
    up: '0 2 * * *',
    down: '0 6 * * 1',
    edge: 'default',
    slot: '2026-03-16T06:00Z',
    waitsFor: { first: '2026-03-10T02:00Z', last: '2026-03-16T02:00Z', count: 7 },
  },
  {
    name: 'monthly after daily: the days of the month before it',
    up: '0 2 * * *',
    down: '0 6 1 * *',
    edge: 'default',
    slot: '2026-04-01T06:00Z',
    from: '2026-02-27T00:00Z',
    waitsFor: { first: '2026-03-02T02:00Z', last: '2026-04-01T02:00Z', count: 31 },
  },
  {
    name: 'coarser upstream, daily after weekly: the last week that ends with its day or before',
    up: '0 1 * * 1',
    down: '0 3 * * *',
    edge: 'default',
    slot: '2026-03-12T03:00Z',
    waitsFor: ['2026-03-09T01:00Z'],
  },
  {
    name: 'coarser upstream, daily on the day the week ends: that week, though it runs later',
    up: '0 9 * * 1',
    down: '0 3 * * *',
    edge: 'default',
    slot: '2026-03-16T03:00Z',
    waitsFor: ['2026-03-16T09:00Z'],
  },
  {
    name: 'coarser upstream, daily after monthly: the last month that is complete',
    up: '0 1 1 * *',
    down: '0 3 * * *',
    edge: 'default',
    slot: '2026-04-10T03:00Z',
    from: '2026-02-27T00:00Z',
    waitsFor: ['2026-04-01T01:00Z'],
  },
  {
    name: 'coarser upstream of an hourly: the latest scheduled at or before it',
    up: '0 3 * * *',
    down: '30 * * * *',
    edge: 'default',
    slot: '2026-03-04T03:30Z',
    waitsFor: ['2026-03-04T03:00Z'],
  },
  {
    name: 'coarser upstream of an hourly, before its time: yesterday’s',
    up: '0 3 * * *',
    down: '30 * * * *',
    edge: 'default',
    slot: '2026-03-04T02:30Z',
    waitsFor: ['2026-03-03T03:00Z'],
  },
  {
    name: 'no schedule of its own: the very slot of its upstream',
    up: '0 2 * * *',
    down: 'paced',
    edge: 'default',
    slot: '2026-03-03T02:00Z',
    waitsFor: ['2026-03-03T02:00Z'],
  },
  {
    name: 'a calendar leaves out the weekend: Monday’s downstream waits for Monday’s upstream',
    up: { cron: '0 2 * * *', calendar: 'work' },
    down: '0 7 * * *',
    edge: 'default',
    slot: '2026-03-09T07:00Z',
    waitsFor: ['2026-03-09T02:00Z'],
    definitions: { calendars: { work: {} } },
  },
];

const NAMED: readonly Row[] = [
  {
    name: 'same: nothing has the interval of a day among hours',
    up: '0 * * * *',
    down: '0 3 * * *',
    edge: 'same',
    slot: '2026-03-03T03:00Z',
    waitsFor: [],
  },
  {
    name: 'latestAtOrBefore: of the same instant',
    up: '0 3 * * *',
    down: '0 3 * * *',
    edge: 'latestAtOrBefore',
    slot: '2026-03-03T03:00Z',
    waitsFor: ['2026-03-03T03:00Z'],
  },
  {
    name: 'latestAtOrBefore with maxAge: one that is too old is none',
    up: '0 1 * * 1',
    down: '0 3 * * *',
    edge: { latestAtOrBefore: { maxAge: '2d' } },
    slot: '2026-03-12T03:00Z',
    waitsFor: [],
  },
  {
    name: 'latestSucceeded: the newest where none has succeeded',
    up: '0 * * * *',
    down: '30 3 * * *',
    edge: 'latestSucceeded',
    slot: '2026-03-03T03:30Z',
    waitsFor: ['2026-03-03T03:00Z'],
  },
  {
    name: 'nearest: the later when it is nearer',
    up: '0 */6 * * *',
    down: '0 4 * * *',
    edge: 'nearest',
    slot: '2026-03-03T04:00Z',
    waitsFor: ['2026-03-03T06:00Z'],
  },
  {
    name: 'nearest: the earlier of two as near',
    up: '0 */6 * * *',
    down: '0 3 * * *',
    edge: 'nearest',
    slot: '2026-03-03T03:00Z',
    waitsFor: ['2026-03-03T00:00Z'],
  },
  {
    name: 'heraNearest: never of another day',
    up: '0 12 * * *',
    down: '0 1 * * *',
    edge: 'heraNearest',
    slot: '2026-03-03T01:00Z',
    waitsFor: ['2026-03-03T12:00Z'],
  },
  {
    name: 'allIn day: the day its interval begins on',
    up: '0 */6 * * *',
    down: '0 3 * * *',
    edge: { allIn: 'day' },
    slot: '2026-03-03T03:00Z',
    waitsFor: ['2026-03-02T06:00Z', '2026-03-02T12:00Z', '2026-03-02T18:00Z', '2026-03-03T00:00Z'],
  },
  {
    name: 'allIn a shifted day',
    up: '0 */12 * * *',
    down: '0 3 * * *',
    edge: { allIn: { period: 'day', shift: -1 } },
    slot: '2026-03-04T03:00Z',
    waitsFor: ['2026-03-02T12:00Z', '2026-03-03T00:00Z'],
  },
  {
    name: 'allIn week: Monday to Sunday of the day its interval begins on',
    up: '0 2 * * *',
    down: '0 6 * * *',
    edge: { allIn: 'week' },
    slot: '2026-03-12T06:00Z',
    waitsFor: { first: '2026-03-10T02:00Z', last: '2026-03-16T02:00Z', count: 7 },
  },
  {
    name: 'allIn month',
    up: '0 1 1 * *',
    down: '0 6 * * *',
    edge: { allIn: 'month' },
    slot: '2026-03-12T06:00Z',
    waitsFor: ['2026-04-01T01:00Z'],
  },
  {
    name: 'allIn sliding: the last six hours of its interval',
    up: '0 * * * *',
    down: '0 3 * * *',
    edge: { allIn: { sliding: '6h' } },
    slot: '2026-03-03T03:00Z',
    waitsFor: { first: '2026-03-02T19:00Z', last: '2026-03-03T00:00Z', count: 6 },
  },
  {
    name: 'allIn hour: the hour its interval begins in',
    up: '*/20 * * * *',
    down: '0 * * * *',
    edge: { allIn: 'hour' },
    slot: '2026-03-03T03:00Z',
    waitsFor: ['2026-03-03T02:20Z', '2026-03-03T02:40Z', '2026-03-03T03:00Z'],
  },
  {
    name: 'anyIn: one of them is enough',
    up: '0 */6 * * *',
    down: '0 3 * * *',
    edge: { anyIn: 'interval' },
    slot: '2026-03-03T03:00Z',
    waitsFor: { first: '2026-03-02T06:00Z', last: '2026-03-03T00:00Z', count: 4 },
    need: 1,
  },
  {
    name: 'atLeast: so many of them',
    up: '0 */6 * * *',
    down: '0 3 * * *',
    edge: { atLeast: { n: 3, in: 'interval' } },
    slot: '2026-03-03T03:00Z',
    waitsFor: { first: '2026-03-02T06:00Z', last: '2026-03-03T00:00Z', count: 4 },
    need: 3,
  },
  {
    name: 'atLeast: more than there are is none',
    up: '0 */12 * * *',
    down: '0 3 * * *',
    edge: { atLeast: { n: 3, in: 'interval' } },
    slot: '2026-03-03T03:00Z',
    waitsFor: [],
  },
  {
    name: 'offset: two days before the one it would take',
    up: '0 2 * * *',
    down: '0 6 * * *',
    edge: { offset: -2 },
    slot: '2026-03-06T06:00Z',
    waitsFor: ['2026-03-04T02:00Z'],
  },
  {
    name: 'index: the second of its day with the second of the day',
    up: '30 0,8,16 * * *',
    down: '0 1,9,17 * * *',
    edge: 'index',
    slot: '2026-03-03T09:00Z',
    waitsFor: ['2026-03-03T08:30Z'],
  },
  {
    name: 'overlap: intervals that share an instant with its own',
    up: '0 */8 * * *',
    down: '0 3 * * *',
    edge: 'overlap',
    slot: '2026-03-03T03:00Z',
    waitsFor: ['2026-03-02T08:00Z', '2026-03-02T16:00Z', '2026-03-03T00:00Z'],
  },
  {
    name: 'overlap with a start moved by one interval',
    up: '0 2 * * *',
    down: '0 6 * * *',
    edge: { overlap: { start: -1 } },
    slot: '2026-03-05T06:00Z',
    waitsFor: ['2026-03-04T02:00Z', '2026-03-05T02:00Z'],
  },
  {
    name: 'custom: what the function chooses, in order, each once',
    up: '0 * * * *',
    down: '0 3 * * *',
    edge: { custom: 'evenHours' },
    slot: '2026-03-03T03:00Z',
    waitsFor: ['2026-03-03T02:00Z'],
    selectors: {
      evenHours: (_slot, candidates) =>
        candidates
          .filter(({ instant }) => instant === Date.parse('2026-03-03T02:00Z'))
          .flatMap((each) => [each, each]),
    },
  },
  {
    name: 'custom: a function that throws selects nothing',
    up: '0 * * * *',
    down: '0 3 * * *',
    edge: { custom: 'broken' },
    slot: '2026-03-03T03:00Z',
    waitsFor: [],
    selectors: {
      broken: () => {
        throw new Error('no');
      },
    },
  },
];

function binding(row: Row): { instants: number[]; need: number } {
  const drive = new Drive({
    at: row.from ?? '2026-03-01T00:30:00Z',
    workers: [],
    ...(row.selectors && { selectors: row.selectors }),
  });
  drive.apply({
    ...row.definitions,
    jobs: {
      up: { schedule: row.up },
      down: { ...(row.down !== 'paced' && { schedule: row.down }), after: { up: row.edge } },
    },
  });
  drive.until(new Date(row.slot).toISOString());
  const at = Date.parse(row.slot);
  const run = drive.all('run').find(({ key, value }) => key[0] === 2 && value['instant'] === at);
  const found = drive.all('binding').find(({ key }) => key[0] === 2 && key[1] === run?.key[1]);
  if (!found) throw new Error(`no binding of the slot ${row.slot}`);
  const { instants, fromInstant, toInstant, need } = found.value;
  const list =
    typeof instants === 'string'
      ? (JSON.parse(instants) as number[])
      : [...new Set([fromInstant, toInstant])].filter((each) => typeof each === 'number');
  return { instants: list, need: Number(need) };
}

describe.each([
  ['defaults, by the two periods', DEFAULTS],
  ['selectors by name', NAMED],
])('%s', (_, rows) => {
  test.each(rows)('$name', (row) => {
    const { instants, need } = binding(row);
    const texts = instants.map((at) => `${new Date(at).toISOString().slice(0, 16)}Z`);
    if (Array.isArray(row.waitsFor)) {
      expect(texts).toEqual(row.waitsFor);
      if (row.waitsFor.length > 0) expect(need).toBe(row.need ?? texts.length);
      else expect(need).toBe(1);
      return;
    }
    const { first, last, count } = row.waitsFor as { first: string; last: string; count: number };
    expect([texts[0], texts.at(-1), texts.length]).toEqual([first, last, count]);
    expect(need).toBe(row.need ?? count);
  });
});

test('latestSucceeded: an older success before a newer failure', () => {
  const drive = new Drive({ at: '2026-03-03T00:30:00Z' });
  drive.apply({
    jobs: {
      up: { schedule: '0 * * * *' },
      down: { schedule: '30 3 * * *', after: { up: 'latestSucceeded' } },
    },
  });
  drive.until('2026-03-03T02:00:00Z');
  drive.endAll();
  drive.until('2026-03-03T03:00:00Z');
  drive.end('up', { state: 'failed', exitCode: 1, failure: 'user' });
  drive.until('2026-03-03T03:30:00Z');
  expect(drive.ordered).toEqual(['down@20260303T033000Z/1']);
});

test('self: the slot before its own, and nothing before the first', () => {
  const drive = new Drive();
  drive.apply({ jobs: { a: { schedule: '0 2 * * *', overlap: 'allow', after: { a: { self: 1 } } } } });
  drive.until('2026-03-02T02:00:00Z');
  expect(drive.ordered).toEqual(['a@20260302T020000Z/1']);
  drive.until('2026-03-03T02:00:00Z');
  expect(drive.phase('a@20260303T020000Z')).toBe('waiting');
  drive.end('a');
  expect(drive.ordered).toEqual(['a@20260303T020000Z/1']);
});
