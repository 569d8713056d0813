/** What is to come, as an application sees it. */
import type { SlotView } from '../model/views.js';
import type { Job } from './job-types.js';

/** Calls that look ahead; they change nothing. */
export interface ForecastCalls {
  /** Next slots of a job that are not yet runs. */
  upcoming(job: string | Job, count: number): readonly SlotView[];
}
