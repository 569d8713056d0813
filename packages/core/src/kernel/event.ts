/**
 * All that can happen to the kernel. Facts are in the past tense and cannot be refused; requests carry a
 * number and are answered by a reply, an error among them. Every event carries `at`: the kernel has no clock.
 */
import type { Instant, ZoneName } from '../model/ids.js';
import type { Definitions } from '../model/job.js';
import type { HoldScope, OverrideEffect, SlotRange } from '../model/operations.js';
import type { Row } from '../model/tables.js';
import type { WorkerMessage } from '../protocol/messages.js';

export type KernelEvent =
  | { readonly type: 'time.passed'; readonly at: Instant }
  /** The database's clock went back by more than a minute: no new slots until it catches up. */
  | { readonly type: 'clock.jumped'; readonly at: Instant; readonly byMs: number }
  | {
      readonly type: 'worker.said';
      readonly at: Instant;
      readonly worker: string;
      readonly message: WorkerMessage;
    }
  | { readonly type: 'worker.disconnected'; readonly at: Instant; readonly worker: string }
  | {
      readonly type: 'verdicts.read';
      readonly at: Instant;
      readonly job: number;
      readonly from: number;
      readonly rows: readonly Row[];
    }
  /** The answer to `forecast.make`: how commitments will go, and by when what they hang on must start. */
  | {
      readonly type: 'forecast.made';
      readonly at: Instant;
      readonly commitments: readonly CommitmentForecast[];
      readonly startBy: readonly StartBy[];
    }
  /** The script of a claimed attempt could not be rendered; the attempt never left. */
  | {
      readonly type: 'render.failed';
      readonly at: Instant;
      readonly attempt: string;
      readonly message: string;
    }
  | {
      readonly type: 'request';
      readonly at: Instant;
      readonly request: number;
      readonly actor: string;
      readonly key: string | null;
      readonly body: Request;
    };

/** How a commitment will go, as things stand. */
export interface CommitmentForecast {
  readonly commitment: string;
  /** The instant it is about. */
  readonly due: Instant;
  /** How many jobs it is about; 0 when none has a slot for it. */
  readonly jobs: number;
  /** All of them are done. */
  readonly done: boolean;
  /** When they are foreseen to be; null is never, as things stand. */
  readonly end: number | null;
  /** Nine times of ten they are done by then. */
  readonly cautiousEnd: number | null;
  /** Who is to blame if it is late. */
  readonly culprit: Culprit | null;
}

/** `slow`: it takes so much longer than usual; `long`: nothing is unusual, and it takes the longest. */
export interface Culprit {
  readonly job: string;
  readonly why: 'slow' | 'long' | 'failed' | 'noSlot';
  readonly byMs: number;
}

/** By which minute since the epoch a run must start; 0 takes it back. The run is named by its row. */
export interface StartBy {
  readonly row: number;
  readonly job: number;
  readonly instant: number;
  readonly minute: number;
}

/**
 * What people and systems may ask; durable, answered once. `key` of the event makes a repetition harmless.
 */
export type Request =
  | {
      readonly type: 'definitions.apply';
      readonly definitions: Definitions;
      readonly source: string;
      readonly prune: boolean;
    }
  | { readonly type: 'job.state'; readonly job: string; readonly state: 'enabled' | 'disabled' | 'retired' }
  | { readonly type: 'job.delete'; readonly job: string }
  | { readonly type: 'run.now'; readonly job: string; readonly slot: SlotChoice; readonly params: Params }
  | {
      readonly type: 'graph.submit';
      readonly jobs: readonly string[];
      readonly submission: string | null;
      readonly asOf: Instant;
      readonly params: Params;
    }
  | {
      readonly type: 'run.resume';
      readonly run: string;
      readonly revision: RevisionChoice;
      readonly params: Params;
    }
  | { readonly type: 'run.cancel'; readonly run: string; readonly reason: string }
  | {
      readonly type: 'run.force';
      readonly run: string;
      readonly verdict: 'succeeded' | 'failed';
      readonly release: boolean;
      readonly reason: string;
    }
  /** Settles an attempt of which nothing is known. */
  | {
      readonly type: 'attempt.resolve';
      readonly attempt: string;
      readonly as: 'dead' | 'succeeded' | 'failed';
      readonly reason: string;
    }
  | {
      readonly type: 'plan.create';
      readonly plan: PlanRequest;
      readonly reason: string;
      readonly start: boolean;
    }
  | {
      readonly type: 'plan.control';
      readonly plan: number;
      readonly verb: 'start' | 'pause' | 'resume' | 'cancel';
    }
  /** Takes a worker out of quarantine. */
  | { readonly type: 'worker.release'; readonly worker: string }
  | { readonly type: 'incident.acknowledge'; readonly incident: number; readonly note: string }
  /** Null: nobody's any more. */
  | { readonly type: 'incident.assign'; readonly incident: number; readonly assignee: string | null }
  /** Silences what is told about it until then; null ends that. */
  | { readonly type: 'incident.snooze'; readonly incident: number; readonly until: Instant | null }
  | {
      readonly type: 'run.approve';
      readonly run: string;
      /** Null opens all approval gates that the run waits for and the actor may open. */
      readonly gate: string | null;
      readonly reason: string;
    }
  /** Counts for the slot or the business date it names, also when the run is not there yet. */
  | {
      readonly type: 'event.post';
      readonly name: string;
      readonly instant: Instant | null;
      readonly businessDate: string | null;
      /** JSON. */
      readonly payload: string | null;
      readonly keepMs: number;
    }
  /** The run, also one of a slot to come, does not wait for that upstream: a job, or one run of it. */
  | {
      readonly type: 'waive.begin';
      readonly run: string;
      readonly upstream: string;
      readonly reason: string;
      /** In the future. */
      readonly until: Instant;
    }
  | { readonly type: 'waive.end'; readonly waive: number }
  | {
      readonly type: 'override.begin';
      readonly select: string;
      /** Null: all slots, while it lasts. */
      readonly range: SlotRange | null;
      readonly effect: OverrideEffect;
      readonly reason: string;
      readonly until: Instant;
    }
  | { readonly type: 'override.end'; readonly override: number }
  | {
      readonly type: 'hold.begin';
      readonly scope: HoldScope;
      readonly reason: string;
      /** When it is released by itself; null: by a person only. */
      readonly until: Instant | null;
      /** Starts a minute when it is released; null: all at once. */
      readonly pace: number | null;
    }
  /** `pace` null: all at once. May be repeated, with another pace. */
  | { readonly type: 'hold.release'; readonly hold: number; readonly pace: number | null }
  | { readonly type: 'worker.drain'; readonly worker: string; readonly draining: boolean };

export type RequestType = Request['type'];
/** The request of that type. */
export type RequestBody<T extends RequestType> = Extract<Request, { type: T }>;
export type Params = Readonly<Record<string, string>>;
/** `newest` is the rule; the others are for repeating exactly what ran. */
export type RevisionChoice = 'newest' | 'asRun' | number;

/** Which slot a run now is for. */
export type SlotChoice =
  | { readonly by: 'instant'; readonly instant: Instant }
  | { readonly by: 'adHoc'; readonly key: string | null; readonly asOf: Instant };

/** What a plan is made of; frozen into its members when it is made. */
export interface PlanRequest {
  readonly type: PlanType;
  /** Runs that are named one by one, and how far above and below each its stored bindings are followed. */
  readonly runs: readonly RunReach[];
  /** Jobs, in the language of selections; null when only runs are named. */
  readonly select: string | null;
  /** Slots of the selected jobs; null when only runs are named. */
  readonly span: PlanSpan | null;
  /** Runs, or selections of jobs: members that are left out, and that count as done between others. */
  readonly exclude: readonly string[];
  readonly only: 'missing' | 'failed' | 'all';
  /** Dates under way at once, at least 1; null is all. */
  readonly parallel: number | null;
  /** Attempts at once, at least 1; null is no limit of the plan's own. */
  readonly runningMax: number | null;
  readonly hours: PlanHours | null;
  /** At a failure nothing new starts, or what does not depend on it goes on. */
  readonly onFailure: 'stop' | 'goRound';
  /** Whether successes make downstreams outside the plan run again. */
  readonly downstream: boolean;
  readonly params: Params;
  /** More of them, by run or by job; the run's come before the job's, and both before the plan's. */
  readonly memberParams: Readonly<Record<string, Params>>;
}

export type PlanType = 'rerunChain' | 'rerun' | 'backfill';

/** Levels above and below the run; null is all of them. */
export interface RunReach {
  readonly run: string;
  readonly up: number | null;
  readonly down: number | null;
}

/** Slots from one to another, both included: by their instants, or by their business dates. */
export type PlanSpan =
  | { readonly by: 'instant'; readonly from: Instant; readonly to: Instant }
  | { readonly by: 'date'; readonly from: string; readonly to: string };

/**
 * The plan starts members only from one minute of the day to another, the second excluded, on clocks of the
 * zone; the window may pass midnight.
 */
export interface PlanHours {
  readonly fromMinute: number;
  readonly toMinute: number;
  readonly zone: ZoneName;
}
