/** What a case of the queries is, and the runs that most of them look at. */
import type { Write } from '../../model/tables.js';
import type { Queries } from '../../ports/queries.js';
import type { Store } from '../../ports/store.js';
import { put } from '../store-cases/case.js';

/** A fresh, empty store and the queries over it. */
export interface QueriesHarness {
  readonly store: Store;
  readonly queries: Queries;
}

/** One promise of the Queries port. `run` rejects with what was found and what was expected. */
export interface QueriesCase {
  readonly name: string;
  run(harness: QueriesHarness): Promise<void>;
}

export const HOUR_MS = 3_600_000;
/** 2026-11-23T02:00:00Z. */
export const BASE = 1_795_399_200_000;
export const slotKey = (hour: number) => `t:20261123T${String(hour + 2).padStart(2, '0')}0000Z`;

function runWrite(job: number, hour: number, phase: string): Write {
  const instant = BASE + hour * HOUR_MS;
  return put('run', [job, slotKey(hour), ''], {
    instant,
    start: instant - 24 * HOUR_MS,
    end: instant,
    businessDate: '2026-11-22',
    zone: 'Asia/Shanghai',
    createdAt: instant,
    generation: 1,
    phase,
    attempts: 1,
    open: phase === 'running' ? 1 : 0,
  });
}

/** Two jobs, their runs of some hours, and a submission of both. */
export const RUNS: readonly Write[] = [
  put('job', [1], { name: 'ods', state: 'enabled', revision: 3, definition: '{"group":"dw","kind":"hive"}' }),
  put('job', [2], {
    name: 'dws',
    state: 'disabled',
    revision: 1,
    source: 'git',
    definition: '{"title":"汇总"}',
  }),
  ...[0, 1, 2, 3].map((hour) => runWrite(1, hour, hour === 2 ? 'failed' : 'succeeded')),
  ...[0, 1, 2].map((hour) => runWrite(2, hour, hour === 2 ? 'running' : 'failed')),
  put('run', [2, 'a:fix-1', ''], {
    instant: BASE + 90 * 60_000,
    submission: 'fix-1',
    phase: 'succeeded',
    zone: 'UTC',
  }),
  put('run', [1, 'a:fix-1', ''], {
    instant: BASE + 90 * 60_000,
    submission: 'fix-1',
    phase: 'failed',
    zone: 'UTC',
  }),
];
