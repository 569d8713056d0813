/**
 * What a forecast needs of the state, as plain columns: the runs that are open and those still to come, what
 * each waits for, how long each is expected to take, and the slots they share. Taken between two steps; the
 * forecast itself is made elsewhere and may take its time.
 */
import type { CommitmentState } from '../model/commitment.js';
import type { Instant } from '../model/ids.js';
import type { JobRecord } from './records.js';

/** Where a run of the forecast stands. */
export const STANDS = { future: 0, waiting: 1, queued: 2, running: 3, backoff: 4 } as const;

/** An upstream that will not come to its end by itself. */
export const NEVER = -2;

/** The night as it stands. Runs are numbered from 0; all columns have one entry for each. */
export interface ForecastInput {
  readonly at: Instant;
  /** Slots up to this instant are looked at. */
  readonly until: Instant;
  readonly size: number;
  /** Index of the job in `jobs`. */
  readonly job: Int32Array;
  readonly jobs: readonly ForecastJob[];
  /** Row of the run in the state, -1 when it is still to come. */
  readonly row: Int32Array;
  readonly instant: Float64Array;
  readonly stands: Uint8Array;
  /** Not before then: its slot, its retry; of a running one, when it started. */
  readonly from: Float64Array;
  readonly typicalMs: Float64Array;
  readonly cautiousMs: Float64Array;
  /** Of a running one, what is left of it. */
  readonly leftMs: Float64Array;
  /** Slot keys of ad hoc runs, by number. */
  readonly adHocKeys: Map<number, string>;
  /** Minute by which the state has it start; 0 for none. */
  readonly startBy: Int32Array;
  /** Its own priority; upstreams of a waiting one get at least as much. */
  readonly priority: Int16Array;
  /** 1 for backfill, which takes what others leave. */
  readonly isBackfill: Uint8Array;
  /** Upstreams of run i are `ups[upsFrom[i] .. upsFrom[i + 1]]`; `NEVER` is one that has no hope. */
  readonly upsFrom: Int32Array;
  readonly ups: Int32Array;
  /** Job that is to blame for a `NEVER` of the run, by index; -1 without one. */
  readonly blockedBy: Int32Array;
  /** By how many ms an upstream that has ended overran, and whose it was; 0 and -1 without one. */
  readonly overranMs: Float64Array;
  readonly overranJob: Int32Array;
  readonly classes: readonly ForecastClass[];
  readonly workers: readonly ForecastWorkers[];
  /** Concurrency keys, pool limits and jobs whose runs follow each other: how many more may start. */
  readonly limits: readonly number[];
  readonly commitments: readonly ForecastTarget[];
}

/** What the runs of a job have in common. */
export interface ForecastJob {
  readonly name: string;
  readonly class: number;
  /** Places in `limits`. */
  readonly limits: readonly number[];
}

/** Runs with the same needs. */
export interface ForecastClass {
  readonly slots: number;
  /** Places in `workers`. */
  readonly workers: readonly number[];
}

/** Workers that can do the same. */
export interface ForecastWorkers {
  readonly slots: number;
  used: number;
}

/** A commitment and the runs that must be done for it. */
export interface ForecastTarget {
  readonly commitment: string;
  readonly due: Instant;
  readonly state: CommitmentState;
  /** Runs that are still open or to come. */
  readonly runs: readonly number[];
  /** Jobs whose run has ended badly, or has no slot. */
  readonly failed: readonly string[];
  /** Jobs that are done. */
  readonly done: number;
}

/** A run that is to be part of the input, before it has a number. */
export interface ComingRun {
  readonly job: JobRecord;
  readonly instant: Instant;
  /** A row that others wait for already; -1 without one. */
  readonly row: number;
}
