/**
 * Cancel: at once when nothing runs; else a kill is asked for and the generation ends only when its worker
 * says that the attempt is dead. A success that arrives first stands.
 */
import type { EndReason } from '../model/run.js';
import { writeAttempt } from './attempts.js';
import { PHASE, isOpen } from './codes.js';
import { endGeneration } from './phases.js';
import type { Cancel, LiveAttempt } from './records.js';
import { slotKeyOf } from './runs.js';
import type { SchedulerState } from './state.js';

/** Ends the row's open generation, now or when its attempt is dead; nothing happens when none is open. */
export function cancelRun(state: SchedulerState, r: number, cancel: Cancel): void {
  if (!isOpen(state.runs.phase[r] ?? 0)) return;
  const live = state.liveOf.get(r);
  if (live) {
    askToKill(state, live, cancel);
    return;
  }
  endGeneration(state, r, PHASE.canceled, REASONS[cancel.why]);
}

const REASONS: Readonly<Record<Cancel['why'], EndReason>> = {
  canceled: 'canceled',
  timeout: 'timeout',
  superseded: 'superseded',
  deleted: 'jobDeleted',
};

/** Asks the worker to kill the attempt; the first reason stays. */
export function askToKill(state: SchedulerState, live: LiveAttempt, cancel: Cancel): void {
  live.cancel ??= cancel;
  if (live.state !== 'unknown') live.state = 'canceling';
  const { why, actor, by } = live.cancel;
  const covers = by === undefined ? {} : { by: slotKeyOf(state, by) };
  writeAttempt(state, live, { cancel: JSON.stringify({ why, actor, ...covers }) });
  sendKill(state, live);
}

/** Sends the kill, for the first time or again. */
export function sendKill(state: SchedulerState, live: LiveAttempt): void {
  state.outbox.commands.push({ type: 'attempt.kill', worker: live.worker.name, attempt: live.id });
}
