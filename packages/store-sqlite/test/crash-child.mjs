// @ts-check
/**
 * A leader that commits without end and says each number once it was applied. Every commit puts one row per
 * table part with its own number in all of them, so that a half one shows.
 */
import { createSqliteStore } from '../dist/index.js';

const ROWS_PER_COMMIT = 20;
const store = createSqliteStore({ path: process.argv[2] ?? '' });
const held = await store.readLease();
if (held) await store.releaseLease(held.epoch);
const lease = await store.acquireLease(`child-${process.pid}`, 600_000);

for (let commitNo = lease.commitNo + 1; ; commitNo += 1) {
  /** @type {import('@hera/core').Write[]} */
  const writes = [];
  for (let job = 0; job < ROWS_PER_COMMIT; job += 1) {
    writes.push({ op: 'put', table: 'run', key: [job, 't:x', ''], value: { attempts: commitNo, open: 1 } });
    writes.push({
      op: 'put',
      table: 'generation',
      key: [job, 't:x', '', commitNo],
      value: { tries: commitNo },
    });
  }
  writes.push({ op: 'add', table: 'day_count', key: ['2026-11-23', 1, 'failed'], field: 'runs', by: 1 });
  writes.push({ op: 'put', table: 'event', key: [commitNo], value: { at: commitNo, events: '[]' } });
  const outcome = await store.commit({ epoch: lease.epoch, commitNo, writes });
  if (outcome !== 'applied') throw new Error(`commit ${commitNo} was ${outcome}`);
  process.stdout.write(`${commitNo}\n`);
}
