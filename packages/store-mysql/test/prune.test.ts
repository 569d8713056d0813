/** Retention takes what is old and over, with all that hangs on it, and nothing else. */
import type { Write } from '@hera/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MysqlStore } from '../dist/index.js';
import { hasMariadb, makeDatabase } from './databases.js';
import type { TestDatabase } from './databases.js';

const PARTS = ['generation', 'attempt', 'binding'] as const;
const REST = { generation: [1], attempt: [1], binding: [9, 0] };

function runWrites(job: number, instant: number, open: number): Write[] {
  const key = [job, `t:${instant}`, ''];
  return [
    { op: 'put', table: 'run', key, value: { instant, open } },
    ...PARTS.map((table): Write => ({ op: 'put', table, key: [...key, ...REST[table]], value: {} })),
  ];
}

describe.skipIf(!hasMariadb)('retention', () => {
  let database: TestDatabase;
  let store: MysqlStore;
  let commit: (writes: readonly Write[]) => Promise<void>;
  beforeEach(async () => {
    database = await makeDatabase();
    store = database.open();
    const { epoch } = await store.acquireLease('a', 600_000);
    let commitNo = 0;
    commit = async (writes) => {
      commitNo += 1;
      expect(await store.commit({ epoch, commitNo, writes })).toBe('applied');
    };
  });
  afterEach(() => database.drop());

  it('deletes ended runs that are old enough, in batches', async () => {
    await commit([
      ...[10, 20, 30].flatMap((instant) => runWrites(1, instant, 0)),
      ...runWrites(2, 10, 1),
      ...runWrites(3, 10, 0),
      ...runWrites(4, 10, 0),
      { op: 'put', table: 'plan', key: [1], value: { state: 'running' } },
      { op: 'put', table: 'plan', key: [2], value: { state: 'succeeded', endedAt: 5 } },
      { op: 'put', table: 'plan_member', key: [1, 3, 't:10', ''], value: {} },
      { op: 'put', table: 'plan_member', key: [2, 4, 't:10', ''], value: {} },
    ]);
    expect(await store.prune({ runsBefore: 30, batch: 2 })).toEqual({ events: 0, runs: 3 });
    // One is young, one still moves, and one belongs to a plan that has not ended.
    const left = [
      [1, 't:30', ''],
      [2, 't:10', ''],
      [3, 't:10', ''],
    ];
    for (const table of ['run', ...PARTS] as const) {
      const keys = (await store.read(table, {})).map(({ key }) => key.slice(0, 3));
      expect(keys).toEqual(left);
    }
    expect((await store.read('plan_member', {})).map(({ key }) => key[0])).toEqual([1]);
    expect(await store.prune({ runsBefore: 30 })).toEqual({ events: 0, runs: 0 });
  });

  it('deletes old events but the newest, and readers who missed some are told', async () => {
    const events = JSON.stringify([{ type: 'group.changed', group: 'dw', actor: 'ann' }]);
    for (const n of [1, 2, 3, 4])
      await commit([{ op: 'put', table: 'event', key: [n], value: { at: n * 10, events } }]);
    expect(await store.prune({ eventsBefore: 30, batch: 1 })).toEqual({ events: 2, runs: 0 });
    expect((await store.read('event', {})).map(({ key }) => key[0])).toEqual([3, 4]);
    expect((await store.events({ commitNo: 2, index: 0 }, 10)).resync).toBe(true);
    expect((await store.events({ commitNo: 3, index: 0 }, 10)).resync).toBe(false);
    expect(await store.prune({ eventsBefore: 1_000 })).toEqual({ events: 1, runs: 0 });
    expect((await store.read('event', {})).map(({ key }) => key[0])).toEqual([4]);
  });

  it('refuses a batch that is no count of rows', async () => {
    for (const batch of [0, 1.5, 10_001]) {
      await expect(store.prune({ batch })).rejects.toMatchObject({ code: 'OPTION_INVALID' });
    }
  });
});
