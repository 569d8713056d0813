/**
 * Tells downstreams what became of their upstreams, until nobody has anything new to hear. A list, not a
 * recursion: the length of a chain costs no stack.
 */
import { PHASE, TRIGGER, isEnded, isOpen } from './codes.js';
import { beginGeneration } from './generations.js';
import { advance, edgeOf, giveUpLink, rerunsAfter } from './links.js';
import { endGeneration } from './phases.js';
import { beginMember } from './plans.js';
import { inLinks, releases, runTextOf } from './runs.js';
import type { SchedulerState } from './state.js';
import { BYPASS, MET, NONE } from './tables.js';

export function advanceAll(state: SchedulerState): void {
  const { advancing } = state;
  for (let i = 0; i < advancing.length; i++) tell(state, advancing[i] ?? NONE);
  advancing.length = 0;
}

function tell(state: SchedulerState, r: number): void {
  advance(state, r);
  const extra = state.extras.get(r);
  // Slots that count through this run are told with it, of its end and of its being done again.
  if (extra?.covers) state.advancing.push(...extra.covers);
  const phase = state.runs.phase[r] ?? 0;
  if (!isEnded(phase)) return;
  if (extra?.next) beginNext(state, r);
  else if (phase === PHASE.succeeded && releases(state, r)) startReruns(state, r);
}

/** A generation that waited for the live attempt to end. */
function beginNext(state: SchedulerState, r: number): void {
  const extra = state.extras.get(r);
  const next = extra?.next;
  if (!extra || !next) return;
  delete extra.next;
  const plan = state.plans.get(next.plan ?? NONE);
  if (plan) beginMember(state, plan, r, { ...next, plan: plan.id });
}

function startReruns(state: SchedulerState, up: number): void {
  if (state.runs.outHead[up] === NONE) return;
  for (const down of rerunsAfter(state, up)) {
    if (isOpen(state.runs.phase[down] ?? 0)) continue;
    const cause = runTextOf(state, up);
    beginGeneration(state, down, { trigger: TRIGGER.upstream, actor: 'scheduler', cause });
  }
}

/** An edge's patience is at its end: what it says about a failed upstream applies to an open wait too. */
export function applyEdgeTimeouts(state: SchedulerState, r: number): void {
  const since = state.extras.get(r)?.waitsSince;
  if (since === undefined || state.runs.has(r, BYPASS)) return;
  for (const link of [...inLinks(state, r)]) {
    if (state.runs.phase[r] !== PHASE.waiting) return;
    const edge = edgeOf(state, link);
    const met = ((state.links.flags[link] ?? 0) & MET) !== 0;
    const late = edge.timeoutMs !== null && state.now - since >= edge.timeoutMs;
    if (met || !late) continue;
    if (edge.onUpstreamFailed === 'proceed') {
      giveUpLink(state, link, true);
      continue;
    }
    if (edge.onUpstreamFailed === 'wait') {
      const message = `has waited ${edge.timeoutMs} ms for ${edge.upstream}`;
      state.outbox.events.push({ type: 'alarm', code: 'RUN_BLOCKED', subject: runTextOf(state, r), message });
      continue;
    }
    const phase = edge.onUpstreamFailed === 'fail' ? PHASE.failed : PHASE.skipped;
    endGeneration(state, r, phase, 'upstreamTimeout');
    return;
  }
}
