/**
 * Jobs, groups and calendars as code defines them, with the types that tie a function's parameters and
 * upstream values to their declarations.
 */
import type { AcceptClass, EdgeDefinition, SelectorName } from '../model/edge.js';
import type { CheckOptionsDefinition, GateDefinition } from '../model/gate.js';
import type {
  ConfigDefinition,
  GroupDefinition,
  JobDefinition,
  ParamDefinition,
  PolicyDefinition,
} from '../model/job.js';
import type { CalendarDefinition, Duration } from '../model/schedule.js';
import type { AnyJobFunction } from '../shell/function-executor.js';

export type { Time } from '../model/schedule.js';

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

/** Answers a check: true opens the gate. Upstreams may not have ended, so it gets no values of theirs. */
export type GateFunction<Params = Readonly<Record<string, string>>> = (
  context: Omit<JobContext<Record<never, never>, Params>, 'upstream'>,
) => boolean | Promise<boolean>;

/** A check gate whose question is a function of this process. */
export interface FunctionGate<Params = Readonly<Record<string, string>>> extends CheckOptionsDefinition {
  readonly check: GateFunction<Params>;
}

declare const valueOf: unique symbol;

/** A job as `defineJob` returns it, frozen: the form of the definition files, and its function if any. */
export interface Job<Value = unknown, Name extends string = string> {
  readonly name: Name;
  readonly definition: JobDefinition;
  readonly run: JobFunction<never, unknown, never> | undefined;
  readonly group: Group | undefined;
  /** Calendars that it names by their objects. */
  readonly calendars: readonly Calendar[];
  /** Functions of its check gates, by the gate's name. */
  readonly checks: Readonly<Record<string, AnyJobFunction>>;
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
  'group' | 'after' | 'params' | 'calendar' | 'gates'
> {
  /** Checks, events and approvals that a run waits for, by name; a check may be a function. */
  readonly gates?: Readonly<Record<string, GateDefinition | FunctionGate<ParamValues<Params>>>>;
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
