/**
 * What waives mean for the links of a run: a waived link counts as met, and an edge that is waived as a whole
 * is not waited for where it has bound nothing. Recomputed from the waives, so none leaves anything behind.
 */
import { changePending, waiveLink } from './links.js';
import type { WaiveRecord } from './operation-records.js';
import type { RunExtra } from './records.js';
import { inLinks, slotKeyOf } from './runs.js';
import { extraOf } from './state.js';
import type { SchedulerState } from './state.js';
import { NONE } from './tables.js';

/** Waives of the run. */
export const waivesOf = (state: SchedulerState, r: number): readonly WaiveRecord[] =>
  state.operations.waives.size === 0
    ? []
    : (state.operations.waivesOf.get(`${state.runs.job[r] ?? NONE} ${slotKeyOf(state, r)}`) ?? []);

/** Whether a waive says that the link's upstream slot is not waited for. */
export function isWaived(state: SchedulerState, link: number, waives: readonly WaiveRecord[]): boolean {
  const up = state.links.up[link] ?? NONE;
  return waives.some(
    ({ upstream, upstreamSlot }) =>
      upstream === state.runs.job[up] && (upstreamSlot === null || upstreamSlot === slotKeyOf(state, up)),
  );
}

/** Edges among these that the run does not wait for at all. */
export function waivedEdges(
  state: SchedulerState,
  edges: readonly number[],
  waives: readonly WaiveRecord[],
): number[] {
  const whole = waives.filter(({ upstreamSlot }) => upstreamSlot === null);
  return edges.filter((edge) => {
    const index = state.jobsByName.get(state.edges[edge]?.upstream ?? '')?.index;
    return whole.some(({ upstream }) => upstream === index);
  });
}

/** Brings the run to what its waives say now. May be repeated. */
export function settleWaives(state: SchedulerState, r: number): void {
  const waives = waivesOf(state, r);
  const extra = state.extras.get(r);
  const before = extra?.waived ?? [];
  const unbound = [...new Set([...(extra?.empty ?? []), ...(extra?.loading ?? [])])];
  const now = waivedEdges(state, unbound, waives);
  if (before.length > 0 || now.length > 0) {
    const waitedBefore = waitedFor(extra);
    if (now.length === 0) delete extraOf(state, r).waived;
    else extraOf(state, r).waived = now;
    const by = waitedFor(extra) - waitedBefore;
    if (by !== 0) changePending(state, r, by);
  }
  for (const link of [...inLinks(state, r)]) waiveLink(state, link, isWaived(state, link, waives));
}

/** How many edges that have bound nothing the run waits for. */
export const waitedFor = (extra: RunExtra | undefined): number =>
  unwaived(extra, extra?.empty).length + unwaived(extra, extra?.loading).length;

/** Edges of the list that are not waived. */
export const unwaived = (
  extra: RunExtra | undefined,
  edges: readonly number[] | undefined,
): readonly number[] =>
  extra?.waived === undefined ? (edges ?? []) : (edges ?? []).filter((edge) => !extra.waived?.includes(edge));
