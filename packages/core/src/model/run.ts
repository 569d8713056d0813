/**
 * The life of a run, in the words that people, the wire and the tables use. The kernel keeps the same facts
 * as numbers (kernel/codes.ts); this is what comes out of it.
 */
import type { FailureClass } from './job.js';

/** Phases belong to generations. A run shows that of its newest main generation, `none` when it has none. */
export type Phase =
  'none' | 'waiting' | 'queued' | 'running' | 'backoff' | 'succeeded' | 'failed' | 'canceled' | 'skipped';
export type EndPhase = Extract<Phase, 'succeeded' | 'failed' | 'canceled' | 'skipped'>;

/** Only main generations give a slot its verdict. */
export type Track = 'main' | 'side';
/** Why a generation exists. */
export type Trigger =
  | 'schedule'
  | 'upstream'
  | 'graph'
  | 'resume'
  | 'force'
  | 'rerunChain'
  | 'rerun'
  | 'backfill'
  | 'runNow'
  | 'scratch';
/** Classes of the queue; free slots are shared by weight. */
export type Lane = 'scheduled' | 'chain' | 'manual' | 'scratch' | 'backfill';
export type Gates = 'obey' | 'bypass';

/**
 * Attempt states. `dispatched`: claimed and sent, no word yet; `unknown`: its worker is lost and nothing is
 * proved; `canceling`: a kill was asked for and death is not verified. The others are ends.
 */
export type AttemptState =
  | 'dispatched'
  | 'running'
  | 'canceling'
  | 'unknown'
  | 'succeeded'
  | 'failed'
  | 'canceled'
  | 'timedOut'
  | 'lost'
  | 'postponed';

/** Why a run ended as it did, or was skipped. */
export type EndReason =
  | 'exit'
  | 'timeout'
  | 'workerLost'
  | 'render'
  | 'canceled'
  | 'forced'
  | 'resolved'
  | 'superseded'
  | 'area'
  | 'retired'
  | 'pass'
  | 'skip'
  | 'misfire'
  | 'covered'
  | 'empty'
  | 'overlap'
  | 'upstreamFailed'
  | 'upstreamTimeout'
  | 'jobDisabled'
  | 'jobDeleted'
  | 'gateTimeout'
  | 'queueTimeout'
  | 'planStopped'
  | 'host';

/** What an attempt came to, as its worker saw it. */
export interface AttemptOutcome {
  readonly state: Extract<AttemptState, 'succeeded' | 'failed' | 'canceled' | 'timedOut'>;
  /** Null when a signal or the host ended it. */
  readonly exitCode: number | null;
  readonly signal?: string;
  readonly failure?: FailureClass;
  /** Name of the rule that told the class: of the job's `failures`, or of its kind. */
  readonly pattern?: string;
  /** One line for people. */
  readonly message?: string;
  /** JSON, at most 64 KiB. */
  readonly result?: string;
  /** False when processes of it may be left; their ids are in `message`. */
  readonly killComplete?: boolean;
}

/** The share of a size that fits in one result. */
export const RESULT_BYTES_MAX = 65_536;
/** "Not now": the run goes back to waiting, without a retry or an alarm (`compat: 'hera'`). */
export const EXIT_NOT_NOW = 38;

/** One reason why a run is not running, with what would unblock it. */
export interface Blocker {
  readonly code: BlockerCode;
  /** The run, job, pool, key or worker it is about. */
  readonly subject: string;
  /** When it ends by itself, epoch ms; null when it does not. */
  readonly until: number | null;
  /** Facts for the text in either language: counts, names of holders, limits. */
  readonly details: Readonly<Record<string, string | number>>;
}

export type BlockerCode =
  | 'NOT_DUE'
  | 'LOADING'
  | 'JOB_DISABLED'
  | 'JOB_PAUSED'
  | 'BACKOFF'
  | 'UPSTREAM_WAITING'
  | 'UPSTREAM_QUEUED'
  | 'UPSTREAM_RUNNING'
  | 'UPSTREAM_RETRYING'
  | 'UPSTREAM_RERUNNING'
  | 'UPSTREAM_FAILED'
  | 'UPSTREAM_CANCELED'
  | 'UPSTREAM_SKIPPED'
  | 'UPSTREAM_UNKNOWN'
  | 'UPSTREAM_NOT_DUE'
  | 'UPSTREAM_DISABLED'
  | 'UPSTREAM_STALE'
  | 'UPSTREAM_MISSING'
  | 'CATCH_UP'
  | 'GATE_CHECK'
  | 'GATE_EVENT'
  | 'GATE_APPROVAL'
  | 'SELECTOR_EMPTY'
  | 'PACE_UNKNOWN'
  | 'OVERLAP'
  | 'CONCURRENCY'
  | 'POOL_LIMIT'
  | 'POOL_UNKNOWN'
  | 'POOL_NO_WORKER'
  | 'POOL_BUSY'
  | 'KIND_MISSING'
  | 'LABELS_MISSING'
  | 'WORKERS_OVERLOADED'
  | 'WORKERS_WARMING'
  | 'WORKERS_DRAINING'
  | 'WORKERS_QUARANTINED'
  | 'WORKERS_AVOIDED'
  | 'PLAN_PAUSED'
  | 'PLAN_ORDER'
  | 'PLAN_LIMIT'
  | 'PLAN_HOURS'
  | 'ATTEMPT_ALIVE'
  | 'ATTEMPT_UNKNOWN'
  | 'ATTEMPT_CANCELING'
  | 'NO_EXECUTOR'
  | 'HELD'
  | 'FROZEN'
  | 'NOT_BEFORE'
  | 'GROUP_LIMIT'
  | 'RATE_LIMIT'
  | 'CLOCK_HELD';
