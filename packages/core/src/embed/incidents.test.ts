import { afterEach, expect, it } from 'vitest';
import { createTestHera } from '../testing/create-test-hera.js';
import type { TestHera } from '../testing/create-test-hera.js';
import { defineJob } from './define.js';

let started: TestHera | null = null;
afterEach(async () => {
  await started?.stop();
  started = null;
});

const up = defineJob('up', { schedule: '0 2 * * *', run: () => 1 });
const down = defineJob('down', { after: { up }, run: () => 1 });

it('an incident is listed, said things of, and gone when its run has succeeded', async () => {
  const t = await createTestHera({ jobs: [up, down], at: '2026-03-28T00:00Z' });
  started = t;
  t.fate(up, [
    { fail: 1, after: '1m' },
    { ok: 1, after: '1m' },
  ]);
  await t.advanceTo('2026-03-28T03:00Z');
  const [incident] = await t.hera.incidents();
  const [run] = t.runs(up);
  expect(incident).toMatchObject({ kind: 'run', cause: run?.id, failed: 1, blocked: 1, closedAt: null });
  const id = incident?.id ?? 0;
  await t.hera.acknowledge(id, { note: 'the disk is full' });
  await t.hera.assign(id, 'wang');
  await t.hera.snooze(id, '2026-03-28T04:00Z');
  const [said] = await t.hera.incidents();
  expect(said).toMatchObject({ note: 'the disk is full', assignee: 'wang', acknowledgedBy: 'embedder' });
  await expect(t.hera.snooze(id, '2026-03-28T02:00Z')).rejects.toMatchObject({ code: 'OPTION_INVALID' });
  await t.hera.resume(run?.id ?? '');
  await t.advance('1h');
  expect(await t.hera.incidents()).toEqual([]);
  expect(await t.hera.incidents({ all: true })).toMatchObject([{ id, why: 'succeeded' }]);
  await expect(t.hera.releaseWorker('nobody')).rejects.toMatchObject({ code: 'STATE_CONFLICT' });
});
