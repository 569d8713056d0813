/**
 * The simulator of an estate: what it says of a day, on real rules. Each test states the day and what must
 * come of it; nothing here knows how the kernel gets there.
 */
import { describe, expect, test } from 'vitest';
import type { Definitions } from './model/job.js';
import { simulate } from './simulate.js';
import type { SimulateOptions, SimulatedRun } from './simulate.js';

const DAY: SimulateOptions = { from: '2026-03-28T00:00Z', until: '2026-03-28T23:59Z' };
const SHOP: Definitions = {
  jobs: {
    orders: { schedule: '0 2 * * *', expect: { duration: '30m' } },
    clicks: { schedule: '0 * * * *' },
    report: { after: { orders: 'same', clicks: 'default' } },
  },
};

const at = (ms: number | null) => (ms === null ? '-' : new Date(ms).toISOString().slice(11, 16));
const line = (run: SimulatedRun) =>
  `${run.job} ${run.slot.key.slice(2)} ${run.phase} ${at(run.start)}-${at(run.end)}`;
const of = (runs: readonly SimulatedRun[], job: string) => runs.filter((run) => run.job === job);

describe('a day', () => {
  test('has a run for every slot, in the order of time, and downstreams after their upstreams', async () => {
    const { runs } = await simulate(SHOP, DAY);
    expect(of(runs, 'clicks')).toHaveLength(24);
    expect(of(runs, 'orders').map(line)).toEqual(['orders 20260328T020000Z succeeded 02:00-02:30']);
    expect(of(runs, 'report').map(line)).toEqual(['report 20260328T020000Z succeeded 02:30-02:31']);
    expect(of(runs, 'report')[0]).toMatchObject({
      businessDate: '2026-03-27',
      generations: [{ g: 1, trigger: 'upstream', track: 'main', phase: 'succeeded' }],
      attempts: [{ n: 1, g: 1, result: 'succeeded', exitCode: 0 }],
      blockers: [],
    });
  });

  test('without a past has nothing that the first runs wait for, and says so', async () => {
    const jobs: Definitions['jobs'] = {
      monthly: { schedule: '0 1 1 * *' },
      report: { schedule: '0 2 * * *', after: { monthly: 'latestAtOrBefore' } },
    };
    const { runs } = await simulate({ jobs }, { ...DAY, past: 0 });
    expect(runs).toMatchObject([{ phase: 'waiting', blockers: [{ code: 'SELECTOR_EMPTY' }] }]);
    const longer = await simulate({ jobs }, { ...DAY, past: '40d' });
    expect(longer.runs).toMatchObject([{ phase: 'succeeded' }]);
  });

  test('takes the past to have gone well where it waited for what lies before it', async () => {
    const jobs: Definitions['jobs'] = {
      monthly: { schedule: '0 1 28 * *' },
      report: { schedule: '0 2 * * *', after: { monthly: 'latestAtOrBefore', report: { self: 1 } } },
    };
    const { runs } = await simulate({ jobs }, DAY);
    expect(of(runs, 'report').map(line)).toEqual(['report 20260328T020000Z succeeded 02:00-02:01']);
  });

  test('shows how few workers make work wait', async () => {
    const jobs = { a: { schedule: '0 2 * * *' }, b: { schedule: '0 2 * * *' }, c: { schedule: '0 2 * * *' } };
    const { runs } = await simulate({ jobs }, { ...DAY, workers: 1 });
    expect(runs.map((run) => at(run.start))).toEqual(['02:00', '02:01', '02:02']);
  });

  test('tries again what fails, as the job says', async () => {
    const jobs = { a: { schedule: '0 2 * * *', retry: { attempts: 3, delay: '10m' } } } as const;
    const { runs } = await simulate(
      { jobs },
      {
        ...DAY,
        outcome: (_run, attempt) => (attempt < 3 ? { durationMs: 1_000, exitCode: 1 } : undefined),
      },
    );
    expect(runs[0]?.attempts.map(({ start, result }) => `${at(start)} ${result}`)).toEqual([
      '02:00 failed',
      '02:10 failed',
      '02:20 succeeded',
    ]);
  });

  test('is the same for the same arguments', async () => {
    const options = { ...DAY, workers: 3, seed: 7 };
    expect(await simulate(SHOP, options)).toEqual(await simulate(SHOP, options));
  });
});

describe('requests during the day', () => {
  const failing: SimulateOptions['outcome'] = (run, attempt) =>
    run.job === 'orders' && attempt === 1 ? { exitCode: 1, failure: 'user', durationMs: 60_000 } : undefined;

  test('a failed upstream that is resumed releases what waited for it', async () => {
    const { runs, requests } = await simulate(SHOP, {
      ...DAY,
      outcome: failing,
      requests: [{ at: '2026-03-28T03:10Z', type: 'resume', run: 'orders@20260328T020000Z' }],
    });
    expect(requests).toMatchObject([{ type: 'resume', ok: true }]);
    expect(of(runs, 'orders')[0]?.generations.map(({ trigger, phase }) => `${trigger} ${phase}`)).toEqual([
      'schedule failed',
      'resume succeeded',
    ]);
    expect(of(runs, 'report').map(line)).toEqual(['report 20260328T020000Z succeeded 03:40-03:41']);
  });

  test('one that is refused is reported with its reason, and the day goes on', async () => {
    const { runs, requests } = await simulate(SHOP, {
      ...DAY,
      requests: [
        { at: '2026-03-28T04:00Z', type: 'resume', run: 'nobody@20260328T020000Z' },
        { at: '2026-03-28T04:00Z', type: 'hold' },
      ],
    });
    expect(requests.map(({ ok, error }) => [ok, error?.code])).toEqual([
      [false, 'RUN_NOT_FOUND'],
      [false, 'OPTION_INVALID'],
    ]);
    expect(of(runs, 'report')[0]?.phase).toBe('succeeded');
  });

  test('while nobody schedules slots are missed, and made up for afterwards', async () => {
    const { runs } = await simulate(SHOP, {
      ...DAY,
      requests: [
        { at: '2026-03-28T01:30Z', type: 'schedulerDown' },
        { at: '2026-03-28T02:15Z', type: 'runNow', job: 'orders' },
        { at: '2026-03-28T04:30Z', type: 'schedulerUp' },
      ],
    });
    expect(of(runs, 'orders').map(line)).toEqual(['orders 20260328T020000Z succeeded 04:30-05:00']);
    expect(of(runs, 'clicks').filter((run) => run.phase === 'succeeded')).toHaveLength(24);
  });

  test('a disabled job gets no slots until it is enabled again', async () => {
    const { runs } = await simulate(SHOP, {
      ...DAY,
      requests: [
        { at: '2026-03-28T05:30Z', type: 'disable', job: 'clicks' },
        { at: '2026-03-28T20:30Z', type: 'enable', job: 'clicks' },
      ],
    });
    expect(of(runs, 'clicks').map((run) => at(run.slot.instant))).toEqual([
      '00:00',
      '01:00',
      '02:00',
      '03:00',
      '04:00',
      '05:00',
      '21:00',
      '22:00',
      '23:00',
    ]);
  });
});

test.each([
  ['an end before the beginning', { until: '2026-03-27T00:00Z' }, 'OPTION_INVALID'],
  ['a local time', { from: '2026-03-28T00:00' }, 'TIME_INVALID'],
  ['half a worker', { workers: 0.5 }, 'OPTION_INVALID'],
] as const)('%s is refused', async (_, changes, code) => {
  await expect(simulate(SHOP, { ...DAY, ...changes })).rejects.toMatchObject({ code });
});

test('definitions that close a circle are refused', async () => {
  const jobs = { a: { after: { b: 'same' } }, b: { after: { a: 'same' } } } as const;
  await expect(simulate({ jobs }, DAY)).rejects.toMatchObject({ code: 'GRAPH_CYCLE' });
});
