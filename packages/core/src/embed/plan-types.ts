/** Plans as an application sees them: how one is asked for, what it will do, and the handle that moves it. */
import type { PlanView } from '../model/views.js';
import type { Job, Time } from './job-types.js';

/** Values of parameters, by name. */
export type ParamInput = Readonly<Record<string, string | number | boolean>>;

/** A plan: runs to be made again, or for the first time, in order. */
export interface PlanHandle {
  readonly id: number;
  preview(): Promise<PlanPreview>;
  start(): Promise<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  cancel(): Promise<void>;
  failed(): Promise<readonly string[]>;
  view(): Promise<PlanView>;
  /** Resolves when the plan ends. */
  result(): Promise<PlanView>;
}

/** What a plan will do. */
export interface PlanPreview {
  readonly total: number;
  /** Runs in the order they may start. */
  readonly runs: readonly string[];
}

/** Calls that make plans. */
export interface PlanCalls {
  /** A plan, not started unless `start`: look at its `preview` first. */
  rerunChain(
    run: string,
    options?: {
      readonly exclude?: readonly string[];
      readonly downstream?: boolean;
      readonly params?: ParamInput;
      readonly reason?: string;
      readonly start?: boolean;
    },
  ): Promise<PlanHandle>;
  backfill(
    job: string | Job,
    options: {
      readonly from: Time;
      readonly to: Time;
      readonly only?: 'missing' | 'failed' | 'all';
      readonly parallel?: number;
      readonly downstream?: boolean;
      readonly params?: ParamInput;
      readonly reason?: string;
      readonly start?: boolean;
    },
  ): Promise<PlanHandle>;
}
