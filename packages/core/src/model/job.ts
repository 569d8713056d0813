/**
 * Definitions: what authors write, in YAML, in TypeScript or on a page. Plain data, one shape everywhere.
 *
 * Terminology
 *   job         a definition: what to run, when, after what, with which settings
 *   group       a folder of jobs and groups; its config and policy are inherited
 *   slot        what a run is for: instant, interval, business date
 *   run         one job for one slot
 *   generation  one intention to execute a run: scheduled, resumed, backfilled …
 *   attempt     one try of a generation on one worker, counted over the whole run
 *   gate        a condition of a run: its time, its upstreams, a check, an event, an approval
 *   binding     which upstream slots a run waits for, stored
 *   pool        a named set of workers;  lane: a class of the queue, with a weight
 */
import type { CommitmentDefinition } from './commitment.js';
import type { EdgeDefinition } from './edge.js';
import type { GateDefinition } from './gate.js';
import type { HoldRuleDefinition, LimitDefinition, TeamsDefinition } from './operations.js';
import type { Lane } from './run.js';
import type { CalendarDefinition, Duration, ScheduleDefinition } from './schedule.js';

/** Why an attempt failed, as far as exit code and output tell. */
export type FailureClass = 'user' | 'resource' | 'outside' | 'host' | 'unknown';
export type Overlap = 'queue' | 'allow' | 'forbid' | 'replace';
/** What is done about attempts of a worker that is lost. */
export type OnWorkerLost = 'fence' | 'hold' | 'rerun';
export type JobState = 'enabled' | 'disabled' | 'retired';

export interface RetryDefinition {
  /** Tries per generation, the first included; 1 to 100. Default 1. */
  readonly attempts?: number;
  /** Wait before the second try; default 0. */
  readonly delay?: Duration;
  readonly backoff?: 'fixed' | 'exponential';
  /** Ceiling of the exponential wait; default 1 h. */
  readonly delayMax?: Duration;
  /** 0 to 1: the share of the wait that is random; default 0. */
  readonly jitter?: number;
  /** Classes that are tried again; default resource, outside, unknown. */
  readonly on?: readonly FailureClass[];
}

/** Tells failures of a job, beside what its kind knows. Of `match` and `exit`, those it has must hold. */
export interface FailureRuleDefinition {
  /** Text that a line of the output's end holds; `*` stands for anything within the line. */
  readonly match?: string;
  /** Exit code, 1 to 255. */
  readonly exit?: number;
  readonly class: FailureClass;
}

export interface NeedsDefinition {
  /** Slots of the worker that an attempt takes; default 1. */
  readonly slots?: number;
  /** Bytes, or `4GiB`, `512MiB`: what the dispatcher reserves. */
  readonly memory?: number | string;
  /** Labels the worker must have. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Concurrency keys that an attempt holds. */
  readonly concurrency?: readonly string[];
}

/** What a job says about policy, and a group says for all below it. */
export interface PolicyDefinition {
  readonly kind?: string;
  readonly pool?: string;
  readonly zone?: string;
  readonly calendar?: string;
  readonly retry?: RetryDefinition;
  /** Rules that give failures a class, by name; asked before those of the kind, the nearest first. */
  readonly failures?: Readonly<Record<string, FailureRuleDefinition>>;
  /** Disables the job after so many failed runs in a row, 1 to 1000; unset: never. */
  readonly pauseAfter?: number;
  /** How long a run may be ready without being started; default without a limit. */
  readonly queueTimeout?: Duration;
  /** What is done then; default `alarm`. */
  readonly onQueueTimeout?: 'alarm' | 'fail';
  /** Kills the attempt; default 12 h. */
  readonly timeout?: Duration;
  readonly expect?: { readonly duration?: Duration; readonly end?: string };
  readonly overlap?: Overlap;
  readonly onWorkerLost?: OnWorkerLost;
  /** -1000 to 1000, higher first; default 50. */
  readonly priority?: number;
  readonly runAs?: string;
  readonly needs?: NeedsDefinition;
  /** Regions the job runs in; elsewhere its runs count as done. */
  readonly areas?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly owner?: string;
  /** Print the rendered script at the head of the log. */
  readonly echo?: boolean;
  /** Encoding of the script file; default utf-8. */
  readonly encoding?: string;
}

export type ConfigValueDefinition = string | number | boolean | { readonly secret: string };
export type ConfigDefinition = Readonly<Record<string, ConfigValueDefinition>>;

export interface ParamDefinition {
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  readonly title?: string;
  readonly enum?: readonly (string | number)[];
  /** The whole value must match. */
  readonly pattern?: string;
  readonly min?: number;
  readonly max?: number;
  readonly default?: string | number | boolean;
  readonly required?: boolean;
}

export type ScriptDefinition = string | { readonly file: string };

export interface JobDefinition extends PolicyDefinition {
  readonly group?: string;
  readonly title?: string;
  readonly description?: string;
  /** Former name: history follows. */
  readonly was?: string;
  /** Written by importers: keeps the number of the source. */
  readonly id?: number;
  readonly compat?: 'hera';
  readonly state?: JobState;
  readonly schedule?: ScheduleDefinition;
  /** Whose slots a job without a schedule takes: an upstream, or a rule; default `coarsest`. */
  readonly pace?: string;
  /** Upstreams by name; a map, so that one edge is one line of a diff. */
  readonly after?: Readonly<Record<string, EdgeDefinition>>;
  /** Checks, events and approvals that a run waits for, by name. */
  readonly gates?: Readonly<Record<string, GateDefinition>>;
  readonly config?: ConfigDefinition;
  readonly params?: Readonly<Record<string, ParamDefinition>>;
  /** Resources by local name. */
  readonly files?: Readonly<Record<string, string>>;
  readonly script?: ScriptDefinition;
  /** Commands around the script, each in the same place; a failing one fails the attempt. */
  readonly pre?: readonly string[];
  readonly post?: readonly string[];
  readonly followers?: readonly string[];
}

export interface GroupDefinition {
  readonly title?: string;
  readonly description?: string;
  readonly zone?: string;
  readonly owner?: string;
  readonly followers?: readonly string[];
  readonly config?: ConfigDefinition;
  readonly files?: Readonly<Record<string, string>>;
  readonly defaults?: PolicyDefinition;
}

export interface PoolDefinition {
  readonly title?: string;
  /** Attempts running at once in the whole pool. */
  readonly runningMax?: number;
  readonly strategy?: 'leastLoaded' | 'roundRobin' | 'random';
  /** Share of memory in use above which a worker gets nothing new, 0 to 1; null or absent is no limit. */
  readonly maxMemoryShare?: number | null;
  readonly maxLoadPerCore?: number | null;
  /** Pause before a worker that just got work gets more. */
  readonly warmUp?: Duration;
  /** Weights of lanes; 0 takes what the others leave. Default 8, 4, 2, 1 and 0, scheduled to backfill. */
  readonly lanes?: Readonly<Partial<Record<Lane, number>>>;
  /** Shares free slots among teams, within each lane. */
  readonly teams?: TeamsDefinition;
}

/** Everything an estate defines; the union of its files. */
export interface Definitions {
  readonly calendars?: Readonly<Record<string, CalendarDefinition>>;
  readonly pools?: Readonly<Record<string, PoolDefinition>>;
  /** Concurrency key: how many attempts may hold it. */
  readonly concurrency?: Readonly<Record<string, number>>;
  readonly groups?: Readonly<Record<string, GroupDefinition>>;
  readonly jobs?: Readonly<Record<string, JobDefinition>>;
  /** How much of a selection may run or start. */
  readonly limits?: Readonly<Record<string, LimitDefinition>>;
  /** What holds a selection by itself. */
  readonly holdRules?: Readonly<Record<string, HoldRuleDefinition>>;
  readonly commitments?: Readonly<Record<string, CommitmentDefinition>>;
}
