/** A night of jobs in milliseconds: time moves when the test says so, and attempts go as the test says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTestHera } from '@hera/core/testing';
import { orders, report } from './jobs.mjs';

await test('the report waits for orders that fail twice', async () => {
  const t = await createTestHera({ jobs: [orders, report], at: '2026-03-28T00:00+08:00' });
  t.fate(orders, [
    { fail: 1, after: '30s' },
    { fail: 1, after: '30s' },
    { ok: { day: '2026-03-28', rows: 1 }, after: '40m' },
  ]);
  await t.advanceTo('2026-03-28T02:10+08:00');
  assert.equal(t.why(report)[0]?.code, 'UPSTREAM_RUNNING');
  await t.advanceTo('2026-03-28T06:00+08:00');
  assert.equal(t.runs(report)[0]?.phase, 'succeeded');
  await t.stop();
});

await test('a week of nights gives a week of reports', async () => {
  const t = await createTestHera({ jobs: [orders, report], at: '2026-03-01T00:00+08:00' });
  await t.advance('7d');
  assert.equal(t.runs(report).length, 7);
  await t.stop();
});
