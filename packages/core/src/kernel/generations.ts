/**
 * The life of a generation: begun, waiting, queued, running or backing off, ended. Phases move here only.
 * Downstreams are told from a list at the end of the step, not by recursion: a chain of any length is safe.
 */
import { assert } from '../model/assert.js';
import { PHASE, TRIGGER, isEnded, isOpen } from './codes.js';
import type { Params, RevisionChoice } from './event.js';
import { flushGeneration } from './flush.js';
import { expectInTime } from './expectations.js';
import { beginGates } from './gates.js';
import { giveUpLink, refreshInLinks, startPatience } from './links.js';
import { DIRTY, markGeneration } from './outbox.js';
import { countEnd, enterQueue, keepPast, setPhase, uncover } from './phases.js';
import { setOwnPriority } from './priority.js';
import { ownPriority } from './rules.js';
import { inLinks, jobOf, ownerOf } from './runs.js';
import { extraOf } from './state.js';
import type { SchedulerState } from './state.js';
import { BYPASS, EXTRA, SIDE } from './tables.js';

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
    uncover(state, r);
    countEnd(state, r, -1);
    keepPast(state, r);
  }
  const owner = ownerOf(state, r);
  const number = (runs.lastGeneration[owner] ?? 0) + 1;
  runs.lastGeneration[owner] = number;
  runs.generation[r] = number;
  runs.trigger[r] = facts.trigger;
  runs.tries[r] = 0;
  setOwnPriority(state, r, ownPriority(state, r));
  if (facts.bypass === true) runs.set(r, BYPASS);
  else runs.unset(r, BYPASS);
  const planBefore = state.extras.get(r)?.plan;
  setFacts(state, r, facts);
  if (jobOf(state, r).gates.length > 0 || runs.has(r, EXTRA)) beginGates(state, r);
  // In a plan its links mean the plan's generations, outside it any that count.
  if (planBefore !== facts.plan) refreshInLinks(state, r);
  if (facts.bypass !== true) startPatience(state, r, state.now);
  if (again) for (const link of inLinks(state, r)) giveUpLink(state, link, false);
  state.outbox.begun.set(r, { actor: facts.actor, cause: facts.cause });
  setPhase(state, r, PHASE.waiting, null);
  markGeneration(state.outbox, r, DIRTY.created);
  if (jobOf(state, r).policy.expectEnd !== null) expectInTime(state, r);
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
    'late',
    'releases',
    'waitsSince',
  ] as const)
    delete extra[key];
  if (facts.params !== undefined && Object.keys(facts.params).length > 0) extra.params = facts.params;
  if (facts.plan !== undefined) extra.plan = facts.plan;
  if (facts.revision !== undefined && facts.revision !== 'newest') extra.revision = facts.revision;
  if (facts.releases === false) extra.releases = false;
}

export function isManualTrigger(trigger: number): boolean {
  return trigger === TRIGGER.runNow || trigger === TRIGGER.scratch;
}
