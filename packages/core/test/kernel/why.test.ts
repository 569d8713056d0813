/** Every blocker has a story in which it is the one thing that stands in the way. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { explain, planRequest } from '../../src/kernel/index.js';
import { instant, zoneName } from '../../src/model/ids.js';
import type { BlockerCode } from '../../src/model/run.js';
import type { JobDefinition, PoolDefinition } from '../../src/model/job.js';
import type { LimitDefinition, OverrideEffect } from '../../src/model/operations.js';
import { Drive, failed } from './drive.js';
import type { DriveOptions } from './drive.js';

const daily = '0 2 * * *';
const A = 'a@20260302T020000Z';

function day(
  jobs: Record<string, JobDefinition>,
  options: DriveOptions = {},
  pools: Record<string, PoolDefinition> = {},
): Drive {
  const drive = new Drive(options);
  drive.apply({ jobs, pools });
  drive.until('2026-03-02T02:00:00Z');
  return drive;
}
const pair = (up: JobDefinition = {}, edge = {}) =>
  day({ up: { schedule: daily, ...up }, a: { after: { up: edge } } });
const resume = (drive: Drive, run: string) =>
  drive.request({ type: 'run.resume', run, revision: 'newest', params: {} });
const state = (drive: Drive, job: string, to: 'enabled' | 'disabled') =>
  drive.request({ type: 'job.state', job, state: to });
const chain = (drive: Drive, run: string) =>
  drive.request({
    type: 'plan.create',
    reason: 'r',
    start: true,
    plan: planRequest('rerunChain', { runs: [{ run, up: 0, down: null }] }),
  });

const on = (time: string) => instant(Date.parse(`2026-03-02T${time}:00Z`));
function overridden(effect: OverrideEffect): Drive {
  const drive = new Drive();
  drive.apply({ jobs: { a: { schedule: daily } } });
  const body = { select: 'a', range: null, effect, reason: 'r', until: on('06:00') };
  drive.request({ type: 'override.begin', ...body });
  drive.until('2026-03-02T02:00:00Z');
  return drive;
}
function limited(limit: Omit<LimitDefinition, 'jobs'>): Drive {
  const drive = new Drive();
  const jobs = { x: { schedule: daily, priority: 90 }, a: { schedule: daily } };
  drive.apply({ jobs, limits: { dw: { jobs: '*', ...limit } } });
  drive.until('2026-03-02T02:00:00Z');
  return drive;
}

type Story = () => Drive | readonly [drive: Drive, subject: string];

/** By code. */
const STORIES: Record<BlockerCode, Story> = {
  HELD: () => {
    const drive = new Drive();
    drive.apply({ jobs: { a: { schedule: daily } } });
    const scope = { select: 'a', lanes: null, key: null };
    drive.request({ type: 'hold.begin', scope, reason: 'r', until: on('05:00'), pace: null });
    drive.until('2026-03-02T02:00:00Z');
    return drive;
  },
  FROZEN: () => overridden({ freeze: true }),
  NOT_BEFORE: () => overridden({ notBefore: on('04:00') }),
  GROUP_LIMIT: () => limited({ running: 1, hours: '01:00-06:00' }),
  RATE_LIMIT: () => limited({ startsPerMinute: 10 }),
  NOT_DUE: () => {
    const drive = day({ a: { schedule: daily } });
    const slot = { by: 'instant', instant: instant(Date.parse('2026-03-03T02:00:00Z')) } as const;
    drive.request({ type: 'run.now', job: 'a', slot, params: {} });
    return [drive, 'a@20260303T020000Z'];
  },
  JOB_PAUSED: () => {
    const drive = day({ a: { schedule: daily, pauseAfter: 1 } });
    drive.end('a', failed());
    return [drive, 'a'];
  },
  LOADING: () => {
    const drive = new Drive();
    drive.apply({ jobs: { up: { schedule: '0 1 1 1 *' } } });
    drive.failover();
    drive.apply({ jobs: { a: { schedule: daily, after: { up: 'latestAtOrBefore' } } } });
    drive.holdReads = true;
    drive.until('2026-03-02T02:00:00Z');
    return drive;
  },
  JOB_DISABLED: () => {
    const drive = day({ a: { schedule: daily } }, { workers: [] });
    state(drive, 'a', 'disabled');
    drive.join('w1');
    return drive;
  },
  BACKOFF: () => {
    const drive = day({ a: { schedule: daily, retry: { attempts: 2, delay: '1h' } } });
    drive.end('a', failed());
    return drive;
  },
  UPSTREAM_WAITING: () => day({ x: { schedule: daily }, up: { after: { x: {} } }, a: { after: { up: {} } } }),
  UPSTREAM_QUEUED: () => day({ up: { schedule: daily }, a: { after: { up: {} } } }, { workers: [] }),
  UPSTREAM_RUNNING: () => pair(),
  UPSTREAM_RETRYING: () => {
    const drive = pair({ retry: { attempts: 2, delay: '1h' } });
    drive.end('up', failed());
    return drive;
  },
  UPSTREAM_RERUNNING: () => {
    const drive = day({ up: { schedule: daily }, x: { schedule: daily }, a: { after: { up: {}, x: {} } } });
    drive.end('up');
    resume(drive, 'up@20260302T020000Z');
    drive.end('x');
    return drive;
  },
  UPSTREAM_FAILED: () => {
    const drive = pair();
    drive.end('up', failed('user'));
    return drive;
  },
  UPSTREAM_CANCELED: () => {
    const drive = pair();
    drive.request({ type: 'run.cancel', run: 'up@20260302T020000Z', reason: 'r' });
    drive.end('up', { state: 'canceled', exitCode: null });
    return drive;
  },
  UPSTREAM_SKIPPED: () => {
    const drive = day({
      x: { schedule: '0 1 1 1 *' },
      up: { schedule: daily, after: { x: { allIn: 'interval', whenEmpty: 'skipRun' } } },
      a: { schedule: daily, after: { up: {} } },
    });
    return drive;
  },
  UPSTREAM_UNKNOWN: () => {
    const drive = pair({ onWorkerLost: 'hold' });
    drive.until('2026-03-02T02:30:00Z', { silent: true });
    return drive;
  },
  UPSTREAM_NOT_DUE: () => day({ up: { schedule: '0 9 * * *' }, a: { schedule: daily, after: { up: {} } } }),
  UPSTREAM_DISABLED: () => {
    const drive = new Drive();
    drive.apply({ jobs: { up: { schedule: daily }, a: { schedule: daily, after: { up: {} } } } });
    state(drive, 'up', 'disabled');
    drive.until('2026-03-02T02:00:00Z');
    return drive;
  },
  UPSTREAM_STALE: () => {
    const drive = day({
      up: { schedule: '0 1 2 * *' },
      a: { schedule: '0 2 3 * *', after: { up: { latestAtOrBefore: true, freshness: '2h' } } },
    });
    drive.endAll();
    drive.until('2026-03-03T02:00:00Z');
    return [drive, 'a@20260303T020000Z'];
  },
  UPSTREAM_MISSING: () => {
    const drive = new Drive();
    drive.apply({ jobs: { up: { schedule: daily }, a: { schedule: daily, after: { up: {} } } } });
    state(drive, 'up', 'disabled');
    drive.until('2026-03-02T02:30:00Z');
    state(drive, 'up', 'enabled');
    return drive;
  },
  SELECTOR_EMPTY: () =>
    day({ up: { schedule: '0 1 1 1 *' }, a: { schedule: daily, after: { up: { allIn: 'interval' } } } }),
  PACE_UNKNOWN: () => [day({ x: {}, a: { after: { x: {} } } }), 'a'],
  OVERLAP: () => {
    const drive = day({ a: { schedule: daily } });
    drive.until('2026-03-03T02:00:00Z');
    return [drive, 'a@20260303T020000Z'];
  },
  CONCURRENCY: () => {
    const needs = { concurrency: ['k'] };
    return day({ x: { schedule: '0 1 * * *', needs }, a: { schedule: daily, needs } });
  },
  POOL_LIMIT: () =>
    day(
      { x: { schedule: '0 1 * * *', pool: 'etl' }, a: { schedule: daily, pool: 'etl' } },
      {},
      { etl: { runningMax: 1 } },
    ),
  POOL_UNKNOWN: () => day({ a: { schedule: daily, pool: 'nowhere' } }),
  POOL_NO_WORKER: () => day({ a: { schedule: daily } }, { workers: [] }),
  POOL_BUSY: () => day({ x: { schedule: '0 1 * * *' }, a: { schedule: daily } }, { slots: 1 }),
  KIND_MISSING: () => day({ a: { schedule: daily, kind: 'hive' } }),
  LABELS_MISSING: () => day({ a: { schedule: daily, needs: { labels: { gpu: 'yes' } } } }),
  WORKERS_OVERLOADED: () =>
    day({ a: { schedule: daily } }, { profile: { enrolled: true }, load: { memoryShare: 0.9 } }),
  WORKERS_WARMING: () =>
    day({ x: { schedule: daily, priority: 90 }, a: { schedule: daily } }, {}, { default: { warmUp: '10s' } }),
  WORKERS_DRAINING: () => {
    const drive = new Drive();
    drive.apply({ jobs: { a: { schedule: daily } } });
    drive.request({ type: 'worker.drain', worker: 'w1', draining: true });
    drive.failover();
    drive.join('w1');
    drive.until('2026-03-02T02:00:00Z');
    return drive;
  },
  WORKERS_QUARANTINED: () => {
    const drive = new Drive({ workers: ['w2', 'w3'] });
    drive.join('w1', 1, [], { labels: { gpu: 'yes' } });
    const gpu = { schedule: daily, needs: { labels: { gpu: 'yes' } } };
    drive.apply({ jobs: { a: gpu, b: gpu, c: gpu } });
    drive.until('2026-03-02T02:00:00Z');
    for (const job of ['a', 'b', 'c']) drive.end(job, failed('host'));
    return drive;
  },
  WORKERS_AVOIDED: () => {
    const drive = day(
      { a: { schedule: daily }, x: { schedule: daily, priority: 1 } },
      { workers: ['w1', 'w2'], slots: 1 },
    );
    drive.end('a', failed('host'));
    return drive;
  },
  PLAN_PAUSED: () => {
    const drive = day({ x: { schedule: daily }, a: { after: { x: {} } } });
    drive.endAll();
    const { plan = 0 } = chain(drive, 'x@20260302T020000Z');
    drive.request({ type: 'plan.control', plan, verb: 'pause' });
    drive.end('x');
    return drive;
  },
  PLAN_ORDER: () => {
    const drive = day({ x: { schedule: daily }, a: { after: { x: {} } } });
    chain(drive, 'x@20260302T020000Z');
    return drive;
  },
  PLAN_LIMIT: () => {
    const drive = new Drive();
    drive.apply({ jobs: { a: { schedule: daily } } });
    drive.request({
      type: 'plan.create',
      reason: 'r',
      start: true,
      plan: planRequest('backfill', {
        select: 'a',
        span: {
          by: 'instant',
          from: instant(Date.parse('2026-02-20T00:00Z')),
          to: instant(Date.parse('2026-02-22T00:00Z')),
        },
        only: 'all',
        parallel: null,
        runningMax: 1,
      }),
    });
    return [drive, 'a@20260221T020000Z'];
  },
  PLAN_HOURS: () => {
    const drive = day({ a: { schedule: daily } });
    drive.end('a');
    drive.request({
      type: 'plan.create',
      reason: 'r',
      start: true,
      plan: planRequest('rerunChain', {
        runs: [{ run: A, up: 0, down: null }],
        hours: { fromMinute: 22 * 60, toMinute: 6 * 60 - 300, zone: zoneName('UTC') },
      }),
    });
    return [drive, A];
  },
  ATTEMPT_ALIVE: () => {
    const drive = day({ a: { schedule: daily } });
    chain(drive, A);
    return drive;
  },
  ATTEMPT_UNKNOWN: () => {
    const drive = day({ a: { schedule: daily, onWorkerLost: 'hold' } });
    drive.until('2026-03-02T02:30:00Z', { silent: true });
    return drive;
  },
  ATTEMPT_CANCELING: () => {
    const drive = day({ a: { schedule: daily } });
    drive.request({ type: 'run.cancel', run: A, reason: 'r' });
    return drive;
  },
  NO_EXECUTOR: () => day({ a: { schedule: daily, kind: 'function' } }, { profile: { kinds: ['function'] } }),
  CATCH_UP: () => {
    const drive = new Drive({ workers: [] });
    drive.apply({ jobs: { a: { schedule: { cron: '0 * * * *', catchUp: 2 } } } });
    drive.post({ type: 'time.passed', at: instant(Date.parse('2026-03-02T05:30:00Z')) });
    for (const run of ['00', '01', '02'].map((hour) => `a@20260302T${hour}0000Z`))
      drive.request({ type: 'run.cancel', run, reason: 'r' });
    return [drive, 'a'];
  },
  GATE_CHECK: () => day({ a: { schedule: daily, gates: { g: { command: 'test -e /x' } } } }),
  GATE_EVENT: () => day({ a: { schedule: daily, gates: { g: { event: 'sent' } } } }),
  GATE_APPROVAL: () => day({ a: { schedule: daily, gates: { g: { approval: true } } } }),
  CLOCK_HELD: () => {
    const drive = new Drive();
    drive.apply({ jobs: { a: { schedule: daily } } });
    drive.post({ type: 'clock.jumped', at: drive.state.now, byMs: 600_000 });
    return [drive, 'a'];
  },
};

/** What operators' rules say besides the code: whose they are, and until when. */
const TOLD: Partial<Record<BlockerCode, { readonly subject: string; readonly until: string }>> = {
  HELD: { subject: 'hold 1', until: '2026-03-02T05:00:00Z' },
  FROZEN: { subject: 'override 1', until: '2026-03-02T06:00:00Z' },
  NOT_BEFORE: { subject: 'override 1', until: '2026-03-02T04:00:00Z' },
  GROUP_LIMIT: { subject: 'limit dw', until: '2026-03-02T06:00:00Z' },
  RATE_LIMIT: { subject: 'limit dw', until: '2026-03-02T02:00:06Z' },
};

test.each(Object.entries(TOLD))('%s says whose it is and until when', (code, { subject, until }) => {
  const told = STORIES[code as BlockerCode]();
  const drive = told instanceof Drive ? told : told[0];
  const [found] = explain(drive.state, A);
  expect(found).toMatchObject({ code, subject, until: Date.parse(until) });
});

test.each(Object.entries(STORIES))('%s', (code, story) => {
  const told = story();
  const [drive, subject] = told instanceof Drive ? [told, A] : told;
  expect(explain(drive.state, subject).map((blocker) => blocker.code)).toEqual([code]);
});

test('every code has a story', () => {
  const source = readFileSync(new URL('../../src/model/run.ts', import.meta.url), 'utf8');
  const union = /export type BlockerCode =([^;]*);/.exec(source)?.[1] ?? '';
  const codes = [...union.matchAll(/'([A-Z_]+)'/g)].map(([, code = '']) => code);
  expect(codes.length).toBeGreaterThan(40);
  expect(codes.filter((code) => !(code in STORIES))).toEqual([]);
});

test('what runs, or has ended, has no blocker', () => {
  const drive = day({ a: { schedule: daily } });
  expect(explain(drive.state, A)).toEqual([]);
  drive.end('a');
  expect(explain(drive.state, A)).toEqual([]);
});
