/** When slots become runs: pace, misfire, jobs that are disabled, retired, deleted, renamed or edited. */
import { describe, expect, test } from 'vitest';
import { explain, upcoming } from '../../src/kernel/index.js';
import { instant } from '../../src/model/ids.js';
import type { Definitions, JobDefinition } from '../../src/model/job.js';
import { Drive, failed } from './drive.js';

const daily = '0 2 * * *';
const slotsOf = (drive: Drive, job: string) => {
  const id = drive.state.jobsByName.get(job)?.id;
  const rows = drive.all('run').filter(({ key, value }) => key[0] === id && value['phase'] !== 'none');
  return rows.map(({ key }) => String(key[1]).slice(2)).sort();
};
const codes = (drive: Drive, subject: string) => explain(drive.state, subject).map(({ code }) => code);
const events = (drive: Drive, type: string) =>
  drive.effects.flatMap((effects) => effects.events).filter((event) => event.type === type);

describe('pace', () => {
  const jobs = (pace: string | undefined, ups: Record<string, string>): Definitions => ({
    jobs: {
      ...Object.fromEntries(Object.entries(ups).map(([name, schedule]) => [name, { schedule }])),
      z: {
        ...(pace !== undefined && { pace }),
        after: Object.fromEntries(Object.keys(ups).map((name) => [name, {}])),
      },
    },
  });
  const UPS = { h: '0 * * * *', d: daily, w: '0 6 * * 1' };
  test.each([
    ['the coarsest by default', undefined, UPS, ['20260302T060000Z', '20260309T060000Z']],
    ['finest', 'finest', { d: daily, w: '0 6 * * 1' }, ['20260302T020000Z', '20260303T020000Z']],
    ['named', 'd', UPS, ['20260302T020000Z', '20260303T020000Z']],
    [
      'a tie goes by name',
      undefined,
      { x: '0 5 * * *', y: '0 4 * * *' },
      ['20260302T050000Z', '20260303T050000Z'],
    ],
  ] as const)('%s', (_, pace, ups, expected) => {
    const drive = new Drive({ workers: [] });
    drive.apply(jobs(pace, ups));
    const found = upcoming(drive.state, 'z', 2).map(({ key }) => key.slice(2));
    expect(found).toEqual(expected);
    drive.until(
      new Date(Date.parse(upcoming(drive.state, 'z', 1)[0] ? '2026-03-09T06:00Z' : '')).toISOString(),
    );
    expect(slotsOf(drive, 'z').slice(0, 2)).toEqual(expected);
  });

  test('through a job without a schedule, however long the chain', () => {
    const drive = new Drive({ workers: [] });
    const length = 3000;
    const entries = Array.from({ length }, (_, i): [string, JobDefinition] => [
      `j${i}`,
      i === length - 1 ? { schedule: daily } : { after: { [`j${i + 1}`]: {} } },
    ]);
    drive.apply({ jobs: Object.fromEntries(entries) });
    expect(upcoming(drive.state, 'j0', 1).map(({ key }) => key)).toEqual(['t:20260302T020000Z']);
  });

  test('none: no slots, and it says so', () => {
    const drive = new Drive();
    drive.apply({ jobs: { a: {}, b: { after: { a: {} } } } });
    expect(codes(drive, 'b')).toEqual(['PACE_UNKNOWN']);
  });
});

describe('misfire', () => {
  /** Away from 02:10 on the 2nd to 06:00 on the 3rd. */
  function away(schedule: object, compat: object = {}): Drive {
    const drive = new Drive({ at: '2026-03-02T02:10:00Z', workers: [], zone: 'UTC' as never });
    drive.apply({
      jobs: { a: { schedule: { cron: '0 */6 * * *', ...schedule }, overlap: 'allow', ...compat } },
    });
    drive.post({ type: 'time.passed', at: instant(Date.parse('2026-03-03T06:00:00Z')) });
    return drive;
  }
  const phases = (drive: Drive) => slotsOf(drive, 'a').map((slot) => drive.phase(`a@${slot}`));
  test.each([
    ['all', {}, ['queued', 'queued', 'queued', 'queued', 'queued']],
    [
      'all within 10 h',
      { within: '10h' },
      ['skipped misfire', 'skipped misfire', 'skipped misfire', 'queued', 'queued'],
    ],
    ['latest', { misfire: 'latest' }, [...new Array(4).fill('skipped covered'), 'queued']],
    ['none', { misfire: 'none' }, [...new Array(4).fill('skipped misfire'), 'queued']],
  ] as const)('%s', (_, schedule, expected) => {
    expect(phases(away(schedule))).toEqual(expected);
  });

  test('imported jobs: those of the same day', () => {
    expect(phases(away({}, { compat: 'hera' }))).toEqual([
      'skipped misfire',
      'skipped misfire',
      'skipped misfire',
      'queued',
      'queued',
    ]);
  });

  test('a covered slot is met by the success of the one that covers it, under a new leader too', () => {
    const drive = new Drive({ at: '2026-03-02T02:10:00Z' });
    drive.apply({
      jobs: {
        a: { schedule: { cron: '0 * * * *', misfire: 'latest' } },
        b: { schedule: '0 5 * * *', after: { a: { allIn: { sliding: '200m' } } } },
      },
    });
    drive.post({ type: 'time.passed', at: instant(Date.parse('2026-03-03T05:00:00Z')) });
    drive.failover();
    drive.join('w1', 1, [{ attempt: 'a@20260303T050000Z/1', state: 'accepted' }]);
    expect(drive.phase('b@20260303T050000Z')).toBe('waiting');
    drive.end('a');
    expect(drive.phase('b@20260303T050000Z')).toBe('running');
  });

  test('a slot is due only once, whatever the leader', () => {
    const drive = new Drive();
    drive.apply({ jobs: { a: { schedule: daily } } });
    drive.until('2026-03-02T02:00:00Z');
    drive.failover();
    drive.join('w1', 1, [{ attempt: 'a@20260302T020000Z/1', state: 'accepted' }]);
    drive.until('2026-03-02T03:00:00Z');
    expect(drive.all('run')).toHaveLength(1);
  });
});

describe('a job that is disabled', () => {
  test('makes no slots, blocks its downstream by name; enabled again, earlier slots are not run', () => {
    const drive = new Drive();
    drive.apply({ jobs: { a: { schedule: daily }, b: { after: { a: {} } } } });
    drive.request({ type: 'job.state', job: 'a', state: 'disabled' });
    drive.until('2026-03-02T02:00:00Z');
    expect([slotsOf(drive, 'a'), slotsOf(drive, 'b')]).toEqual([[], ['20260302T020000Z']]);
    expect(codes(drive, 'b@20260302T020000Z')).toEqual(['UPSTREAM_DISABLED']);
    drive.until('2026-03-02T02:30:00Z');
    drive.request({ type: 'job.state', job: 'a', state: 'enabled' });
    drive.until('2026-03-03T02:00:00Z');
    expect(slotsOf(drive, 'a')).toEqual(['20260303T020000Z']);
  });

  test('cancels the backoff, keeps what waits, lets what runs end', () => {
    const drive = new Drive();
    const jobs = {
      a: { schedule: daily, retry: { attempts: 2, delay: '1h' as const } },
      b: { schedule: daily },
      c: { after: { b: {} } },
    };
    drive.apply({ jobs });
    drive.until('2026-03-02T02:00:00Z');
    drive.end('a', failed());
    for (const job of ['a', 'b', 'c']) drive.request({ type: 'job.state', job, state: 'disabled' });
    expect(drive.phase('a@20260302T020000Z')).toBe('canceled jobDisabled');
    drive.end('b');
    expect(drive.phase('b@20260302T020000Z')).toBe('succeeded');
    expect(codes(drive, 'c@20260302T020000Z')).toEqual(['JOB_DISABLED']);
    drive.request({ type: 'job.state', job: 'c', state: 'enabled' });
    expect(drive.ordered).toEqual(['c@20260302T020000Z/1']);
  });

  test('by its definition, does the same', () => {
    const drive = new Drive();
    const a = { schedule: daily, retry: { attempts: 2, delay: '1h' as const } };
    drive.apply({ jobs: { a, b: { after: { a: {} } } } });
    drive.until('2026-03-02T02:00:00Z');
    drive.end('a', failed());
    drive.apply({ jobs: { a: { ...a, state: 'disabled' } } });
    expect(drive.phase('a@20260302T020000Z')).toBe('canceled jobDisabled');
    expect(events(drive, 'job.changed').at(-1)).toMatchObject({ change: 'disabled' });
  });
});

describe('a job that is retired', () => {
  test.each(['request', 'definition'] as const)('counts as done for who waits (by %s)', (by) => {
    const drive = new Drive();
    drive.apply({ jobs: { a: { schedule: '0 9 * * *' }, b: { schedule: daily, after: { a: {} } } } });
    drive.until('2026-03-02T02:00:00Z');
    expect(codes(drive, 'b@20260302T020000Z')).toEqual(['UPSTREAM_NOT_DUE']);
    if (by === 'request') drive.request({ type: 'job.state', job: 'a', state: 'retired' });
    else drive.apply({ jobs: { a: { schedule: '0 9 * * *', state: 'retired' } } });
    expect(drive.phase('b@20260302T020000Z')).toBe('running');
  });

  test('its waiting runs end vacuous, and it still paces those below it', () => {
    const drive = new Drive();
    drive.apply({ jobs: { a: { schedule: daily }, b: { after: { a: {} } }, c: { after: { b: {} } } } });
    drive.until('2026-03-02T02:00:00Z');
    drive.request({ type: 'job.state', job: 'b', state: 'retired' });
    expect(drive.phase('b@20260302T020000Z')).toBe('skipped retired');
    expect(drive.phase('c@20260302T020000Z')).toBe('running');
    drive.request({ type: 'job.state', job: 'a', state: 'retired' });
    drive.until('2026-03-03T02:00:00Z');
    expect(slotsOf(drive, 'c')).toEqual(['20260302T020000Z', '20260303T020000Z']);
  });

  test('enabled again, it is waited for again', () => {
    const drive = new Drive();
    drive.apply({
      jobs: { a: { schedule: '0 9 * * *' }, b: { schedule: daily, after: { a: {} }, overlap: 'queue' } },
    });
    drive.request({ type: 'job.state', job: 'a', state: 'retired' });
    drive.request({ type: 'job.state', job: 'a', state: 'enabled' });
    drive.until('2026-03-02T02:00:00Z');
    expect(codes(drive, 'b@20260302T020000Z')).toEqual(['UPSTREAM_NOT_DUE']);
  });
});

describe('a job that is deleted', () => {
  test('is refused while another depends on it', () => {
    const drive = new Drive();
    drive.apply({ jobs: { a: { schedule: daily }, b: { after: { a: {} } } } });
    expect(drive.ask({ type: 'job.delete', job: 'a' })).toMatchObject({ ok: false });
  });

  test('cancels what has claimed nothing, lets what runs end, and its name is free again', () => {
    const drive = new Drive({ slots: 1, at: '2026-03-02T00:30:00Z' });
    drive.apply({ jobs: { a: { schedule: '0 * * * *' } } });
    drive.until('2026-03-02T02:00:00Z');
    expect(drive.phase('a@20260302T020000Z')).toBe('queued');
    drive.request({ type: 'job.delete', job: 'a' });
    drive.apply({ jobs: { a: { schedule: daily } } });
    drive.failover();
    drive.join('w1', 1, [{ attempt: 'a@20260302T010000Z/1', state: 'running', startedAt: 1 }]);
    expect(drive.row('run', [1, 't:20260302T020000Z', ''])).toMatchObject({
      phase: 'canceled',
      reason: 'jobDeleted',
    });
    drive.end('a', failed());
    expect(drive.row('run', [1, 't:20260302T010000Z', ''])).toMatchObject({
      phase: 'failed',
      reason: 'exit',
    });
    drive.endAll();
    drive.until('2026-03-03T02:00:00Z');
    expect(drive.phase('a@20260303T020000Z')).toBe('running');
  });
});

describe('an edit', () => {
  test('of the schedule: an unclaimed run keeps its slot, only future slots change', () => {
    const drive = new Drive({ workers: [] });
    drive.apply({ jobs: { a: { schedule: daily } } });
    drive.until('2026-03-02T02:00:00Z');
    drive.apply({ jobs: { a: { schedule: '0 5 * * *' } } });
    drive.until('2026-03-03T06:00:00Z');
    expect(slotsOf(drive, 'a')).toEqual(['20260302T020000Z', '20260302T050000Z', '20260303T050000Z']);
    expect(drive.phase('a@20260302T020000Z')).toBe('queued');
  });

  test('of edges: an unclaimed run is bound anew, with a record; a claimed one keeps its bindings', () => {
    const drive = new Drive();
    const base = { a: { schedule: daily }, c: { schedule: daily } };
    drive.apply({ jobs: { ...base, b: { after: { a: {} } }, d: { after: { a: {} } } } });
    drive.until('2026-03-02T02:00:00Z');
    drive.request({ type: 'run.resume', run: 'd@20260302T020000Z', revision: 'newest', params: {} });
    drive.apply({ jobs: { ...base, b: { after: { c: {} } }, d: { after: { c: {} } } } });
    const bound = (job: number) =>
      drive
        .all('binding')
        .filter(({ key }) => key[0] === job)
        .map(({ key }) => key[3]);
    const [b, c, d] = ['b', 'c', 'd'].map((name) => drive.state.jobsByName.get(name)?.id ?? 0);
    expect(bound(b ?? 0)).toEqual([c]);
    expect(bound(d ?? 0)).not.toEqual([c]);
    expect(events(drive, 'run.rebound')).toHaveLength(1);
    drive.end('c');
    expect(drive.phase('b@20260302T020000Z')).toBe('running');
  });

  test('that takes the edge away lets the waiting run go', () => {
    const drive = new Drive();
    drive.apply({ jobs: { a: { schedule: daily }, b: { schedule: daily, after: { a: {} } } } });
    drive.until('2026-03-02T02:00:00Z');
    drive.apply({ jobs: { b: { schedule: daily } } });
    expect(drive.phase('b@20260302T020000Z')).toBe('running');
  });

  test('of a calendar moves the next slot at once', () => {
    const drive = new Drive({ workers: [] });
    const jobs = { a: { schedule: { cron: daily, calendar: 'c' } } };
    drive.apply({ calendars: { c: { holidays: { '2026-03-03..2026-03-06': 'off' } } }, jobs });
    drive.until('2026-03-02T12:00:00Z');
    drive.apply({ calendars: { c: {} }, jobs });
    drive.until('2026-03-03T02:00:00Z');
    expect(slotsOf(drive, 'a')).toEqual(['20260302T020000Z', '20260303T020000Z']);
  });

  test('that renames keeps id, runs and readiness', () => {
    const drive = new Drive();
    drive.apply({ jobs: { a: { schedule: daily }, z: { after: { a: {} } } } });
    drive.until('2026-03-02T02:00:00Z');
    drive.apply({ jobs: { b: { schedule: daily, was: 'a' }, z: { after: { b: {} } } } });
    expect(drive.state.jobsByName.get('b')?.id).toBe(1);
    expect(events(drive, 'job.changed').map((event) => (event as { change: string }).change)).toContain(
      'renamed',
    );
    drive.end('a@20260302T020000Z/1');
    expect(drive.phase('z@20260302T020000Z')).toBe('running');
  });

  test.each([
    ['an unknown upstream', { x: { after: { nobody: {} } } }, 'DEFINITION_INVALID'],
    ['a circle', { a: { after: { b: {} } } }, 'GRAPH_CYCLE'],
    ['a number that is taken', { x: { id: 1 } }, 'DEFINITION_INVALID'],
    ['a schedule that does not read', { x: { schedule: '99 * * * *' } }, 'CRON_INVALID'],
  ] as const)('with %s is refused whole', (_, jobs, code) => {
    const drive = new Drive();
    drive.apply({ jobs: { a: { schedule: daily }, b: { after: { a: {} } } } });
    const before = drive.effects.length;
    const definitions = { jobs: { ok: {}, ...jobs } } as Definitions;
    const asked = { type: 'definitions.apply', definitions, source: 'test', prune: false } as const;
    expect(drive.ask(asked)).toMatchObject({ ok: false, error: { code } });
    expect(drive.effects[before]?.writes).toEqual([]);
    expect(drive.state.jobsByName.has('ok')).toBe(false);
  });
});

test('a clock that went back holds new slots until it has caught up', () => {
  const drive = new Drive({ at: '2026-03-02T01:50:00Z' });
  drive.apply({ jobs: { a: { schedule: daily } } });
  drive.post({ type: 'clock.jumped', at: drive.state.now, byMs: 1_200_000 });
  drive.until('2026-03-02T02:05:00Z');
  expect([slotsOf(drive, 'a'), codes(drive, 'a')]).toEqual([[], ['CLOCK_HELD']]);
  drive.until('2026-03-02T02:10:00Z');
  expect(slotsOf(drive, 'a')).toEqual(['20260302T020000Z']);
});
