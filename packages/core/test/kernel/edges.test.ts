/** What an edge's options make of its upstream's ends: one row per option and end. */
import { describe, expect, test } from 'vitest';
import { explain, planRequest } from '../../src/kernel/index.js';
import { instant } from '../../src/model/ids.js';
import type { EdgeDefinition } from '../../src/model/edge.js';
import type { JobDefinition } from '../../src/model/job.js';
import { Drive, failed } from './drive.js';

const UP = 'up@20260302T020000Z';
const DOWN = 'down@20260302T020000Z';
const daily = '0 2 * * *';

function pair(edge: EdgeDefinition, up: JobDefinition = {}): Drive {
  const drive = new Drive({ area: 'cn' });
  drive.apply({ jobs: { up: { schedule: daily, ...up }, down: { after: { up: edge } } } });
  drive.until('2026-03-02T02:00:00Z');
  return drive;
}

const resume = (drive: Drive, run: string) =>
  drive.request({ type: 'run.resume', run, revision: 'newest', params: {} });
const force = (drive: Drive, run: string, verdict: 'succeeded' | 'failed', release = true) =>
  drive.request({ type: 'run.force', run, verdict, release, reason: 'r' });
const now = (drive: Drive, job: string) =>
  drive.request({
    type: 'run.now',
    job,
    slot: { by: 'instant', instant: instant(Date.parse('2026-03-02T02:00:00Z')) },
    params: {},
  });
const cancel = (drive: Drive, run: string) => drive.request({ type: 'run.cancel', run, reason: 'r' });
const backfill = (drive: Drive, downstream = false) =>
  drive.request({
    type: 'plan.create',
    reason: 'r',
    start: true,
    plan: planRequest('backfill', {
      select: 'up',
      span: {
        by: 'instant',
        from: instant(Date.parse('2026-03-02T00:00:00Z')),
        to: instant(Date.parse('2026-03-02T03:00:00Z')),
      },
      only: 'all',
      downstream,
    }),
  });

interface Row {
  readonly name: string;
  readonly edge?: EdgeDefinition;
  readonly up?: JobDefinition;
  readonly story: (drive: Drive) => void;
  /** Phase of the downstream, and its blockers when it waits. */
  readonly then: string;
  readonly why?: readonly string[];
}

const OPENS: readonly Row[] = [
  { name: 'rule success: a success', story: (d) => d.end('up'), then: 'running' },
  {
    name: 'rule success: a failure',
    story: (d) => d.end('up', failed('user')),
    then: 'waiting',
    why: ['UPSTREAM_FAILED'],
  },
  {
    name: 'rule done: a failure',
    edge: { rule: 'done' },
    story: (d) => d.end('up', failed('user')),
    then: 'running',
  },
  { name: 'rule done: a success', edge: { rule: 'done' }, story: (d) => d.end('up'), then: 'running' },
  {
    name: 'rule failed: a failure',
    edge: { rule: 'failed' },
    story: (d) => d.end('up', failed('user')),
    then: 'running',
  },
  { name: 'rule failed: a success', edge: { rule: 'failed' }, story: (d) => d.end('up'), then: 'waiting' },
  {
    name: 'rule failed with skip: a success ends the one that is not needed',
    edge: { rule: 'failed', onUpstreamFailed: 'skip' },
    story: (d) => d.end('up'),
    then: 'skipped upstreamFailed',
  },
  {
    name: 'forced success',
    story: (d) => {
      d.end('up', failed('user'));
      force(d, UP, 'succeeded');
    },
    then: 'running',
  },
  {
    name: 'forced success without release satisfies nobody',
    story: (d) => {
      d.end('up', failed('user'));
      force(d, UP, 'succeeded', false);
    },
    then: 'waiting',
    why: ['UPSTREAM_FAILED'],
  },
  {
    name: 'forced failure',
    story: (d) => {
      cancel(d, UP);
      d.end('up', { state: 'canceled', exitCode: null });
      force(d, UP, 'failed');
    },
    then: 'waiting',
    why: ['UPSTREAM_FAILED'],
  },
  {
    name: 'another area: vacuous',
    up: { areas: ['eu'] },
    story: () => undefined,
    then: 'running',
  },
  {
    name: 'canceled blocks, by that name',
    story: (d) => {
      cancel(d, UP);
      d.end('up', { state: 'canceled', exitCode: null });
    },
    then: 'waiting',
    why: ['UPSTREAM_CANCELED'],
  },
  {
    name: 'onUpstreamFailed fail',
    edge: { onUpstreamFailed: 'fail' },
    story: (d) => d.end('up', failed('user')),
    then: 'failed upstreamFailed',
  },
  {
    name: 'onUpstreamFailed skip',
    edge: { onUpstreamFailed: 'skip' },
    story: (d) => d.end('up', failed('user')),
    then: 'skipped upstreamFailed',
  },
  {
    name: 'onUpstreamFailed proceed',
    edge: { onUpstreamFailed: 'proceed' },
    story: (d) => d.end('up', failed('user')),
    then: 'running',
  },
  {
    name: 'onUpstreamFailed fail waits while the upstream may be tried again',
    edge: { onUpstreamFailed: 'fail' },
    up: { retry: { attempts: 2, delay: '1h' } },
    story: (d) => d.end('up', failed('outside')),
    then: 'waiting',
    why: ['UPSTREAM_RETRYING'],
  },
  {
    name: 'accept: a run now is not accepted by default',
    story: (d) => {
      d.end('up', failed('user'));
      now(d, 'up');
      d.end('up');
    },
    then: 'waiting',
    why: ['UPSTREAM_FAILED'],
  },
  {
    name: 'accept manual: a run now counts',
    edge: { accept: ['scheduled', 'manual'] },
    story: (d) => {
      d.end('up', failed('user'));
      now(d, 'up');
      d.end('up');
    },
    then: 'running',
  },
  {
    name: 'accept manual: while one runs by hand, the edge is closed',
    edge: { accept: ['scheduled', 'manual'] },
    story: (d) => {
      now(d, 'up');
      d.end('up@20260302T020000Z/1');
    },
    then: 'waiting',
  },
  {
    name: 'accept scheduled only: a resume does not count',
    edge: { accept: ['scheduled'] },
    story: (d) => {
      d.end('up', failed('user'));
      resume(d, UP);
      d.end('up');
    },
    then: 'waiting',
    why: ['UPSTREAM_FAILED'],
  },
  {
    name: 'accept recover by default: a resume counts',
    story: (d) => {
      d.end('up', failed('user'));
      resume(d, UP);
      d.end('up');
    },
    then: 'running',
  },
  {
    name: 'accept without backfill: a backfill does not count',
    edge: { accept: ['scheduled', 'recover'] },
    story: (d) => {
      d.end('up', failed('user'));
      backfill(d);
      d.end('up');
    },
    then: 'waiting',
    why: ['UPSTREAM_FAILED'],
  },
  {
    name: 'accept backfill by default, whether it releases or not',
    story: (d) => {
      d.end('up', failed('user'));
      backfill(d);
      d.end('up');
    },
    then: 'running',
  },
  {
    name: 'latest: closed while a newer generation is under way',
    edge: { generation: 'latest' },
    story: (d) => {
      d.end('up', failed('user'));
      resume(d, UP);
    },
    then: 'waiting',
    why: ['UPSTREAM_RUNNING'],
  },
  {
    name: 'any with fail: a resume of a retrying upstream loses nothing',
    edge: { generation: 'any', onUpstreamFailed: 'fail' },
    up: { retry: { attempts: 2, delay: '1h' } },
    story: (d) => {
      d.end('up', failed('outside'));
      resume(d, UP);
    },
    then: 'waiting',
  },
];

test.each(OPENS)('$name', ({ edge = {}, up = {}, story, then, why }) => {
  const drive = pair(edge, up);
  story(drive);
  expect(drive.phase(DOWN)).toBe(then);
  if (why) expect(explain(drive.state, DOWN).map(({ code }) => code)).toEqual(why);
});

describe('generation', () => {
  /** Two upstreams, so that the downstream still waits when the first has been run again. */
  function twice(edge: EdgeDefinition): Drive {
    const drive = new Drive();
    drive.apply({
      jobs: { up: { schedule: daily }, other: { schedule: daily }, down: { after: { up: edge, other: {} } } },
    });
    drive.until('2026-03-02T02:00:00Z');
    drive.end('up');
    resume(drive, UP);
    return drive;
  }

  test('latest: an old success does not count while the upstream is being rerun, nor when that fails', () => {
    const drive = twice({});
    drive.end('other');
    expect(explain(drive.state, DOWN).map(({ code }) => code)).toEqual(['UPSTREAM_RERUNNING']);
    drive.end('up', failed('user'));
    expect(explain(drive.state, DOWN).map(({ code }) => code)).toEqual(['UPSTREAM_FAILED']);
    resume(drive, UP);
    drive.end('up');
    expect(drive.phase(DOWN)).toBe('running');
  });

  test('latest: a canceled rerun says nothing, the success before it counts', () => {
    const drive = twice({});
    cancel(drive, UP);
    drive.end('up', { state: 'canceled', exitCode: null });
    drive.end('other');
    expect(drive.phase(DOWN)).toBe('running');
  });

  test('any: one success is enough, whatever came after', () => {
    const drive = twice({ generation: 'any' });
    drive.end('other');
    expect(drive.phase(DOWN)).toBe('running');
  });

  test('a queued downstream goes back to waiting when its upstream is run again', () => {
    const drive = new Drive({ slots: 1 });
    drive.apply({
      jobs: {
        up: { schedule: daily },
        hog: { schedule: daily, needs: { slots: 1 }, priority: 90 },
        down: { after: { up: {} }, needs: { concurrency: ['k'] } },
        holder: { schedule: '0 1 * * *', needs: { concurrency: ['k'], slots: 0 } },
      },
    });
    drive.until('2026-03-02T02:00:00Z');
    drive.end('hog');
    drive.end('up');
    expect(drive.phase(DOWN)).toBe('queued');
    resume(drive, UP);
    expect(drive.phase(DOWN)).toBe('waiting');
    drive.end('up');
    drive.end('holder');
    expect(drive.phase(DOWN)).toBe('running');
  });
});

describe('whenEmpty', () => {
  test.each([
    ['block', 'waiting', ['SELECTOR_EMPTY']],
    ['skipRun', 'skipped empty', []],
    ['vacuous', 'running', []],
  ] as const)('%s', (whenEmpty, phase, why) => {
    const drive = new Drive();
    drive.apply({
      jobs: {
        up: { schedule: '0 1 1 1 *' },
        down: { schedule: daily, after: { up: { allIn: 'interval', whenEmpty } } },
      },
    });
    drive.until('2026-03-02T02:00:00Z');
    expect(drive.phase(DOWN)).toBe(phase);
    expect(explain(drive.state, DOWN).map(({ code }) => code)).toEqual(why);
    drive.failover();
    drive.join(
      'w1',
      1,
      drive.ordered.map((attempt) => ({ attempt, state: 'running', startedAt: 1 })),
    );
    expect(drive.phase(DOWN)).toBe(phase);
  });
});

describe('freshness', () => {
  test('a success that is too old does not count; a newer one of the same slot does', () => {
    const drive = new Drive();
    drive.apply({
      jobs: {
        up: { schedule: daily },
        down: { schedule: '0 3 * * *', after: { up: { latestAtOrBefore: true, freshness: '2h' } } },
      },
    });
    drive.until('2026-03-02T02:00:00Z');
    drive.end('up');
    drive.request({ type: 'job.state', job: 'up', state: 'disabled' });
    drive.until('2026-03-02T03:00:00Z');
    expect(drive.phase('down@20260302T030000Z')).toBe('running');
    drive.endAll();
    drive.request({ type: 'job.state', job: 'up', state: 'enabled' });
    drive.apply({
      jobs: {
        up: { schedule: '0 2 1 * *' },
        down: { schedule: '0 3 * * *', after: { up: { latestAtOrBefore: true, freshness: '2h' } } },
      },
    });
    drive.until('2026-03-03T03:00:00Z');
    expect(explain(drive.state, 'down').map(({ code }) => code)).toEqual(['UPSTREAM_STALE']);
    resume(drive, UP);
    drive.end('up');
    expect(drive.phase('down@20260303T030000Z')).toBe('running');
  });
});

describe('timeout of an edge', () => {
  test.each([
    ['wait', 'waiting'],
    ['fail', 'failed upstreamTimeout'],
    ['skip', 'skipped upstreamTimeout'],
    ['proceed', 'running'],
  ] as const)('%s', (onUpstreamFailed, phase) => {
    for (const failover of [false, true]) {
      const drive = pair({ timeout: '1h', onUpstreamFailed });
      drive.until('2026-03-02T02:30:00Z');
      if (failover) {
        drive.failover();
        drive.join('w1', 1, [{ attempt: `${UP}/1`, state: 'running', startedAt: 1 }]);
      }
      drive.until('2026-03-02T02:59:00Z');
      expect(drive.phase(DOWN)).toBe('waiting');
      drive.until('2026-03-02T03:00:00Z');
      expect(drive.phase(DOWN)).toBe(phase);
      const alarms = drive.effects.flatMap(({ events }) => events).filter(({ type }) => type === 'alarm');
      expect(alarms.length).toBe(onUpstreamFailed === 'wait' ? 1 : 0);
    }
  });
});

describe('onUpstreamRerun', () => {
  function diamond(onUpstreamRerun: 'markStale' | 'rerun' | 'ignore'): Drive {
    const drive = new Drive();
    const edge = { onUpstreamRerun };
    drive.apply({
      jobs: {
        up: { schedule: daily },
        other: { schedule: daily },
        down: { after: { up: edge, other: edge } },
      },
    });
    drive.until('2026-03-02T02:00:00Z');
    drive.endAll();
    expect(drive.phase(DOWN)).toBe('succeeded');
    return drive;
  }
  const generations = (drive: Drive) => drive.row('run', [3, 't:20260302T020000Z', ''])?.['generation'];

  test.each(['markStale', 'ignore'] as const)('%s: nothing runs again', (option) => {
    const drive = diamond(option);
    resume(drive, UP);
    drive.endAll();
    resume(drive, 'other@20260302T020000Z');
    drive.endAll();
    expect(generations(drive)).toBe(1);
  });

  test.each([false, true])('rerun: once every upstream has a newer success (failover %s)', (failover) => {
    const drive = diamond('rerun');
    resume(drive, UP);
    drive.endAll();
    expect(generations(drive)).toBe(1);
    if (failover) {
      drive.failover();
      drive.join('w1', 1);
    }
    resume(drive, 'other@20260302T020000Z');
    drive.end('other');
    expect(drive.ordered).toEqual([`${DOWN}/2`]);
    drive.end('down');
    expect(generations(drive)).toBe(2);
  });

  test('rerun: a failed downstream runs again as soon as one upstream has', () => {
    const drive = new Drive();
    const edge = { onUpstreamRerun: 'rerun' } as const;
    drive.apply({
      jobs: {
        up: { schedule: daily },
        other: { schedule: daily },
        down: { after: { up: edge, other: edge } },
      },
    });
    drive.until('2026-03-02T02:00:00Z');
    drive.end('up');
    drive.end('other');
    drive.end('down', failed('user'));
    resume(drive, UP);
    drive.end('up');
    expect(drive.ordered).toEqual([`${DOWN}/2`]);
  });

  test('rerun: a success that does not release starts nothing', () => {
    const drive = new Drive();
    drive.apply({
      jobs: { up: { schedule: daily }, down: { after: { up: { onUpstreamRerun: 'rerun' } } } },
    });
    drive.until('2026-03-02T02:00:00Z');
    drive.endAll();
    backfill(drive);
    drive.endAll();
    expect(drive.row('run', [2, 't:20260302T020000Z', ''])?.['generation']).toBe(1);
    backfill(drive, true);
    drive.endAll();
    expect(drive.row('run', [2, 't:20260302T020000Z', ''])?.['generation']).toBe(2);
  });
});
