import { describe, expect, expectTypeOf, it } from 'vitest';
import { validateDefinitions } from '../definitions/index.js';
import { collect } from './collect.js';
import { defineCalendar, defineGroup, defineJob } from './define.js';
import {
  allIn,
  anyIn,
  atLeast,
  custom,
  index,
  latest,
  latestSucceeded,
  nearest,
  offset,
  overlap,
  same,
  self,
} from './selectors.js';
import type { Job, JobEdge, SelfEdge } from './types.js';

const workdays = defineCalendar('cn-workdays', { holidays: { '2026-10-01..2026-10-08': '国庆' } });
const dw = defineGroup('dw', { zone: 'Asia/Shanghai', defaults: { calendar: workdays, priority: 70 } });
const dws = defineGroup('dws', { parent: dw });
const orders = defineJob('orders', {
  group: dw,
  schedule: '0 2 * * *',
  run: ({ slot }) => ({ day: slot.day, rows: 42 }),
});

describe('defineJob', () => {
  it('gives the form of the definition files, frozen, and keeps the function beside it', () => {
    const report = defineJob('report', {
      group: dws,
      calendar: workdays,
      title: 'Report',
      after: { orders, clicks: 'latestAtOrBefore', users: { allIn: 'day', rule: 'done' } },
      params: { region: { type: 'string', enum: ['cn', 'eu'], default: 'cn' } },
      retry: { attempts: 3, delay: '10s' },
      run: () => undefined,
    });
    expect(report.definition).toEqual({
      group: 'dw/dws',
      calendar: 'cn-workdays',
      kind: 'function',
      title: 'Report',
      after: { orders: 'default', clicks: 'latestAtOrBefore', users: { allIn: 'day', rule: 'done' } },
      params: { region: { type: 'string', enum: ['cn', 'eu'], default: 'cn' } },
      retry: { attempts: 3, delay: '10s' },
    });
    expect(Object.isFrozen(report)).toBe(true);
    expect(Object.isFrozen(report.definition.retry)).toBe(true);
  });

  it("leaves the caller's objects alone", () => {
    const retry = { attempts: 3 };
    defineJob('a', { retry, script: 'true' });
    expect(Object.isFrozen(retry)).toBe(false);
  });

  it('knows what functions return and which parameters they get', () => {
    const script = defineJob('script', { script: 'true' });
    const job = defineJob('typed', {
      after: { orders, script },
      params: {
        region: { type: 'string', enum: ['cn', 'eu'], required: true },
        limit: { type: 'integer', default: 10 },
        dry: { type: 'boolean' },
        day: { type: 'date', required: true },
      },
      run: async ({ upstream, params }) => {
        expectTypeOf(upstream.orders.value).toEqualTypeOf<{ day: string; rows: number }>();
        expectTypeOf(upstream.orders.values).toEqualTypeOf<readonly { day: string; rows: number }[]>();
        expectTypeOf(upstream.script.value).toEqualTypeOf<unknown>();
        expectTypeOf(params).toEqualTypeOf<{
          readonly region: 'cn' | 'eu';
          readonly limit: number;
          readonly dry: boolean | undefined;
          readonly day: string;
        }>();
        return ['done'];
      },
    });
    expectTypeOf(job).toEqualTypeOf<Job<string[], 'typed'>>();
  });

  it.each([
    {
      name: 'a name with a space',
      define: () => defineJob('my job', { script: 'true' }),
      path: 'jobs.my job',
    },
    {
      name: 'a key that is not the name of the job',
      // @ts-expect-error -- the key must be the name of the job
      define: () => defineJob('report', { after: { sales: orders }, script: 'true' }),
      path: 'jobs.report.after.sales',
    },
    {
      name: 'such a key with a selector',
      // @ts-expect-error -- the key must be the name of the job
      define: () => defineJob('report', { after: { sales: same(orders) }, script: 'true' }),
      path: 'jobs.report.after.sales',
    },
    {
      name: 'self under the name of another job',
      define: () => defineJob('report', { after: { sales: self(1) }, script: 'true' }),
      path: 'jobs.report.after.sales',
    },
    {
      name: 'a function and a script',
      define: () => defineJob('report', { script: 'true', run: () => 1 }),
      path: 'jobs.report.script',
    },
    {
      name: 'a function of another kind',
      define: () => defineJob('report', { kind: 'hive', run: () => 1 }),
      path: 'jobs.report.kind',
    },
  ])('refuses $name', ({ define, path }) => {
    expect(define).toThrow(
      expect.objectContaining({
        code: 'DEFINITION_INVALID',
        details: { problems: [expect.objectContaining({ path })] },
      }),
    );
  });
});

describe('selectors', () => {
  it.each<{ name: string; edge: JobEdge | SelfEdge; form: unknown }>([
    {
      name: 'same',
      edge: same(orders, { whenEmpty: 'vacuous' }),
      form: { same: true, whenEmpty: 'vacuous' },
    },
    { name: 'latest', edge: latest(orders), form: { latestAtOrBefore: true } },
    {
      name: 'latest, not too old',
      edge: latest(orders, { maxAge: '14d', onUpstreamFailed: 'proceed' }),
      form: { latestAtOrBefore: { maxAge: '14d' }, onUpstreamFailed: 'proceed' },
    },
    {
      name: 'latestSucceeded',
      edge: latestSucceeded(orders, { maxAge: '1d' }),
      form: { latestSucceeded: { maxAge: '1d' } },
    },
    { name: 'nearest', edge: nearest(orders), form: { nearest: true } },
    { name: 'allIn', edge: allIn(orders, 'day'), form: { allIn: 'day' } },
    { name: 'anyIn', edge: anyIn(orders, { sliding: '2h' }), form: { anyIn: { sliding: '2h' } } },
    { name: 'atLeast', edge: atLeast(orders, { n: 3, in: 'day' }), form: { atLeast: { n: 3, in: 'day' } } },
    { name: 'offset', edge: offset(orders, 1), form: { offset: 1 } },
    { name: 'index', edge: index(orders), form: { index: true } },
    {
      name: 'overlap',
      edge: overlap(orders, { start: -1, rule: 'done' }),
      form: { overlap: { start: -1 }, rule: 'done' },
    },
    { name: 'custom', edge: custom(orders, 'lastFriday'), form: { custom: 'lastFriday' } },
    { name: 'self', edge: self(2), form: { self: 2 } },
  ])('have the form of the files: $name', ({ edge, form }) => {
    expect(edge.edge).toEqual(form);
    const upstream = edge.job === 'self' ? 'report' : 'orders';
    const report = { script: 'true', schedule: '0 3 * * *', after: { [upstream]: edge.edge } };
    const definitions = { jobs: { orders: { script: 'true', schedule: '0 2 * * *' }, report } };
    expect(validateDefinitions(definitions)).toEqual([]);
  });

  it.each([0, 1.5, -1])('refuse to look %s slots back', (n) => {
    expect(() => offset(orders, n)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
    expect(() => self(n)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
  });
});

describe('collect', () => {
  it('takes groups and calendars along that jobs name by their objects', () => {
    const { definitions, functions } = collect({
      jobs: [orders, defineJob('report', { group: dws, after: { orders }, script: 'true' })],
      pools: { etl: { runningMax: 40 } },
    });
    expect(Object.keys(definitions.groups ?? {})).toEqual(['dw', 'dw/dws']);
    expect(definitions.groups?.['dw']?.defaults?.calendar).toBe('cn-workdays');
    expect(Object.keys(definitions.calendars ?? {})).toEqual(['cn-workdays']);
    expect(definitions.pools).toEqual({ etl: { runningMax: 40 } });
    expect([...functions.keys()]).toEqual(['orders']);
    expect(validateDefinitions(definitions)).toEqual([]);
  });

  it('takes definitions as they stand in files', () => {
    const { definitions } = collect({ jobs: { jobs: { a: { script: 'true' } } }, groups: [dw] });
    expect(definitions).toMatchObject({ jobs: { a: { script: 'true' } }, groups: { dw: {} } });
  });

  it('refuses two different things of one name, and takes the same thing twice', () => {
    expect(() => collect({ jobs: [orders, orders] })).not.toThrow();
    expect(() => collect({ jobs: [orders, defineJob('orders', { script: 'true' })] })).toThrow(
      expect.objectContaining({ code: 'DEFINITION_INVALID' }),
    );
  });
});
