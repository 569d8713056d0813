/** Pools and concurrency keys as definitions set them. */
import type { Definitions } from '../model/job.js';
import { PHASE } from './codes.js';
import { openRowsOf } from './job-rules.js';
import { put } from './outbox.js';
import { keyOf, poolOf, pushReady, unpark } from './queue.js';
import type { SchedulerState } from './state.js';

/** Takes over pools and keys; runs that wait for a key that has grown are let go. */
export function applyPools(state: SchedulerState, { pools, concurrency }: Definitions): void {
  for (const [name, definition] of Object.entries(pools ?? {})) {
    const pool = poolOf(state, name);
    const before = pool.definition.teams?.by;
    Object.assign(pool, { definition, declared: true });
    put(state.outbox, 'pool', [name], { definition: JSON.stringify(definition), at: state.now });
    if (before !== definition.teams?.by) queueByTeam(state, name);
  }
  for (const [name, holdersMax] of Object.entries(concurrency ?? {})) {
    const key = keyOf(state, name);
    key.holdersMax = holdersMax;
    unpark(state, key.parked, holdersMax - key.holders.size);
    put(state.outbox, 'concurrency', [name], { holdersMax });
  }
}

/** What names the teams of a pool has changed: its ready runs queue anew. */
function queueByTeam(state: SchedulerState, pool: string): void {
  const jobs = state.jobs.filter(({ policy }) => policy.pool === pool);
  for (const job of jobs) job.queueClass = null;
  const rows = openRowsOf(
    state,
    jobs.map(({ index }) => index),
  );
  for (const r of rows) if (state.runs.phase[r] === PHASE.queued) pushReady(state, r);
}
