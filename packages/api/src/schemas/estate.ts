/** What is around runs and jobs: workers, plans, the server's health, the session, and the first page. */
import { Type } from 'typebox';
import { FailedRunSchema, PhaseSchema, RunSchema, SlotSchema } from './run.js';
import type { Wire } from './scalars.js';
import { CursorTextSchema, InstantSchema, JobNameSchema, nullable, TextMapSchema } from './scalars.js';

/** What a host is busy with; shares are 0 to 1. */
export const HostReportSchema = Type.Object({
  cores: Type.Integer(),
  memoryBytes: Type.Integer(),
  cpu: Type.Object({ user: Type.Number(), system: Type.Number(), idle: Type.Number() }),
  swapShare: Type.Number(),
  disks: Type.Array(Type.Object({ path: Type.String(), bytes: Type.Integer(), freeBytes: Type.Integer() })),
  processes: Type.Array(
    Type.Object({
      pid: Type.Integer(),
      uid: Type.Integer(),
      memoryBytes: Type.Integer(),
      cpuMs: Type.Integer(),
      command: Type.String(),
    }),
  ),
});

/** A worker as the leader knows it. */
export const WorkerSchema = Type.Object({
  name: Type.String(),
  state: Type.Enum(['connected', 'silent', 'lost', 'draining', 'quarantined', 'left']),
  quarantine: nullable(Type.String({ description: 'Why it is in quarantine' })),
  slots: Type.Integer({ minimum: 0 }),
  running: Type.Integer({ minimum: 0 }),
  pools: Type.Array(Type.String()),
  labels: TextMapSchema,
  kinds: Type.Array(Type.String()),
  seenAt: InstantSchema,
  memoryShare: nullable(Type.Number({ description: 'Share of memory in use, 0 to 1' })),
  loadPerCore: nullable(Type.Number()),
  host: nullable(HostReportSchema),
});
/** A value of `WorkerSchema`. */
export type Worker = Wire<typeof WorkerSchema>;

/** State of a plan. */
export const PlanStateSchema = Type.Enum(['draft', 'running', 'paused', 'succeeded', 'failed', 'canceled']);

/** A backfill, a rerun chain or another plan, with its counts. */
export const PlanSchema = Type.Object({
  id: Type.Integer(),
  type: Type.String(),
  state: PlanStateSchema,
  actor: Type.String(),
  reason: Type.String(),
  createdAt: InstantSchema,
  endedAt: nullable(InstantSchema),
  total: Type.Integer({ minimum: 0 }),
  succeeded: Type.Integer({ minimum: 0 }),
  failed: Type.Integer({ minimum: 0 }),
});
/** A value of `PlanSchema`. */
export type Plan = Wire<typeof PlanSchema>;

/** A number of runs for each phase; a phase without runs may be left out. */
export const PhaseCountsSchema = Type.Partial(Type.Record(PhaseSchema, Type.Integer({ minimum: 0 })));
/** A value of `PhaseCountsSchema`. */
export type PhaseCounts = Wire<typeof PhaseCountsSchema>;

/** A slot that will come, of the job it belongs to. */
export const UpcomingSchema = Type.Object({ job: JobNameSchema, slot: SlotSchema });
/** A value of `UpcomingSchema`. */
export type Upcoming = Wire<typeof UpcomingSchema>;

/**
 * What the first page shows, in one answer of at most 20 KiB. `counts` are of the runs whose slot lies at or
 * after `since`, and of older ones that have not ended. Lists hold at most 20.
 */
export const NowSchema = Type.Object({
  at: InstantSchema,
  since: InstantSchema,
  counts: PhaseCountsSchema,
  running: Type.Array(RunSchema, { description: 'Oldest first' }),
  failures: Type.Array(FailedRunSchema, { description: 'Failed at or after `since`, newest end first' }),
  upcoming: Type.Array(UpcomingSchema, { description: 'Of all enabled jobs, next first' }),
});
/** A value of `NowSchema`. */
export type Now = Wire<typeof NowSchema>;

/** Whether the server can do its work. `cursor` is the newest event it has stored. */
export const HealthSchema = Type.Object({
  status: Type.Enum(['ok', 'starting', 'degraded']),
  role: Type.Enum(['leader', 'follower']),
  leader: nullable(Type.String()),
  epoch: Type.Integer({ minimum: 0 }),
  version: Type.String(),
  at: InstantSchema,
  cursor: CursorTextSchema,
});
/** A value of `HealthSchema`. */
export type Health = Wire<typeof HealthSchema>;

/** Who is signed in. */
export const SessionSchema = Type.Object({
  actor: Type.String(),
  role: Type.Enum(['viewer', 'operator', 'editor', 'admin']),
  expiresAt: InstantSchema,
});
/** A value of `SessionSchema`. */
export type Session = Wire<typeof SessionSchema>;
