/**
 * What every implementation of Queries answers over the same rows. SQL stores override the default queries for
 * speed; this suite keeps them from answering anything else.
 */
import { isSchedulerError } from '../model/errors.js';
import type { DomainEvent } from '../model/events.js';
import type { Write } from '../model/tables.js';
import type { PageRequest, Queries, RunFilter } from '../ports/queries.js';
import type { Store } from '../ports/store.js';
import { expectEqual, expectRejection, expectThat, leadAndCommit, put, remove } from './store-cases/case.js';

/** A fresh, empty store and the queries over it. */
export interface QueriesHarness {
  readonly store: Store;
  readonly queries: Queries;
}

/** One promise of the Queries port. `run` rejects with what was found and what was expected. */
export interface QueriesCase {
  readonly name: string;
  run(harness: QueriesHarness): Promise<void>;
}

const HOUR_MS = 3_600_000;
/** 2026-11-23T02:00:00Z. */
const BASE = 1_795_399_200_000;
const slotKey = (hour: number) => `t:20261123T${String(hour + 2).padStart(2, '0')}0000Z`;

function runWrite(job: number, hour: number, phase: string): Write {
  const instant = BASE + hour * HOUR_MS;
  return put('run', [job, slotKey(hour), ''], {
    instant,
    start: instant - 24 * HOUR_MS,
    end: instant,
    businessDate: '2026-11-22',
    zone: 'Asia/Shanghai',
    createdAt: instant,
    generation: 1,
    phase,
    attempts: 1,
    open: phase === 'running' ? 1 : 0,
  });
}

const RUNS: readonly Write[] = [
  put('job', [1], { name: 'ods', state: 'enabled', revision: 3, definition: '{"group":"dw","kind":"hive"}' }),
  put('job', [2], {
    name: 'dws',
    state: 'disabled',
    revision: 1,
    source: 'git',
    definition: '{"title":"汇总"}',
  }),
  ...[0, 1, 2, 3].map((hour) => runWrite(1, hour, hour === 2 ? 'failed' : 'succeeded')),
  ...[0, 1, 2].map((hour) => runWrite(2, hour, hour === 2 ? 'running' : 'failed')),
  put('run', [2, 'a:fix-1', ''], {
    instant: BASE + 90 * 60_000,
    submission: 'fix-1',
    phase: 'succeeded',
    zone: 'UTC',
  }),
  put('run', [1, 'a:fix-1', ''], {
    instant: BASE + 90 * 60_000,
    submission: 'fix-1',
    phase: 'failed',
    zone: 'UTC',
  }),
];

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

const RUN_CASES: readonly QueriesCase[] = [
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

const OTHER_CASES: readonly QueriesCase[] = [
  {
    name: 'jobs: in pages, and one by its name',
    async run({ store, queries }) {
      await (
        await leadAndCommit(store)
      )(...RUNS);
      const ods = {
        id: 1,
        name: 'ods',
        group: 'dw',
        title: '',
        kind: 'hive',
        state: 'enabled',
        revision: 3,
        source: '',
        definition: { group: 'dw', kind: 'hive' },
      };
      const first = await queries.jobs({ limit: 1 });
      expectEqual(first.items, [ods], 'the first page');
      const second = await queries.jobs({ limit: 1, after: first.next ?? '' });
      expectEqual(
        second.items.map(({ name, title, source }) => [name, title, source]),
        [['dws', '汇总', 'git']],
        'next',
      );
      expectEqual(second.next, null, 'nothing follows');
      expectEqual(await queries.job('ods'), ods, 'by name');
      expectEqual(await queries.job('od'), undefined, 'by a name nobody has');
    },
  },
  {
    name: 'plans: newest first, and one by its number',
    async run({ store, queries }) {
      const plan = {
        type: 'backfill',
        state: 'running',
        actor: 'ann',
        reason: 'fix',
        createdAt: 5,
        total: 3,
      };
      await (
        await leadAndCommit(store)
      )(put('plan', [1], plan), put('plan', [2], { ...plan, endedAt: 9 }));
      const page = await queries.plans({ limit: 1 });
      expectEqual(
        page.items.map(({ id, endedAt }) => [id, endedAt]),
        [[2, 9]],
        'the first page',
      );
      const next = await queries.plans({ limit: 1, after: page.next ?? '' });
      expectEqual(
        next,
        { items: [{ id: 1, ...plan, endedAt: null, succeeded: 0, failed: 0 }], next: null },
        'next',
      );
      expectEqual((await queries.plan(2))?.id, 2, 'by number');
      expectEqual(await queries.plan(3), undefined, 'by a number that no plan has');
    },
  },
  {
    name: 'events: in order, after a cursor, cut at the limit within a commit',
    async run({ store, queries }) {
      const commit = await leadAndCommit(store);
      await commit(put('event', [1], { at: 10, events: eventsText('a', 'b') }));
      await commit();
      await commit(put('event', [3], { at: 30, events: eventsText('c', 'd', 'e') }));
      const all = await queries.events({ commitNo: 0, index: 0 }, 100);
      expectEqual(
        all.events.map(({ cursor, at, event }) => [cursor.commitNo, cursor.index, at, nameOf(event)]),
        [
          [1, 0, 10, 'a'],
          [1, 1, 10, 'b'],
          [3, 0, 30, 'c'],
          [3, 1, 30, 'd'],
          [3, 2, 30, 'e'],
        ],
        'all events',
      );
      expectEqual([all.cursor, all.resync], [{ commitNo: 3, index: 2 }, false], 'where to go on');
      const cut = await queries.events({ commitNo: 1, index: 0 }, 2);
      expectEqual(
        cut.events.map(({ event }) => nameOf(event)),
        ['b', 'c'],
        'two after the first',
      );
      expectEqual(cut.cursor, { commitNo: 3, index: 0 }, 'in the midst of a commit');
      const rest = await queries.events(cut.cursor, 100);
      expectEqual(
        rest.events.map(({ event }) => nameOf(event)),
        ['d', 'e'],
        'the rest',
      );
      const none = await queries.events(rest.cursor, 100);
      expectEqual([none.events, none.cursor, none.resync], [[], rest.cursor, false], 'nothing new');
      await expectRejection(queries.events(rest.cursor, 0), 'limit 0');
    },
  },
  {
    name: 'events: a great many, in commits without a gap',
    async run({ store, queries }) {
      const commit = await leadAndCommit(store);
      const count = 200;
      for (let n = 1; n <= count; n += 1)
        await commit(put('event', [n], { at: n, events: eventsText(`${n}`) }));
      const { events } = await queries.events({ commitNo: 0, index: 0 }, 1_000);
      expectEqual(
        events.map(({ cursor }) => cursor.commitNo),
        Array.from({ length: count }, (_, i) => i + 1),
        'all',
      );
    },
  },
  {
    name: 'events: a cursor that is older than what is kept, or from a future, is told to read anew',
    async run({ store, queries }) {
      const commit = await leadAndCommit(store);
      for (let n = 1; n <= 4; n += 1)
        await commit(put('event', [n], { at: n, events: eventsText('x', 'y') }));
      const future = await queries.events({ commitNo: 99, index: 0 }, 10);
      expectEqual(
        [future.events, future.resync, future.cursor],
        [[], true, { commitNo: 4, index: 1 }],
        'a future',
      );
      await commit(
        remove('event', [1]),
        remove('event', [2]),
        put('meta', ['eventsPrunedTo'], { value: '2' }),
      );
      const old = await queries.events({ commitNo: 1, index: 1 }, 10);
      expectEqual([old.events, old.resync, old.cursor], [[], true, { commitNo: 4, index: 1 }], 'an old one');
      const kept = await queries.events({ commitNo: 3, index: 0 }, 10);
      expectEqual([kept.events.length, kept.resync], [3, false], 'one that is kept');
    },
  },
];

const eventsText = (...names: readonly string[]) =>
  JSON.stringify(names.map((group) => ({ type: 'group.changed', group, actor: 'ann' })));
const nameOf = (event: DomainEvent) => (event.type === 'group.changed' ? event.group : event.type);

/** All cases; each needs a harness of its own over an empty store. */
export const queriesContract: readonly QueriesCase[] = [...RUN_CASES, ...OTHER_CASES];
