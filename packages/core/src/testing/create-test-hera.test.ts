import { afterEach, describe, expect, it } from 'vitest';
import { defineGroup, defineJob } from '../embed/define.js';
import { createTestHera } from './create-test-hera.js';
import type { TestHera, TestHeraOptions } from './create-test-hera.js';

const shop = defineGroup('shop', {
  zone: 'Asia/Shanghai',
  defaults: { retry: { attempts: 3, delay: '1s' } },
});
const orders = defineJob('orders', {
  group: shop,
  schedule: '0 2 * * *',
  run: ({ slot }) => ({ day: slot.day, rows: 42 }),
});
const report = defineJob('report', {
  group: shop,
  after: { orders },
  run: ({ upstream }) => `${upstream.orders.value.rows} rows on ${upstream.orders.value.day}`,
});

let started: TestHera | null = null;
const start = async (options: TestHeraOptions) => (started = await createTestHera(options));
afterEach(async () => {
  await started?.stop();
  started = null;
});

describe('createTestHera', () => {
  it('lets a test say how attempts go, and when to look', async () => {
    const t = await start({ jobs: [orders, report], at: '2026-03-28T00:00+08:00' });
    t.fate(orders, [
      { fail: 1, after: '30s' },
      { fail: 1, after: '30s' },
      { ok: { day: '2026-03-28', rows: 1 }, after: '40m' },
    ]);
    await t.advanceTo('2026-03-28T02:10+08:00');
    expect(t.why(report)).toMatchObject([{ code: 'UPSTREAM_RUNNING' }]);
    await t.advanceTo('2026-03-28T06:00+08:00');
    expect(t.runs(report)).toMatchObject([{ phase: 'succeeded' }]);
    expect(t.runs(orders)).toMatchObject([{ phase: 'succeeded', attempts: 3 }]);
    const detail = await t.hera.get(t.runs(report)[0]!.id);
    expect(detail?.attemptList.at(-1)?.result).toBe('"1 rows on 2026-03-28"');
  });

  it('calls functions without a fate for real', async () => {
    const t = await start({ jobs: [orders, report], at: '2026-03-28T01:59:59.999+08:00' });
    await t.advance(1);
    const [run] = t.runs(report);
    expect(run).toMatchObject({ phase: 'succeeded', endedAt: Date.parse('2026-03-28T02:00+08:00') });
  });

  it('passes a month of days in order', async () => {
    const t = await start({ jobs: [orders, report], at: '2026-03-01T00:00+08:00' });
    await t.advanceTo('2026-04-01T00:00+08:00');
    const days = t.runs(report).map(({ slot }) => slot.day);
    expect(days).toHaveLength(31);
    expect(days).toEqual([...days].sort().reverse());
  });

  it('keeps an attempt going until it is canceled, or times out', async () => {
    const slow = defineJob('slow', { timeout: '1h', script: 'sleep infinity' });
    const t = await start({ jobs: [slow], at: '2026-03-28T00:00Z' });
    t.fate(slow, [{ hang: true }]);
    const timed = await t.hera.submit('slow', { key: 'timed' });
    const canceled = await t.hera.submit('slow', { key: 'canceled' });
    await t.advance('30m');
    await t.hera.cancel('slow@a:canceled', { reason: 'enough' });
    await t.advance('1h');
    expect(await timed.result()).toMatchObject({ phase: 'failed', runs: [{ reason: 'timeout' }] });
    expect(await canceled.result()).toMatchObject({ phase: 'canceled', runs: [{ reason: 'canceled' }] });
  });
});
