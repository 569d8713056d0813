/**
 * Runs as people see them: the run with its slot and phase, and in detail its generations, attempts and
 * bindings; and the blockers that explain why it is not running. Held equal to core's views in
 * conformance.ts, where each field is explained.
 */
import { Type } from 'typebox';
import { PHASES } from '../phases.js';
import type { Wire } from './scalars.js';
import { InstantSchema, JobNameSchema, nullable, RunIdSchema, TextMapSchema } from './scalars.js';

/** Phase of a run: that of its newest main generation, `none` when it has none. */
export const PhaseSchema = Type.Enum(PHASES, { $id: 'Phase', description: 'Phase of a run or generation' });
/** A value of `PhaseSchema`. */
export type Phase = Wire<typeof PhaseSchema>;

/** `dispatched`: sent, no word yet; `unknown`: its worker is lost; `canceling`: death not yet verified. */
export const AttemptStateSchema = Type.Enum([
  'dispatched',
  'running',
  'canceling',
  'unknown',
  'succeeded',
  'failed',
  'canceled',
  'timedOut',
  'lost',
  'postponed',
]);
/** A value of `AttemptStateSchema`. */
export type AttemptState = Wire<typeof AttemptStateSchema>;

/** Only main generations give a slot its verdict. */
export const TrackSchema = Type.Enum(['main', 'side']);

/** Why a generation exists. */
export const TriggerSchema = Type.Enum([
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
]);
/** A value of `TriggerSchema`. */
export type Trigger = Wire<typeof TriggerSchema>;

/** Class of the queue. */
export const LaneSchema = Type.Enum(['scheduled', 'chain', 'manual', 'scratch', 'backfill']);

/** Whether a generation waits for its gates. */
export const GatesSchema = Type.Enum(['obey', 'bypass']);

/** Whose fault a failure is, as far as exit code and output tell. */
export const FailureClassSchema = Type.Enum(['user', 'resource', 'outside', 'host', 'unknown']);

/** What a run is for. `day` is the local date of `instant` in `zone`. */
export const SlotSchema = Type.Object({
  key: Type.String({ description: 't:20261123T020000Z, or a:key' }),
  instant: InstantSchema,
  interval: Type.Object({ start: InstantSchema, end: InstantSchema }),
  businessDate: Type.String({ description: 'The label people filter by, YYYY-MM-DD' }),
  day: Type.String({ description: 'Local date of the instant, YYYY-MM-DD' }),
  zone: Type.String({ description: 'IANA time zone' }),
});
/** A value of `SlotSchema`. */
export type Slot = Wire<typeof SlotSchema>;

const RUN_FIELDS = {
  id: RunIdSchema,
  job: JobNameSchema,
  slot: SlotSchema,
  phase: PhaseSchema,
  reason: nullable(Type.String({ description: 'Why it ended or waits, a code' })),
  generation: Type.Integer({ minimum: 0, description: 'Newest main generation, 0 when there is none' }),
  attempts: Type.Integer({ minimum: 0 }),
  submission: nullable(Type.String()),
  createdAt: InstantSchema,
  endedAt: nullable(InstantSchema),
};

/** One run, as it stands in a list. */
export const RunSchema = Type.Object(RUN_FIELDS);
/** A value of `RunSchema`. */
export type Run = Wire<typeof RunSchema>;

/** A run that failed, with the line that says why, where its newest attempt left one. */
export const FailedRunSchema = Type.Object({
  ...RUN_FIELDS,
  message: Type.Optional(nullable(Type.String())),
});
/** A value of `FailedRunSchema`. */
export type FailedRun = Wire<typeof FailedRunSchema>;

/** One intention to execute the run. */
export const GenerationSchema = Type.Object({
  g: Type.Integer({ minimum: 1 }),
  trigger: TriggerSchema,
  track: TrackSchema,
  lane: LaneSchema,
  gates: GatesSchema,
  releases: Type.Boolean({ description: 'Whether its success makes downstream runs run again' }),
  phase: PhaseSchema,
  reason: nullable(Type.String()),
  actor: Type.String(),
  cause: Type.String(),
  params: TextMapSchema,
  plan: nullable(Type.Integer()),
  createdAt: InstantSchema,
  endedAt: nullable(InstantSchema),
  retryAt: nullable(InstantSchema),
});
/** A value of `GenerationSchema`. */
export type Generation = Wire<typeof GenerationSchema>;

/** One try of a generation on one worker; `n` counts over the whole run. */
export const AttemptSchema = Type.Object({
  id: Type.String({ description: 'job@slot/2' }),
  n: Type.Integer({ minimum: 1 }),
  g: Type.Integer({ minimum: 1 }),
  state: AttemptStateSchema,
  worker: Type.String(),
  revision: Type.Integer(),
  claimedAt: InstantSchema,
  startedAt: nullable(InstantSchema),
  endedAt: nullable(InstantSchema),
  exitCode: nullable(Type.Integer()),
  failure: nullable(FailureClassSchema),
  pattern: nullable(Type.String({ description: 'Name of the rule that told the class' })),
  message: nullable(Type.String({ description: 'One line for people' })),
  result: nullable(Type.String({ description: 'JSON text, at most 64 KiB' })),
});
/** A value of `AttemptSchema`. */
export type Attempt = Wire<typeof AttemptSchema>;

/** Which upstream runs a run waits for; `need` of `count` must be met. */
export const BindingSchema = Type.Object({
  upstream: JobNameSchema,
  runs: Type.Array(RunIdSchema, { description: 'A long range is given by its first and last run' }),
  count: Type.Integer({ minimum: 0 }),
  need: Type.Integer({ minimum: 0 }),
  why: Type.String(),
});
/** A value of `BindingSchema`. */
export type Binding = Wire<typeof BindingSchema>;

/** How one generation of a run came to start. */
export const StartSchema = Type.Object({
  g: Type.Integer(),
  createdAt: InstantSchema,
  lastUpstream: nullable(Type.Object({ run: RunIdSchema, at: InstantSchema })),
  gates: Type.Array(
    Type.Object({
      gate: Type.String(),
      at: InstantSchema,
      how: Type.String(),
      by: nullable(Type.String()),
    }),
  ),
  queuedAt: nullable(InstantSchema),
  attempt: Type.Integer({ minimum: 1 }),
  worker: Type.String(),
  claimedAt: InstantSchema,
});
/** A value of `StartSchema`. */
export type Start = Wire<typeof StartSchema>;

/** A run with everything that is kept of it. */
export const RunDetailSchema = Type.Object({
  ...RUN_FIELDS,
  generations: Type.Array(GenerationSchema),
  attemptList: Type.Array(AttemptSchema),
  bindings: Type.Array(BindingSchema),
  stale: Type.Boolean({
    description: 'An upstream has succeeded again since the last success of this run used it',
  }),
  staleUpstreams: Type.Array(Type.String(), { description: 'Upstream runs that have; empty unless stale' }),
  starts: Type.Array(StartSchema),
});
/** A value of `RunDetailSchema`. */
export type RunDetail = Wire<typeof RunDetailSchema>;

/** Why a run is not running, as a code. */
export const BlockerCodeSchema = Type.Enum([
  'NOT_DUE',
  'LOADING',
  'JOB_DISABLED',
  'JOB_PAUSED',
  'BACKOFF',
  'UPSTREAM_WAITING',
  'UPSTREAM_QUEUED',
  'UPSTREAM_RUNNING',
  'UPSTREAM_RETRYING',
  'UPSTREAM_RERUNNING',
  'UPSTREAM_FAILED',
  'UPSTREAM_CANCELED',
  'UPSTREAM_SKIPPED',
  'UPSTREAM_UNKNOWN',
  'UPSTREAM_NOT_DUE',
  'UPSTREAM_DISABLED',
  'UPSTREAM_STALE',
  'UPSTREAM_MISSING',
  'CATCH_UP',
  'GATE_CHECK',
  'GATE_EVENT',
  'GATE_APPROVAL',
  'SELECTOR_EMPTY',
  'PACE_UNKNOWN',
  'OVERLAP',
  'CONCURRENCY',
  'POOL_LIMIT',
  'POOL_UNKNOWN',
  'POOL_NO_WORKER',
  'POOL_BUSY',
  'KIND_MISSING',
  'LABELS_MISSING',
  'WORKERS_OVERLOADED',
  'WORKERS_WARMING',
  'WORKERS_DRAINING',
  'WORKERS_QUARANTINED',
  'WORKERS_AVOIDED',
  'PLAN_PAUSED',
  'PLAN_ORDER',
  'PLAN_LIMIT',
  'PLAN_HOURS',
  'ATTEMPT_ALIVE',
  'ATTEMPT_UNKNOWN',
  'ATTEMPT_CANCELING',
  'NO_EXECUTOR',
  'HELD',
  'FROZEN',
  'NOT_BEFORE',
  'GROUP_LIMIT',
  'RATE_LIMIT',
  'CLOCK_HELD',
]);
/** A value of `BlockerCodeSchema`. */
export type BlockerCode = Wire<typeof BlockerCodeSchema>;

/** One reason why a run is not running. */
export const BlockerSchema = Type.Object({
  code: BlockerCodeSchema,
  subject: Type.String({ description: 'The run, job, pool, key or worker it is about' }),
  until: nullable(InstantSchema),
  details: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()])),
});
/** A value of `BlockerSchema`. */
export type Blocker = Wire<typeof BlockerSchema>;
