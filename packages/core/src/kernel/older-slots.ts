/** Asking for finished slots that are older than what is kept; `loading.ts` takes the answer. */
import type { JobRecord } from './records.js';
import { extraOf } from './state.js';
import type { SchedulerState } from './state.js';

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
