/** Disables jobs that have failed so often in a row that going on makes no sense, and says so. */
import { setJobState } from './definitions.js';
import { put } from './outbox.js';
import type { SchedulerState } from './state.js';

/** Pauses the jobs that this step has counted out. */
export function settlePauses(state: SchedulerState): void {
  for (const job of state.pausing.splice(0)) {
    if (job.state !== 'enabled') continue;
    const { failedInRow } = job;
    setJobState(state, job, 'disabled', 'scheduler');
    job.paused = failedInRow;
    put(state.outbox, 'job', [job.id], { paused: failedInRow });
    const message = `disabled after ${failedInRow} failed runs in a row`;
    state.outbox.events.push({ type: 'alarm', code: 'JOB_PAUSED', subject: job.name, message });
  }
}
