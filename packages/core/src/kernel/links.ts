/**
 * Readiness: which links of a run are met, and how many are not. `pending` is a cache of that; it is moved
 * here only, and the invariant check counts it anew. A lost message can thus cost time, never correctness.
 */
import { must } from '../model/assert.js';
import { instant } from '../model/ids.js';
import { PHASE } from './codes.js';
import { endGeneration, enterQueue, leaveQueue } from './phases.js';
import type { KernelEdge, Quorum } from './records.js';
import { reprice } from './priority.js';
import { inLinks } from './runs.js';
import { DEADLINE, addDeadline, extraOf } from './state.js';
import type { SchedulerState } from './state.js';
import { BYPASS, EXTRA, IN_QUORUM, MET, NONE, TIMED_OUT, WAIVED } from './tables.js';
import { VERDICT, isInPlan, newestSuccess, succeededClass, verdictOf } from './verdict.js';
import type { Verdict } from './verdict.js';

export const edgeOf = (state: SchedulerState, link: number): KernelEdge =>
  state.edges[state.links.edge[link] ?? NONE] ?? must<KernelEdge>(undefined, `edge of link ${link}`);

/** Makes `down` wait for `up`; with a quorum, the link only counts towards that. */
export function linkRuns(
  state: SchedulerState,
  ends: { readonly up: number; readonly down: number },
  edge: number,
  inQuorum: boolean,
): void {
  const { links, runs } = state;
  const link = links.add(runs, ends, edge);
  if (inQuorum) links.flags[link] = IN_QUORUM;
  else runs.pending[ends.down] = (runs.pending[ends.down] ?? 0) + 1;
  if (linkIsMet(state, link)) meet(state, link, true);
  reprice(state, ends.up);
}

/** Takes the link away; the run waits for it no more. */
export function unlinkRuns(state: SchedulerState, link: number): void {
  const { links, runs } = state;
  const down = links.down[link] ?? NONE;
  const flags = links.flags[link] ?? 0;
  if ((flags & (MET | IN_QUORUM)) === 0) runs.pending[down] = (runs.pending[down] ?? 0) - 1;
  reprice(state, links.up[link] ?? NONE);
  links.remove(runs, link);
}

/** Tells all downstreams of a run that its verdict has changed. */
export function advance(state: SchedulerState, up: number): void {
  // Nearly always the upstream has just succeeded: what is the same for all its links is looked at once.
  const bit = succeededClass(state, up);
  const { nextOut } = state.links;
  let link = state.runs.outHead[up] ?? NONE;
  while (link !== NONE) {
    const next = nextOut[link] ?? NONE;
    if (bit === 0 || !meetPlainly(state, link, bit)) refreshLink(state, link);
    link = next;
  }
}

/**
 * What `refreshLink` does to a link that nothing is special about; false, and nothing done, where something
 * is.
 */
function meetPlainly(state: SchedulerState, link: number, bit: number): boolean {
  const { flags, down: downs, edge: edges } = state.links;
  const edge = state.edges[edges[link] ?? NONE];
  if (edge === undefined || flags[link] !== 0 || (edge.mask & bit) === 0) return false;
  const { runs } = state;
  const down = downs[link] ?? NONE;
  const isSpecial = ((runs.flags[down] ?? 0) & (EXTRA | BYPASS)) !== 0;
  if (edge.rule === 'failed' || edge.freshnessMs !== null || (isSpecial && isInPlan(state, down)))
    return false;
  flags[link] = MET;
  const pending = (runs.pending[down] ?? 0) - 1;
  runs.pending[down] = pending;
  if (pending === 0 && runs.phase[down] === PHASE.waiting && !(isSpecial && runs.has(down, BYPASS)))
    enterQueue(state, down);
  return true;
}

/** Brings one link up to date and, with it, the run that waits. */
function refreshLink(state: SchedulerState, link: number): void {
  const { links, runs } = state;
  const met = linkIsMet(state, link);
  if (met !== (((links.flags[link] ?? 0) & MET) !== 0)) meet(state, link, met);
  const down = links.down[link] ?? NONE;
  if (!met && runs.phase[down] === PHASE.waiting && !runs.has(down, BYPASS)) endIfHopeless(state, link);
}

/** Whether the link is met as the rows stand: what the MET flag caches. */
export function linkIsMet(state: SchedulerState, link: number): boolean {
  if (((state.links.flags[link] ?? 0) & (WAIVED | TIMED_OUT)) !== 0) return true;
  const edge = edgeOf(state, link);
  const up = state.links.up[link] ?? NONE;
  const down = state.links.down[link] ?? NONE;
  if (verdictOf(state, edge, up, down) !== VERDICT.met) return false;
  return edge.freshnessMs === null || isFresh(state, { up, down }, edge.freshnessMs);
}

/** The generation waits for the link no more, whatever becomes of its upstream; the next one does again. */
export function giveUpLink(state: SchedulerState, link: number, givenUp: boolean): void {
  const { flags } = state.links;
  flags[link] = givenUp ? (flags[link] ?? 0) | TIMED_OUT : (flags[link] ?? 0) & ~TIMED_OUT;
  refreshLink(state, link);
}

/** A waive lets the run go without the link, or does so no more. */
export function waiveLink(state: SchedulerState, link: number, waived: boolean): void {
  const { flags } = state.links;
  const before = flags[link] ?? 0;
  if (((before & WAIVED) !== 0) === waived) return;
  flags[link] = waived ? before | WAIVED : before & ~WAIVED;
  refreshLink(state, link);
}

/** Wakes the run when an edge's patience ends; counted from when its generation began to wait. */
export function startPatience(state: SchedulerState, r: number, since: number): void {
  for (const number of must(state.jobs[state.runs.job[r] ?? NONE], 'job').edges) {
    const timeoutMs = state.edges[number]?.timeoutMs ?? null;
    if (timeoutMs === null) continue;
    extraOf(state, r).waitsSince = instant(since);
    addDeadline(state, since + timeoutMs, DEADLINE.edgeTimeout, r);
  }
}

export function linkVerdict(state: SchedulerState, link: number): Verdict {
  return verdictOf(state, edgeOf(state, link), state.links.up[link] ?? NONE, state.links.down[link] ?? NONE);
}

function isFresh(
  state: SchedulerState,
  ends: { readonly up: number; readonly down: number },
  freshnessMs: number,
): boolean {
  return (state.runs.since[ends.up] ?? 0) >= (state.runs.instant[ends.down] ?? 0) - freshnessMs;
}

function meet(state: SchedulerState, link: number, met: boolean): void {
  const { links } = state;
  const flags = links.flags[link] ?? 0;
  links.flags[link] = met ? flags | MET : flags & ~MET;
  reprice(state, links.up[link] ?? NONE);
  const down = links.down[link] ?? NONE;
  if ((flags & IN_QUORUM) === 0) {
    changePending(state, down, met ? -1 : 1);
    return;
  }
  const quorum = quorumOf(state, down, links.edge[link] ?? NONE);
  const before = quorum.have >= quorum.need;
  quorum.have += met ? 1 : -1;
  const after = quorum.have >= quorum.need;
  if (before !== after) changePending(state, down, after ? -1 : 1);
}

function quorumOf(state: SchedulerState, r: number, edge: number): Quorum {
  return must(
    state.extras.get(r)?.quorums?.find((quorum) => quorum.edge === edge),
    `quorum of row ${r}`,
  );
}

/** The run waits for so many more, or fewer; at 0 it is free to queue. */
export function changePending(state: SchedulerState, r: number, by: number): void {
  const { runs } = state;
  const pending = (runs.pending[r] ?? 0) + by;
  runs.pending[r] = pending;
  if (runs.has(r, BYPASS)) return;
  if (pending === 0 && runs.phase[r] === PHASE.waiting) enterQueue(state, r);
  else if (pending > 0 && runs.phase[r] === PHASE.queued) leaveQueue(state, r);
}

/** After links came or went: the run waits, or is free to queue, as what is pending says. */
export function settlePhase(state: SchedulerState, r: number): void {
  changePending(state, r, 0);
}

/** Applies `onUpstreamFailed` where the edge says that waiting on makes no sense. */
function endIfHopeless(state: SchedulerState, link: number): void {
  const edge = edgeOf(state, link);
  const down = state.links.down[link] ?? NONE;
  const verdict = linkVerdict(state, link);
  if (verdict === VERDICT.waiting || verdict === VERDICT.met) return;
  if (verdict === VERDICT.empty && edge.whenEmpty === 'skipRun')
    endGeneration(state, down, PHASE.skipped, 'empty');
  else if (edge.onUpstreamFailed === 'fail') endGeneration(state, down, PHASE.failed, 'upstreamFailed');
  else if (edge.onUpstreamFailed === 'skip') endGeneration(state, down, PHASE.skipped, 'upstreamFailed');
}

/** Looks at all links of a run that has just been bound: some may have no hope from the start. */
export function refreshInLinks(state: SchedulerState, r: number): void {
  if (state.runs.inHead[r] === NONE) return;
  for (const link of inLinks(state, r)) refreshLink(state, link);
}

/** Notes, at a claim, which generation of each upstream the attempt will see. */
export function consumeUpstreams(state: SchedulerState, r: number): void {
  const { links } = state;
  for (let link = state.runs.inHead[r] ?? NONE; link !== NONE; link = links.nextIn[link] ?? NONE)
    links.claimed[link] = newestSuccess(state, links.up[link] ?? NONE);
}

/** Makes what the latest claim saw the measure of staleness, since it succeeded. */
export function settleConsumed(state: SchedulerState, r: number): void {
  const { links } = state;
  for (let link = state.runs.inHead[r] ?? NONE; link !== NONE; link = links.nextIn[link] ?? NONE)
    links.consumed[link] = links.claimed[link] ?? 0;
}

/**
 * Ended downstreams that a new success of `up` makes run again: each bound upstream has a success newer
 * than the downstream's last success consumed, and one has one newer than its latest claim consumed.
 */
export function rerunsAfter(state: SchedulerState, up: number): number[] {
  const found: number[] = [];
  const { links } = state;
  for (let out = state.runs.outHead[up] ?? NONE; out !== NONE; out = links.nextOut[out] ?? NONE) {
    if (edgeOf(state, out).onUpstreamRerun !== 'rerun') continue;
    const down = links.down[out] ?? NONE;
    const phase = state.runs.phase[down];
    if (phase !== PHASE.succeeded && phase !== PHASE.failed) continue;
    if (hasNewInputs(state, down)) found.push(down);
  }
  return found;
}

function hasNewInputs(state: SchedulerState, down: number): boolean {
  let any = false;
  for (const link of inLinks(state, down)) {
    const newest = newestSuccess(state, state.links.up[link] ?? NONE);
    // One that is vacuous has no success and never will: it has nothing to wait for.
    if (newest === 0 && linkIsMet(state, link)) continue;
    if (newest <= (state.links.consumed[link] ?? 0)) return false;
    any ||= newest > (state.links.claimed[link] ?? 0);
  }
  return any;
}
