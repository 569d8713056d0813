/**
 * Edges by number: equal ones share one, and links name them so. An edge that an edit took away stays known
 * to its job, because runs that had claimed keep their bindings, over a restart too.
 */
import { must } from '../model/assert.js';
import { put } from './outbox.js';
import type { JobRecord, KernelEdge } from './records.js';
import type { SchedulerState } from './state.js';

/** So many edges that are gone are remembered of a job, the newest; each is a few hundred bytes. */
const FORMER_MAX = 100;

/** Number of the edge in the state's list; equal edges share one. */
export function edgeNumber(state: SchedulerState, edge: KernelEdge): number {
  const text = JSON.stringify(edge);
  const known = state.edgeNumbers.get(text);
  if (known !== undefined) return known;
  const number = state.edges.push(edge) - 1;
  state.edgeNumbers.set(text, number);
  return number;
}

/** Remembers which of the edges before the edit are gone, and forgets those that are back. */
export function keepFormerEdges(state: SchedulerState, job: JobRecord, before: readonly number[]): void {
  const present = new Set(job.edges.map((number) => upstreamId(state, number)));
  const former = new Map(job.formerEdges);
  for (const number of before) {
    const up = upstreamId(state, number);
    if (up !== undefined && !present.has(up)) former.set(up, JSON.stringify(state.edges[number]));
  }
  for (const up of [...former.keys()]) if (present.has(up)) former.delete(up);
  for (const up of [...former.keys()].slice(0, -FORMER_MAX)) former.delete(up);
  if (former.size === 0 && job.formerEdges === null) return;
  job.formerEdges = former.size === 0 ? null : former;
  const formerEdges = former.size === 0 ? null : JSON.stringify([...former]);
  put(state.outbox, 'job', [job.id], { formerEdges });
}

/** Number of the edge to that upstream which an edit took away; undefined when none is remembered. */
export function formerEdge(state: SchedulerState, job: JobRecord, up: JobRecord): number | undefined {
  const text = job.formerEdges?.get(up.id);
  return text === undefined ? undefined : edgeNumber(state, JSON.parse(text) as KernelEdge);
}

const upstreamId = (state: SchedulerState, number: number) =>
  state.jobsByName.get(must(state.edges[number], 'edge').upstream)?.id;
