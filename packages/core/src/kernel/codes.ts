/**
 * The numbers behind the words of model/run.ts. The kernel keeps live runs in typed arrays, so a phase is a
 * byte there; these tables are the only place that maps between the two.
 */
import type { AcceptClass } from '../model/edge.js';
import type { EndReason, Lane, Phase, Trigger } from '../model/run.js';

export const PHASES = [
  'none',
  'waiting',
  'queued',
  'running',
  'backoff',
  'succeeded',
  'failed',
  'canceled',
  'skipped',
] as const satisfies readonly Phase[];
export const PHASE = {
  none: 0,
  waiting: 1,
  queued: 2,
  running: 3,
  backoff: 4,
  succeeded: 5,
  failed: 6,
  canceled: 7,
  skipped: 8,
} as const satisfies Record<Phase, number>;
export type PhaseCode = (typeof PHASE)[Phase];

/** Phases from which a generation can still move: waiting, queued, running, backoff. */
export const isOpen = (phase: number) => phase >= PHASE.waiting && phase <= PHASE.backoff;
export const isEnded = (phase: number) => phase >= PHASE.succeeded;

export const TRIGGERS = [
  'schedule',
  'upstream',
  'graph',
  'resume',
  'force',
  'rerunChain',
  'rerun',
  'backfill',
  'runNow',
  'scratch',
] as const satisfies readonly Trigger[];
export const TRIGGER = {
  schedule: 0,
  upstream: 1,
  graph: 2,
  resume: 3,
  force: 4,
  rerunChain: 5,
  rerun: 6,
  backfill: 7,
  runNow: 8,
  scratch: 9,
} as const satisfies Record<Trigger, number>;

/** Bits of the classes an edge may accept. */
export const ACCEPT = { scheduled: 1, recover: 2, backfill: 4, manual: 8 } as const satisfies Record<
  AcceptClass,
  number
>;
/** The class bit of each trigger, by trigger code; scratch runs satisfy nothing. */
export const CLASS_OF_TRIGGER: readonly number[] = [1, 1, 1, 2, 2, 2, 2, 4, 8, 0];

export const LANES = [
  'scheduled',
  'chain',
  'manual',
  'scratch',
  'backfill',
] as const satisfies readonly Lane[];
export const LANE = { scheduled: 0, chain: 1, manual: 2, scratch: 3, backfill: 4 } as const satisfies Record<
  Lane,
  number
>;
/** The lane of each trigger, by trigger code. */
export const LANE_OF_TRIGGER: readonly number[] = [0, 0, 0, 0, 0, 1, 1, 4, 2, 3];
/** Shares of the free slots; backfill takes what is left. */
export const LANE_WEIGHT: readonly number[] = [8, 4, 2, 1, 0];

export const END_REASONS = [
  'exit',
  'timeout',
  'workerLost',
  'render',
  'canceled',
  'forced',
  'resolved',
  'superseded',
  'area',
  'retired',
  'pass',
  'misfire',
  'covered',
  'empty',
  'overlap',
  'upstreamFailed',
  'upstreamTimeout',
  'jobDisabled',
  'jobDeleted',
  'planStopped',
  'host',
  'gateTimeout',
  'queueTimeout',
  'skip',
] as const satisfies readonly EndReason[];
/** Number of a reason in the run's column: 0 is none. */
export const reasonCode = (reason: EndReason | null) =>
  reason === null ? 0 : END_REASONS.indexOf(reason) + 1;
export const reasonOf = (code: number): EndReason | null => END_REASONS[code - 1] ?? null;

/**
 * Reasons for which a skipped slot counts as done, as codes: another area, retired, passed by an override.
 */
export const VACUOUS: ReadonlySet<number> = new Set((['area', 'retired', 'pass'] as const).map(reasonCode));
/** Reasons of failures that another run has the blame for. */
export const REASONS_OF_UPSTREAM: ReadonlySet<number> = new Set(
  (['upstreamFailed', 'upstreamTimeout'] as const).map(reasonCode),
);
export const COVERED = reasonCode('covered');
export const EMPTY = reasonCode('empty');

/** How long a retry waits for another worker than those that failed it. */
export const AVOID_PATIENCE_MS = 300_000;
