/**
 * The life of a generation: begun, waiting, queued, running or backing off, ended. Phases move here only.
 * Downstreams are told from a list at the end of the step, not by recursion: a chain of any length is safe.
 */
import { localDateOf } from '../calendar/time-zone.js';
import { instant } from '../model/ids.js';
import type { Instant } from '../model/ids.js';
import type { EndReason } from '../model/run.js';
import { assert } from '../model/assert.js';
import {
  CLASS_OF_TRIGGER,
  isEnded,
  isOpen,
  LANE_OF_TRIGGER,
  PHASE,
  PHASES,
  reasonCode,
  TRIGGER,
} from './codes.js';
import type { Params, RevisionChoice } from './event.js';
import { flushGeneration } from './flush.js';
import { giveUpLink, refreshInLinks, startPatience } from './links.js';
import { DIRTY, markGeneration, markRun } from './outbox.js';
import { onMemberEnded } from './plans.js';
import { passOffer, pushReady } from './queue.js';
import { dropRow, inLinks, jobOf, ownerOf, slotOf } from './runs.js';
import { addDeadline, DEADLINE, extraOf } from './state.js';
import type { SchedulerState } from './state.js';
import { BYPASS, CLAIMED, EXTRA, SIDE } from './tables.js';
import { currentGeneration } from './verdict.js';

/** What makes a generation; the plain ones say only trigger, actor and cause. */
export interface NewGenerationFacts {
  readonly trigger: number;
  readonly actor: string;
  readonly cause: string;
  readonly bypass?: boolean;
  readonly releases?: boolean;
  readonly params?: Params;
  readonly plan?: number;
  readonly revision?: RevisionChoice;
}

/** Begins the next generation on the row and queues it when nothing is pending. */
export function beginGeneration(state: SchedulerState, r: number, facts: NewGenerationFacts): void {
  const { runs } = state;
  const phase = runs.phase[r] ?? 0;
  assert(!isOpen(phase), 'the generation before has ended');
  const again = isEnded(phase);
  if (again) {
    flushGeneration(state, r);
    countEnd(state, r, -1);
    keepPast(state, r);
  }
  const owner = ownerOf(state, r);
  const number = (runs.lastGeneration[owner] ?? 0) + 1;
  runs.lastGeneration[owner] = number;
  runs.generation[r] = number;
  runs.trigger[r] = facts.trigger;
  runs.tries[r] = 0;
  runs.priority[r] = jobOf(state, r).policy.priority;
  if (facts.bypass === true) runs.set(r, BYPASS);
  else runs.unset(r, BYPASS);
  const planBefore = state.extras.get(r)?.plan;
  setFacts(state, r, facts);
  // In a plan its links mean the plan's generations, outside it any that count.
  if (planBefore !== facts.plan) refreshInLinks(state, r);
  if (facts.bypass !== true) startPatience(state, r, state.now);
  if (again) for (const link of inLinks(state, r)) giveUpLink(state, link, false);
  state.outbox.begun.set(r, { actor: facts.actor, cause: facts.cause });
  setPhase(state, r, PHASE.waiting, null);
  markGeneration(state.outbox, r, DIRTY.created);
  if (facts.bypass === true || runs.pending[r] === 0) enterQueue(state, r);
  // What an edge took for done is being done again.
  if (runs.has(r, SIDE)) state.advancing.push(owner);
  else if (again) state.advancing.push(r);
}

function setFacts(state: SchedulerState, r: number, facts: NewGenerationFacts): void {
  const plain =
    facts.params === undefined &&
    facts.plan === undefined &&
    facts.releases !== false &&
    facts.revision === undefined;
  if (plain && !state.runs.has(r, EXTRA)) return;
  const extra = extraOf(state, r);
  for (const key of [
    'params',
    'plan',
    'revision',
    'retryAt',
    'avoid',
    'hostTries',
    'releases',
    'waitsSince',
  ] as const)
    delete extra[key];
  if (facts.params !== undefined && Object.keys(facts.params).length > 0) extra.params = facts.params;
  if (facts.plan !== undefined) extra.plan = facts.plan;
  if (facts.revision !== undefined && facts.revision !== 'newest') extra.revision = facts.revision;
  if (facts.releases === false) extra.releases = false;
}

/** Into the history of the run, in the order of numbers. */
function keepPast(state: SchedulerState, r: number): void {
  const extra = extraOf(state, ownerOf(state, r));
  const past = currentGeneration(state, r);
  if (past.classBit !== 0) extra.history = [...(extra.history ?? []), past].sort((a, b) => a.g - b.g);
}

/** Free to run: into the queue of its pool. */
export function enterQueue(state: SchedulerState, r: number): void {
  setPhase(state, r, PHASE.queued, null);
  pushReady(state, r);
}

/** An upstream is being done again: back to waiting. The queue drops the entry when it meets it. */
export function leaveQueue(state: SchedulerState, r: number): void {
  setPhase(state, r, PHASE.waiting, null);
  passOffer(state, r);
}

export function startRunning(state: SchedulerState, r: number): void {
  setPhase(state, r, PHASE.running, null);
  state.runs.set(ownerOf(state, r), CLAIMED);
}

/** Waits for its next try, holding no slot. */
export function backOff(state: SchedulerState, r: number, until: Instant): void {
  setPhase(state, r, PHASE.backoff, null);
  extraOf(state, r).retryAt = until;
  addDeadline(state, until, DEADLINE.retry, r);
}

/** The wait for the retry is over, if it is still the one that was meant. */
export function onRetryDue(state: SchedulerState, r: number): void {
  const extra = state.extras.get(r);
  if (state.runs.phase[r] !== PHASE.backoff || extra?.retryAt === undefined || extra.retryAt > state.now)
    return;
  delete extra.retryAt;
  enterOrWait(state, r);
}

/** Back among those that wait or queue, by what is pending. */
export function enterOrWait(state: SchedulerState, r: number): void {
  if (state.runs.has(r, BYPASS) || state.runs.pending[r] === 0) enterQueue(state, r);
  else setPhase(state, r, PHASE.waiting, null);
}

/** Ends the generation; everything that depends on it hears of it in this step. */
export function endGeneration(
  state: SchedulerState,
  r: number,
  phase: typeof PHASE.succeeded | typeof PHASE.failed | typeof PHASE.canceled | typeof PHASE.skipped,
  reason: EndReason | null,
): void {
  assert(isOpen(state.runs.phase[r] ?? 0), 'only an open generation ends');
  setPhase(state, r, phase, reason);
  passOffer(state, r);
  const extra = state.extras.get(r);
  if (extra) delete extra.retryAt;
  if (state.runs.has(r, SIDE)) {
    const owner = ownerOf(state, r);
    keepPast(state, r);
    // A run without a main generation is as old as the last of its side ones.
    if (state.runs.phase[owner] === PHASE.none) state.runs.since[owner] = state.now;
    state.advancing.push(owner);
    return;
  }
  countEnd(state, r, 1);
  state.advancing.push(r);
  if (extra?.plan !== undefined) onMemberEnded(state, extra.plan, r);
}

/** Counts the ended run among those of its day, or no more. */
function countEnd(state: SchedulerState, r: number, by: number): void {
  if (state.runs.has(r, SIDE)) return;
  const { instant: at, zone } = slotOf(state, r);
  const name = `${localDateOf(zone, at)} ${jobOf(state, r).id} ${PHASES[state.runs.phase[r] ?? 0]}`;
  const { counts } = state.outbox;
  counts.set(name, (counts.get(name) ?? 0) + by);
}

/** Forgets the row of an ended side generation, which lies in the history of its run; called once it is written. */
export function retireSide(state: SchedulerState, r: number): void {
  dropRow(state, r);
}

/** Whether its success makes downstreams run again. */
export function releases(state: SchedulerState, r: number): boolean {
  return !state.runs.has(r, SIDE) && state.extras.get(r)?.releases !== false;
}

export function isManualTrigger(trigger: number): boolean {
  return trigger === TRIGGER.runNow || trigger === TRIGGER.scratch;
}

export const laneOf = (state: SchedulerState, r: number): number =>
  LANE_OF_TRIGGER[state.runs.trigger[r] ?? 0] ?? 0;
export const classOf = (state: SchedulerState, r: number): number =>
  CLASS_OF_TRIGGER[state.runs.trigger[r] ?? 0] ?? 0;

function setPhase(state: SchedulerState, r: number, phase: number, reason: EndReason | null): void {
  const { runs } = state;
  runs.phase[r] = phase;
  runs.since[r] = instant(state.now);
  runs.reason[r] = reasonCode(reason);
  markGeneration(state.outbox, r, DIRTY.state);
  if (!runs.has(r, SIDE)) markRun(state.outbox, r, DIRTY.state);
}
