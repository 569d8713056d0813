/** Reads of one table by key or index, for pages and the kernel's look-ups, and other servers' commands. */
import { isSchedulerError } from '../../model/errors.js';
import type { RowKey } from '../../model/tables.js';
import type { Range, Store } from '../../ports/store.js';
import { expectEqual, expectRejection, expectThat, fullRow, leadAndCommit, put, remove } from './case.js';
import type { StoreCase } from './case.js';

const PHASES = ['failed', 'queued', 'succeeded'] as const;
/** Jobs 1 to 3 with four slots each; instants repeat across jobs, so that the key must break ties. */
async function fill(store: Store): Promise<void> {
  const commit = await leadAndCommit(store);
  const runs = [1, 2, 3].flatMap((job) =>
    [10, 20, 30, 40].map((instant) =>
      put('run', [job, `t:${instant}`, ''], {
        instant,
        phase: PHASES[job - 1] ?? null,
        open: job === 2 ? 1 : 0,
      }),
    ),
  );
  await commit(...runs, put('run', [9, 'a:adhoc', ''], { phase: 'failed', submission: 'adhoc' }));
}

/** Named reads of the filled table, with the keys they give as `job:slot`. */
const READS: readonly { readonly name: string; readonly range: Range; readonly keys: readonly string[] }[] = [
  {
    name: 'by a prefix of the key',
    range: { prefix: [2] },
    keys: ['2:t:10', '2:t:20', '2:t:30', '2:t:40'],
  },
  { name: 'by the whole key', range: { prefix: [2, 't:20', ''] }, keys: ['2:t:20'] },
  { name: 'nothing by a key that is not there', range: { prefix: [2, 't:21', ''] }, keys: [] },
  {
    name: 'bounds of the field after the prefix, both included',
    range: { prefix: [3], from: 't:20', to: 't:30' },
    keys: ['3:t:20', '3:t:30'],
  },
  {
    name: 'a lower bound alone',
    range: { from: 3 },
    keys: ['3:t:10', '3:t:20', '3:t:30', '3:t:40', '9:a:adhoc'],
  },
  { name: 'an upper bound alone', range: { to: 1 }, keys: ['1:t:10', '1:t:20', '1:t:30', '1:t:40'] },
  { name: 'nothing between crossed bounds', range: { from: 3, to: 2 }, keys: [] },
  { name: 'the last first', range: { descending: true, limit: 2 }, keys: ['9:a:adhoc', '3:t:40'] },
  {
    name: 'the last first within a prefix',
    range: { prefix: [1], descending: true },
    keys: ['1:t:40', '1:t:30', '1:t:20', '1:t:10'],
  },
  { name: 'after a key', range: { prefix: [1], after: [1, 't:20', ''] }, keys: ['1:t:30', '1:t:40'] },
  {
    name: 'after a key that is not there',
    range: { prefix: [1], after: [1, 't:25', ''] },
    keys: ['1:t:30', '1:t:40'],
  },
  {
    name: 'after a key, descending',
    range: { prefix: [1], after: [1, 't:20', ''], descending: true },
    keys: ['1:t:10'],
  },
  {
    name: 'by an index, ties in the order of the key',
    range: { index: 'run_by_time', from: 40 },
    keys: ['1:t:40', '2:t:40', '3:t:40'],
  },
  {
    name: 'by an index, descending, ties too',
    range: { index: 'run_by_time', from: 30, descending: true, limit: 4 },
    keys: ['3:t:40', '2:t:40', '1:t:40', '3:t:30'],
  },
  {
    name: 'by an index, rows without a value first',
    range: { index: 'run_by_time', limit: 2 },
    keys: ['9:a:adhoc', '1:t:10'],
  },
  {
    name: 'by an index, an upper bound leaves out rows without a value',
    range: { index: 'run_by_time', to: 10 },
    keys: ['1:t:10', '2:t:10', '3:t:10'],
  },
  {
    name: 'by an index and a prefix of it',
    range: { index: 'run_by_phase', prefix: ['queued'], from: 20, to: 30 },
    keys: ['2:t:20', '2:t:30'],
  },
  {
    name: 'by an index, after a row',
    range: { index: 'run_by_time', from: 10, after: [2, 't:10', ''], limit: 3 },
    keys: ['3:t:10', '1:t:20', '2:t:20'],
  },
  {
    name: 'by an index, descending after a row without a value',
    range: { index: 'run_by_time', after: [1, 't:10', ''], descending: true },
    keys: ['9:a:adhoc'],
  },
  {
    name: 'by an index, after a row that does not have the prefix any more',
    range: { index: 'run_by_phase', prefix: ['failed'], after: [2, 't:20', ''], limit: 2 },
    keys: ['1:t:30', '1:t:40'],
  },
];

const READ_CASES_BY_RANGE: readonly StoreCase[] = READS.map(({ name, range, keys }) => ({
  name: `read: ${name}`,
  async run({ store }) {
    await fill(store);
    const rows = await store.read('run', range);
    expectEqual(
      rows.map(({ key }) => `${key[0]}:${key[1]}`),
      keys,
      `keys of ${JSON.stringify(range)}`,
    );
  },
}));

const OTHER_READ_CASES: readonly StoreCase[] = [
  {
    name: 'read: gives whole rows',
    async run({ store }) {
      await fill(store);
      const expected = [fullRow('run', [1, 't:10', ''], { instant: 10, phase: 'failed', open: 0 })];
      expectEqual(await store.read('run', { prefix: [1], limit: 1 }), expected, 'the row');
    },
  },
  {
    name: 'read: pages through an index meet every row once',
    async run({ store }) {
      await fill(store);
      for (const descending of [false, true]) {
        const seen: string[] = [];
        let after: RowKey | undefined;
        for (;;) {
          const range = { index: 'run_by_time', limit: 5, descending, ...(after && { after }) };
          const rows = await store.read('run', range);
          seen.push(...rows.map(({ key }) => key.join(' ')));
          after = rows.at(-1)?.key;
          if (rows.length < 5) break;
        }
        const whole = await store.read('run', { index: 'run_by_time', descending });
        expectEqual(
          seen,
          whole.map(({ key }) => key.join(' ')),
          `pages, descending ${descending}`,
        );
        expectEqual(seen.length, 13, 'rows');
      }
    },
  },
  {
    name: 'read: going on in an index after a row that is gone is refused',
    async run({ store }) {
      await fill(store);
      const range = { index: 'run_by_time', after: [1, 't:15', ''] };
      const error = await expectRejection(store.read('run', range), 'reading on after a missing row');
      expectThat(isSchedulerError(error, 'STATE_CONFLICT'), `STATE_CONFLICT, found ${String(error)}`);
    },
  },
  {
    name: 'read: 1,000 rows unless told, and never more than asked for',
    async run({ store }) {
      const commit = await leadAndCommit(store);
      await commit(...Array.from({ length: 1_200 }, (_, i) => put('event', [i], { at: i })));
      expectEqual((await store.read('event', {})).length, 1_000, 'rows by default');
      expectEqual(
        (await store.read('event', { limit: 1_100 })).length,
        1_100,
        'rows when 1,100 are asked for',
      );
      expectEqual((await store.read('event', { limit: 100_000 })).length, 1_200, 'all rows');
      for (const limit of [0, -1, 1.5, 100_001]) {
        const error = await expectRejection(store.read('event', { limit }), `limit ${limit}`);
        expectThat(isSchedulerError(error, 'OPTION_INVALID'), `OPTION_INVALID, found ${String(error)}`);
      }
    },
  },
  {
    name: 'read: texts in the order of their code points, numbers by size',
    async run({ store }) {
      const commit = await leadAndCommit(store);
      const names = ['', ' ', '10', '9', 'B', 'a', 'z', 'é', '中', '\ufffd', '🦊'];
      await commit(...[...names].reverse().map((name) => put('pool', [name], {})));
      await commit(...[100, 9, -5, 2 ** 40].map((id) => put('plan', [id], {})));
      expectEqual(
        (await store.read('pool', {})).map(({ key }) => key[0]),
        names,
        'names',
      );
      expectEqual(
        (await store.read('plan', {})).map(({ key }) => key[0]),
        [-5, 9, 100, 2 ** 40],
        'numbers',
      );
    },
  },
  {
    name: 'read: sees a commit as soon as it is applied',
    async run({ store, rival }) {
      const commit = await leadAndCommit(store);
      for (const at of [1, 2, 3]) {
        await commit(put('pool', ['a'], { at }));
        expectEqual(await store.read('pool', {}), [fullRow('pool', ['a'], { at })], 'in the same store');
        expectEqual(await rival.read('pool', {}), [fullRow('pool', ['a'], { at })], 'in another server’s');
      }
      await commit(remove('pool', ['a']));
      expectEqual(await store.read('pool', {}), [], 'after the delete');
    },
  },
  {
    name: 'read: a table or an index that does not exist is refused',
    async run({ store }) {
      await expectRejection(store.read('run', { index: 'run_by_colour' }), 'an unknown index');
    },
  },
];

const COMMAND_CASES: readonly StoreCase[] = [
  {
    name: 'commands: any server puts them, oldest first, until the leader has taken them',
    async run({ store, rival }) {
      await rival.putCommand({ id: 'c2', request: '{"b":2}', at: 20 });
      await store.putCommand({ id: 'c1', request: '{"a":1}', at: 10 });
      await rival.putCommand({ id: 'c0', request: '{"c":3}', at: 20 });
      const expected = [
        { id: 'c1', request: '{"a":1}', at: 10 },
        { id: 'c0', request: '{"c":3}', at: 20 },
        { id: 'c2', request: '{"b":2}', at: 20 },
      ];
      expectEqual(await store.commands(10), expected, 'open commands');
      expectEqual(await store.commands(1), expected.slice(0, 1), 'the oldest');
      const commit = await leadAndCommit(store);
      await commit(put('command', ['c1'], { answer: '{"ok":true}', open: 0 }));
      expectEqual(await rival.commands(10), expected.slice(1), 'after one was taken');
      const answered = { request: '{"a":1}', answer: '{"ok":true}', at: 10, open: 0 };
      expectEqual(
        await rival.read('command', { prefix: ['c1'] }),
        [fullRow('command', ['c1'], answered)],
        'answer',
      );
    },
  },
  {
    name: 'commands: the same id again changes nothing, taken or not',
    async run({ store }) {
      await store.putCommand({ id: 'c', request: '1', at: 1 });
      await store.putCommand({ id: 'c', request: '2', at: 2 });
      expectEqual(await store.commands(10), [{ id: 'c', request: '1', at: 1 }], 'open commands');
      const commit = await leadAndCommit(store);
      await commit(put('command', ['c'], { open: 0 }));
      await store.putCommand({ id: 'c', request: '3', at: 3 });
      expectEqual(await store.commands(10), [], 'after it was taken and sent again');
    },
  },
];

const DOCUMENT_CASES: readonly StoreCase[] = [
  {
    name: 'documents: any server changes them, all or none, by the version they have',
    async run({ store, rival }) {
      const documents = async () =>
        (await rival.read('document', { prefix: ['key'] })).map(({ key, value }) => [
          key[1],
          value['version'],
          value['body'],
        ]);
      const made = [
        { kind: 'key', id: 'a', version: 0, body: '1' },
        { kind: 'key', id: 'b', version: 0, body: '2' },
        { kind: 'other', id: 'a', version: 0, body: '3' },
      ];
      expectEqual(await store.changeDocuments(made), true, 'new ones');
      expectEqual(
        await rival.changeDocuments([{ kind: 'key', id: 'a', version: 0, body: '4' }]),
        false,
        'again',
      );
      const half = [
        { kind: 'key', id: 'a', version: 1, body: '5' },
        { kind: 'key', id: 'b', version: 2, body: '6' },
      ];
      expectEqual(await rival.changeDocuments(half), false, 'one has another version');
      const before = [
        ['a', 1, '1'],
        ['b', 1, '2'],
      ];
      expectEqual(await documents(), before, 'nothing of it is done');
      const changed = [
        { kind: 'key', id: 'a', version: 1, body: '5' },
        { kind: 'key', id: 'b', version: 1, body: null },
      ];
      expectEqual(await rival.changeDocuments(changed), true, 'both as they are');
      expectEqual(await documents(), [['a', 2, '5']], 'one changed, one gone');
      expectEqual(
        await store.changeDocuments([{ kind: 'key', id: 'b', version: 1, body: null }]),
        false,
        'gone',
      );
      expectEqual(
        await store.changeDocuments([{ kind: 'key', id: 'b', version: 0, body: '7' }]),
        true,
        'anew',
      );
    },
  },
  {
    name: 'documents: of changes at once, one is applied',
    async run({ store, rival }) {
      const add = (to: typeof store, body: string) =>
        to.changeDocuments([{ kind: 'key', id: 'a', version: 0, body }]);
      const done = await Promise.all([add(store, '1'), add(rival, '2'), add(store, '3'), add(rival, '4')]);
      expectEqual(done.filter(Boolean).length, 1, 'changes that were applied');
      const [row] = await store.read('document', {});
      expectEqual(row?.value['body'], String(done.indexOf(true) + 1), 'what is there');
    },
  },
];

export const READ_CASES: readonly StoreCase[] = [
  ...READ_CASES_BY_RANGE,
  ...OTHER_READ_CASES,
  ...COMMAND_CASES,
  ...DOCUMENT_CASES,
];
