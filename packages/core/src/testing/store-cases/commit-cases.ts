/** Commits: applied whole and in order, or fenced and without a trace. */
import type { FieldValue, Write } from '../../model/tables.js';
import {
  add,
  committer,
  expectEqual,
  expectRejection,
  fullRow,
  lead,
  leadAndCommit,
  loadAll,
  LONG_MS,
  put,
  readOne,
  remove,
} from './case.js';
import type { StoreCase } from './case.js';

const RUN = [7, 't:20261123T020000Z', ''] as const;
const LONG_TEXT_LENGTH = 1_000_000;

/** Values at the edge of what a field may hold, each in a field of that type. */
const EDGES: readonly { readonly name: string; readonly field: string; readonly value: FieldValue }[] = [
  { name: 'the largest safe integer', field: 'endedAt', value: Number.MAX_SAFE_INTEGER },
  { name: 'the smallest safe integer', field: 'endedAt', value: Number.MIN_SAFE_INTEGER },
  { name: 'zero', field: 'endedAt', value: 0 },
  { name: 'null', field: 'endedAt', value: null },
  { name: 'an integer past 32 bits', field: 'endedAt', value: 4_294_967_297 },
  { name: 'the empty text', field: 'message', value: '' },
  { name: 'a text that looks like a number', field: 'message', value: '007.10' },
  { name: 'quotes, backslashes and line ends', field: 'message', value: `'"\\\r\n\t%_;--` },
  { name: 'Chinese', field: 'message', value: '调休：数据仓库' },
  { name: 'characters outside the first plane', field: 'message', value: '🦊𠮷e\u0301' },
  { name: 'spaces at the end', field: 'message', value: ' a  ' },
  { name: 'a long text', field: 'message', value: 'x'.repeat(LONG_TEXT_LENGTH) },
  { name: 'JSON, kept to the letter', field: 'result', value: '{"b": 1.0,  "a":[null,"\\u00e9"], "b":2}' },
];

const APPLY_CASES: readonly StoreCase[] = [
  {
    name: 'commit: applies its writes and moves the commit number',
    async run({ store, rival }) {
      const lease = await lead(store);
      const writes = [put('meta', ['zone'], { value: '"UTC"' }), put('pool', ['hive'], { at: 5 })];
      expectEqual(await store.commit({ epoch: lease.epoch, commitNo: 1, writes }), 'applied', 'the commit');
      expectEqual((await rival.readLease())?.commitNo, 1, 'the commit number');
      expectEqual(
        await loadAll(rival, 0),
        [fullRow('meta', ['zone'], { value: '"UTC"' }), fullRow('pool', ['hive'], { at: 5 })],
        'all rows',
      );
    },
  },
  {
    name: 'commit: put sets the fields it names and leaves the others',
    async run({ store }) {
      const commit = await leadAndCommit(store);
      await commit(put('run', RUN, { phase: 'queued', attempts: 1, reason: 'exit' }));
      await commit(put('run', RUN, { phase: 'running', reason: null }));
      const expected = fullRow('run', RUN, { phase: 'running', attempts: 1 });
      expectEqual(await readOne(store, 'run', RUN), expected, 'the merged row');
    },
  },
  {
    name: 'commit: a put that names no field makes an empty row, and leaves one that is there',
    async run({ store }) {
      const commit = await leadAndCommit(store);
      await commit(put('pool', ['a'], {}), put('pool', ['b'], { at: 3 }), put('pool', ['b'], {}));
      const expected = [fullRow('pool', ['a'], {}), fullRow('pool', ['b'], { at: 3 })];
      expectEqual(await store.read('pool', {}), expected, 'both rows');
    },
  },
  {
    name: 'commit: deleting what is not there changes nothing',
    async run({ store }) {
      const commit = await leadAndCommit(store);
      await commit(put('pool', ['a'], { at: 1 }), remove('pool', ['b']), remove('run', RUN));
      expectEqual(await store.read('pool', {}), [fullRow('pool', ['a'], { at: 1 })], 'the other row');
      await commit(remove('pool', ['a']));
      expectEqual(await store.read('pool', {}), [], 'after deleting what is there');
    },
  },
  {
    name: 'commit: add makes the row, counts up and down, and starts from null as from zero',
    async run({ store }) {
      const commit = await leadAndCommit(store);
      const key = ['2026-11-23', 7, 'running'] as const;
      await commit(add('day_count', key, 'runs', 2));
      expectEqual(await readOne(store, 'day_count', key), fullRow('day_count', key, { runs: 2 }), 'made');
      await commit(add('day_count', key, 'runs', 3), add('day_count', key, 'runs', -1));
      expectEqual(await readOne(store, 'day_count', key), fullRow('day_count', key, { runs: 4 }), 'counted');
      await commit(put('plan', [1], { type: 'backfill' }), add('plan', [1], 'failed', 1));
      const plan = fullRow('plan', [1], { type: 'backfill', failed: 1 });
      expectEqual(await readOne(store, 'plan', [1]), plan, 'null counts as zero');
    },
  },
  {
    name: 'commit: writes to one key are applied in their order',
    async run({ store }) {
      const commit = await leadAndCommit(store);
      const writes: readonly Write[] = [
        put('plan', [1], { state: 'running', total: 5, succeeded: 1 }),
        remove('plan', [1]),
        put('plan', [1], { state: 'draft' }),
        add('plan', [1], 'total', 2),
        put('plan', [2], { total: 9 }),
        add('plan', [2], 'total', 1),
        put('plan', [2], { total: 20 }),
        put('plan', [3], { state: 'draft' }),
        put('plan', [3], { state: 'paused', total: 1 }),
        add('plan', [3], 'total', 1),
        add('plan', [3], 'failed', 4),
        put('plan', [4], { state: 'draft' }),
        remove('plan', [4]),
      ];
      await commit(...writes);
      const expected = [
        fullRow('plan', [1], { state: 'draft', total: 2 }),
        fullRow('plan', [2], { total: 20 }),
        fullRow('plan', [3], { state: 'paused', total: 2, failed: 4 }),
      ];
      expectEqual(await store.read('plan', {}), expected, 'the rows after the commit');
    },
  },
  {
    name: 'commit: keys differ by case, by spaces at the end and by accents',
    async run({ store }) {
      const commit = await leadAndCommit(store);
      const names = ['', ' ', 'A', 'a', 'a ', 'e\u0301', 'é'];
      await commit(...names.map((name, at) => put('pool', [name], { at })));
      const found = await store.read('pool', {});
      expectEqual(new Set(found.map(({ key }) => key[0])).size, names.length, 'rows with keys of their own');
    },
  },
  {
    name: 'commit: thousands of rows in one commit',
    async run({ store }) {
      const commit = await leadAndCommit(store);
      const count = 3_000;
      const keys = Array.from({ length: count }, (_, job) => [job, RUN[1], ''] as const);
      await commit(...keys.map((key) => put('run', key, { instant: key[0], phase: 'waiting', open: 1 })));
      const updates = keys.map((key) => put('run', key, { phase: 'queued', attempts: key[0] }));
      const deletes = keys.slice(0, 10).map((key) => remove('run', key));
      await commit(...updates, ...deletes);
      const found = await store.read('run', { limit: count });
      const expected = keys
        .slice(10)
        .map((key) => fullRow('run', key, { instant: key[0], phase: 'queued', open: 1, attempts: key[0] }));
      expectEqual(found, expected, 'the rows');
    },
  },
  {
    name: 'commit: commits sent without waiting are applied in the order sent',
    async run({ store }) {
      const { epoch } = await lead(store);
      const sent = [1, 2, 3, 4, 5].map((commitNo) =>
        store.commit({ epoch, commitNo, writes: [put('plan', [1], { total: commitNo })] }),
      );
      expectEqual(
        await Promise.all(sent),
        sent.map(() => 'applied'),
        'outcomes',
      );
      expectEqual(await readOne(store, 'plan', [1]), fullRow('plan', [1], { total: 5 }), 'the last one');
    },
  },
  ...EDGES.map(({ name, field, value }) => ({
    name: `commit: keeps ${name}`,
    async run({ store }: { readonly store: Parameters<StoreCase['run']>[0]['store'] }) {
      const commit = await leadAndCommit(store);
      await commit(put('attempt', [...RUN, 1], { [field]: value }));
      const found = await readOne(store, 'attempt', [...RUN, 1]);
      expectEqual(found, fullRow('attempt', [...RUN, 1], { [field]: value }), 'the row');
    },
  })),
];

const FENCE_CASES: readonly StoreCase[] = [
  {
    name: 'fence: nothing is committed before anybody leads',
    async run({ store }) {
      const writes = [put('pool', ['a'], { at: 1 })];
      expectEqual(await store.commit({ epoch: 0, commitNo: 1, writes }), 'fenced', 'epoch 0');
      expectEqual(await store.commit({ epoch: 1, commitNo: 1, writes }), 'fenced', 'epoch 1');
      expectEqual(await loadAll(store, 0), [], 'all rows');
    },
  },
  {
    name: 'fence: an old epoch and a future one apply nothing',
    async run({ store, rival }) {
      const old = await lead(store, 'a');
      await store.releaseLease(old.epoch);
      const current = await lead(rival, 'b');
      const writes = [
        put('pool', ['a'], { at: 1 }),
        add('day_count', ['2026-11-23', 1, 'failed'], 'runs', 1),
      ];
      for (const epoch of [old.epoch, current.epoch + 1]) {
        expectEqual(await store.commit({ epoch, commitNo: 1, writes }), 'fenced', `epoch ${epoch}`);
      }
      expectEqual((await store.readLease())?.commitNo, 0, 'the commit number');
      expectEqual(await loadAll(store, 0), [], 'all rows');
      expectEqual(await store.read('day_count', {}), [], 'the counts');
    },
  },
  {
    name: 'fence: a commit number that is not the next applies nothing',
    async run({ store }) {
      const lease = await lead(store);
      await committer(store, lease)(put('pool', ['a'], { at: 1 }));
      for (const commitNo of [0, 1, 3, 100]) {
        const writes = [put('pool', ['a'], { at: 2 })];
        expectEqual(
          await store.commit({ epoch: lease.epoch, commitNo, writes }),
          'fenced',
          `number ${commitNo}`,
        );
      }
      expectEqual((await store.readLease())?.commitNo, 1, 'the commit number');
      expectEqual(await store.read('pool', {}), [fullRow('pool', ['a'], { at: 1 })], 'the row');
    },
  },
  {
    name: 'fence: a repeat of an applied commit is fenced, and the lease tells that it was applied',
    async run({ store }) {
      const { epoch } = await lead(store);
      const key = ['2026-11-23', 1, 'failed'] as const;
      const repeated = { epoch, commitNo: 1, writes: [add('day_count', key, 'runs', 1)] };
      expectEqual(await store.commit(repeated), 'applied', 'the first time');
      expectEqual(await store.commit(repeated), 'fenced', 'the second time');
      const lease = await store.readLease();
      expectEqual([lease?.epoch, lease?.commitNo], [epoch, 1], '(my epoch, n) means applied');
      expectEqual(
        await readOne(store, 'day_count', key),
        fullRow('day_count', key, { runs: 1 }),
        'counted once',
      );
    },
  },
  {
    name: 'fence: of two leaders who send the same number, one is applied',
    async run({ store, rival, passTime }) {
      const old = await store.acquireLease('a', 40);
      await passTime(40);
      const current = await rival.acquireLease('b', LONG_MS);
      const [late, good] = await Promise.all([
        store.commit({ epoch: old.epoch, commitNo: 1, writes: [put('pool', ['a'], { at: 1 })] }),
        rival.commit({ epoch: current.epoch, commitNo: 1, writes: [put('pool', ['b'], { at: 2 })] }),
      ]);
      expectEqual([late, good], ['fenced', 'applied'], 'the old leader and the new one');
      expectEqual(await rival.read('pool', {}), [fullRow('pool', ['b'], { at: 2 })], 'all pools');
    },
  },
  {
    name: 'fence: a commit that cannot be applied rejects, leaves no trace and may be sent mended',
    async run({ store }) {
      const { epoch } = await lead(store);
      const good = put('pool', ['a'], { at: 1 });
      const bad = [good, put('pool', ['b'], { nothingOfTheKind: 1 })];
      await expectRejection(store.commit({ epoch, commitNo: 1, writes: bad }), 'a field that does not exist');
      const short = [good, put('run', [1], { phase: 'queued' })];
      await expectRejection(store.commit({ epoch, commitNo: 1, writes: short }), 'a key that is too short');
      expectEqual((await store.readLease())?.commitNo, 0, 'the commit number');
      expectEqual(await store.read('pool', {}), [], 'all pools');
      expectEqual(
        await store.commit({ epoch, commitNo: 1, writes: [good] }),
        'applied',
        'without the bad write',
      );
    },
  },
];

export const COMMIT_CASES: readonly StoreCase[] = [...APPLY_CASES, ...FENCE_CASES];
