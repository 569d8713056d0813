/** Which runs a commitment is about: of each of its jobs, the last slot up to the instant it is due. */
import type { Instant } from '../model/ids.js';
import { isSchedulerError } from '../model/errors.js';
import { latestUpTo } from './candidates.js';
import type { CommitmentRecord } from './commitments.js';
import { selectJobs } from './facts.js';
import { NEVER } from './forecast-input.js';
import type { ForecastTarget } from './forecast-input.js';
import type { JobRecord } from './records.js';
import type { SchedulerState } from './state.js';

const DAY_MS = 86_400_000;
/** A slot older than this is not what is promised for this day. */
const REACH_MS = DAY_MS;

/** Jobs of the commitment that have a slot in the day up to the instant, with the last of them. */
export function committedSlots(
  state: SchedulerState,
  record: CommitmentRecord,
  due: Instant,
): { readonly job: JobRecord; readonly at: Instant }[] {
  return committedJobs(state, record).flatMap((job) => {
    const at = latestUpTo(state, job, due);
    return at === null || at <= due - REACH_MS ? [] : [{ job, at }];
  });
}

/** A selection that selects nothing any more commits nobody. */
function committedJobs(state: SchedulerState, { definition }: CommitmentRecord): JobRecord[] {
  try {
    return selectJobs(state, definition.jobs).flatMap((name) => state.jobsByName.get(name) ?? []);
  } catch (error) {
    if (isSchedulerError(error, 'SELECTION_EMPTY') || isSchedulerError(error, 'SELECTION_INVALID')) return [];
    throw error;
  }
}

/** The commitments that are due by then, with the runs they wait for. */
export function targetsOf(
  state: SchedulerState,
  until: Instant,
  numberAt: (job: JobRecord, at: Instant) => number,
): ForecastTarget[] {
  const targets: ForecastTarget[] = [];
  for (const record of state.commitments.values()) {
    const { due, name: commitment, state: standing } = record;
    if (due === null || due > until) continue;
    const runs: number[] = [];
    const failed: string[] = [];
    let done = 0;
    for (const { job, at } of committedSlots(state, record, due)) {
      const number = numberAt(job, at);
      if (number >= 0) runs.push(number);
      else if (number === NEVER) failed.push(job.name);
      else done += 1;
    }
    targets.push({ commitment, due, state: standing, runs, failed, done });
  }
  return targets;
}
