/** What is to come, as an application sees it. */
import type { Forecast, Impact } from '../model/forecast.js';
import type { Definitions, JobDefinition } from '../model/job.js';
import type { SlotView } from '../model/views.js';
import type { Job } from './job-types.js';
import type { Time } from './types.js';

/** Of what a forecast is. */
export interface ForecastOptions {
  /** Slots up to then; default 24 hours from now. */
  readonly until?: Time;
  /** Selection of the jobs whose runs are told; all are reckoned with. */
  readonly select?: string;
}

/** What is done to a job in a what-if: fields of its definition, or it is deleted or disabled. */
export type JobChange = 'delete' | 'disable' | Partial<JobDefinition>;

/** Calls that look ahead; they change nothing. */
export interface ForecastCalls {
  /** Next slots of a job that are not yet runs. */
  upcoming(job: string | Job, count: number): readonly SlotView[];
  /**
   * What is foreseen of the runs to come and of commitments: start, end, slack, the way that takes longest.
   * Rejects with `TIME_INVALID`, `SELECTION_INVALID`, `SELECTION_EMPTY`.
   */
  forecast(options?: ForecastOptions): Promise<Forecast>;
  /**
   * Which runs of the next `days` (1 to 31, default 7) a change of one job would take away, add, move or
   * leave waiting in vain, and which commitments it would break. Rejects with `JOB_NOT_FOUND`,
   * `OPTION_INVALID`, or what keeps the change from being applied.
   */
  whatIf(job: string | Job, change: JobChange, options?: { readonly days?: number }): Promise<Impact>;
  /** The same for definitions that would be applied. */
  impact(definitions: Definitions, options?: { readonly days?: number }): Promise<Impact>;
}
