/** What `load` gives a kernel that starts: all that can still move, and what others may look back at. */
import { tableDefinition } from '../../model/tables.js';
import type { RowKey, TableName, Write } from '../../model/tables.js';
import { expectEqual, fullRow, leadAndCommit, loadAll, put } from './case.js';
import type { StoreCase } from './case.js';

const SINCE = 1_000;
/** One job each, so that the key tells which run a row belongs to. */
const OPEN_OLD: RowKey = [1, 't:old-open', ''];
const ENDED_OLD: RowKey = [2, 't:old-ended', ''];
const ENDED_AT_SINCE: RowKey = [3, 't:since', ''];
const ENDED_NEW: RowKey = [4, 't:new-ended', ''];
const ENDED_TIMELESS: RowKey = [5, 't:timeless', ''];
const RUNS = [OPEN_OLD, ENDED_OLD, ENDED_AT_SINCE, ENDED_NEW, ENDED_TIMELESS];

const RUN_WRITES: readonly Write[] = [
  put('run', OPEN_OLD, { instant: SINCE - 500, open: 1 }),
  put('run', ENDED_OLD, { instant: SINCE - 1, open: 0 }),
  put('run', ENDED_AT_SINCE, { instant: SINCE, open: 0 }),
  put('run', ENDED_NEW, { instant: SINCE + 1, open: 0 }),
  put('run', ENDED_TIMELESS, { open: 0 }),
];

/** What each kind of row that hangs on a run needs besides the run's key. */
const PARTS: readonly { readonly table: TableName; readonly rest: RowKey }[] = [
  { table: 'generation', rest: [1] },
  { table: 'generation', rest: [2] },
  { table: 'attempt', rest: [1] },
  { table: 'binding', rest: [9, 0] },
];

/** The runs whose parts are loaded, for a table whose rows hang on a run. */
async function loadedRuns(
  store: Parameters<StoreCase['run']>[0]['store'],
  table: TableName,
): Promise<readonly (string | number | undefined)[]> {
  const commit = await leadAndCommit(store);
  const parts = PARTS.flatMap(({ table: name, rest }) => RUNS.map((run) => put(name, [...run, ...rest], {})));
  await commit(...RUN_WRITES, ...parts);
  const rows = await loadAll(store, SINCE);
  return rows.filter((row) => row.table === table).map(({ key }) => key[0]);
}

export const LOAD_CASES: readonly StoreCase[] = [
  {
    name: 'load: nothing from a new store',
    async run({ store }) {
      expectEqual(await loadAll(store, 0), [], 'all rows');
    },
  },
  {
    name: 'load: whole tables, in the order of the catalogue',
    async run({ store }) {
      const commit = await leadAndCommit(store);
      const rows = [
        fullRow('meta', ['rng'], { value: '[1,2]' }),
        fullRow('calendar', ['cn'], { definition: '{}', at: 1 }),
        fullRow('pool', ['a'], { definition: '{}' }),
        fullRow('pool', ['b'], { definition: '{}' }),
        fullRow('concurrency', ['yarn:root'], { holdersMax: 3 }),
        fullRow('job_group', ['dw/dws'], { definition: '{}' }),
        fullRow('job', [2], { name: 'b', state: 'retired' }),
        fullRow('job', [10], { name: 'a', state: 'enabled' }),
        fullRow('request', ['ann', 'k1'], { digest: 'd', answer: '{}', at: 1 }),
        fullRow('worker', ['w1'], { slots: 4 }),
      ];
      await commit(...[...rows].reverse().map(({ table, key, value }) => put(table, key, value)));
      expectEqual(await loadAll(store, SINCE), rows, 'all rows');
    },
  },
  {
    name: 'load: none of the tables that only pages read',
    async run({ store }) {
      const commit = await leadAndCommit(store);
      await commit(
        put('job_revision', [1, 1], { definition: '{}' }),
        put('event', [1], { at: 1, events: '[]' }),
        put('day_count', ['2026-11-23', 1, 'failed'], { runs: 1 }),
        put('command', ['c'], { request: '{}', at: 1, open: 1 }),
      );
      expectEqual(await loadAll(store, 0), [], 'all rows');
    },
  },
  {
    name: 'load: a run that is open, or whose instant is at or after `since`',
    async run({ store }) {
      expectEqual(await loadedRuns(store, 'run'), [1, 3, 4], 'jobs of the runs');
    },
  },
  {
    name: 'load: all generations of a loaded run',
    async run({ store }) {
      expectEqual(await loadedRuns(store, 'generation'), [1, 1, 3, 3, 4, 4], 'jobs of the generations');
    },
  },
  {
    name: 'load: all bindings of a loaded run',
    async run({ store }) {
      expectEqual(await loadedRuns(store, 'binding'), [1, 3, 4], 'jobs of the bindings');
    },
  },
  {
    name: 'load: every attempt of an open run, none of an ended one',
    async run({ store }) {
      expectEqual(await loadedRuns(store, 'attempt'), [1], 'jobs of the attempts');
    },
  },
  ...(['waive', 'override', 'hold'] as const).map((table) => ({
    name: `load: every ${table} that is open`,
    async run({ store }: Parameters<StoreCase['run']>[0]) {
      const commit = await leadAndCommit(store);
      await commit(put(table, [1], { open: 0 }), put(table, [2], { open: 1 }));
      const rows = (await loadAll(store, SINCE)).filter((row) => row.table === table);
      expectEqual(rows, [fullRow(table, [2], { open: 1 })], `rows of table ${table}`);
    },
  })),
  {
    name: 'load: an attempt that is open, whatever its run',
    async run({ store }) {
      const commit = await leadAndCommit(store);
      await commit(
        ...RUN_WRITES,
        put('attempt', [...OPEN_OLD, 1], { open: 0 }),
        put('attempt', [...OPEN_OLD, 2], { open: 1 }),
        put('attempt', [...ENDED_OLD, 1], { open: 0 }),
        put('attempt', [...ENDED_OLD, 2], { open: 1, state: 'canceling' }),
        put('attempt', [...ENDED_NEW, 1], { open: 0 }),
      );
      const attempts = (await loadAll(store, SINCE)).filter(({ table }) => table === 'attempt');
      const expected = [
        fullRow('attempt', [...OPEN_OLD, 1], { open: 0 }),
        fullRow('attempt', [...OPEN_OLD, 2], { open: 1 }),
        fullRow('attempt', [...ENDED_OLD, 2], { open: 1, state: 'canceling' }),
      ];
      expectEqual(attempts, expected, 'attempts');
    },
  },
  {
    name: 'load: a plan that has not ended, with its members',
    async run({ store }) {
      const commit = await leadAndCommit(store);
      await commit(
        put('plan', [1], { state: 'succeeded', endedAt: 5 }),
        put('plan', [2], { state: 'paused' }),
        put('plan', [3], { state: 'draft', total: 2 }),
        ...[1, 2, 3].map((plan) => put('plan_member', [plan, ...ENDED_OLD], { position: plan })),
      );
      const expected = [
        fullRow('plan', [2], { state: 'paused' }),
        fullRow('plan', [3], { state: 'draft', total: 2 }),
        fullRow('plan_member', [2, ...ENDED_OLD], { position: 2 }),
        fullRow('plan_member', [3, ...ENDED_OLD], { position: 3 }),
      ];
      expectEqual(await loadAll(store, SINCE), expected, 'plans and members');
    },
  },
  {
    name: 'load: overrides and holds that are open',
    async run({ store }) {
      const commit = await leadAndCommit(store);
      const tables = ['override', 'hold'] as const;
      await commit(
        ...tables.flatMap((table) => [
          put(table, [1], { open: 1, reason: 'disk' }),
          put(table, [2], { open: 0 }),
          put(table, [3], { reason: 'never opened' }),
        ]),
      );
      const expected = tables.map((table) => fullRow(table, [1], { open: 1, reason: 'disk' }));
      expectEqual(await loadAll(store, SINCE), expected, 'overrides and holds');
    },
  },
  {
    name: 'load: thousands of rows of every kind, each once',
    async run({ store }) {
      const commit = await leadAndCommit(store);
      const count = 2_100;
      const jobs = Array.from({ length: count }, (_, job) => job);
      const rows = jobs.flatMap((job) => {
        const [old, recent] = [[job, 't:1', ''] as const, [job, 't:2', ''] as const];
        return [
          put('run', old, { open: 1, instant: job % 2 === 0 ? 1 : null }),
          put('run', recent, { open: 0, instant: SINCE + (job % 3) }),
          ...[old, recent].map((run) => put('generation', [...run, 1], {})),
          ...[0, 1].map((ordinal) => put('binding', [...old, 9, ordinal], {})),
          put('attempt', [...old, 1], { open: job % 2 }),
          put('attempt', [...recent, 1], { open: job < 3 ? 1 : 0 }),
        ];
      });
      await commit(...rows);
      const loaded = await loadAll(store, SINCE);
      const keys = new Set(loaded.map(({ table, key }) => `${table} ${key.join(' ')}`));
      expectEqual(keys.size, loaded.length, 'rows that came once');
      const counts = (['run', 'generation', 'attempt', 'binding'] as const).map(
        (table) => loaded.filter((row) => row.table === table).length,
      );
      expectEqual(
        counts,
        [count * 2, count * 2, count + 3, count * 2],
        'runs, generations, attempts, bindings',
      );
    },
  },
  {
    name: 'load: one view, whatever is committed while it is read',
    async run({ store }) {
      const commit = await leadAndCommit(store);
      const keys = Array.from({ length: 2_500 }, (_, job) => [job, 't:x', ''] as const);
      await commit(...keys.map((key) => put('run', key, { open: 1, instant: 1, attempts: 0 })));
      let seen = 0;
      for await (const { value } of store.load(SINCE)) {
        if (seen === 0) await commit(...keys.map((key) => put('run', key, { open: 1, attempts: 1 })));
        expectEqual(value['attempts'], 0, `the run at place ${seen}, as it was when the load began`);
        seen += 1;
      }
      expectEqual(seen, keys.length, 'rows');
    },
  },
  {
    name: 'load: may be left before its end, and begun again',
    async run({ store }) {
      const commit = await leadAndCommit(store);
      await commit(...Array.from({ length: 2_500 }, (_, i) => put('pool', [`pool-${i}`], { at: i })));
      for await (const row of store.load(0)) {
        expectEqual(row.table, 'pool', 'the first row');
        break;
      }
      await commit(put('pool', ['one-more'], {}));
      expectEqual((await loadAll(store, 0)).length, 2_501, 'rows of a whole load');
    },
  },
  {
    name: 'load: every field of every table keeps its type',
    async run({ store }) {
      const commit = await leadAndCommit(store);
      const definition = tableDefinition('generation');
      const value = Object.fromEntries(
        Object.entries(definition.fields).map(([field, type], i) => [
          field,
          type === 'int' ? i : `"${field}"`,
        ]),
      );
      await commit(put('run', OPEN_OLD, { open: 1 }), put('generation', [...OPEN_OLD, 1], value));
      const [, generation] = await loadAll(store, SINCE);
      expectEqual(generation, fullRow('generation', [...OPEN_OLD, 1], value), 'the generation');
    },
  },
];
