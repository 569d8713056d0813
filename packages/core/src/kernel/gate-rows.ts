/** What is stored of the gates of a run, and the question that a gate waits for. */
import type { FieldValue } from '../model/tables.js';
import { put } from './outbox.js';
import type { RunGate } from './records.js';
import { runKeyOf } from './runs.js';
import type { SchedulerState } from './state.js';

/** Key of the gate's row. */
export const gateKey = (state: SchedulerState, r: number, each: RunGate) =>
  [...runKeyOf(state, r), each.gate.name] as const;

/** Writes what is known of the gate. */
export function writeGate(state: SchedulerState, r: number, each: RunGate): void {
  const value: Record<string, FieldValue> = {
    g: state.runs.generation[r] ?? 0,
    type: each.gate.type,
    state: each.state,
    asks: each.asks,
    askedAt: each.askedAt,
    nextAt: each.nextAt,
    answer: each.answer,
    by: each.by,
    deadlineAt: each.deadlineAt,
    late: each.isLate ? 1 : 0,
    changedAt: state.now,
  };
  put(state.outbox, 'gate', gateKey(state, r, each), value);
}

/** The generation has ended: its gates are not asked any more. */
export function endGates(state: SchedulerState, r: number): void {
  const extra = state.extras.get(r);
  for (const each of extra?.gates ?? []) dropProbe(state, each);
  if (extra) delete extra.gatesWakeAt;
}

/** The gate waits for this answer no more; the worker is told to stop. */
export function dropProbe(state: SchedulerState, each: RunGate): void {
  const { probe } = each;
  if (!probe) return;
  each.probe = null;
  state.probes.delete(probe.id);
  state.outbox.commands.push({ type: 'attempt.kill', worker: probe.worker.name, attempt: probe.id });
}
