/**
 * The one entry: applies all events of a batch in order, settles once, and returns what must be written,
 * answered and sent. All control flow of a step is here; all rules are in the files it calls.
 */
import { assert, unreachable } from '../model/assert.js';
import { instant } from '../model/ids.js';
import type { Instant } from '../model/ids.js';
import { advanceAll, applyEdgeTimeouts } from './advance.js';
import { renderFailed } from './attempts.js';
import { onForecast, watchCommitments } from './commitment-watch.js';
import { dispatch } from './dispatch.js';
import { settlePauses } from './auto-pause.js';
import type { Effects } from './effects.js';
import type { KernelEvent, Request } from './event.js';
import { evictOld } from './evict.js';
import { onExpectation } from './expectations.js';
import { flush } from './flush.js';
import { settleIncidents } from './incidents.js';
import { onGateDue, onQueueDue } from './gates.js';
import { settleHolds } from './holds.js';
import { lookAtOperations } from './look-at-operations.js';
import { onVerdictsRead } from './loading.js';
import { materialize, materializeAll, onSlotDue, onTimeGate } from './materialize.js';
import { onRetryDue } from './phases.js';
import { onPlanDue, settlePlans } from './plans.js';
import { settlePriorities } from './priority.js';
import { forgetOldRequests } from './request-memory.js';
import { onProbeDue } from './quarantine.js';
import { onRequest } from './requests.js';
import { DEADLINE, DEADLINE_KINDS } from './state.js';
import type { SchedulerState } from './state.js';
import { onDisconnected, onWorkerDeadline, onWorkerSaid } from './workers.js';

/** Applies the batch. Events must not go back in time; the same state and batch give the same effects. */
export function step(state: SchedulerState, batch: readonly KernelEvent[]): Effects {
  for (const event of batch) {
    assert(event.at >= state.now, 'time goes forward');
    state.now = event.at;
    apply(state, event);
  }
  settle(state);
  settleIncidents(state);
  return flush(state);
}

/** Due deadlines, then slots, then what ends have opened, then starts. */
function settle(state: SchedulerState): void {
  settleDue(state);
  settlePauses(state);
  do {
    tellAll(state);
    settlePriorities(state);
    dispatch(state);
    // A dispatch may skip runs (overlap: forbid), which their downstreams must hear of in the same step.
  } while (state.advancing.length > 0);
  if (state.operations.releasing.size > 0) settleHolds(state);
}

/** A plan may begin members that have run before: nothing that waits for one may start on its old end. */
function tellAll(state: SchedulerState): void {
  do {
    advanceAll(state);
    settlePlans(state);
  } while (state.advancing.length > 0);
}

function settleDue(state: SchedulerState): void {
  fireDeadlines(state);
  if (state.operations.isDue) lookAtOperations(state);
  materialize(state);
}

function apply(state: SchedulerState, event: KernelEvent): void {
  switch (event.type) {
    case 'time.passed':
      return;
    case 'clock.jumped':
      return onClockJumped(state, event.byMs);
    case 'worker.said':
      return onWorkerSaid(state, event.worker, event.message);
    case 'worker.disconnected':
      return onDisconnected(state, event.worker);
    case 'verdicts.read':
      return onVerdictsRead(state, event);
    case 'forecast.made':
      return onForecast(state, event);
    case 'render.failed':
      return renderFailed(state, event.attempt, event.message);
    case 'request':
      // Slots that are due belong to the definitions as they were before the request.
      settleDue(state);
      if (changesJobs(event.body)) materializeAll(state);
      advanceAll(state);
      return onRequest(state, event);
    default:
      return unreachable(event);
  }
}

/** Whether the request changes whose slots there are. */
const changesJobs = ({ type }: Request): boolean =>
  type === 'definitions.apply' || type === 'job.state' || type === 'job.delete';

function onClockJumped(state: SchedulerState, byMs: number): void {
  state.slotsHeldUntil = instant(state.now + byMs);
  state.deadlines.push(state.slotsHeldUntil, DEADLINE.wake);
  const message = `the database's clock went back by ${byMs} ms; no new slots until it has caught up`;
  state.outbox.events.push({ type: 'alarm', code: 'CLOCK_JUMPED', subject: 'clock', message });
}

function fireDeadlines(state: SchedulerState): void {
  const { deadlines } = state;
  while (deadlines.first !== undefined && deadlines.first <= state.now) {
    const what = deadlines.pop() ?? 0;
    const reference = Math.floor(what / DEADLINE_KINDS);
    fire(state, what % DEADLINE_KINDS, reference);
  }
}

function fire(state: SchedulerState, kind: number, reference: number): void {
  switch (kind) {
    case DEADLINE.slot:
      return onSlotDue(state, reference);
    case DEADLINE.timeGate:
      return onTimeGate(state, reference);
    case DEADLINE.retry:
      return onRetryDue(state, reference);
    case DEADLINE.worker:
      return onWorkerDeadline(state, reference);
    case DEADLINE.edgeTimeout:
      return applyEdgeTimeouts(state, reference);
    case DEADLINE.probe:
      return onProbeDue(state, reference);
    case DEADLINE.expectation:
      return onExpectation(state, reference);
    case DEADLINE.commitments:
      return watchCommitments(state);
    case DEADLINE.plan:
      return onPlanDue(state, reference);
    case DEADLINE.evict:
      return evictOld(state);
    case DEADLINE.gate:
      return onGateDue(state, reference);
    case DEADLINE.queue:
      return onQueueDue(state, reference);
    case DEADLINE.operation:
      state.operations.isDue = true;
      return;
    case DEADLINE.requests:
      return forgetOldRequests(state);
    default:
      return;
  }
}

/** The earliest moment at which `time.passed` would change something; null when there is none. */
export function nextDeadline(state: SchedulerState): Instant | null {
  if (state.overdue.size > 0 && state.slotsHeldUntil <= state.now) return state.now;
  const { first } = state.deadlines;
  return first === undefined ? null : instant(Math.max(first, state.now));
}
