/** A night of jobs in milliseconds: time moves when the test says so, and attempts go as the test says. */
import { expect, test } from 'vitest';
import { createTestHera } from '@hera/core/testing';
import { orders, report } from './jobs.mjs';

test('the report waits for orders that fail twice', async () => {
  const t = await createTestHera({ jobs: [orders, report], at: '2026-03-28T00:00+08:00' });
  t.fate(orders, [
    { fail: 1, after: '30s' },
    { fail: 1, after: '30s' },
    { ok: { day: '2026-03-28', rows: 1 }, after: '40m' },
  ]);
  await t.advanceTo('2026-03-28T02:10+08:00');
  expect(t.why(report)).toMatchObject([{ code: 'UPSTREAM_RUNNING' }]);
  await t.advanceTo('2026-03-28T06:00+08:00');
  expect(t.runs(report)).toMatchObject([{ phase: 'succeeded' }]);
  await t.stop();
});

test('a week of nights gives a week of reports', async () => {
  const t = await createTestHera({ jobs: [orders, report], at: '2026-03-01T00:00+08:00' });
  await t.advance('7d');
  expect(t.runs(report)).toHaveLength(7);
  await t.stop();
});
