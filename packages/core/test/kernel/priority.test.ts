/** A run goes as early as the most important run that waits for it. */
import { expect, test } from 'vitest';
import { explain } from '../../src/kernel/index.js';
import { priorityView, setStartBy } from '../../src/kernel/priority.js';
import { findRun } from '../../src/kernel/runs.js';
import { parseRunText } from '../../src/model/ids.js';
import type { RunRef } from '../../src/model/ids.js';
import { Drive } from './drive.js';

const daily = '0 2 * * *';
const SLOT = '20260302T020000Z';
const rowOf = (drive: Drive, run: string) => findRun(drive.state, parseRunText(run) as RunRef);

/** One worker of one slot, held by `hog` while everything else queues. */
function night(jobs: Record<string, object>): Drive {
  const drive = new Drive({ at: '2026-03-02T01:00:00Z', slots: 1 });
  drive.apply({ jobs: { hog: { schedule: '0 0 1 1 *' }, ...jobs } });
  drive.request({
    type: 'run.now',
    job: 'hog',
    slot: { by: 'adHoc', key: 'h', asOf: drive.state.now },
    params: {},
  });
  drive.until('2026-03-02T02:00:00Z');
  return drive;
}

/** The order in which runs start when each ends at once. */
function order(drive: Drive): string[] {
  const started: string[] = [];
  while (drive.ordered.length > 0) {
    const [next = ''] = drive.ordered;
    started.push(next.split('@')[0] ?? '');
    drive.end(next);
  }
  return started;
}

test('the upstreams of an important job go first, through any number of jobs between', () => {
  const drive = night({
    aaa: { schedule: daily },
    raw: { schedule: daily },
    mid: { after: { raw: 'same' }, priority: 10 },
    ceo: { after: { mid: 'same' }, priority: 90 },
  });
  expect(priorityView(drive.state, rowOf(drive, `raw@${SLOT}`))).toEqual({
    own: 50,
    effective: 90,
    from: `ceo@${SLOT}`,
    startBy: null,
  });
  expect(explain(drive.state, `raw@${SLOT}`)).toMatchObject([
    { code: 'POOL_BUSY', details: { priority: 90, priorityFrom: `ceo@${SLOT}` } },
  ]);
  expect(order(drive)).toEqual(['hog', 'raw', 'mid', 'ceo', 'aaa']);
});

test('a run that nobody important waits for any more goes by its own priority again', () => {
  const drive = night({
    aaa: { schedule: daily },
    raw: { schedule: daily, priority: 40 },
    ceo: { after: { raw: 'same' }, priority: 90 },
  });
  drive.request({ type: 'run.cancel', run: `ceo@${SLOT}`, reason: 'not today' });
  expect(priorityView(drive.state, rowOf(drive, `raw@${SLOT}`)).effective).toBe(40);
  expect(order(drive)).toEqual(['hog', 'aaa', 'raw']);
});

test('a run that is queued already moves forward when something important comes to wait for it', () => {
  const drive = night({
    aaa: { schedule: daily },
    raw: { schedule: daily },
    ceo: { schedule: '30 2 * * *', after: { raw: 'latestAtOrBefore' }, priority: 90 },
  });
  expect(priorityView(drive.state, rowOf(drive, `raw@${SLOT}`)).effective).toBe(50);
  drive.until('2026-03-02T02:30:00Z');
  expect(priorityView(drive.state, rowOf(drive, `raw@${SLOT}`)).effective).toBe(90);
  expect(order(drive)).toEqual(['hog', 'raw', 'ceo', 'aaa']);
});

test('one that a limit holds back keeps its place among those held back', () => {
  const needs = { concurrency: ['k'] };
  const drive = night({
    a: { schedule: daily, needs },
    b: { schedule: daily, needs },
    c: { schedule: daily, needs },
    ceo: { schedule: '30 2 * * *', after: { c: 'latestAtOrBefore' }, priority: 90 },
  });
  drive.until('2026-03-02T02:30:00Z');
  expect(order(drive)).toEqual(['hog', 'c', 'ceo', 'a', 'b']);
});

test('within a priority, what must start first for a commitment goes first', () => {
  const drive = night({ a: { schedule: daily }, b: { schedule: daily }, c: { schedule: daily } });
  setStartBy(drive.state, rowOf(drive, `c@${SLOT}`), 29_543_000);
  setStartBy(drive.state, rowOf(drive, `b@${SLOT}`), 29_544_000);
  setStartBy(drive.state, rowOf(drive, `c@${SLOT}`), 29_545_000);
  expect(order(drive)).toEqual(['hog', 'b', 'c', 'a']);
});

test('a new leader hands priorities down as the old one did', () => {
  const drive = night({ raw: { schedule: daily }, ceo: { after: { raw: 'same' }, priority: 90 } });
  drive.failover();
  expect(priorityView(drive.state, rowOf(drive, `raw@${SLOT}`)).effective).toBe(90);
});
