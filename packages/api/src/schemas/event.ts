/**
 * Events as the stream and webhooks carry them. The union is held equal to core's `DomainEvent` in
 * conformance.ts, so that an event added there and forgotten here does not compile.
 */
import { Type } from 'typebox';
import { PlanStateSchema } from './estate.js';
import { AttemptStateSchema, PhaseSchema, TrackSchema, TriggerSchema } from './run.js';
import type { Wire } from './scalars.js';
import { InstantSchema, JobNameSchema, nullable, RunIdSchema } from './scalars.js';

const ON_RUN = { job: JobNameSchema, run: RunIdSchema };

/** Every visible change. */
export const EventSchema = Type.Union([
  Type.Object({
    type: Type.Literal('run.created'),
    ...ON_RUN,
    instant: InstantSchema,
    businessDate: Type.String(),
    phase: PhaseSchema,
    reason: nullable(Type.String()),
  }),
  Type.Object({
    type: Type.Literal('generation.phase'),
    ...ON_RUN,
    generation: Type.Integer(),
    track: TrackSchema,
    trigger: TriggerSchema,
    phase: PhaseSchema,
    reason: nullable(Type.String()),
  }),
  Type.Object({
    type: Type.Literal('attempt.state'),
    ...ON_RUN,
    generation: Type.Integer(),
    attempt: Type.Integer(),
    state: AttemptStateSchema,
    worker: Type.String(),
    exitCode: nullable(Type.Integer()),
    message: nullable(Type.String()),
  }),
  Type.Object({
    type: Type.Literal('run.rebound'),
    ...ON_RUN,
    upstream: JobNameSchema,
    why: Type.String(),
  }),
  Type.Object({
    type: Type.Literal('job.changed'),
    job: JobNameSchema,
    change: Type.Enum(['added', 'edited', 'enabled', 'disabled', 'retired', 'deleted', 'renamed']),
    revision: Type.Integer(),
    actor: Type.String(),
  }),
  Type.Object({
    type: Type.Literal('gate.opened'),
    ...ON_RUN,
    gate: Type.String(),
    how: Type.Enum(['open', 'passed']),
    by: nullable(Type.String()),
  }),
  Type.Object({ type: Type.Literal('group.changed'), group: Type.String(), actor: Type.String() }),
  Type.Object({
    type: Type.Literal('worker.state'),
    worker: Type.String(),
    state: Type.Enum(['joined', 'lost', 'draining', 'left', 'quarantined', 'released']),
    session: Type.Integer(),
  }),
  Type.Object({
    type: Type.Literal('incident.opened'),
    incident: Type.Integer(),
    cause: Type.String(),
    job: nullable(JobNameSchema),
    failure: nullable(Type.String()),
    pattern: nullable(Type.String()),
  }),
  Type.Object({
    type: Type.Literal('incident.joined'),
    incident: Type.Integer(),
    runs: Type.Integer(),
    total: Type.Integer(),
  }),
  Type.Object({
    type: Type.Literal('incident.changed'),
    incident: Type.Integer(),
    change: Type.Enum(['acknowledged', 'assigned', 'snoozed']),
    actor: Type.String(),
  }),
  Type.Object({
    type: Type.Literal('incident.closed'),
    incident: Type.Integer(),
    why: Type.Enum(['succeeded', 'gone', 'released']),
  }),
  Type.Object({ type: Type.Literal('plan.state'), plan: Type.Integer(), state: PlanStateSchema }),
  Type.Object({
    type: Type.Literal('commitment.state'),
    commitment: Type.String(),
    due: InstantSchema,
    state: Type.Enum(['onTrack', 'atRisk', 'breached', 'met']),
    predictedEnd: nullable(InstantSchema),
    culprit: nullable(JobNameSchema),
  }),
  Type.Object({
    type: Type.Literal('operation.state'),
    kind: Type.Enum(['waive', 'override', 'hold']),
    id: Type.Integer(),
    state: Type.Enum(['begun', 'releasing', 'ended']),
    subject: Type.String(),
    reason: Type.String(),
    actor: Type.String(),
    until: nullable(InstantSchema),
  }),
  Type.Object({ type: Type.Literal('leader.elected'), epoch: Type.Integer(), holder: Type.String() }),
  Type.Object({
    type: Type.Literal('alarm'),
    code: Type.Enum([
      'RUN_FAILED',
      'RUN_BLOCKED',
      'ATTEMPT_UNKNOWN',
      'KILL_INCOMPLETE',
      'WORKER_LOST',
      'WORKER_QUARANTINED',
      'WORKER_FAILING',
      'JOB_PAUSED',
      'CLOCK_JUMPED',
      'STORE_REGRESSED',
      'CALENDAR_ENDS',
      'SLOT_SKIPPED',
      'UPSTREAM_DISABLED',
      'HELD_BY_RULE',
      'PACE_LOST',
      'GATE_LATE',
      'QUEUE_TIMEOUT',
      'EXPECTATION_MISSED',
      'COMMITMENT_AT_RISK',
      'COMMITMENT_BREACHED',
    ]),
    subject: Type.String(),
    message: Type.String(),
  }),
]);
/** A value of `EventSchema`. */
export type HeraEvent = Wire<typeof EventSchema>;

/** Place of an event: commit, then index within it. Its text is `commitNo.index`. */
export const CursorSchema = Type.Object({ commitNo: Type.Integer(), index: Type.Integer() });
/** A value of `CursorSchema`. */
export type Cursor = Wire<typeof CursorSchema>;

/** An event with its place and time: the `data` of one frame of the stream. */
export const StoredEventSchema = Type.Object({
  cursor: CursorSchema,
  at: InstantSchema,
  event: EventSchema,
});
/** A value of `StoredEventSchema`. */
export type StoredEvent = Wire<typeof StoredEventSchema>;

/** `data` of the frames `hello` and `resync`: the place the stream goes on from. */
export const StreamPlaceSchema = Type.Object({ cursor: CursorSchema });
/** A value of `StreamPlaceSchema`. */
export type StreamPlace = Wire<typeof StreamPlaceSchema>;
