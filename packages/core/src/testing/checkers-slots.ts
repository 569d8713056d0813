/**
 * I3: every slot of an enabled job is a row, be it a run or a skipped one with its reason. What was due is
 * computed here from the definitions as they were stored, not from what the scheduler made of them.
 */
import { compileSchedule, instantsBetween } from '../calendar/schedule.js';
import { instant, timeSlotKey, zoneName } from '../model/ids.js';
import type { JobDefinition } from '../model/job.js';
import type { RowValue } from '../model/tables.js';
import { kernelTimeOf } from './checkers-history.js';
import type { Checker, CheckContext } from './checkers-history.js';

/** A stretch of kernel time in which a job was what it was. */
interface Stretch {
  readonly state: unknown;
  readonly definition: string;
  readonly since: number;
  until: number;
}

/** A slot that has only just come may still be under way to the database. */
const UNDER_WAY_MS = 120_000;
const SLOTS_MAX = 10_000;

export const slotCheckers = (options: { readonly zone: string }): Checker[] => [slots(options.zone)];

function slots(zone: string): Checker {
  const stretches = new Map<number, Stretch[]>();
  const changed = new Set<number>();
  let kernelMs = 0;
  return {
    onRow({ table, key, before, after }) {
      if (table === 'job' && after && isNewStretch(before, after)) changed.add(Number(key[0]));
    },
    onCommitted(commit, { rows }) {
      kernelMs = kernelTimeOf(commit) ?? kernelMs;
      for (const job of changed) {
        const row = rows.get('job', [job]) ?? {};
        const of = stretches.get(job) ?? [];
        stretches.set(job, of);
        const last = of.at(-1);
        if (last) last.until = Math.min(last.until, kernelMs);
        const since = Number(row['since'] ?? 0);
        of.push({ state: row['state'], definition: String(row['definition']), since, until: Infinity });
      }
      changed.clear();
    },
    atEnd(context) {
      for (const [job, of] of stretches) {
        for (const stretch of of) checkStretch(job, stretch, { zone, kernelMs, context });
      }
    },
  };
}

const isNewStretch = (before: RowValue | null, after: RowValue) =>
  before === null || ['state', 'definition', 'since'].some((field) => before[field] !== after[field]);

function checkStretch(
  job: number,
  { state, definition, since, until }: Stretch,
  {
    zone,
    kernelMs,
    context,
  }: { readonly zone: string; readonly kernelMs: number; readonly context: CheckContext },
): void {
  const { schedule, zone: own } = JSON.parse(definition) as JobDefinition;
  if (state !== 'enabled' || schedule === undefined) return;
  const compiled = compileSchedule(schedule, { zone: zoneName(own ?? zone), calendars: () => null });
  const end = Math.min(until, kernelMs - UNDER_WAY_MS);
  if (end <= since) return;
  const due = instantsBetween(compiled, instant(since - 1), instant(end), SLOTS_MAX);
  let before = -Infinity;
  for (const at of due) {
    if (at <= before) context.violate('I21', `slots of job ${job} do not grow at ${at}`);
    before = at;
    const key = timeSlotKey(at);
    const row = context.rows.get('run', [job, key, '']);
    if (!row) context.violate('I3', `slot ${key} of job ${job} is no row`);
    else if (row['phase'] === 'skipped' && row['reason'] === null) {
      context.violate('I3', `slot ${key} of job ${job} is skipped without a reason`);
    }
  }
}
