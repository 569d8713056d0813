/**
 * Plans in scenarios: how they are asked for in a line of text, and counts of them instead of every event.
 */
import { planRequest, readPlanHours, readPlanSelection, selectJobs } from '../kernel/index.js';
import type { PlanRequest, SchedulerState } from '../kernel/index.js';
import { instant } from '../model/ids.js';
import type { JobDefinition } from '../model/job.js';
import type { PlanPreview } from '../model/views.js';

/** How a scenario reads runs and times. */
interface Reading {
  readonly run: (text: string) => string;
  readonly time: (text: string) => number;
  readonly zone: string;
}

type PlanOfState = SchedulerState['plans'] extends Map<number, infer Plan> ? Plan : never;

/**
 * `backfill dw0* from=2026-11-21 to=2026-11-23 exclude=dw01-3 p.db=new parallel=2 hours=22:00-06:00 stop`;
 * bare words are the selection, a word with a minus before it is left out. Dates are business dates where
 * both are given without `T`, in a backfill and a rerun.
 */
export function scenarioPlan(verb: string, words: readonly string[], reading: Reading): PlanRequest {
  const option = (name: string) => words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
  const count = (name: string) => (option(name) === undefined ? undefined : Number(option(name)));
  const flags = new Set(['downstream', 'stop']);
  const bare = words.filter((word) => !word.includes('=') && !flags.has(word));
  const excluded = bare.filter((word) => word.startsWith('-')).map((word) => word.slice(1));
  const names = bare.filter((word) => !word.startsWith('-'));
  const [from = '', to = ''] = option('hours')?.split('-') ?? [];
  const options = {
    exclude: excluded.map((word) => (word.includes('@') ? reading.run(word) : word)),
    only: option('only') as PlanRequest['only'] | undefined,
    parallel: count('parallel'),
    runningMax: count('running'),
    hours: from === '' ? undefined : readPlanHours({ from, to, zone: reading.zone }),
    onFailure: words.includes('stop') ? ('stop' as const) : undefined,
    downstream: words.includes('downstream'),
    params: Object.fromEntries(
      words
        .filter((word) => word.startsWith('p.'))
        .map((word) => word.slice(2).split('=') as [string, string]),
    ),
  };
  if (verb === 'rerun-chain') {
    const runs = names.map((name) => ({ run: reading.run(name), up: 0, down: null }));
    return planRequest('rerunChain', { ...options, runs });
  }
  const span = spanOf({ from: option('from') ?? '', to: option('to') ?? option('from') ?? '' }, reading);
  if (verb === 'rerun')
    return planRequest('rerun', { ...options, ...readPlanSelection(names.join(' ')), span });
  return planRequest('backfill', { ...options, only: options.only ?? 'all', select: names.join(' '), span });
}

function spanOf(
  range: { readonly from: string; readonly to: string },
  { time }: Reading,
): PlanRequest['span'] {
  const { from, to } = range;
  if (from === '') return null;
  if (!from.includes('T') && !to.includes('T')) return { by: 'date', from, to };
  return { by: 'instant', from: instant(time(from)), to: instant(time(to)) };
}

/** What a preview says, in two lines. */
export function previewLines(preview: PlanPreview): string[] {
  const { total, dates, excluded, estimate, runs } = preview;
  const hours = (ms: number) => `${Math.round(ms / 360_000) / 10} h`;
  const days = dates.map(({ date, count }) => `${date} (${count})`).join(', ');
  return [
    `${total} members on ${days}; ${excluded} left out`,
    `${hours(estimate.workMs)} of work in ${hours(estimate.spanMs)}; first ${runs[0]}, last ${runs.at(-1)}`,
  ];
}

/** How far a plan has come, in a line. */
export const planLine = ({ id, state, members, succeeded, failed, running, dates, nextDate }: PlanOfState) =>
  `plan ${id} ${state}: ${succeeded} of ${members.size} succeeded, ${failed} failed, ${running} running; ` +
  `${nextDate} of ${dates.length} dates opened`;

/** How often the runs of the jobs have been begun, and with which parameters the last time. */
export function timesLine(state: SchedulerState, selection: string): string {
  const counts = new Map<string, number>();
  for (const name of selectJobs(state, selection)) {
    for (const r of state.jobsByName.get(name)?.slots ?? []) {
      const params = JSON.stringify(state.extras.get(r)?.params ?? {});
      const text = `${state.runs.attempts[r]} attempts, last with ${params}`;
      counts.set(text, (counts.get(text) ?? 0) + 1);
    }
  }
  const parts = [...counts].sort().map(([text, count]) => `${count} runs: ${text}`);
  return `${selection}  ${parts.join('; ')}`;
}

/** So many chains of jobs, each behind the one before: `dw007-2` runs after `dw007-1`. */
export function chains(
  name: string,
  size: { readonly chains: number; readonly length: number },
  first: JobDefinition,
): Record<string, JobDefinition> {
  const { schedule, ...all } = first;
  const jobs: Record<string, JobDefinition> = {};
  for (let chain = 0; chain < size.chains; chain++) {
    const prefix = `${name}${String(chain).padStart(3, '0')}`;
    for (let i = 0; i < size.length; i++) {
      const link =
        i === 0
          ? { ...(schedule !== undefined && { schedule }) }
          : { after: { [`${prefix}-${i - 1}`]: 'same' as const } };
      jobs[`${prefix}-${i}`] = { ...all, ...link };
    }
  }
  return jobs;
}
