/** What operators do to runs, attempts and jobs, as an application sees it. */
import type { OperationsView, OverrideEffect, SlotRange } from '../model/operations.js';
import type { Lane } from '../model/run.js';
import type { Duration } from '../model/schedule.js';
import type { Job, Json, Time } from './job-types.js';

/** What an event is for and what it brings. */
export interface PostEventOptions {
  /** Instant of the slot it is for. */
  readonly slot?: Time;
  /** `2026-11-23`. */
  readonly businessDate?: string;
  /** JSON of at most 64 KiB. */
  readonly payload?: Json;
  /** How long it counts; default 7 days, at most 400. */
  readonly keep?: Duration;
  /** Who posts it; default the actor of the engine. */
  readonly actor?: string;
  readonly key?: string;
}

/** Why, and until when. */
export interface EndingOptions extends ActorOption {
  readonly reason: string;
  readonly until?: Time;
}

/** Who says it; default the actor of the engine. */
export interface ActorOption {
  readonly actor?: string;
}

/** What an override changes, and for which slots. */
export interface OverrideOptions extends EndingOptions {
  readonly effect: OverrideEffect;
  readonly range?: SlotRange;
}

/** What of the selection is held, and how it is released at its end. */
export interface HoldOptions extends EndingOptions {
  readonly lanes?: readonly Lane[];
  readonly key?: string;
  /** Starts a minute after its end; default all at once. */
  readonly pace?: number;
}

/** Calls that change what runs, or whether it does. */
export interface OperationCalls {
  cancel(run: string, options?: { readonly reason?: string }): Promise<void>;
  force(
    run: string,
    options: {
      readonly verdict?: 'succeeded' | 'failed';
      readonly release?: boolean;
      readonly reason: string;
    },
  ): Promise<void>;
  resolve(
    attempt: string,
    options: { readonly as: 'dead' | 'succeeded' | 'failed'; readonly reason: string },
  ): Promise<void>;
  /**
   * Opens the approval gates that the run waits for, or the one that is named; names of those opened. @throws
   * SchedulerError `RUN_NOT_FOUND`, `STATE_CONFLICT`: nothing waits for it, or the gate names others.
   */
  approve(
    run: string,
    options?: {
      readonly gate?: string;
      readonly reason?: string;
      /** Who approves; default the actor of the engine. */
      readonly actor?: string;
      readonly key?: string;
    },
  ): Promise<readonly string[]>;
  /**
   * Posts an event: event gates of its slot or business date open, also those of runs that are not there yet;
   * the runs whose gates it opened. With neither it counts for runs of about now. `key` makes a repetition
   * harmless. @throws SchedulerError `OPTION_INVALID`.
   */
  postEvent(name: string, options?: PostEventOptions): Promise<readonly string[]>;
  /** The run does not wait for the upstream; others still do. Ends after a day by default. Its number. */
  waive(run: string, upstream: string | Job, options: EndingOptions): Promise<number>;
  /** @throws SchedulerError `OPERATION_NOT_FOUND`. */
  endWaive(waive: number, options?: ActorOption): Promise<void>;
  /** Something else than the jobs say, for all slots or a range; ends after a day by default. Its number. */
  override(select: string, options: OverrideOptions): Promise<number>;
  /** @throws SchedulerError `OPERATION_NOT_FOUND`. */
  endOverride(override: number, options?: ActorOption): Promise<void>;
  /** Nothing of the selection starts until it is released, by hand or at its end. Its number. */
  hold(select: string, options: HoldOptions): Promise<number>;
  /** Lets go what is held, by priority, at so many starts a minute or all at once. */
  release(hold: number, options?: ActorOption & { readonly pace?: number | null }): Promise<void>;
  /** What is in force. @throws SchedulerError `NOT_LEADING`. */
  operations(): OperationsView;
  enable(job: string | Job): Promise<void>;
  disable(job: string | Job): Promise<void>;
}
