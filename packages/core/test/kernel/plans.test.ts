/** Rerun chains and backfills: order, excludes, limits, what a failure and a new leader do to them. */
import { describe, expect, test } from 'vitest';
import { explain, planRequest } from '../../src/kernel/index.js';
import { instant } from '../../src/model/ids.js';
import type { Request } from '../../src/kernel/index.js';
import type { JobDefinition } from '../../src/model/job.js';
import { Drive, failed } from './drive.js';

const daily = '0 2 * * *';
const AT = '20260302T020000Z';
const run = (job: string) => `${job}@${AT}`;
const DIAMOND: Record<string, JobDefinition> = {
  a: { schedule: daily, params: { p: { type: 'string' } } },
  b: { after: { a: {} } },
  c: { after: { a: {} } },
  d: { after: { b: {}, c: {} } },
};

function done(jobs: Record<string, JobDefinition> = DIAMOND): Drive {
  const drive = new Drive();
  drive.apply({ jobs });
  drive.until('2026-03-02T02:00:00Z');
  drive.endAll();
  return drive;
}

const chain = (exclude: readonly string[] = [], downstream = false, start = true): Request => ({
  type: 'plan.create',
  reason: 'a column',
  start,
  plan: planRequest('rerunChain', {
    runs: [{ run: run('a'), up: 0, down: null }],
    exclude,
    downstream,
    params: { p: '1' },
  }),
});
const backfill = (from: string, to: string, more: object = {}): Request => ({
  type: 'plan.create',
  reason: 'late data',
  start: true,
  plan: planRequest('backfill', {
    select: 'a',
    span: { by: 'instant', from: instant(Date.parse(from)), to: instant(Date.parse(to)) },
    parallel: 2,
    ...more,
  }),
});
const planState = (drive: Drive, id: number | undefined) => drive.row('plan', [id ?? 0])?.['state'];

/** A new leader, and the worker with all that runs. */
function change(drive: Drive): void {
  const journal = [...drive.state.attempts.keys()].map((attempt) => ({
    attempt,
    state: 'accepted' as const,
  }));
  drive.failover();
  drive.join('w1', 1, journal);
}

function endAndNote(drive: Drive, onEach: () => void = () => undefined): string[] {
  const order: string[] = [];
  while (drive.ordered.length > 0) {
    const next = drive.ordered[0] ?? '';
    order.push(next.split('@')[0] ?? '');
    drive.end(next);
    onEach();
  }
  return order;
}

describe('rerun chain', () => {
  test.each([false, true])(
    'runs each member once, upstream first (a new leader at every step: %s)',
    (hard) => {
      const drive = done();
      const { plan } = drive.request(chain());
      const order = endAndNote(drive, () => hard && change(drive));
      expect([order.length, order[0], order.at(-1), [...order].sort().join('')]).toEqual([
        4,
        'a',
        'd',
        'abcd',
      ]);
      expect(drive.row('plan', [plan ?? 0])).toMatchObject({
        state: 'succeeded',
        succeeded: 4,
        failed: 0,
        total: 4,
      });
    },
  );

  test('an excluded one between counts as done, whatever became of it', () => {
    const drive = done();
    drive.request({ type: 'run.force', run: run('b'), verdict: 'failed', release: false, reason: 'r' });
    const { plan } = drive.request(chain([run('b')]));
    expect(endAndNote(drive)).toEqual(['a', 'c', 'd']);
    expect(planState(drive, plan)).toBe('succeeded');
    expect(drive.phase(run('b'))).toBe('failed forced');
  });

  test('supersedes a waiting generation and waits behind a live attempt', () => {
    const drive = new Drive();
    drive.apply({ jobs: DIAMOND });
    drive.until('2026-03-02T02:00:00Z');
    const { plan } = drive.request(chain());
    expect(explain(drive.state, run('a')).map(({ code }) => code)).toEqual(['ATTEMPT_ALIVE']);
    expect(explain(drive.state, run('b')).map(({ code }) => code)).toEqual(['PLAN_ORDER']);
    expect(drive.row('run', [2, `t:${AT}`, ''])).toMatchObject({ generation: 2, phase: 'waiting' });
    change(drive);
    expect(endAndNote(drive)).toEqual(['a', 'a', 'b', 'c', 'd']);
    expect(planState(drive, plan)).toBe('succeeded');
  });

  test('a failed member fails the plan when nothing else can move; resumed, it goes on', () => {
    for (const hard of [false, true]) {
      const drive = done();
      const { plan } = drive.request(chain());
      drive.end('a');
      drive.end('b', failed('user'));
      expect(planState(drive, plan)).toBe('running');
      drive.end('c');
      expect([planState(drive, plan), drive.ordered]).toEqual(['failed', []]);
      if (hard) change(drive);
      drive.request({ type: 'run.resume', run: run('b'), revision: 'newest', params: {} });
      expect(planState(drive, plan)).toBe('running');
      if (hard) change(drive);
      expect(endAndNote(drive)).toEqual(['b', 'd']);
      expect(drive.row('plan', [plan ?? 0])).toMatchObject({ state: 'succeeded', succeeded: 4, failed: 0 });
    }
  });

  test('a failed member that is forced counts for the plan', () => {
    const drive = done();
    const { plan } = drive.request(chain());
    drive.end('a', failed('user'));
    expect(planState(drive, plan)).toBe('failed');
    drive.request({ type: 'run.force', run: run('a'), verdict: 'succeeded', release: true, reason: 'r' });
    endAndNote(drive);
    expect(planState(drive, plan)).toBe('succeeded');
  });

  test('paused: what is ready stays; resumed: it goes; canceled: it is gone', () => {
    const drive = done();
    const { plan = 0 } = drive.request(chain());
    drive.request({ type: 'plan.control', plan, verb: 'pause' });
    drive.end('a');
    expect(drive.ordered).toEqual([]);
    expect(explain(drive.state, run('b')).map(({ code }) => code)).toEqual(['PLAN_PAUSED']);
    change(drive);
    expect(drive.ordered).toEqual([]);
    drive.request({ type: 'plan.control', plan, verb: 'resume' });
    expect(drive.ordered.map((id) => id.split('@')[0]).sort()).toEqual(['b', 'c']);
    drive.request({ type: 'plan.control', plan, verb: 'cancel' });
    for (const id of [...drive.ordered]) drive.end(id, { state: 'canceled', exitCode: null });
    expect([drive.phase(run('b')), drive.phase(run('d'))]).toEqual([
      'canceled canceled',
      'canceled canceled',
    ]);
    expect(planState(drive, plan)).toBe('canceled');
    expect(drive.ask({ type: 'plan.control', plan, verb: 'resume' })).toMatchObject({ ok: false });
  });

  test('a member of another area ends vacuous at once', () => {
    const drive = new Drive({ area: 'cn' });
    drive.apply({
      jobs: {
        a: { schedule: daily, config: { p: '0' } },
        b: { after: { a: {} }, areas: ['eu'] },
        c: { after: { b: {} } },
      },
    });
    drive.until('2026-03-02T02:00:00Z');
    drive.endAll();
    const { plan } = drive.request(chain());
    expect(endAndNote(drive)).toEqual(['a', 'c']);
    expect([planState(drive, plan), drive.phase(run('b'))]).toEqual(['succeeded', 'skipped area']);
  });

  test('parameters overlay the plan’s generations, not the job', () => {
    const drive = done();
    drive.request(chain());
    expect(drive.row('generation', [1, `t:${AT}`, '', 2])?.['params']).toBe('{"p":"1"}');
  });

  test.each([
    [false, 1],
    [true, 2],
  ])(
    'downstream %s: an excluded one that reruns by its edges has %s generations',
    (downstream, generations) => {
      const drive = done({
        a: { schedule: daily, config: { p: '0' } },
        b: { after: { a: { onUpstreamRerun: 'rerun' } } },
      });
      drive.request(chain([run('b')], downstream));
      endAndNote(drive);
      expect(drive.row('run', [2, `t:${AT}`, ''])?.['generation']).toBe(generations);
    },
  );
});

describe('backfill', () => {
  test('oldest first, so many at a time; a draft waits for its start, under a new leader too', () => {
    const drive = new Drive();
    drive.apply({ jobs: { a: { schedule: daily } } });
    const request = { ...backfill('2026-02-20T00:00Z', '2026-02-24T00:00Z'), start: false } as Request;
    const { plan = 0 } = drive.request(request);
    expect([planState(drive, plan), drive.ordered]).toEqual(['draft', []]);
    change(drive);
    drive.request({ type: 'plan.control', plan, verb: 'start' });
    expect(drive.ordered).toEqual(['a@20260220T020000Z/1', 'a@20260221T020000Z/1']);
    change(drive);
    expect(explain(drive.state, 'a@20260222T020000Z').map(({ code }) => code)).toEqual(['PLAN_ORDER']);
    expect(endAndNote(drive, () => change(drive))).toHaveLength(4);
    expect(planState(drive, plan)).toBe('succeeded');
  });

  test.each([
    ['missing', ['a@20260301T020000Z']],
    ['failed', ['a@20260303T020000Z']],
    ['all', ['a@20260301T020000Z', 'a@20260302T020000Z', 'a@20260303T020000Z']],
  ] as const)('only %s', (only, expected) => {
    const drive = new Drive();
    drive.apply({ jobs: { a: { schedule: daily } } });
    drive.until('2026-03-02T02:00:00Z');
    drive.end('a');
    drive.until('2026-03-03T02:00:00Z');
    drive.end('a', failed('user'));
    drive.request(backfill('2026-03-01T00:00Z', '2026-03-03T12:00Z', { only, parallel: 9 }));
    expect(drive.ordered.map((id) => id.split('/')[0])).toEqual(expected);
  });

  test('self edges run in the order of dates, however many may run', () => {
    const drive = new Drive();
    drive.apply({ jobs: { a: { schedule: daily, after: { a: { self: 1 } } } } });
    drive.request(backfill('2026-02-20T00:00Z', '2026-02-23T00:00Z', { parallel: 5 }));
    expect(drive.ordered).toEqual(['a@20260220T020000Z/1']);
    drive.end('a');
    expect(drive.ordered).toEqual(['a@20260221T020000Z/1']);
  });

  test('nothing to do is said', () => {
    const drive = new Drive();
    drive.apply({ jobs: { a: { schedule: daily } } });
    const asked = backfill('2026-02-20T00:00Z', '2026-02-23T00:00Z', { only: 'failed' });
    expect(drive.ask(asked)).toMatchObject({ ok: false, error: { code: 'STATE_CONFLICT' } });
  });

  test('its slots count for selectors once they are members', () => {
    const drive = new Drive();
    drive.apply({
      jobs: { a: { schedule: daily }, z: { schedule: '0 3 * * *', after: { a: { offset: 1 } } } },
    });
    drive.request(backfill('2026-03-01T00:00Z', '2026-03-01T12:00Z'));
    drive.end('a');
    drive.until('2026-03-02T03:00:00Z');
    expect(drive.phase('z@20260302T030000Z')).toBe('running');
  });

  test('of an imported job ignores its upstreams', () => {
    const drive = new Drive();
    drive.apply({ jobs: { up: { schedule: daily }, a: { compat: 'hera', after: { up: {} } } } });
    drive.request(backfill('2026-02-20T00:00Z', '2026-02-21T12:00Z'));
    expect(drive.ordered).toEqual(['a@20260220T020000Z/1', 'a@20260221T020000Z/1']);
  });
});

test('slots older than those kept are refused after a new leader: their runs may lie in the store', () => {
  const drive = done();
  drive.failover();
  const old = backfill('2025-12-01T02:00:00Z', '2025-12-03T02:00:00Z');
  expect(drive.ask(old)).toMatchObject({ ok: false, error: { code: 'SLOT_INVALID' } });
  expect(drive.all('plan')).toEqual([]);
});

test('a rerun chain leaves out runs of jobs that have been deleted since', () => {
  const drive = done();
  drive.request({ type: 'job.delete', job: 'd' });
  drive.request(chain());
  drive.endAll();
  expect(drive.all('plan_member')).toHaveLength(3);
});
