/**
 * The embedding API: the shapes an application sees. Plain strings, numbers and Dates outside; the names are
 * frozen, users build on them.
 */
import type { AcceptClass, EdgeDefinition, SelectorName } from '../model/edge.js';
import type { CalendarDefinition, Duration } from '../model/schedule.js';
import type {
  ConfigDefinition,
  Definitions,
  GroupDefinition,
  JobDefinition,
  ParamDefinition,
  PolicyDefinition,
  PoolDefinition,
} from '../model/job.js';
import type { DomainEvent, DomainEventType, StoredEvent } from '../model/events.js';
import type { Blocker, EndPhase, Phase } from '../model/run.js';
import type { PlanView, Run, RunDetail, SlotView } from '../model/views.js';
import type { CustomSelector, DefinitionChange } from '../kernel/index.js';
import type { RunFilter } from '../ports/queries.js';
import type { Clock } from '../ports/clock.js';
import type { Executor } from '../ports/executor.js';
import type { Observer } from '../ports/observer.js';
import type { Store } from '../ports/store.js';
import type { SchedulerTransport } from '../ports/transport.js';

/** Epoch ms, a Date, or ISO 8601 with an offset; a bare local time is an error (`TIME_INVALID`). */
export type Time = Date | number | string;

/** What JSON can hold: the result of a function job. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** What a function job is given. `Up` maps its upstreams to the values they return. */
export interface JobContext<
  Up = Readonly<Record<string, unknown>>,
  Params = Readonly<Record<string, string>>,
> {
  readonly slot: SlotContext;
  readonly params: Params;
  readonly config: Readonly<Record<string, string>>;
  readonly upstream: { readonly [K in keyof Up]: UpstreamResult<Up[K]> };
  /** Number of the attempt within the run, from 1. */
  readonly attempt: number;
  /** Aborts when the run is canceled or timed out; the worker slot stays taken until the promise settles. */
  readonly signal: AbortSignal;
  /** One line of the attempt's log. */
  log(line: string): void;
}

/** What a run is for: an instant, the interval of data it stands for, and a business date. */
export interface SlotContext {
  readonly key: string;
  readonly instant: Date;
  readonly interval: { readonly start: Date; readonly end: Date };
  readonly businessDate: string;
  /** Local date of `instant`, `2026-11-23`. */
  readonly day: string;
  readonly zone: string;
}

/** What the runs of an upstream returned. */
export interface UpstreamResult<Value> {
  /** Of the newest slot that the run waited for. */
  readonly value: Value;
  /** Of all of them, in the order of their slots. */
  readonly values: readonly Value[];
}

/** A job that is a function: what it returns is its result, JSON of at most 64 KiB. */
export type JobFunction<Up, Value, Params> = (context: JobContext<Up, Params>) => Value | Promise<Value>;

declare const valueOf: unique symbol;

/** A job as `defineJob` returns it, frozen: the form of the definition files, and its function if any. */
export interface Job<Value = unknown, Name extends string = string> {
  readonly name: Name;
  readonly definition: JobDefinition;
  readonly run: JobFunction<never, unknown, never> | undefined;
  readonly group: Group | undefined;
  /** Calendars that it names by their objects. */
  readonly calendars: readonly Calendar[];
  /** Never set: carries the type of the value. */
  readonly [valueOf]?: Value;
}

/** An upstream with a selector and options, as `same(orders, …)` and the others make it. */
export interface JobEdge<Value = unknown, Name extends string = string> {
  readonly job: Job<Value, Name>;
  readonly edge: EdgeDefinition;
}

/** The job's own earlier slot, as `self(n)` makes it; its key is the job's own name. */
export interface SelfEdge {
  readonly job: 'self';
  readonly edge: EdgeDefinition;
}

/** One upstream: a job, a job with a selector, or, for one defined elsewhere, the form of the files. */
export type Upstream = Job | JobEdge | SelfEdge | EdgeDefinition;
/** Upstreams by the names of their jobs. */
export type Upstreams = Readonly<Record<string, Upstream>>;

/** Says in an error of the compiler what is wrong with a key of `after`. */
export interface KeyMustBeTheNameOfTheJob<Name extends string> {
  readonly 'the key must be the name of the job': Name;
}

/** `After`, if every key is the name of the job behind it. */
export type CheckedUpstreams<After> = {
  readonly [K in keyof After]: After[K] extends Job<unknown, infer Name> | JobEdge<unknown, infer Name>
    ? K extends Name
      ? After[K]
      : KeyMustBeTheNameOfTheJob<Name>
    : After[K];
};

/** What the functions behind the upstreams return, by name. */
export type UpstreamValues<After> = {
  readonly [K in keyof After]: After[K] extends Job<infer Value> | JobEdge<infer Value> ? Value : unknown;
};

/** Declared parameters, by name. */
export type ParamDefinitions = Readonly<Record<string, ParamDefinition>>;

type ParamValue<D extends ParamDefinition> = D extends { readonly enum: readonly (infer Choice)[] }
  ? Choice
  : D['type'] extends 'integer' | 'number'
    ? number
    : D['type'] extends 'boolean'
      ? boolean
      : string;
type IsGiven<D extends ParamDefinition> = D extends { readonly required: true }
  ? true
  : D extends { readonly default: string | number | boolean }
    ? true
    : false;

/** Values of declared parameters; what is neither required nor has a default may be missing. */
export type ParamValues<Params extends ParamDefinitions> = {
  readonly [K in keyof Params]: IsGiven<Params[K]> extends true
    ? ParamValue<Params[K]>
    : ParamValue<Params[K]> | undefined;
};

/** What `defineJob` takes: the fields of the definition files, objects instead of names, and a function. */
export interface JobOptions<After, Params extends ParamDefinitions, Value> extends Omit<
  JobDefinition,
  'group' | 'after' | 'params' | 'calendar'
> {
  readonly group?: Group | string;
  readonly calendar?: Calendar | string;
  readonly after?: After & CheckedUpstreams<After>;
  readonly params?: Params;
  /** The job is this function, instead of a script; its kind is `function`. */
  readonly run?: JobFunction<UpstreamValues<After>, Value, ParamValues<Params>>;
}

/** What of an upstream slot counts; the same fields as in the files. */
export interface EdgeOptions {
  readonly whenEmpty?: 'block' | 'skipRun' | 'vacuous';
  readonly rule?: 'success' | 'done' | 'failed';
  readonly accept?: readonly AcceptClass[];
  readonly freshness?: Duration;
  readonly generation?: 'latest' | 'any';
  readonly onUpstreamFailed?: 'wait' | 'fail' | 'skip' | 'proceed';
  readonly onUpstreamRerun?: 'markStale' | 'rerun' | 'ignore';
  readonly timeout?: Duration;
}

export type { SelectorName };

/** A group as `defineGroup` returns it, frozen. */
export interface Group {
  readonly path: string;
  readonly definition: GroupDefinition;
  readonly parent: Group | undefined;
  /** Calendars that its defaults name by their objects. */
  readonly calendars: readonly Calendar[];
}

/** A calendar as `defineCalendar` returns it, frozen. */
export interface Calendar {
  readonly name: string;
  readonly definition: CalendarDefinition;
}

/** What `defineGroup` takes: the fields of the definition files, and objects instead of names. */
export interface GroupOptions extends Omit<GroupDefinition, 'defaults'> {
  readonly parent?: Group;
  readonly defaults?: Omit<PolicyDefinition, 'calendar'> & { readonly calendar?: Calendar | string };
  readonly config?: ConfigDefinition;
}

/** What an engine is made of; everything has a default. */
export interface CreateHeraOptions {
  readonly jobs?: readonly Job[] | Definitions;
  readonly groups?: readonly Group[];
  readonly calendars?: readonly Calendar[];
  readonly pools?: Readonly<Record<string, PoolDefinition>>;
  readonly concurrency?: Readonly<Record<string, number>>;
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
  /** Whether slots that come due are started; default true. `hera run` sets false. */
  readonly schedules?: boolean;
  /** Lease of leadership in ms; default 10,000, or 60,000 where the store is the engine's own. */
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
  readonly params?: Readonly<Record<string, string | number | boolean>>;
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

/** Which slot a run now is for: an instant of the job's schedule, or an ad hoc key. */
export interface RunNowOptions {
  readonly slot?: Time;
  readonly key?: string;
  readonly at?: Time;
  readonly params?: Readonly<Record<string, string | number | boolean>>;
}

/** Listeners by the type of event. */
export type HeraEvents = {
  readonly [T in DomainEventType]: (event: Extract<DomainEvent, { type: T }>, stored: StoredEvent) => void;
} & {
  /** Every event. */
  readonly event: (event: DomainEvent, stored: StoredEvent) => void;
};

/** An engine in this process. Every promise of a change resolves once the change is durable. */
export interface Hera extends AsyncDisposable {
  /** Leads, reconciles the definitions with the store and starts. May be called once. */
  start(): Promise<void>;
  /** Starts nothing new and resolves when nothing runs, or after `deadlineMs` (default 30,000). */
  drain(options?: { readonly deadlineMs?: number }): Promise<void>;
  /** Drains with a deadline and closes what `createHera` opened. May be called again. */
  stop(options?: { readonly deadlineMs?: number }): Promise<void>;
  /** Resolves after `stop`; rejects on an error that ended the engine. */
  readonly closed: Promise<void>;

  diff(definitions: Definitions): Promise<Diff>;
  apply(
    definitions: Definitions,
    options?: { readonly source?: string; readonly prune?: boolean },
  ): Promise<Diff>;

  run(job: string | Job, options?: RunNowOptions): Promise<RunHandle>;
  submit(select: string, options?: SubmitOptions): Promise<Submission>;
  runGraph(select: string, options?: SubmitOptions): Promise<GraphResult>;
  resume(run: string, options?: { readonly revision?: 'newest' | 'asRun' | number }): Promise<RunHandle>;
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
  enable(job: string | Job): Promise<void>;
  disable(job: string | Job): Promise<void>;
  /** A plan, not started unless `start`: look at its `preview` first. */
  rerunChain(
    run: string,
    options?: {
      readonly exclude?: readonly string[];
      readonly downstream?: boolean;
      readonly params?: SubmitOptions['params'];
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
      readonly params?: SubmitOptions['params'];
      readonly reason?: string;
      readonly start?: boolean;
    },
  ): Promise<PlanHandle>;

  get(run: string): Promise<RunDetail | undefined>;
  runs(query?: RunFilter): AsyncIterable<Run>;
  why(runOrJob: string | Job): Promise<readonly Blocker[]>;
  /** Next slots of a job that are not yet runs. */
  upcoming(job: string | Job, count: number): readonly SlotView[];
  on<T extends keyof HeraEvents>(event: T, listener: HeraEvents[T]): () => void;
  /** Phases and counts of all runs that can move, for a progress line. */
  counts(): Readonly<Record<Phase, number>>;
}
