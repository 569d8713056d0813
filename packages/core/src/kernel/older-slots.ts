/** Asking for finished slots that are older than what is kept; `loading.ts` takes the answer. */
import { SchedulerError } from '../model/errors.js';
import { instantText } from '../model/ids.js';
import type { JobRecord } from './records.js';
import { extraOf } from './state.js';
import type { SchedulerState } from './state.js';

/** How far back one look goes: a run may wait for last year's slot, not for one of the last century. */
const LOOK_BACK_MS = 366 * 86_400_000;

/** Whether older slots of the job may lie in the store and have not been read. */
export function mayHaveOlder(state: SchedulerState, up: JobRecord): boolean {
  return up.readFrom > up.createdBefore && up.readFrom > state.now - LOOK_BACK_MS;
}

/**
 * A slot that is not kept may have a run in the store, whose numbers must not be given again; until such runs
 * are read for people too, they are refused. @throws SchedulerError `SLOT_INVALID`
 */
export function assertKept(job: JobRecord, at: number): void {
  if (at >= job.readFrom || job.readFrom <= job.createdBefore) return;
  const [slot, from] = [instantText(at), instantText(job.readFrom)];
  const message = `slot ${slot} of job ${job.name} is older than those kept, which begin at ${from}`;
  throw new SchedulerError('SLOT_INVALID', message, { job: job.name, slot });
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
