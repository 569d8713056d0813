/** What a change would do: which runs go, come, move or wait in vain, and which promises break. */
import { expect, test } from 'vitest';
import { impactOf } from './impact.js';
import type { Definitions, JobDefinition } from './model/job.js';

const FROM = '2026-03-02T00:00:00Z';
const daily = '0 2 * * *';
const minutes = (n: number) => n * 60_000;
const durationsMs = { raw: minutes(60), mid: minutes(60), ceo: minutes(30), other: minutes(5) };

const estate = (jobs: Record<string, JobDefinition> = {}): Definitions => ({
  jobs: {
    raw: { schedule: daily },
    mid: { after: { raw: 'same' } },
    ceo: { after: { mid: 'same' } },
    other: { schedule: daily },
    ...jobs,
  },
  commitments: { board: { jobs: 'ceo', due: '06:00' } },
});

const told = async (after: Definitions, days = 2) => {
  const { counts, runs, commitments } = await impactOf(estate(), after, { from: FROM, days, durationsMs });
  return {
    counts,
    runs: runs.map(({ run, change, waitsFor }) => `${change} ${run}${waitsFor ? ` < ${waitsFor}` : ''}`),
    commitments: commitments.map(({ before, after: state }) => `${before} > ${state}`),
  };
};

test('nothing changes where nothing is changed', async () => {
  expect(await told(estate())).toEqual({
    counts: { gone: 0, new: 0, moved: 0, unmet: 0 },
    runs: [],
    commitments: [],
  });
});

test('a disabled upstream leaves all below it waiting, and the promise breaks', async () => {
  const found = await told(estate({ raw: { schedule: daily, state: 'disabled' } }), 1);
  expect(found.runs).toEqual([
    'unmet ceo@20260302T020000Z < mid@20260302T020000Z',
    'unmet mid@20260302T020000Z < raw@20260302T020000Z',
    'gone raw@20260302T020000Z',
  ]);
  expect(found.commitments).toEqual(['met > breached']);
});

test('a job at another time moves what waits for it, and what does not stays', async () => {
  const found = await told(estate({ raw: { schedule: '0 4 * * *' } }), 1);
  expect(found.runs.sort()).toEqual([
    'gone ceo@20260302T020000Z',
    'gone mid@20260302T020000Z',
    'gone raw@20260302T020000Z',
    'new ceo@20260302T040000Z',
    'new mid@20260302T040000Z',
    'new raw@20260302T040000Z',
  ]);
  expect(found.commitments).toEqual(['met > breached']);
});

test('an edge more moves the run, by as much as what it waits for takes longer', async () => {
  const after = estate({ other: { schedule: daily, after: { mid: 'same' } } });
  expect(await told(after, 1)).toMatchObject({ runs: ['moved other@20260302T020000Z'], commitments: [] });
});

test('a job that is gone takes its runs with it', async () => {
  const { jobs = {}, ...others } = estate();
  const { other, ...left } = jobs;
  expect(other).toBeDefined();
  expect((await told({ ...others, jobs: left })).counts).toEqual({ gone: 2, new: 0, moved: 0, unmet: 0 });
});

test('what cannot be applied is refused', async () => {
  const after = estate({ raw: { schedule: daily, after: { ceo: 'same' } } });
  await expect(told(after)).rejects.toMatchObject({ code: 'GRAPH_CYCLE' });
});
