/** The life of runs, step by step: what a data engineer would tell as a story, in the kernel's own time. */
import { describe, expect, test } from 'vitest';
import { explain, planRequest } from '../../src/kernel/index.js';
import { Drive, failed } from './drive.js';

const daily = { cron: '0 2 * * *' };

describe('a daily pair', () => {
  const pair = { jobs: { orders: { schedule: daily }, report: { after: { orders: 'default' as const } } } };

  test('the upstream starts at its slot, the downstream when it has succeeded', () => {
    const drive = new Drive();
    drive.apply(pair);
    drive.until('2026-03-02T01:59:59Z');
    expect(drive.ordered).toEqual([]);
    drive.until('2026-03-02T02:00:00Z');
    expect(drive.ordered).toEqual(['orders@20260302T020000Z/1']);
    expect(drive.phase('report@20260302T020000Z')).toBe('waiting');
    expect(explain(drive.state, 'report').map(({ code }) => code)).toEqual(['UPSTREAM_RUNNING']);
    drive.end('orders');
    expect(drive.ordered).toEqual(['report@20260302T020000Z/1']);
    drive.end('report');
    expect(drive.phase('report@20260302T020000Z')).toBe('succeeded');
  });

  test('a failed upstream blocks; mended and resumed, it lets the downstream go', () => {
    const drive = new Drive();
    drive.apply(pair);
    drive.until('2026-03-02T02:00:00Z');
    drive.end('orders', failed('user'));
    expect(drive.phase('orders@20260302T020000Z')).toBe('failed exit');
    expect(explain(drive.state, 'report').map(({ code }) => code)).toEqual(['UPSTREAM_FAILED']);
    drive.request({ type: 'run.resume', run: 'orders@20260302T020000Z', revision: 'newest', params: {} });
    drive.end('orders@20260302T020000Z/2');
    drive.end('report');
    expect(drive.phase('report@20260302T020000Z')).toBe('succeeded');
  });

  test('a new leader goes on where the last one stopped', () => {
    const drive = new Drive();
    drive.apply(pair);
    drive.until('2026-03-02T02:00:00Z');
    drive.failover();
    expect(drive.phase('report@20260302T020000Z')).toBe('waiting');
    drive.join('w1', 1, [{ attempt: 'orders@20260302T020000Z/1', state: 'running', startedAt: 1 }]);
    drive.end('orders');
    drive.end('report');
    drive.until('2026-03-03T02:00:00Z');
    expect(drive.ordered).toEqual(['orders@20260303T020000Z/1']);
  });
});

test('a daily job waits for the 24 hours of its day, an hourly one for the latest daily', () => {
  const drive = new Drive({ slots: 100 });
  drive.apply({
    jobs: {
      hourly: { schedule: '0 * * * *' },
      daily: { schedule: '0 3 * * *', after: { hourly: 'default' } },
      uses: { schedule: '30 * * * *', after: { daily: 'default' } },
    },
  });
  drive.until('2026-03-03T03:00:00Z');
  const binding = drive.all('binding').find(({ value }) => value['need'] === 24);
  expect(binding?.value['toInstant']).toBe(Date.parse('2026-03-03T00:00:00Z'));
  drive.endAll();
  expect(drive.phase('daily@20260303T030000Z')).toBe('succeeded');
  drive.until('2026-03-03T05:00:00Z');
  drive.endAll();
  expect(drive.phase('uses@20260303T043000Z')).toBe('succeeded');
});

test('a failure is tried again after its delay, as often as the policy says', () => {
  const drive = new Drive();
  drive.apply({ jobs: { a: { schedule: daily, retry: { attempts: 2, delay: '10m' } } } });
  drive.until('2026-03-02T02:00:00Z');
  drive.end('a', failed());
  expect(drive.phase('a@20260302T020000Z')).toBe('backoff');
  drive.until('2026-03-02T02:10:00Z');
  expect(drive.ordered).toEqual(['a@20260302T020000Z/2']);
  drive.end('a', failed());
  expect(drive.phase('a@20260302T020000Z')).toBe('failed exit');
});

test('overlap: the second slot queues behind the first, replace kills the first', () => {
  const drive = new Drive({ at: '2026-03-02T00:30:00Z' });
  drive.apply({
    jobs: {
      a: { schedule: '0 * * * *' },
      b: { schedule: '0 * * * *', overlap: 'replace' },
      c: { schedule: '0 * * * *', overlap: 'forbid' },
    },
  });
  drive.until('2026-03-02T02:00:00Z');
  expect(drive.phase('a@20260302T020000Z')).toBe('queued');
  expect(drive.phase('c@20260302T020000Z')).toBe('skipped overlap');
  expect(drive.killed).toContain('b@20260302T010000Z/1');
  drive.end('b@20260302T010000Z/1', { state: 'canceled', exitCode: null });
  expect(drive.phase('b@20260302T010000Z')).toBe('skipped covered');
  drive.endAll();
  expect(drive.phase('a@20260302T020000Z')).toBe('succeeded');
  expect(drive.phase('b@20260302T020000Z')).toBe('succeeded');
});

test('a rerun chain of a diamond starts the last once, after both', () => {
  const drive = new Drive();
  drive.apply({
    jobs: {
      a: { schedule: daily },
      b: { after: { a: 'default' } },
      c: { after: { a: 'default' } },
      d: { after: { b: 'default', c: 'default' } },
    },
  });
  drive.until('2026-03-02T02:00:00Z');
  drive.endAll();
  expect(drive.phase('d@20260302T020000Z')).toBe('succeeded');
  for (const failover of [false, true]) {
    const { plan } = drive.request({
      type: 'plan.create',
      plan: planRequest('rerunChain', { runs: [{ run: 'a@20260302T020000Z', up: 0, down: null }] }),
      reason: 'column',
      start: true,
    });
    if (failover) {
      drive.failover();
      drive.join('w1', 1, [{ attempt: drive.ordered[0] ?? '', state: 'running', startedAt: 1 }]);
    }
    const started: string[] = [];
    while (drive.ordered.length > 0) {
      started.push((drive.ordered[0] ?? '').split('@')[0] ?? '');
      drive.end(drive.ordered[0] ?? '');
    }
    expect(started.sort()).toEqual(['a', 'b', 'c', 'd']);
    expect(drive.row('plan', [plan ?? 0])?.['state']).toBe('succeeded');
  }
});

test('a backfill runs the missing days, two at a time, oldest first', () => {
  const drive = new Drive();
  drive.apply({ jobs: { a: { schedule: daily, overlap: 'allow' } } });
  const { plan } = drive.request({
    type: 'plan.create',
    reason: 'late data',
    start: true,
    plan: planRequest('backfill', {
      select: 'a',
      span: {
        by: 'instant',
        from: Date.parse('2026-02-20T00:00:00Z') as never,
        to: Date.parse('2026-02-24T00:00:00Z') as never,
      },
      parallel: 2,
    }),
  });
  expect(drive.ordered).toEqual(['a@20260220T020000Z/1', 'a@20260221T020000Z/1']);
  drive.end('a');
  expect(drive.ordered).toHaveLength(2);
  drive.endAll();
  expect(drive.row('plan', [plan ?? 0])).toMatchObject({ state: 'succeeded', succeeded: 4 });
});

test('a lost worker: fence tries elsewhere, hold stays unknown until it is resolved', () => {
  const drive = new Drive({ workers: ['w1'] });
  drive.apply({ jobs: { f: { schedule: daily }, h: { schedule: daily, onWorkerLost: 'hold' } } });
  drive.until('2026-03-02T02:00:00Z');
  drive.join('w2');
  drive.ordered.length = 0;
  drive.until('2026-03-02T02:30:00Z', { silent: true });
  drive.join('w2', 2);
  expect(drive.ordered).toEqual(['f@20260302T020000Z/2']);
  expect(explain(drive.state, 'h').map(({ code }) => code)).toEqual(['ATTEMPT_UNKNOWN']);
  drive.request({
    type: 'attempt.resolve',
    attempt: 'h@20260302T020000Z/1',
    as: 'dead',
    reason: 'host is gone',
  });
  expect(drive.ordered).toContain('h@20260302T020000Z/2');
});

test('a submission runs its graph once, whatever the schedules say', () => {
  const drive = new Drive();
  drive.apply({ jobs: { a: {}, b: { after: { a: 'default' } }, c: { after: { b: 'default' } } } });
  const answer = drive.request({
    type: 'graph.submit',
    jobs: ['a', 'b', 'c'],
    submission: 'k1',
    asOf: drive.state.now,
    params: {},
  });
  expect(answer.runs).toEqual(['a@a:k1', 'b@a:k1', 'c@a:k1']);
  const again = drive.request({
    type: 'graph.submit',
    jobs: ['a', 'b', 'c'],
    submission: 'k1',
    asOf: drive.state.now,
    params: {},
  });
  expect(again.runs).toEqual(answer.runs);
  drive.end('a');
  drive.failover();
  drive.join('w1', 1, [{ attempt: 'b@a:k1/1', state: 'accepted' }]);
  drive.endAll();
  expect(drive.phase('c@a:k1')).toBe('succeeded');
});

test('a run by hand is beside the main track and satisfies nobody', () => {
  const drive = new Drive();
  drive.apply({ jobs: { a: { schedule: daily }, b: { after: { a: 'default' } } } });
  drive.until('2026-03-02T02:00:00Z');
  drive.end('a', failed('user'));
  const { generation } = drive.request({
    type: 'run.now',
    job: 'a',
    slot: { by: 'instant', instant: Date.parse('2026-03-02T02:00:00Z') as never },
    params: {},
  });
  expect(generation).toBe(2);
  drive.end('a@20260302T020000Z/2');
  expect(drive.phase('a@20260302T020000Z')).toBe('failed exit');
  expect(drive.phase('b@20260302T020000Z')).toBe('waiting');
});
