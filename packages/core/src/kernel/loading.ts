/**
 * Finished slots older than the reach are in the store only. When a selector finds nothing among those kept
 * and the job is older than that, the kernel asks once for the older ones; the run waits meanwhile.
 */
import { instant } from '../model/ids.js';
import type { Row } from '../model/tables.js';
import { rebindRun } from './bindings.js';
import { numberIn, restoreRun } from './restore.js';
import { findSlot, jobOf } from './runs.js';
import { extraOf } from './state.js';
import type { JobRecord, SchedulerState } from './state.js';
import { CLAIMED, NONE, STORED } from './tables.js';

/** How far back one look goes: a run may wait for last year's slot, not for one of the last century. */
const LOOK_BACK_MS = 366 * 86_400_000;

/** Whether older slots of the job may lie in the store and have not been read. */
export function mayHaveOlder(state: SchedulerState, up: JobRecord): boolean {
  return up.readFrom > up.createdBefore && up.readFrom > state.now - LOOK_BACK_MS;
}

/** Asks for the older slots of `up`, once, and notes that the run waits for them. */
export function askForOlder(state: SchedulerState, r: number, up: JobRecord, edge: number): void {
  const extra = extraOf(state, r);
  extra.loading = [...(extra.loading ?? []), edge];
  const waiting = state.reading.get(up.index);
  if (waiting) {
    waiting.add(r);
    return;
  }
  state.reading.set(up.index, new Set([r]));
  const to = up.readFrom - 1;
  state.outbox.commands.push({ type: 'verdicts.read', job: up.id, from: state.now - LOOK_BACK_MS, to });
}

/** The older slots have been read: they are kept from now on, and who waited is bound anew. */
export function onVerdictsRead(
  state: SchedulerState,
  event: { readonly job: number; readonly from: number; readonly rows: readonly Row[] },
): void {
  const up = state.jobsById.get(event.job);
  if (!up) return;
  const waiting = state.reading.get(up.index);
  if (!waiting) return;
  state.reading.delete(up.index);
  for (const row of event.rows) {
    // What is kept has gone on since; the stored row is older than it.
    const known = findSlot(state, up, numberIn(row.value, 'instant'));
    if (known === NONE || !state.runs.has(known, STORED)) restoreRun(state, row);
  }
  state.restored.clear();
  up.readFrom = instant(Math.min(up.readFrom, event.from));
  for (const r of waiting) {
    const stillWaits = state.runs.job[r] !== NONE && (state.extras.get(r)?.loading ?? []).length > 0;
    if (stillWaits && !state.runs.has(r, CLAIMED))
      rebindRun(state, r, `older slots of ${jobOf(state, r).name}'s upstream ${up.name} were read`);
  }
}
