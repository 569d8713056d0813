/**
 * Gates of a job beside its time and its upstreams: a check that is asked again and again, an event that
 * somebody posts, a person's word. A run starts when all of its gates are open.
 */
import type { Duration } from './schedule.js';

/** What is done at a gate's deadline: an alarm and waiting on, an end, or starting without it. */
export type OnGateDeadline = 'wait' | 'fail' | 'skip' | 'proceed';

/** What all gates may say. */
export interface GateDeadlineDefinition {
  /** Counted from the slot's time, or from when the run came to wait; default none. */
  readonly deadline?: Duration;
  /** Default `wait`, with an alarm. */
  readonly onDeadline?: OnGateDeadline;
}

/** What all checks may say. */
export interface CheckOptionsDefinition extends GateDeadlineDefinition {
  /** Between two questions; default 5 m, at least 1 s. */
  readonly every?: Duration;
  /** A question that takes longer is ended and counts as no; default 60 s. */
  readonly timeout?: Duration;
}

/** Open once the command ends with exit code 0 on a worker of the job's pool. */
export interface CommandGateDefinition extends CheckOptionsDefinition {
  readonly command: string;
}
/** Open once a GET of the address answers with a status below 400. */
export interface HttpGateDefinition extends CheckOptionsDefinition {
  readonly http: string;
}
/** Open once the first value of the query is neither nothing, 0 nor NULL; asked by the mysql client. */
export interface SqlGateDefinition extends CheckOptionsDefinition {
  readonly sql: string;
}
/** Open once the path exists in HDFS. */
export interface HdfsGateDefinition extends CheckOptionsDefinition {
  readonly hdfs: string;
}
/** Open once the Hive partition exists: `db.table/dt=2026-03-01/hour=02`. */
export interface HiveGateDefinition extends CheckOptionsDefinition {
  readonly hive: string;
}
/** Open once the gate's function, which only code has, answers true. */
export interface FunctionGateDefinition extends CheckOptionsDefinition {
  readonly function: true;
}
/** Open once an event of that name has been posted for the run's slot. */
export interface EventGateDefinition extends GateDeadlineDefinition {
  readonly event: string;
}
/** Open once a person approves the run: anybody who may, or one of those named. */
export interface ApprovalGateDefinition extends GateDeadlineDefinition {
  readonly approval: true | readonly string[];
}

/** One gate, told apart by its one key that says what it asks. */
export type GateDefinition =
  | CommandGateDefinition
  | HttpGateDefinition
  | SqlGateDefinition
  | HdfsGateDefinition
  | HiveGateDefinition
  | FunctionGateDefinition
  | EventGateDefinition
  | ApprovalGateDefinition;

/** The kinds of gates, as rows and pages name them. */
export type GateType = 'check' | 'event' | 'approval';
