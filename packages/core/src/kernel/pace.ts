/**
 * Whose slots a job takes: its own schedule's, or those of the upstream that paces it, down to a job that
 * has a schedule. Decided when definitions change, from data alone, so a restart decides the same.
 */
import { instantsBetween } from '../calendar/schedule.js';
import { topologicalOrder } from '../graph/job-graph.js';
import { must } from '../model/assert.js';
import { instant } from '../model/ids.js';
import { isHeraPaced } from './hera-pace.js';
import type { JobRecord } from './records.js';
import type { SchedulerState } from './state.js';
import { NONE } from './tables.js';

const YEAR_MS = 366 * 86_400_000;
/** Schedules finer than this are counted by their nominal period. */
const COUNTED_FROM_MS = 3_600_000;
const COUNT_MAX = 10_000;

/** Sets root and paced of every job anew. Needs a graph without cycles. */
export function settlePaces(state: SchedulerState): void {
  const counts = new Map<number, number>();
  const done = new Set<number>();
  const rootOf = (job: JobRecord): number => {
    if (done.has(job.index)) return job.root;
    done.add(job.index);
    job.root = job.schedule ? job.index : pacedRoot(state, job, { rootOf, counts });
    return job.root;
  };
  const paced: number[][] = state.jobs.map(() => []);
  // Upstream first, so that a chain of any length costs no stack.
  const roots: ReadonlySet<number>[] = [];
  for (const index of topologicalOrder(state.graph) ?? []) {
    const job = must(state.jobs[index], 'job');
    if (job.state === 'deleted') continue;
    const root = rootOf(job);
    // Whose slots an imported job takes is a question of the day: all that can be asked for are noted.
    const possible = isHeraPaced(job)
      ? upstreamsOf(state, job).flatMap((up) => [...(roots[up.index] ?? [])])
      : [root];
    roots[index] = new Set(possible.filter((each) => each !== NONE));
  }
  state.jobs.forEach((job, index) => {
    for (const root of roots[index] ?? []) must(paced[root], 'paced').push(job.index);
  });
  for (const job of state.jobs) job.paced = must(paced[job.index], 'paced');
}

interface Tools {
  readonly rootOf: (job: JobRecord) => number;
  readonly counts: Map<number, number>;
}

function pacedRoot(state: SchedulerState, job: JobRecord, tools: Tools): number {
  const { pace = 'coarsest' } = job.definition;
  const upstreams = upstreamsOf(state, job);
  if (pace !== 'coarsest' && pace !== 'finest') {
    const named = state.jobsByName.get(pace);
    return named ? tools.rootOf(named) : NONE;
  }
  let best: { readonly root: number; readonly count: number; readonly name: string } | null = null;
  for (const up of upstreams) {
    const root = tools.rootOf(up);
    if (root === NONE) continue;
    const count = countSlots(state, root, tools.counts) * (pace === 'finest' ? -1 : 1);
    if (best === null || count < best.count || (count === best.count && up.name < best.name))
      best = { root, count, name: up.name };
  }
  return best?.root ?? NONE;
}

function upstreamsOf(state: SchedulerState, job: JobRecord): JobRecord[] {
  const names = job.edges.map((number) => must(state.edges[number], 'edge').upstream);
  return names
    .filter((name) => name !== job.name)
    .map((name) => must(state.jobsByName.get(name), `upstream ${name}`));
}

/** Slots of the job's schedule in the year after it was saved. */
function countSlots(state: SchedulerState, index: number, counts: Map<number, number>): number {
  const known = counts.get(index);
  if (known !== undefined) return known;
  const job = must(state.jobs[index], 'root');
  const schedule = must(job.schedule, 'schedule of a root');
  const { periodMs } = schedule;
  const fine = periodMs > 0 && periodMs < COUNTED_FROM_MS;
  const count = fine
    ? Math.round(YEAR_MS / periodMs)
    : instantsBetween(schedule, job.since, instant(job.since + YEAR_MS), COUNT_MAX).length;
  counts.set(index, count);
  return count;
}
