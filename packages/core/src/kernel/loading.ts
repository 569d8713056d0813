/**
 * Finished slots older than the reach are in the store only. When a selector finds nothing among those kept
 * and the job is older than that, the kernel asks once for the older ones; the run waits meanwhile.
 */
import { instant } from '../model/ids.js';
import type { Row } from '../model/tables.js';
import { rebindRun } from './bindings.js';
import { numberIn, restoreRun } from './restore.js';
import { findSlot, jobOf } from './runs.js';
import type { SchedulerState } from './state.js';
import { CLAIMED, NONE, STORED } from './tables.js';

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
