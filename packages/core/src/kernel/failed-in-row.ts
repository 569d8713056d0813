/** How often a job has failed in a row, where its policy pauses it after some (`pauseAfter`). */
import { put } from './outbox.js';
import type { JobRecord } from './records.js';
import type { SchedulerState } from './state.js';

/** A run of the job has failed for good; at the policy's number, the job is to be paused in this step. */
export function noteFailedRun(state: SchedulerState, job: JobRecord): void {
  const { pauseAfter } = job.policy;
  if (pauseAfter === 0 || job.state !== 'enabled') return;
  job.failedInRow++;
  put(state.outbox, 'job', [job.id], { failedInRow: job.failedInRow });
  if (job.failedInRow >= pauseAfter) state.pausing.push(job);
}

/** A run of the job has succeeded. */
export function noteSucceededRun(state: SchedulerState, job: JobRecord): void {
  if (job.failedInRow > 0) forgetFailedRuns(state, job);
}

/** Counts anew; what was said of its pause is gone too. */
export function forgetFailedRuns(state: SchedulerState, job: JobRecord): void {
  job.failedInRow = 0;
  job.paused = null;
  put(state.outbox, 'job', [job.id], { failedInRow: 0, paused: null });
}
