import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentObserver } from '@hera/core';
import type { Write } from '@hera/core';
import { createSqliteStore } from '@hera/store-sqlite';
import { expect, test } from 'vitest';
import { forgetOld } from './retention.js';

const DAY_MS = 86_400_000;
const NOW = 100 * DAY_MS;

test.each([
  ['the leader keeps a week of events, and the newest', true, [3, 4]],
  ['a follower leaves them to the leader', false, [1, 2, 3, 4]],
])('%s', async (_name, leads, left) => {
  const folder = mkdtempSync(join(tmpdir(), 'hera-retention-'));
  const store = createSqliteStore({ path: join(folder, 'hera.db') });
  try {
    const { epoch } = await store.acquireLease('a', 60_000);
    for (const [index, days] of [30, 8, 6, 0].entries()) {
      const commitNo = index + 1;
      const value = { at: NOW - days * DAY_MS, events: '[]' };
      const writes: Write[] = [{ op: 'put', table: 'event', key: [commitNo], value }];
      expect(await store.commit({ epoch, commitNo, writes })).toBe('applied');
    }
    await forgetOld({ store, leads: () => leads, log: silentObserver }, NOW);
    expect((await store.read('event', {})).map(({ key }) => key[0])).toEqual(left);
  } finally {
    await store.close();
    rmSync(folder, { recursive: true });
  }
});

test('a store that fails is told of, and nothing else', async () => {
  const told: string[] = [];
  const store = { prune: () => Promise.reject(new Error('disk full')) };
  await forgetOld({ store, leads: () => true, log: { log: (_level, message) => told.push(message) } }, NOW);
  expect(told).toEqual(['old events could not be deleted']);
});
