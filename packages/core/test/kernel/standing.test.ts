/** What lasts is told once, over restarts too; what is kept for a day goes after it. */
import { describe, expect, test } from 'vitest';
import { createQueries } from '../../src/memory/queries.js';
import { explain } from '../../src/kernel/index.js';
import { snapshot } from './snapshot.js';
import { Drive } from './drive.js';

const daily = '0 2 * * *';
const alarms = (drive: Drive) =>
  drive.effects.flatMap(({ events }) =>
    events.flatMap((event) => (event.type === 'alarm' ? [`${event.code} ${event.subject}`] : [])),
  );
const state = (drive: Drive, job: string, to: 'enabled' | 'disabled' | 'retired') =>
  drive.request({ type: 'job.state', job, state: to });

describe('alarms are raised once', () => {
  test('UPSTREAM_DISABLED, until the upstream is enabled and disabled again', () => {
    const drive = new Drive();
    drive.apply({
      jobs: { up: { schedule: '0 */6 * * *' }, a: { schedule: '0 */6 * * *', after: { up: {} } } },
    });
    state(drive, 'up', 'disabled');
    expect(alarms(drive)).toEqual([]);
    drive.until('2026-03-02T12:00:00Z');
    drive.failover();
    drive.join('w1', 2);
    drive.until('2026-03-03T00:00:00Z');
    expect(alarms(drive)).toEqual(['UPSTREAM_DISABLED up']);
    state(drive, 'up', 'enabled');
    state(drive, 'up', 'disabled');
    expect(alarms(drive)).toEqual(['UPSTREAM_DISABLED up', 'UPSTREAM_DISABLED up']);
  });

  test('SLOT_SKIPPED, once for all slots of a job that were missed', () => {
    const drive = new Drive({ workers: [] });
    drive.apply({
      jobs: { a: { schedule: { cron: '0 * * * *', misfire: 'none' } }, b: { after: { a: {} } } },
    });
    drive.post({ type: 'time.passed', at: Date.parse('2026-03-02T05:30:00Z') as never });
    drive.failover();
    expect(alarms(drive)).toEqual(['SLOT_SKIPPED a', 'SLOT_SKIPPED b']);
  });

  test('PACE_LOST, when the upstream that gave a job its slots has no schedule any more', () => {
    const drive = new Drive();
    drive.apply({ jobs: { up: { schedule: daily }, a: { after: { up: {} } } } });
    drive.apply({ jobs: { up: {} } });
    drive.apply({ jobs: { up: { title: 'again' } } });
    drive.failover();
    drive.apply({ jobs: { a: { title: 'again', after: { up: {} } } } });
    expect(alarms(drive)).toEqual(['PACE_LOST a']);
    drive.apply({ jobs: { up: { schedule: daily } } });
    drive.apply({ jobs: { up: {} } });
    expect(alarms(drive)).toEqual(['PACE_LOST a', 'PACE_LOST a']);
  });

  test('CALENDAR_ENDS, sixty days before, and again for another end', () => {
    const drive = new Drive();
    drive.apply({ calendars: { cn: { until: '2026-05-02' } }, jobs: {} });
    expect(alarms(drive)).toEqual([]);
    drive.until('2026-03-04T02:00:00Z');
    drive.failover();
    drive.until('2026-03-05T02:00:00Z');
    expect(alarms(drive)).toEqual(['CALENDAR_ENDS cn']);
    drive.apply({ calendars: { cn: { until: '2027-05-02' } }, jobs: {} });
    drive.apply({ calendars: { cn: { until: '2026-05-01' } }, jobs: {} });
    expect(alarms(drive)).toEqual(['CALENDAR_ENDS cn', 'CALENDAR_ENDS cn']);
  });
});

test('a request under a key is remembered for a day, over a failover', () => {
  const drive = new Drive();
  drive.apply({ jobs: { a: { schedule: daily } } });
  const ask = (key: string) => drive.request({ type: 'job.state', job: 'a', state: 'disabled' }, { key });
  ask('k1');
  drive.until('2026-03-02T20:00:00Z');
  ask('k2');
  drive.failover();
  drive.until('2026-03-03T00:30:00Z');
  expect([drive.all('request').length, drive.state.requests.size]).toEqual([1, 1]);
  drive.until('2026-03-03T20:00:00Z');
  expect([drive.all('request').length, drive.state.requests.size]).toEqual([0, 0]);
});

test('a claimed run keeps the link whose edge an edit took away, over a failover', () => {
  const drive = new Drive();
  drive.apply({ jobs: { up: { schedule: daily }, x: { schedule: daily }, a: { after: { up: {}, x: {} } } } });
  drive.until('2026-03-02T02:00:00Z');
  drive.endAll();
  drive.apply({ jobs: { a: { after: { up: {} } } } });
  const before = snapshot(drive.state);
  drive.failover();
  expect(snapshot(drive.state)).toEqual(before);
  drive.apply({ jobs: { a: { after: { up: {}, x: {} } } } });
  expect(drive.state.jobsByName.get('a')?.formerEdges).toBeNull();
});

test('an upstream that is vacuous does not keep a run from being done again', () => {
  const drive = new Drive({ area: 'cn' });
  const edge = { onUpstreamRerun: 'rerun' } as const;
  const schedule = daily;
  drive.apply({
    jobs: { up: { schedule }, gone: { schedule, areas: ['eu'] }, a: { after: { up: edge, gone: edge } } },
  });
  drive.until('2026-03-02T02:00:00Z');
  drive.endAll();
  drive.request({ type: 'run.resume', run: 'up@20260302T020000Z', revision: 'newest', params: {} });
  drive.endAll();
  expect(drive.row('run', [3, 't:20260302T020000Z', ''])).toMatchObject({
    generation: 2,
    phase: 'succeeded',
  });
});

test('a run is stale when an upstream has succeeded since', async () => {
  const drive = new Drive();
  drive.apply({ jobs: { up: { schedule: daily }, a: { after: { up: {} } } } });
  drive.until('2026-03-02T02:00:00Z');
  drive.endAll();
  const queries = createQueries({
    read: (table, { index, prefix = [] }) =>
      Promise.resolve(
        drive
          .all(table)
          .filter(({ key, value }) =>
            prefix.every((part, i) => (index === undefined ? key[i] : value['name']) === part),
          ),
      ),
    readLease: () => Promise.resolve(null),
  });
  expect((await queries.run('a@20260302T020000Z'))?.starts).toMatchObject([
    { g: 1, attempt: 1, worker: 'w1', lastUpstream: { run: 'up@20260302T020000Z' }, gates: [] },
  ]);
  const stale = async () => (await queries.run('a@20260302T020000Z'))?.staleUpstreams;
  expect(await stale()).toEqual([]);
  drive.request({ type: 'run.resume', run: 'up@20260302T020000Z', revision: 'newest', params: {} });
  expect(await stale()).toEqual([]);
  drive.endAll();
  expect(await stale()).toEqual(['up@20260302T020000Z']);
});

describe('why', () => {
  test('of a job without an open run names its next slot', () => {
    const drive = new Drive();
    drive.apply({ jobs: { a: { schedule: daily }, b: { after: { a: {} } } } });
    const until = Date.parse('2026-03-02T02:00:00Z');
    for (const job of ['a', 'b'])
      expect(explain(drive.state, job)).toEqual([{ code: 'NOT_DUE', subject: job, until, details: {} }]);
  });

  test('of a run that was only run by hand says what its side generation waits for', () => {
    const drive = new Drive({ workers: [] });
    drive.apply({ jobs: { a: { schedule: daily } } });
    drive.request({
      type: 'run.now',
      job: 'a',
      slot: { by: 'adHoc', key: 'k', asOf: drive.state.now },
      params: {},
    });
    expect(explain(drive.state, 'a@a:k').map(({ code }) => code)).toEqual(['POOL_NO_WORKER']);
    drive.join('w1');
    expect(explain(drive.state, 'a@a:k')).toEqual([]);
    drive.endAll();
    expect(explain(drive.state, 'a@a:k')).toEqual([]);
  });
});

test('missed slots are made up for oldest first, so many a minute, over a failover and before a change', () => {
  const drive = new Drive({ workers: [] });
  const runs = () => drive.all('run').length;
  drive.apply({ jobs: { a: { schedule: { cron: '*/10 * * * *', catchUp: 3 }, overlap: 'allow' } } });
  drive.post({ type: 'time.passed', at: Date.parse('2026-03-02T02:05:00Z') as never });
  expect([runs(), drive.phase('a@20260302T000000Z')]).toEqual([4, 'queued']);
  drive.until('2026-03-02T02:05:30Z');
  expect(runs()).toBe(4);
  drive.until('2026-03-02T02:06:00Z');
  expect(runs()).toBe(7);
  drive.failover();
  drive.until('2026-03-02T02:06:10Z');
  expect(runs()).toBe(10);
  drive.request({ type: 'job.state', job: 'a', state: 'disabled' });
  expect(runs()).toBe(13);
});
