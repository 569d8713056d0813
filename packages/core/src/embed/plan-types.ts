/** Plans as an application sees them: how one is asked for, what it will do, and the handle that moves it. */
import type { PlanPreview, PlanView } from '../model/views.js';
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

/** When a plan starts members: `{ from: '22:00', to: '06:00' }`, the end excluded, on clocks of the zone. */
export interface PlanHoursInput {
  readonly from: string;
  readonly to: string;
  /** Default the zone of the engine. */
  readonly zone?: string;
}

/** What every plan may be told. */
export interface PlanOptions {
  /** Runs (`job@slot`), or selections of jobs: left out; between two members they count as done. */
  readonly exclude?: readonly string[];
  /** Which slots: those that never ran, those that failed, or all. */
  readonly only?: 'missing' | 'failed' | 'all';
  /** Dates under way at once, at least 1; a backfill's default is 1, others' is all. */
  readonly parallel?: number;
  /** Attempts at once, at least 1; default no limit. */
  readonly runningMax?: number;
  readonly hours?: PlanHoursInput;
  /** At a failure nothing new starts, or (default) what does not depend on it goes on. */
  readonly onFailure?: 'stop' | 'goRound';
  /** Whether successes make downstreams outside the plan run again; default false. */
  readonly downstream?: boolean;
  /** For every member: declared parameters, or values in place of config keys. */
  readonly params?: ParamInput;
  /** More of them, by run or by name of a job. */
  readonly memberParams?: Readonly<Record<string, ParamInput>>;
  readonly reason?: string;
  /** Default false: look at its `preview` first. */
  readonly start?: boolean;
  /** The same key twice is one plan. */
  readonly key?: string;
  /** Who asks; default the actor of the engine. */
  readonly actor?: string;
}

/** Slots from one to another, both included: instants, or business dates such as `2026-11-23`. */
export interface PlanRange {
  readonly from?: Time;
  /** Default `from`. */
  readonly to?: Time;
}

/** Calls that make plans. */
export interface PlanCalls {
  /**
   * Runs again what a selection means for a range of slots. Runs may be among the names, with what is bound
   * to them up and down: `orders@20260302T020000Z+`; a range is then needed only for the names.
   */
  rerun(select: string, options?: PlanOptions & PlanRange): Promise<PlanHandle>;
  /** Runs again one run, or several, and in order all that is bound to them downstream. */
  rerunChain(run: string | readonly string[], options?: PlanOptions): Promise<PlanHandle>;
  /** Runs the slots of a selection in a range, of which some may never have been. */
  backfill(
    select: string | Job,
    options: PlanOptions & PlanRange & { readonly from: Time },
  ): Promise<PlanHandle>;
  /** The handle of a plan that was made before. */
  plan(id: number): PlanHandle;
}
