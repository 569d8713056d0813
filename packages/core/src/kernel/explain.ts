import type { Blocker } from '../model/run.js';
import type { SchedulerState } from './state.js';
/** Why a run (`job@slot`) or the next run of a job does not run now; empty when nothing stands in its way. @throws SchedulerError `RUN_NOT_FOUND`, `JOB_NOT_FOUND`. */
export declare function explain(state: SchedulerState, subject: string): readonly Blocker[];
