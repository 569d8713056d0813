/** Runs by filter and in pages, and one run with all that hangs on it. */
import { isSchedulerError } from '../../model/errors.js';
import type { PageRequest, Queries, RunFilter } from '../../ports/queries.js';
import { expectEqual, expectRejection, expectThat, leadAndCommit, put } from '../store-cases/case.js';
import { BASE, HOUR_MS, RUNS, slotKey } from './case.js';
import type { QueriesCase, QueriesHarness } from './case.js';

/** All runs of a filter, gathered in pages of two. */
async function idsOf(queries: Queries, filter: RunFilter): Promise<readonly string[]> {
  const ids: string[] = [];
  let request: PageRequest = { limit: 2 };
  for (;;) {
    const page = await queries.runs(filter, request);
    ids.push(...page.items.map(({ id }) => id));
    if (page.next === null) return ids;
    request = { limit: 2, after: page.next };
  }
}

const FILTERS: readonly {
  readonly name: string;
  readonly filter: RunFilter;
  readonly ids: readonly string[];
}[] = [
  {
    name: 'all, newest slot first, ties by the key',
    filter: {},
    ids: ['ods@05', 'dws@04', 'ods@04', 'dws@a:fix-1', 'ods@a:fix-1', 'dws@03', 'ods@03', 'dws@02', 'ods@02'],
  },
  {
    name: 'of one job, ad hoc ones in their place',
    filter: { job: 'ods' },
    ids: ['ods@05', 'ods@04', 'ods@a:fix-1', 'ods@03', 'ods@02'],
  },
  { name: 'of a job that does not exist', filter: { job: 'nobody' }, ids: [] },
  {
    name: 'in one phase',
    filter: { phases: ['failed'] },
    ids: ['ods@04', 'ods@a:fix-1', 'dws@03', 'dws@02'],
  },
  {
    name: 'in several phases',
    filter: { phases: ['running', 'failed'] },
    ids: ['dws@04', 'ods@04', 'ods@a:fix-1', 'dws@03', 'dws@02'],
  },
  { name: 'in no phase at all', filter: { phases: [] }, ids: [] },
  { name: 'of one job in one phase', filter: { job: 'dws', phases: ['failed'] }, ids: ['dws@03', 'dws@02'] },
  {
    name: 'between two instants, both included',
    filter: { from: BASE + HOUR_MS, to: BASE + 2 * HOUR_MS },
    ids: ['dws@04', 'ods@04', 'dws@a:fix-1', 'ods@a:fix-1', 'dws@03', 'ods@03'],
  },
  {
    name: 'of one job in a phase between two instants',
    filter: { job: 'ods', phases: ['succeeded', 'failed'], from: BASE + HOUR_MS, to: BASE + 2 * HOUR_MS },
    ids: ['ods@04', 'ods@a:fix-1', 'ods@03'],
  },
  { name: 'of one submission', filter: { submission: 'fix-1' }, ids: ['dws@a:fix-1', 'ods@a:fix-1'] },
  {
    name: 'of one submission in a phase',
    filter: { submission: 'fix-1', phases: ['failed'] },
    ids: ['ods@a:fix-1'],
  },
];

/** `ods@04` stands for `ods@20261123T040000Z`. */
const longId = (id: string) => id.replace(/@(\d\d)$/, '@20261123T$10000Z');

export const RUN_CASES: readonly QueriesCase[] = [
  ...FILTERS.map(({ name, filter, ids }) => ({
    name: `runs: ${name}`,
    async run({ store, queries }: QueriesHarness) {
      await (
        await leadAndCommit(store)
      )(...RUNS);
      expectEqual(await idsOf(queries, filter), ids.map(longId), JSON.stringify(filter));
    },
  })),
  {
    name: 'runs: a run as people see it, its day in its own zone',
    async run({ store, queries }) {
      await (
        await leadAndCommit(store)
      )(...RUNS);
      const page = await queries.runs(
        { job: 'ods', phases: ['failed'], to: BASE + 2 * HOUR_MS },
        { limit: 1 },
      );
      const instant = BASE + 2 * HOUR_MS;
      const slot = {
        key: slotKey(2),
        instant,
        interval: { start: instant - 24 * HOUR_MS, end: instant },
        businessDate: '2026-11-22',
        day: '2026-11-23',
        zone: 'Asia/Shanghai',
      };
      const expected = {
        id: longId('ods@04'),
        job: 'ods',
        slot,
        phase: 'failed',
        reason: null,
        generation: 1,
        attempts: 1,
        submission: null,
        createdAt: instant,
        endedAt: null,
      };
      expectEqual(page.items, [expected], 'the run');
    },
  },
  {
    name: 'runs: a page goes on where the last one ended, though the run has changed phase',
    async run({ store, queries }) {
      const commit = await leadAndCommit(store);
      await commit(...RUNS);
      const first = await queries.runs({ phases: ['failed'] }, { limit: 2 });
      await commit(put('run', [1, 'a:fix-1', ''], { phase: 'running' }));
      const second = await queries.runs({ phases: ['failed'] }, { limit: 2, after: first.next ?? '' });
      expectEqual(
        second.items.map(({ id }) => id),
        ['dws@03', 'dws@02'].map(longId),
        'the second page',
      );
      expectEqual(second.next, null, 'nothing follows');
    },
  },
  {
    name: 'runs: a page cannot go on after a run that is gone',
    async run({ store, queries }) {
      const commit = await leadAndCommit(store);
      await commit(...RUNS);
      for (const filter of [{}, { job: 'ods' }, { phases: ['failed'] as const }]) {
        const error = await expectRejection(
          queries.runs(filter, { after: '[1,"t:20261123T090000Z",""]' }),
          JSON.stringify(filter),
        );
        expectThat(isSchedulerError(error, 'STATE_CONFLICT'), `STATE_CONFLICT, found ${String(error)}`);
      }
    },
  },
  {
    name: 'pages: a limit or a place that cannot be is refused',
    async run({ queries }) {
      for (const page of [
        { limit: 0 },
        { limit: 1_001 },
        { after: 'x' },
        { after: '[1]' },
        { after: '{}' },
      ]) {
        const error = await expectRejection(queries.runs({}, page), JSON.stringify(page));
        expectThat(isSchedulerError(error, 'OPTION_INVALID'), `OPTION_INVALID, found ${String(error)}`);
      }
    },
  },
  {
    name: 'run: with its generations, attempts and bindings',
    async run({ store, queries }) {
      const key = [2, slotKey(1), ''] as const;
      await (
        await leadAndCommit(store)
      )(
        ...RUNS,
        put('generation', [...key, 1], { trigger: 'schedule', track: 'main', phase: 'failed', releases: 1 }),
        put('generation', [...key, 2], { trigger: 'runNow', track: 'side', params: '{"d":"1"}', plan: 4 }),
        put('attempt', [...key, 1], { g: 1, state: 'failed', exitCode: 2, failure: 'user', worker: 'w1' }),
        put('binding', [...key, 1, 0], {
          instants: JSON.stringify([BASE, BASE + HOUR_MS]),
          need: 2,
          why: 'allIn',
        }),
        put('binding', [...key, 1, 1], { fromInstant: BASE, toInstant: BASE + HOUR_MS, need: 2 }),
        put('binding', [...key, 7, 0], { adHocKey: 'a:k', need: 1 }),
      );
      const run = await queries.run(longId('dws@03'));
      expectEqual(
        run?.generations.map(({ g, track, releases, plan, params }) => [g, track, releases, plan, params]),
        [
          [1, 'main', true, null, {}],
          [2, 'side', false, 4, { d: '1' }],
        ],
        'generations',
      );
      expectEqual(
        run?.attemptList.map(({ id, g, state, exitCode, failure }) => [id, g, state, exitCode, failure]),
        [[`${longId('dws@03')}/1`, 1, 'failed', 2, 'user']],
        'attempts',
      );
      const both = ['ods@02', 'ods@03'].map(longId);
      expectEqual(
        run?.bindings,
        [
          { upstream: 'ods', runs: both, count: 2, need: 2, why: 'allIn' },
          { upstream: 'ods', runs: both, count: 2, need: 2, why: '' },
          { upstream: '#7', runs: ['#7@a:k'], count: 1, need: 1, why: '' },
        ],
        'bindings',
      );
    },
  },
  {
    name: 'run: undefined for what is not there and for a text that names no run',
    async run({ store, queries }) {
      await (
        await leadAndCommit(store)
      )(...RUNS);
      const ids = ['dws@20261123T060000Z', 'nobody@20261123T020000Z', 'dws', '', 'dws@tomorrow'];
      for (const id of ids) expectEqual(await queries.run(id), undefined, `run "${id}"`);
    },
  },
];
