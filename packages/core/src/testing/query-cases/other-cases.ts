/** Jobs, plans and the stream of events. */
import type { DomainEvent } from '../../model/events.js';
import { expectEqual, expectRejection, leadAndCommit, put, remove } from '../store-cases/case.js';
import { RUNS } from './case.js';
import type { QueriesCase } from './case.js';

export const OTHER_CASES: readonly QueriesCase[] = [
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
