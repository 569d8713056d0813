/**
 * I27: of no pool more than a third is put in quarantine. I28: an incident is open exactly while its cause
 * stands: a run that failed and has not succeeded since, or a worker in quarantine; and no run has failed
 * without one.
 */
import type { RowKey, RowValue } from '../model/tables.js';
import { runKeyText } from './checkers-history.js';
import type { CheckContext, Checker } from './checkers-history.js';

const PARTS = 3;

export const failureCheckers = (): Checker[] => [quarantines(), incidents()];

function quarantines(): Checker {
  const workers = new Map<string, { readonly pools: readonly string[]; readonly isOut: boolean }>();
  return {
    onRow({ table, key, after }, _commit, context) {
      if (table !== 'worker' || !after) return;
      const name = String(key[0]);
      const pools = typeof after['pools'] === 'string' ? (JSON.parse(after['pools']) as string[]) : [];
      const isOut = typeof after['quarantine'] === 'string';
      const wasOut = workers.get(name)?.isOut === true;
      workers.set(name, { pools, isOut });
      if (!isOut || wasOut) return;
      for (const pool of pools) {
        const all = [...workers.values()].filter((worker) => worker.pools.includes(pool));
        const out = all.filter((worker) => worker.isOut).length;
        if (out * PARTS > all.length)
          context.violate('I27', `${out} of ${all.length} workers of pool ${pool} are in quarantine`);
      }
    },
  };
}

function incidents(): Checker {
  /** Failed members that stand, by incident and by run. */
  const standing = new Map<number, Set<string>>();
  const failedRuns = new Map<string, number>();
  const touched = new Set<number>();
  const runs = new Map<string, RowKey>();
  return {
    onRow({ table, key, before, after }) {
      if (table === 'incident') touched.add(Number(key[0]));
      else if (table === 'run') runs.set(runKeyText(key), key);
      else if (table === 'incident_member' && after?.['role'] === 'failed') {
        const incident = Number(key[0]);
        const run = runKeyText(key.slice(1));
        const of = standing.get(incident) ?? new Set();
        standing.set(incident, of);
        if (after['open'] === 1) of.add(run);
        else of.delete(run);
        const by =
          Number(after['open'] === 1) - Number(before?.['open'] === 1 && before['role'] === 'failed');
        failedRuns.set(run, (failedRuns.get(run) ?? 0) + by);
        touched.add(incident);
      }
    },
    onCommitted(_commit, context) {
      for (const id of touched) checkIncident(context, id, standing.get(id)?.size ?? 0);
      for (const [text, key] of runs) checkRun(context, key, failedRuns.get(text) ?? 0);
      touched.clear();
      runs.clear();
    },
  };
}

function checkIncident(context: CheckContext, id: number, count: number): void {
  const row: RowValue = context.rows.get('incident', [id]) ?? {};
  const cause = String(row['cause']);
  const worker =
    row['kind'] === 'worker' ? context.rows.get('worker', [cause.slice('worker '.length)]) : null;
  const stands = worker ? typeof worker['quarantine'] === 'string' : count > 0;
  if (stands !== (row['open'] === 1))
    context.violate('I28', `incident ${id} of ${cause}: open ${row['open']}, its cause stands: ${stands}`);
}

function checkRun(context: CheckContext, key: RowKey, members: number): void {
  const phase = context.rows.get('run', key)?.['phase'];
  if (context.rows.get('job', [Number(key[0])])?.['state'] === 'deleted') return;
  if (phase === 'failed' && members !== 1)
    context.violate('I28', `run ${key.join(' ')} has failed and is in ${members} incidents`);
  if (phase === 'succeeded' && members !== 0)
    context.violate('I28', `run ${key.join(' ')} has succeeded and stands for ${members} incidents`);
}
