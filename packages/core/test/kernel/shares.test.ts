/** Who gets the free slots: lanes and teams by their weights, and in the end everybody. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { planRequest } from '../../src/kernel/index.js';
import { instant } from '../../src/model/ids.js';
import type { JobDefinition, PoolDefinition } from '../../src/model/job.js';
import { Drive } from './drive.js';

const daily = '0 2 * * *';
const nameOf = (id: string) => id.split('@')[0] ?? '';

function estate(jobs: Record<string, JobDefinition>, pool: PoolDefinition): Drive {
  const drive = new Drive({ slots: 1 });
  drive.apply({ jobs, pools: { default: pool } });
  drive.until('2026-03-02T02:00:00Z');
  return drive;
}

/** Ends what runs so many times; names of what was started for it. */
function starts(drive: Drive, count: number): string[] {
  const found: string[] = [];
  for (let i = 0; i < count && drive.ordered.length > 0; i++) {
    drive.end(drive.ordered[0] ?? '');
    found.push(...drive.ordered.map(nameOf));
  }
  return found;
}

const many = (name: string, count: number, job: JobDefinition) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`${name}${i}`, job]));
const counted = (names: readonly string[], first: string) =>
  names.filter((name) => name.startsWith(first)).length;
const byHand = (drive: Drive, job: string) =>
  drive.request({
    type: 'run.now',
    job,
    slot: { by: 'adHoc', key: 'k', asOf: drive.state.now },
    params: {},
  });
const backfill = (drive: Drive, select: string, days: number) =>
  drive.request({
    type: 'plan.create',
    reason: 'r',
    start: true,
    plan: planRequest('backfill', {
      select,
      span: {
        by: 'instant',
        from: instant(drive.now - (days + 1) * 86_400_000),
        to: instant(drive.now - 86_400_000),
      },
      only: 'all',
      parallel: days,
    }),
  });

test.each<[string, PoolDefinition['lanes'], number]>([
  ['by default 8 to 2', undefined, 8],
  ['as the pool says', { scheduled: 1, manual: 3 }, 30],
  ['one that has no weight takes what is left', { manual: 0 }, 0],
])('lanes share by weight: %s', (_, lanes, manual) => {
  const jobs = { ...many('s', 60, { schedule: daily }), ...many('m', 60, {}) };
  const drive = estate(jobs, lanes ? { lanes } : {});
  for (let i = 0; i < 60; i++) byHand(drive, `m${i}`);
  expect(counted(starts(drive, 40), 'm')).toBe(manual);
});

test.each(['owner', 'label:team'])('teams share by weight within a lane, named by %s', (by) => {
  const of = (team: string): JobDefinition => ({ schedule: daily, owner: team, labels: { team } });
  const jobs = { ...many('a', 60, of('ads')), ...many('b', 60, of('bi')), ...many('c', 60, of('crm')) };
  const drive = estate(jobs, { teams: { by, weights: { ads: 3, bi: 2 } } });
  const found = starts(drive, 60);
  expect(['a', 'b', 'c'].map((name) => counted(found, name))).toEqual([30, 20, 10].map(near));
});
const near = (count: number): unknown => ({
  asymmetricMatch: (found: number) => Math.abs(found - count) <= 1,
});

test('a team that was idle has no claim on the past', () => {
  const of = (team: string, schedule: string): JobDefinition => ({ schedule, owner: team });
  const jobs = { ...many('a', 80, of('ads', daily)), ...many('b', 40, of('bi', '1 2 * * *')) };
  const drive = estate(jobs, { teams: { by: 'owner' } });
  starts(drive, 30);
  drive.until('2026-03-02T02:01:00Z');
  expect(counted(starts(drive, 20), 'b')).toBe(10);
});

test('backfill is served once in 64 starts, however much else there is', () => {
  const drive = estate({ ...many('s', 300, { schedule: daily }), old: { schedule: '0 0 1 1 *' } }, {});
  drive.apply({ jobs: { back: { schedule: '0 3 * * *' } } });
  backfill(drive, 'back', 4);
  const found = starts(drive, 200);
  const places = found.flatMap((name, i) => (name === 'back' ? [i] : []));
  expect(places).toHaveLength(3);
  expect(Math.max(...places.map((place, i) => place - (places[i - 1] ?? -1)))).toBeLessThanOrEqual(64);
});

const TEAMS = ['ads', 'bi', 'crm'];
const arrival = fc.record({
  team: fc.nat(2),
  priority: fc.constantFrom(1, 30, 50, 70, 100),
  lane: fc.constantFrom('manual', 'scratch', 'backfill'),
});
const pool = fc.record(
  {
    lanes: fc.dictionary(
      fc.constantFrom('scheduled', 'chain', 'manual', 'scratch', 'backfill'),
      fc.constantFrom(0, 1, 5),
    ),
    teams: fc.record({
      by: fc.constant('owner'),
      weights: fc.dictionary(fc.constantFrom(...TEAMS), fc.constantFrom(0.1, 1, 9)),
    }),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<PoolDefinition>;

test('nothing starves: what waits at first starts, while more important work never ends', () => {
  const property = fc.property(fc.array(arrival, { minLength: 1, maxLength: 6 }), pool, (waiting, shares) => {
    const jobs: Record<string, JobDefinition> = { hog: {} };
    waiting.forEach(({ team, priority, lane }, i) => {
      const schedule = lane === 'backfill' ? { schedule: '0 3 * * *' } : {};
      jobs[`w${i}`] = { ...schedule, priority, owner: TEAMS[team] ?? '' };
    });
    TEAMS.forEach((owner) => (jobs[`vip-${owner}`] = { priority: 200, owner }));
    const drive = estate(jobs, shares);
    byHand(drive, 'hog');
    waiting.forEach(({ lane }, i) => {
      if (lane === 'backfill') backfill(drive, `w${i}`, 1);
      else byHand(drive, `w${i}`);
    });
    let started = 0;
    for (let i = 0; i < 64 * (waiting.length + 2) && started < waiting.length; i++) {
      // Work of the highest priority and of every team comes as fast as slots are freed.
      const job = `vip-${TEAMS[i % 3]}`;
      const slot = { by: 'adHoc', key: `v${i}`, asOf: drive.state.now } as const;
      drive.request({ type: 'run.now', job, slot, params: {} });
      started += counted(starts(drive, 1), 'w');
    }
    expect(started).toBe(waiting.length);
  });
  fc.assert(property, { numRuns: 8, seed: 20_261_124 });
}, 60_000);
