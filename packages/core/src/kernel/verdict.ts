/**
 * What an upstream's slot says to an edge: met, not yet, or ended otherwise. A function of the slot's
 * generations and the edge's options alone, so readiness never depends on which message came first.
 */
import { must } from '../model/assert.js';
import {
  ACCEPT,
  CLASS_OF_TRIGGER,
  COVERED,
  EMPTY,
  PHASE,
  TRIGGER,
  VACUOUS,
  isEnded,
  isOpen,
} from './codes.js';
import type { KernelEdge, PastGeneration } from './records.js';
import { hasOpenSide } from './runs.js';
import type { SchedulerState } from './state.js';
import { EXTRA, NONE } from './tables.js';

export const VERDICT = { waiting: 0, met: 1, failed: 2, canceled: 3, skipped: 4, empty: 5 } as const;
export type Verdict = (typeof VERDICT)[keyof typeof VERDICT];

/** What the newest accepted generation of `up` says to the edge, seen from `down`. */
export function verdictOf(state: SchedulerState, edge: KernelEdge, up: number, down: number): Verdict {
  const { runs } = state;
  if (!isPlain(state, up) || isInPlan(state, down)) return carefulVerdict(state, edge, { up, down });
  const accepted = (edge.mask & (CLASS_OF_TRIGGER[runs.trigger[up] ?? 0] ?? 0)) !== 0;
  const phase = runs.phase[up] ?? 0;
  if (phase === PHASE.none) return untouched(state, up);
  if (!accepted) return VERDICT.waiting;
  // Most upstreams have succeeded, or not ended: the rest is looked at with more care.
  if (phase === PHASE.succeeded) return edge.rule === 'failed' ? VERDICT.failed : VERDICT.met;
  if (!isEnded(phase)) return VERDICT.waiting;
  return endVerdict(state, edge, { up, phase, reason: runs.reason[up] ?? 0 });
}

/**
 * Whether the newest generation is the only one, and its verdict counts: what is beside it says nothing of
 * that.
 */
function isPlain(state: SchedulerState, r: number): boolean {
  if (!state.runs.has(r, EXTRA)) return true;
  const extra = state.extras.get(r);
  return extra?.past === undefined && extra?.sides === undefined && extra?.releases === undefined;
}

/** Class of the one generation of a run that has succeeded; 0 for all other runs. */
export function succeededClass(state: SchedulerState, r: number): number {
  if (state.runs.phase[r] !== PHASE.succeeded || !isPlain(state, r)) return 0;
  return CLASS_OF_TRIGGER[state.runs.trigger[r] ?? 0] ?? 0;
}

export const isInPlan = (state: SchedulerState, r: number) =>
  state.runs.has(r, EXTRA) && state.extras.get(r)?.plan !== undefined;

/** As above, for runs with several generations, plans or side runs. */
function carefulVerdict(
  state: SchedulerState,
  edge: KernelEdge,
  ends: { up: number; down: number },
): Verdict {
  const plan = state.plans.get(state.extras.get(ends.down)?.plan ?? NONE);
  const member = plan?.members.get(ends.up);
  if (member !== undefined) return memberVerdict(state, edge, ends.up, member);
  if (plan?.excluded.has(ends.up)) return VERDICT.met;
  if (opensManually(state, edge, ends.up)) return VERDICT.waiting;
  let last: Verdict = VERDICT.waiting;
  let open = false;
  for (const past of generationsOf(state, ends.up)) {
    if ((edge.mask & past.classBit) === 0) continue;
    const verdict = endVerdict(state, edge, { up: ends.up, phase: past.phase, reason: past.reason });
    if (verdict === VERDICT.met) return verdict;
    // A canceled generation says nothing: the one before it decides, if there is one.
    if (verdict !== VERDICT.canceled && edge.generation === 'latest') return verdict;
    open ||= isOpen(past.phase);
    if (last === VERDICT.waiting || last === VERDICT.canceled) last = verdict;
  }
  // One that is under way may still be the success that any edge would take.
  if (open) return VERDICT.waiting;
  return last === VERDICT.waiting && state.runs.phase[ends.up] === PHASE.none
    ? untouched(state, ends.up)
    : last;
}

/** Members of one plan wait for the generations that the plan makes, or newer ones. */
function memberVerdict(state: SchedulerState, edge: KernelEdge, up: number, generation: number): Verdict {
  const { runs } = state;
  if (generation === 0 || (runs.generation[up] ?? 0) < generation) return VERDICT.waiting;
  return endVerdict(state, edge, { up, phase: runs.phase[up] ?? 0, reason: runs.reason[up] ?? 0 });
}

function endVerdict(
  state: SchedulerState,
  edge: KernelEdge,
  end: { readonly up: number; readonly phase: number; readonly reason: number },
): Verdict {
  switch (end.phase) {
    case PHASE.succeeded:
      return edge.rule === 'failed' ? VERDICT.failed : VERDICT.met;
    case PHASE.failed:
      return edge.rule === 'success' && edge.onUpstreamFailed !== 'proceed' ? VERDICT.failed : VERDICT.met;
    case PHASE.canceled:
      return edge.onUpstreamFailed === 'proceed' ? VERDICT.met : VERDICT.canceled;
    case PHASE.skipped:
      return skippedVerdict(state, edge, end);
    default:
      return VERDICT.waiting;
  }
}

function skippedVerdict(
  state: SchedulerState,
  edge: KernelEdge,
  end: { readonly up: number; readonly reason: number },
): Verdict {
  if (VACUOUS.has(end.reason)) return edge.rule === 'failed' ? VERDICT.failed : VERDICT.met;
  if (end.reason === COVERED) {
    const by = state.extras.get(end.up)?.coveredBy ?? NONE;
    if (by !== NONE) return verdictOf(state, edge, by, by);
  }
  if (edge.rule === 'done' || edge.onUpstreamFailed === 'proceed') return VERDICT.met;
  return end.reason === EMPTY ? VERDICT.empty : VERDICT.skipped;
}

/** A slot without any generation is vacuous where its job is retired; else somebody may still run it. */
function untouched(state: SchedulerState, up: number): Verdict {
  const job = must(state.jobs[state.runs.job[up] ?? NONE], 'job of a slot');
  return job.state === 'retired' ? VERDICT.met : VERDICT.waiting;
}

/** An edge that accepts runs by hand waits while one is under way. */
function opensManually(state: SchedulerState, edge: KernelEdge, up: number): boolean {
  if ((edge.mask & ACCEPT.manual) === 0 || edge.generation === 'any') return false;
  return hasOpenSide(state, up);
}

/** The run's generations, newest first. */
function* generationsOf(state: SchedulerState, r: number): Generator<PastGeneration> {
  const { runs } = state;
  const current = runs.phase[r] === PHASE.none ? null : currentGeneration(state, r);
  const earlier = state.extras.get(r)?.past ?? [];
  // An ended side generation may be newer than the main one.
  let i = earlier.length - 1;
  for (; i >= 0; i--) {
    const past = earlier[i];
    if (!past || (current && past.g < current.g)) break;
    yield past;
  }
  if (current) yield current;
  for (; i >= 0; i--) {
    const past = earlier[i];
    if (past) yield past;
  }
}

export function currentGeneration(state: SchedulerState, r: number): PastGeneration {
  const { runs } = state;
  const trigger = runs.trigger[r] ?? 0;
  // Forced without release: a word about the run that satisfies nobody.
  const silent = trigger === TRIGGER.force && state.extras.get(r)?.releases === false;
  return {
    g: runs.generation[r] ?? 0,
    classBit: silent ? 0 : (CLASS_OF_TRIGGER[trigger] ?? 0),
    phase: runs.phase[r] ?? 0,
    reason: runs.reason[r] ?? 0,
    at: (runs.since[r] ?? 0) as PastGeneration['at'],
    plan: state.extras.get(r)?.plan ?? null,
  };
}

/** Number of the newest generation that succeeded, whatever came after; 0 when none did. */
export function newestSuccess(state: SchedulerState, r: number): number {
  if (isPlain(state, r)) return state.runs.phase[r] === PHASE.succeeded ? (state.runs.generation[r] ?? 0) : 0;
  for (const past of generationsOf(state, r)) {
    if (past.phase === PHASE.succeeded && past.classBit !== 0) return past.g;
  }
  return 0;
}
