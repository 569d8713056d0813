/** Who goes first, and who does not have to wait: lanes, priorities, pools, keys, strategies. */
import { describe, expect, test } from 'vitest';
import { planRequest } from '../../src/kernel/index.js';
import { instant } from '../../src/model/ids.js';
import type { Definitions, JobDefinition, PoolDefinition } from '../../src/model/job.js';
import { Drive } from './drive.js';
import type { DriveOptions } from './drive.js';

const daily = '0 2 * * *';
const names = (drive: Drive) => drive.ordered.map((id) => id.split('@')[0]);

function day(definitions: Definitions, options: DriveOptions = {}): Drive {
  const drive = new Drive(options);
  drive.apply(definitions);
  drive.until('2026-03-02T02:00:00Z');
  return drive;
}

/** What starts, in order, when there is room for one at a time. */
function sequence(drive: Drive): string[] {
  const found: string[] = [];
  while (drive.ordered.length > 0) {
    found.push(drive.ordered[0]?.split('@')[0] ?? '');
    drive.end(drive.ordered[0] ?? '');
  }
  return found;
}

test('a higher priority first, then the older slot', () => {
  const drive = day(
    {
      jobs: {
        first: { schedule: '0 1 * * *' },
        late: { schedule: '59 1 * * *' },
        low: { schedule: daily, priority: 30 },
        high: { schedule: daily, priority: 70 },
        same: { schedule: daily },
      },
    },
    { slots: 1 },
  );
  expect(sequence(drive)).toEqual(['first', 'high', 'late', 'same', 'low']);
});

test('lanes share by weight; one that was idle has no claim on the past; backfill takes what is left', () => {
  const drive = new Drive({ slots: 1, at: '2026-03-01T23:30:00Z' });
  const jobs: Record<string, JobDefinition> = { back: { schedule: daily } };
  for (let i = 0; i < 60; i++) jobs[`s${i}`] = { schedule: daily };
  for (let i = 0; i < 60; i++) jobs[`m${i}`] = {};
  drive.apply({ jobs });
  drive.until('2026-03-02T02:00:00Z');
  // The scheduled lane alone has been served thirty times when the others come.
  for (let i = 0; i < 30; i++) drive.end(drive.ordered[0] ?? '');
  const asOf = drive.state.now;
  for (let i = 0; i < 60; i++)
    drive.request({ type: 'run.now', job: `m${i}`, slot: { by: 'adHoc', key: 'k', asOf }, params: {} });
  drive.request({
    type: 'plan.create',
    reason: 'r',
    start: true,
    plan: planRequest('backfill', {
      select: 'back',
      span: {
        by: 'instant',
        from: instant(Date.parse('2026-02-20T00:00Z')),
        to: instant(Date.parse('2026-02-24T00:00Z')),
      },
      only: 'all',
      parallel: 9,
    }),
  });
  const order = sequence(drive);
  const firstTwenty = order.slice(1, 21);
  expect(firstTwenty.filter((name) => name.startsWith('m')).length).toBe(4);
  // One in 64 starts is backfill's while others wait.
  expect(order.slice(0, 60)).not.toContain('back');
  expect(order.slice(-3)).toEqual(['back', 'back', 'back']);
});

describe('no head-of-line blocking', () => {
  test('between pools', () => {
    const drive = day({
      jobs: {
        stuck: { schedule: daily, pool: 'gone', priority: 90 },
        goes: { schedule: daily, pool: 'etl' },
      },
    });
    expect(names(drive)).toEqual(['goes']);
  });

  test('between needs within a pool', () => {
    const drive = day({
      jobs: {
        gpu: { schedule: daily, priority: 90, needs: { labels: { gpu: 'yes' } } },
        wide: { schedule: daily, priority: 80, needs: { slots: 99 } },
        goes: { schedule: daily },
      },
    });
    expect(names(drive)).toEqual(['goes']);
  });

  test('between holders of a key and the others', () => {
    const needs = { concurrency: ['k'] };
    const drive = day({
      jobs: {
        x: { schedule: daily, priority: 90, needs },
        y: { schedule: daily, priority: 80, needs },
        z: { schedule: daily },
      },
    });
    expect(names(drive)).toEqual(['x', 'z']);
    drive.end('x');
    expect(names(drive)).toEqual(['z', 'y']);
  });

  test('by a key that is free but whose next run has no worker', () => {
    const needs = { concurrency: ['k'] };
    const drive = day({
      jobs: {
        holder: { schedule: '0 1 * * *', needs },
        stuck: { schedule: daily, priority: 90, pool: 'gone', needs },
        goes: { schedule: daily, needs },
      },
    });
    expect(names(drive)).toEqual(['holder']);
    drive.end('holder');
    expect(names(drive)).toEqual(['goes']);
  });

  test('by a queued run that is canceled: the next of its job goes', () => {
    const drive = new Drive({ at: '2026-03-02T00:30:00Z' });
    drive.apply({
      jobs: {
        a: { schedule: '0 * * * *', needs: { concurrency: ['k'] } },
        h: { schedule: '30 1 * * *', needs: { concurrency: ['k'] } },
      },
    });
    drive.until('2026-03-02T03:00:00Z');
    drive.end('a@20260302T010000Z/1');
    drive.request({ type: 'run.cancel', run: 'a@20260302T020000Z', reason: 'r' });
    drive.end('h');
    expect(drive.ordered).toEqual(['a@20260302T030000Z/1']);
  });
});

test('a concurrency key admits as many as it says, and more when it is raised', () => {
  const jobs = Object.fromEntries(
    Array.from({ length: 5 }, (_, i): [string, JobDefinition] => [
      `j${i}`,
      { schedule: daily, needs: { concurrency: ['k'] } },
    ]),
  );
  const drive = day({ jobs, concurrency: { k: 2 } });
  expect(drive.ordered).toHaveLength(2);
  drive.failover();
  drive.join(
    'w1',
    1,
    drive.ordered.map((attempt) => ({ attempt, state: 'accepted' })),
  );
  expect(drive.ordered).toHaveLength(2);
  drive.apply({ concurrency: { k: 4 } });
  expect(drive.ordered).toHaveLength(4);
});

test('a pool runs at most runningMax, and more when that is raised', () => {
  const jobs = { a: { schedule: daily }, b: { schedule: daily }, c: { schedule: daily } };
  const drive = day({ jobs, pools: { default: { runningMax: 1 } } });
  expect(drive.ordered).toHaveLength(1);
  drive.apply({ pools: { default: { runningMax: 2 } } });
  expect(drive.ordered).toHaveLength(2);
});

describe('strategies', () => {
  const used = (strategy: PoolDefinition['strategy'], seed = 1) => {
    const jobs = Object.fromEntries(
      Array.from({ length: 6 }, (_, i): [string, JobDefinition] => [`j${i}`, { schedule: daily }]),
    );
    const drive = day(
      { jobs, pools: { default: { ...(strategy && { strategy }) } } },
      { workers: ['w1', 'w2', 'w3'], seed },
    );
    return [...drive.state.attempts.values()].map(({ worker }) => worker.name);
  };
  test('least loaded spreads evenly', () => {
    const found = used(undefined);
    for (const name of ['w1', 'w2', 'w3']) expect(found.filter((each) => each === name)).toHaveLength(2);
  });
  test('round robin goes round', () => {
    expect(used('roundRobin')).toEqual(['w1', 'w2', 'w3', 'w1', 'w2', 'w3']);
  });
  test('random is the same for the same seed', () => {
    expect(used('random', 5)).toEqual(used('random', 5));
    expect(new Set([1, 2, 3, 4].map((seed) => used('random', seed).join())).size).toBeGreaterThan(1);
  });
});

describe('limits of enrolled workers', () => {
  const GiB = 1024 ** 3;
  test.each([
    ['memory share above 0.80', { memoryShare: 0.81 }, {}, {}, 0],
    ['memory share at 0.80', { memoryShare: 0.8 }, {}, {}, 1],
    ['load per core above 1', { loadPerCore: 1.1 }, {}, {}, 0],
    ['a pool that sets its own limit', { memoryShare: 0.9 }, { maxMemoryShare: 0.95 }, {}, 1],
    ['a pool without a limit', { loadPerCore: 9 }, { maxLoadPerCore: null }, {}, 1],
    ['memory that is needed and not free', { memoryFreeBytes: GiB }, {}, { memory: '2GiB' }, 0],
    ['memory that is free', { memoryFreeBytes: 4 * GiB }, {}, { memory: '2GiB' }, 1],
  ] as const)('%s', (_, load, pool, needs, started) => {
    const drive = day(
      { jobs: { a: { schedule: daily, needs } }, pools: { default: pool } },
      { profile: { enrolled: true }, load },
    );
    expect(drive.ordered).toHaveLength(started);
  });

  test('what was sent is reserved until a report lists it', () => {
    const needs = { memory: '2GiB' };
    const jobs = { a: { schedule: daily, needs }, b: { schedule: daily, needs } };
    const drive = new Drive({ profile: { enrolled: true }, load: { memoryFreeBytes: 3 * GiB } });
    drive.apply({ jobs });
    drive.until('2026-03-02T01:59:45Z');
    drive.until('2026-03-02T02:00:00Z', { silent: true });
    expect(drive.ordered).toHaveLength(1);
    drive.keepAlive();
    expect(drive.ordered).toHaveLength(2);
  });

  test('a local worker goes by slots alone', () => {
    const drive = day({ jobs: { a: { schedule: daily } } }, { load: { memoryShare: 1, loadPerCore: 9 } });
    expect(drive.ordered).toHaveLength(1);
  });
});

test('warm-up: a worker that has just got work gets more after the pause', () => {
  const drive = day({
    jobs: { a: { schedule: daily }, b: { schedule: daily } },
    pools: { default: { warmUp: '10s' } },
  });
  expect(drive.ordered).toHaveLength(1);
  drive.until('2026-03-02T02:00:10Z');
  expect(drive.ordered).toHaveLength(2);
});

test('overlap counts unknown attempts, and neither plans nor runs by hand', () => {
  const drive = day({ jobs: { a: { schedule: daily, onWorkerLost: 'hold' } } });
  drive.until('2026-03-02T03:00:00Z', { silent: true });
  drive.join('w2');
  drive.until('2026-03-03T02:00:00Z');
  expect(drive.phase('a@20260303T020000Z')).toBe('queued');
  const slot = { by: 'instant', instant: instant(Date.parse('2026-03-03T02:00:00Z')) } as const;
  drive.request({ type: 'run.now', job: 'a', slot, params: {} });
  expect(drive.ordered).toContain('a@20260303T020000Z/1');
});
