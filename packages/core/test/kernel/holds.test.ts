/** Holds by rule and by hand: the flood stops at once, and what was held comes back in order, all of it. */
import { describe, expect, test } from 'vitest';
import type { JobDefinition } from '../../src/model/job.js';
import type { HoldRuleDefinition } from '../../src/model/operations.js';
import type { AttemptOutcome } from '../../src/model/run.js';
import { Drive, failed } from './drive.js';

const daily = '0 2 * * *';
const SLOT = '20260302T020000Z';
const FULL: AttemptOutcome = {
  ...failed('outside'),
  pattern: 'hdfsFull',
  message: 'mkdir: quota of /warehouse is exceeded: no space left',
};
const openHolds = (drive: Drive) => drive.all('hold').filter(({ value }) => value['open'] === 1);
const eventsOf = (drive: Drive) => drive.effects.flatMap(({ events }) => events);

describe('HDFS is full: 400 of 500 jobs fail with one pattern', () => {
  const PRIORITIES = [30, 50, 70];
  const isHit = (name: string) => Number(name.slice(1)) % 5 !== 0;

  /** Every seventh job that is hit tries once only, the others three times. */
  function night(): Drive {
    const jobs: Record<string, JobDefinition> = {};
    for (let i = 0; i < 500; i++)
      jobs[`j${i}`] = {
        schedule: daily,
        priority: PRIORITIES[i % 3] ?? 50,
        retry: { attempts: i % 7 === 0 ? 1 : 3, delay: '30s' },
      };
    const drive = new Drive({ slots: 60 });
    const full = { jobs: '*', failures: 20, within: '1m', message: 'no space left' } as const;
    drive.apply({ jobs, holdRules: { full } });
    drive.until('2026-03-02T02:00:00Z');
    return drive;
  }

  /** Ends what runs, as HDFS has it; whether there was anything. */
  function endAll(drive: Drive, isFull: boolean): void {
    for (const id of [...drive.ordered]) {
      const name = id.split('@')[0] ?? '';
      drive.end(id, isFull && isHit(name) ? FULL : { state: 'succeeded', exitCode: 0 });
    }
  }

  /** From the second failure round on nothing new starts; the night goes on for half an hour. */
  function flood(drive: Drive): void {
    for (let minute = 0; minute < 30; minute++) {
      endAll(drive, true);
      drive.until(new Date(drive.now + 60_000).toISOString());
    }
  }

  test('it is held with the twentieth failure, without a storm of retries, and is one incident', () => {
    const drive = night();
    flood(drive);
    expect(openHolds(drive).map(({ value }) => [value['rule'], value['state']])).toEqual([
      ['full', 'holding'],
    ]);
    const firstFailure = Date.parse('2026-03-02T02:00:00Z');
    expect(Number(openHolds(drive)[0]?.value['at']) - firstFailure).toBeLessThanOrEqual(60_000);
    // The sixty that had begun, and one for each that ended before the hold.
    expect(drive.all('attempt').length).toBeLessThan(90);
    expect(drive.all('incident').map(({ value }) => value['joinKey'])).toEqual(['pattern hdfsFull']);
    expect(drive.ordered).toEqual([]);
  });

  test.each([false, true])(
    'released, it starts 20 a minute by priority, nothing is lost; failover %s',
    (isFailover) => {
      const drive = night();
      flood(drive);
      for (const { key, value } of drive.all('run'))
        if (value['phase'] === 'failed') {
          const job = drive.row('job', [key[0] ?? 0])?.['name'];
          drive.request({ type: 'run.resume', run: `${job}@${SLOT}`, revision: 'newest', params: {} });
        }
      const hold = Number(openHolds(drive)[0]?.key[0]);
      const before = drive.all('attempt').length;
      drive.request({ type: 'hold.release', hold, pace: 20 });
      const started: number[] = [];
      const names: string[] = [];
      for (let second = 0; second < 1800; second += 3) {
        if (isFailover && second === 300) {
          drive.failover();
          drive.join(
            'w1',
            1,
            drive.ordered.map((attempt) => ({ attempt, state: 'running', startedAt: drive.now })),
          );
        }
        names.push(...drive.ordered.map((id) => id.split('@')[0] ?? ''));
        started.push(drive.ordered.length);
        endAll(drive, false);
        drive.until(new Date(drive.now + 3_000).toISOString());
      }
      const perMinute = Array.from({ length: started.length - 20 }, (_, i) =>
        started.slice(i, i + 20).reduce((sum, count) => sum + count, 0),
      );
      expect(Math.max(...perMinute)).toBe(20);
      const priorities = names.map((name) => PRIORITIES[Number(name.slice(1)) % 3] ?? 0);
      expect(priorities).toEqual([...priorities].sort((a, b) => b - a));
      expect(drive.all('run').map(({ value }) => value['phase'])).toEqual(Array(500).fill('succeeded'));
      expect(drive.all('attempt').length - before).toBe(names.length);
      expect(openHolds(drive)).toEqual([]);
      expect(drive.all('incident').map(({ value }) => value['open'])).toEqual([0]);
    },
  );
});

test('a paced release goes on past a run for which there is no worker', () => {
  const drive = new Drive();
  const jobs = {
    stuck: { schedule: daily, pool: 'gone', priority: 90 },
    a: { schedule: daily },
    b: { schedule: daily },
  };
  drive.apply({ jobs });
  const scope = { select: '*', lanes: null, key: null };
  drive.request({ type: 'hold.begin', scope, reason: 'r', until: null, pace: null });
  drive.until('2026-03-02T02:00:00Z');
  drive.request({ type: 'hold.release', hold: 1, pace: 20 });
  drive.until('2026-03-02T02:01:00Z');
  expect(drive.ordered.map((id) => id.split('@')[0])).toEqual(['a', 'b']);
});

describe('a rule that holds', () => {
  const RULE: HoldRuleDefinition = { jobs: 'a*', failures: 3, within: '10m' };

  function watched(rule: Partial<HoldRuleDefinition> = {}): Drive {
    const drive = new Drive({ slots: 50 });
    const names = ['a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'b1', 'b2', 'b3'];
    drive.apply({
      jobs: Object.fromEntries(names.map((name) => [name, { schedule: '*/5 * * * *', overlap: 'allow' }])),
      holdRules: { r: { ...RULE, ...rule } },
    });
    drive.until('2026-03-02T00:05:00Z');
    return drive;
  }
  const fail = (drive: Drive, ...names: string[]) => {
    for (const name of names) drive.end(name, FULL);
  };

  test('makes one hold, however many fail after', () => {
    const drive = watched();
    fail(drive, 'a1', 'a2');
    expect(openHolds(drive)).toHaveLength(0);
    fail(drive, 'a3');
    expect(openHolds(drive)).toHaveLength(1);
    fail(drive, 'a4', 'a5', 'a6');
    expect(drive.all('hold')).toHaveLength(1);
    expect(
      eventsOf(drive).filter((each) => each.type === 'alarm' && each.code === 'HELD_BY_RULE'),
    ).toHaveLength(1);
  });

  test('counts within its window alone', () => {
    const drive = watched();
    fail(drive, 'a1', 'a2');
    drive.until('2026-03-02T00:15:00Z');
    fail(drive, 'a3');
    expect(openHolds(drive)).toHaveLength(0);
    fail(drive, 'a4', 'a5');
    expect(openHolds(drive)).toHaveLength(1);
  });

  test.each<[string, Partial<HoldRuleDefinition>, string[], number]>([
    ['failures of other jobs do not count', {}, ['a1', 'a2', 'b1', 'b2', 'b3'], 0],
    ['failures of other classes do not count', { classes: ['user'] }, ['a1', 'a2', 'a3'], 0],
    ['one of its classes does', { classes: ['user', 'outside'] }, ['a1', 'a2', 'a3'], 1],
    ['a message that is not in it does not', { message: 'out of memory' }, ['a1', 'a2', 'a3'], 0],
    ['its parts count in their order', { message: 'quota*no space' }, ['a1', 'a2', 'a3'], 1],
    ['not in another', { message: 'no space*quota' }, ['a1', 'a2', 'a3'], 0],
  ])('%s', (_, rule, names, holds) => {
    const drive = watched(rule);
    fail(drive, ...names);
    expect(openHolds(drive)).toHaveLength(holds);
  });

  test('holds what it selects, which need not be what failed', () => {
    const drive = watched({ hold: 'b*' });
    fail(drive, 'a1', 'a2', 'a3');
    drive.until('2026-03-02T00:10:00Z');
    const slot = '20260302T001000Z';
    expect(['a1', 'b1'].map((job) => drive.phase(`${job}@${slot}`))).toEqual(['running', 'queued']);
  });

  test('ends after its time, and its count goes on in a new leader', () => {
    const drive = watched({ for: '7m' });
    fail(drive, 'a1', 'a2');
    drive.failover();
    drive.join(
      'w1',
      1,
      drive.ordered.map((attempt) => ({ attempt, state: 'running', startedAt: drive.now })),
    );
    for (const id of [...drive.ordered]) if (id.startsWith('a3')) drive.end(id, FULL);
    const [hold] = openHolds(drive);
    expect(hold?.value['until']).toBe(drive.now + 7 * 60_000);
    drive.until('2026-03-02T00:13:00Z');
    expect(openHolds(drive)).toEqual([]);
  });

  test('failures during a paced release hold again, by the same hold', () => {
    const drive = watched();
    fail(drive, 'a1', 'a2', 'a3');
    drive.until('2026-03-02T00:10:00Z');
    drive.request({ type: 'hold.release', hold: 1, pace: 60 });
    drive.until('2026-03-02T00:10:03Z');
    const again = drive.ordered.filter((id) => id.startsWith('a')).slice(0, 3);
    for (const id of again) drive.end(id, FULL);
    expect(drive.all('hold').map(({ value }) => [value['open'], value['state']])).toEqual([[1, 'holding']]);
  });
});
