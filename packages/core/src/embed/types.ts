/**
 * The embedding API: the shapes an application sees. Plain strings, numbers and Dates outside; the names are
 * frozen, users build on them.
 */
import type { CommitmentDefinition } from '../model/commitment.js';
import type { DomainEvent, DomainEventType, StoredEvent } from '../model/events.js';
import type { Definitions, PoolDefinition } from '../model/job.js';
import type { HoldRuleDefinition, LimitDefinition } from '../model/operations.js';
import type { Blocker, EndPhase, Phase } from '../model/run.js';
import type { Run, RunDetail, WorkerView } from '../model/views.js';
import type { CustomSelector, DefinitionChange } from '../kernel/index.js';
import type { Clock } from '../ports/clock.js';
import type { Executor } from '../ports/executor.js';
import type { Observer } from '../ports/observer.js';
import type { RunFilter } from '../ports/queries.js';
import type { Store } from '../ports/store.js';
import type { SchedulerTransport } from '../ports/transport.js';
import type { ForecastCalls } from './forecast-types.js';
import type { Calendar, Group, Job, Time } from './job-types.js';
import type { IncidentCalls } from './incident-types.js';
import type { OperationCalls } from './operation-types.js';
import type { ParamInput, PlanCalls } from './plan-types.js';

export type * from './forecast-types.js';
export type * from './job-types.js';
export type * from './operation-types.js';
export type * from './plan-types.js';

/** What an engine is made of; everything has a default. */
export interface CreateHeraOptions {
  readonly jobs?: readonly Job[] | Definitions;
  readonly groups?: readonly Group[];
  readonly calendars?: readonly Calendar[];
  readonly pools?: Readonly<Record<string, PoolDefinition>>;
  readonly concurrency?: Readonly<Record<string, number>>;
  /** What must be done by which time of the day. */
  readonly commitments?: Readonly<Record<string, CommitmentDefinition>>;
  /** How much of a selection may run or start. */
  readonly limits?: Readonly<Record<string, LimitDefinition>>;
  /** What holds a selection by itself. */
  readonly holdRules?: Readonly<Record<string, HoldRuleDefinition>>;
  /** Default a memory store: nothing outlives the process. */
  readonly store?: Store;
  /** Where workers connect; default none, the jobs' functions run in this process. */
  readonly transport?: SchedulerTransport;
  /** Further kinds that run in this process. */
  readonly executors?: readonly Executor[];
  /** Attempts at once in this process; default 16. 0 = none here, workers run them all. */
  readonly slots?: number;
  /** Default zone of schedules; default UTC. */
  readonly zone?: string;
  /** Region of this installation: jobs of other areas count as done. */
  readonly area?: string;
  /** Jobs in the store that the code no longer has: kept and shown (default), or retired. */
  readonly onMissing?: 'keep' | 'retire';
  readonly log?: Observer;
  readonly clock?: Clock;
  /** Who asks, in records; default `embedder`. */
  readonly actor?: string;
  /**
   * Several processes share the store, and this one may follow: `start` resolves also while another leads,
   * and what is asked here is passed to the leader through the store. `nudge` tells the leader, by its name
   * in the lease, that something waits; default nobody does, and the leader looks every second.
   */
  readonly follow?: {
    readonly nudge?: (leader: string) => void;
    /** Told whenever this process begins or ceases to lead. */
    readonly onRole?: (leads: boolean) => void;
  };
  /** Whether slots that come due are started; default true. `hera run` sets false. */
  readonly schedules?: boolean;
  /** Lease of leadership in ms; default what suits the store: 10,000 where it names none. */
  readonly leaseMs?: number;
  /**
   * Name of this process among those that share the store, and of the worker in it; default `embedded`.
   * Processes that share a store need one each.
   */
  readonly name?: string;
  /** Selectors that are functions, by the name that `custom` gives. */
  readonly selectors?: Readonly<Record<string, CustomSelector>>;
  /** Takes the log lines of functions; default they are dropped. */
  readonly onOutput?: (attempt: string, text: string) => void;
  /** Secrets by name, asked for last, when a script has been rendered. */
  readonly secrets?: (name: string) => string | Promise<string>;
}

/** A run that was asked for. */
export interface RunHandle {
  readonly run: string;
  readonly generation: number;
  /** Resolves when that generation ends. */
  result(): Promise<RunResult>;
}

/** What a run came to. */
export interface RunResult {
  readonly run: string;
  readonly phase: EndPhase;
  readonly reason: string | null;
  readonly value: unknown;
}

/** How a selection of jobs is submitted. */
export interface SubmitOptions {
  /** Dates the scripts: interval and business date of a daily slot; default now. */
  readonly at?: Time;
  /** The same key twice is one submission. */
  readonly key?: string;
  /** Each goes to every selected job that declares it; one that none declares is an error. */
  readonly params?: ParamInput;
}

/** A graph of runs that was submitted and is durable. */
export interface Submission {
  readonly key: string;
  readonly runs: readonly string[];
  /** Resolves when every run of it has ended, or can never start. */
  result(): Promise<GraphResult>;
}

/** What a submission came to. */
export interface GraphResult {
  readonly submission: string;
  /** `succeeded` when every run did. */
  readonly phase: 'succeeded' | 'failed' | 'canceled';
  readonly runs: readonly RunResult[];
  /** Runs that were blocked by a failure and never started. */
  readonly blocked: readonly string[];
}

/** What definitions change, or would. */
export interface Diff {
  readonly changes: readonly DefinitionChange[];
}

/** Which slot a run now is for: an instant of the job's schedule, or an ad hoc key. */
export interface RunNowOptions {
  readonly slot?: Time;
  readonly key?: string;
  readonly at?: Time;
  readonly params?: ParamInput;
}

/** Listeners by the type of event. */
export type HeraEvents = {
  readonly [T in DomainEventType]: (event: Extract<DomainEvent, { type: T }>, stored: StoredEvent) => void;
} & {
  /** Every event. */
  readonly event: (event: DomainEvent, stored: StoredEvent) => void;
};

/** An engine in this process. Every promise of a change resolves once the change is durable. */
export interface Hera extends IncidentCalls, OperationCalls, PlanCalls, ForecastCalls, AsyncDisposable {
  /** Leads, reconciles the definitions with the store and starts. May be called once. */
  start(): Promise<void>;
  /** Workers as this engine, which leads, knows them now, with the load they last told; else none. */
  workers(): readonly WorkerView[];
  /** Starts nothing new and resolves when nothing runs, or after `deadlineMs` (default 30,000). */
  drain(options?: { readonly deadlineMs?: number }): Promise<void>;
  /** Drains with a deadline and closes what `createHera` opened. May be called again. */
  stop(options?: { readonly deadlineMs?: number }): Promise<void>;
  /** Resolves after `stop`; rejects on an error that ended the engine. */
  readonly closed: Promise<void>;
  /** Whether this process decides; with `follow` another one may. */
  readonly leads: boolean;
  /** Looks now for what other processes have asked through the store. */
  nudge(): void;

  diff(definitions: Definitions): Promise<Diff>;
  apply(
    definitions: Definitions,
    options?: { readonly source?: string; readonly prune?: boolean },
  ): Promise<Diff>;

  run(job: string | Job, options?: RunNowOptions): Promise<RunHandle>;
  submit(select: string, options?: SubmitOptions): Promise<Submission>;
  runGraph(select: string, options?: SubmitOptions): Promise<GraphResult>;
  resume(run: string, options?: { readonly revision?: 'newest' | 'asRun' | number }): Promise<RunHandle>;
  get(run: string): Promise<RunDetail | undefined>;
  runs(query?: RunFilter): AsyncIterable<Run>;
  why(runOrJob: string | Job): Promise<readonly Blocker[]>;
  on<T extends keyof HeraEvents>(event: T, listener: HeraEvents[T]): () => void;
  /** Phases and counts of all runs that can move, for a progress line. */
  counts(): Readonly<Record<Phase, number>>;
}
