/**
 * The records the state is made of, beside the columns of tables.ts: jobs, attempts, workers, pools, plans.
 */
import type { CompiledCalendar } from '../calendar/calendar.js';
import type { CompiledSchedule } from '../calendar/schedule.js';
import type { Edge } from '../model/edge.js';
import type { Instant, ZoneName } from '../model/ids.js';
import type {
  FailureClass,
  JobDefinition,
  JobState,
  OnWorkerLost,
  Overlap,
  PoolDefinition,
} from '../model/job.js';
import type { AttemptState } from '../model/run.js';
import type { CalendarDefinition } from '../model/schedule.js';
import type { FailureRule, WorkerLoad, WorkerProfile } from '../protocol/messages.js';
import type { KernelGate } from './compile-gates.js';
import type { Params, RevisionChoice } from './event.js';
import type { DurationModel } from './durations.js';
import type { OrderedHeap } from './heap.js';
import type { Quarantine, WorkerHealth } from './quarantine.js';
import type { JobRules, LimitRecord } from './operation-records.js';
import type { PoolShares } from './shares.js';

export type { PlanDate, PlanRecord } from './plan-record.js';

export interface RetryPolicy {
  readonly attempts: number;
  readonly delayMs: number;
  readonly exponential: boolean;
  readonly delayMaxMs: number;
  readonly jitter: number;
  readonly on: readonly FailureClass[];
}

/** A job, compiled. Replaced as a whole by an edit, but for the fields that say what happened to it. */
export interface JobRecord {
  /** Place in `state.jobs`; stays while the process lives. */
  readonly index: number;
  readonly id: number;
  name: string;
  definition: JobDefinition;
  definitionText: string;
  state: JobState | 'deleted';
  source: string;
  revision: number;
  /** From when slots count. */
  since: Instant;
  /** Last slot made into a run or a skipped row. */
  cursor: Instant;
  /**
   * Compiled edges that an edit took away, as JSON, by the upstream's number: claimed runs are still bound by
   * them. Null, as nearly always, when there are none.
   */
  formerEdges: Map<number, string> | null;
  /** Finished slots are kept from this instant on; older ones are in the store only. */
  readFrom: Instant;
  /** No slot of it is older than this. */
  createdBefore: Instant;
  policy: JobPolicy;
  /** How long its runs take; null until the first success of a slot. */
  durations: DurationModel | null;
  /** Numbers of `state.edges`, one for each upstream. */
  edges: readonly number[];
  /** Empty, as nearly always, when it has none. */
  gates: readonly KernelGate[];
  /** Its runs start so long after their slot. */
  spreadMs: number;
  /** Jobs that have an edge to this one, by index. */
  downstream: readonly number[];
  schedule: CompiledSchedule | null;
  /** Index of the job whose schedule its slots come from: itself, an upstream's …, or NONE. */
  root: number;
  /** Jobs that take their slots from this one's schedule, itself included if it has one. */
  paced: readonly number[];
  /** Runs and stubs in the order of their instant. */
  readonly slots: number[];
  /** Claimed main attempts of all its runs: what overlap counts. */
  claimed: number;
  /** Failed runs since the last success, where its policy counts them. */
  failedInRow: number;
  /** After how many the scheduler disabled it; null when it did not. */
  paused: number | null;
  /** Runs that wait for `claimed` to fall, oldest slot first. */
  parked: OrderedHeap | null;
  /** Where its ready runs queue; null until it is asked for, and after an edit. */
  queueClass: QueueClass | null;
  /** Holds, overrides and limits that are about it; null when none is. */
  rules: JobRules | null;
}

export interface JobPolicy {
  readonly kind: string;
  readonly pool: string;
  readonly zone: ZoneName;
  readonly retry: RetryPolicy;
  /** In the order in which they are asked; null when there are none. */
  readonly failures: readonly FailureRule[] | null;
  /** Failed runs in a row that disable the job; 0 is never. */
  readonly pauseAfter: number;
  readonly timeoutMs: number;
  /** How long a run may be queued; 0 is without a limit. */
  readonly queueTimeoutMs: number;
  readonly onQueueTimeout: 'alarm' | 'fail';
  readonly overlap: Overlap;
  /** Expectations, which only alarm: ms of an attempt, and the minute of the local day; null without. */
  readonly expectMs: number | null;
  readonly expectEnd: number | null;
  readonly onWorkerLost: OnWorkerLost;
  readonly priority: number;
  readonly slots: number;
  readonly memoryBytes: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly concurrency: readonly string[];
  readonly owner: string;
  /** Labels of the job itself. */
  readonly tags: Readonly<Record<string, string>>;
  /** Null is everywhere. */
  readonly areas: readonly string[] | null;
}

/** What few runs have, so that the many do not pay for it. */
export interface RunExtra {
  /** Slot key of an ad hoc run. */
  slotKey?: string;
  submission?: string;
  /** Of a SIDE row: the run it belongs to. */
  owner?: number;
  /** Rows of side generations that are open. */
  sides?: number[];
  /** Earlier main generations and ended side ones, oldest first. */
  past?: PastGeneration[];
  /** The current generation's, where they are not the plain ones. */
  params?: Params;
  plan?: number;
  /** False: its success makes nothing downstream run again. */
  releases?: boolean;
  revision?: RevisionChoice;
  retryAt?: Instant;
  /** When the generation began to wait, where an edge's patience is counted from it. */
  waitsSince?: Instant;
  /** Workers its next attempt avoids. */
  avoid?: string[];
  hostTries?: number;
  /** It was said that it takes longer, or ends later, than its job expects. */
  late?: boolean;
  /** Edges that no slot matches. */
  empty?: number[];
  /** Edges whose slots are older than what is kept and are being read. */
  loading?: number[];
  quorums?: Quorum[];
  /** The run whose success counts for this skipped slot. */
  coveredBy?: number;
  /** Runs that count through this one. */
  covers?: number[];
  /** A generation that starts once the live attempt has ended. */
  next?: PendingGeneration;
  /** Edges among `empty` and `loading` that a waive lets the run go without. */
  waived?: number[];
  /** Gates of the current generation, of a job that has any. */
  gates?: RunGate[];
  /** When the kernel looks at them next. */
  gatesWakeAt?: number;
}

/** One gate of a run's current generation. `passed`: its deadline came and the run goes on without it. */
export interface RunGate {
  readonly gate: KernelGate;
  state: 'closed' | 'open' | 'passed';
  /** Questions asked in this generation. */
  asks: number;
  askedAt: number | null;
  nextAt: number;
  /** The last answer, the payload of the event, or the reason of the approval. */
  answer: string | null;
  by: string | null;
  readonly deadlineAt: number | null;
  /** Its deadline has passed and was told. */
  isLate: boolean;
  /** The question that is being answered. */
  probe: Probe | null;
}

/** A question that a worker works on. In memory only: lost, it is asked again. */
export interface Probe {
  readonly id: string;
  readonly row: number;
  readonly g: number;
  readonly each: RunGate;
  readonly worker: WorkerRecord;
  readonly session: number;
}

/** An event that somebody posted, kept until `until`. */
export interface PostedEvent {
  readonly id: number;
  readonly name: string;
  readonly at: Instant;
  readonly until: Instant;
  /** The slot it is for; null when it names none. */
  readonly instant: number | null;
  readonly businessDate: string | null;
  /** JSON. */
  readonly payload: string | null;
  readonly actor: string;
}

export interface PendingGeneration {
  readonly trigger: number;
  readonly plan: number | null;
  readonly params: Params;
  readonly actor: string;
  readonly cause: string;
  readonly releases: boolean;
  readonly bypass: boolean;
}

export interface PastGeneration {
  readonly g: number;
  readonly classBit: number;
  readonly phase: number;
  readonly reason: number;
  readonly at: Instant;
  readonly plan: number | null;
}

/** `need` of the slots of one edge must be met. */
export interface Quorum {
  readonly edge: number;
  readonly need: number;
  have: number;
}

export interface LiveAttempt {
  readonly id: string;
  /** Row of the generation: the run's own, or a SIDE row. */
  readonly row: number;
  readonly g: number;
  readonly n: number;
  worker: WorkerRecord;
  readonly session: number;
  readonly revision: number;
  readonly claimedAt: Instant;
  readonly slots: number;
  readonly memoryBytes: number;
  readonly concurrency: readonly string[];
  readonly pool: PoolRecord;
  readonly onWorkerLost: OnWorkerLost;
  /** Exit code 38 means "not now" (`compat: 'hera'`). */
  readonly postpones: boolean;
  /** Limits that count it. */
  limits: readonly LimitRecord[];
  /** Parameters that overrides gave it at its claim; null when none did. */
  readonly params: Readonly<Record<string, string>> | null;
  readonly timeoutMs: number;
  /** Its memory is still part of the worker's `reservedMemory`. */
  reserved: boolean;
  state: Extract<AttemptState, 'dispatched' | 'running' | 'canceling' | 'unknown'>;
  startedAt: Instant | null;
  timeoutAt: Instant;
  /** When the order was last sent. */
  sentAt: Instant;
  cancel: Cancel | null;
}

/** Why the end of a live attempt was asked for; `by` is the run that takes its slot's place. */
export interface Cancel {
  readonly why: 'canceled' | 'timeout' | 'superseded' | 'deleted';
  readonly actor: string;
  readonly by?: number;
}

/** What is known of a run's final failure beside the run. */
export interface FailureFacts {
  readonly failure: FailureClass;
  readonly pattern: string | null;
  readonly message: string | null;
}

/** One first cause that stands. What people say about it is in its row only. */
export interface IncidentRecord {
  readonly id: number;
  /** What joins it: `job ID`, `pattern NAME` or `worker NAME`. */
  readonly key: string;
  lastJoinAt: Instant;
  /** Runs that failed, and runs that waited through them, ever. */
  failed: number;
  blocked: number;
  /** Runs that failed and have not succeeded since. */
  standing: number;
}

/** How a run belongs to an incident. */
export interface IncidentMember {
  readonly incident: IncidentRecord;
  readonly role: 'failed' | 'blocked';
}

export interface WorkerRecord {
  readonly name: string;
  /** Place in `state.workerList`. */
  readonly number: number;
  profile: WorkerProfile;
  functions: ReadonlySet<string>;
  session: number;
  connected: boolean;
  /** Its whole list has arrived under this epoch, so it may be given work. */
  synced: boolean;
  /** It says that it takes nothing new. */
  draining: boolean;
  /** A person asked for it. */
  drainAsked: boolean;
  lost: boolean;
  seenAt: Instant;
  lastSeq: number;
  load: WorkerLoad;
  usedSlots: number;
  /** Memory of attempts that were sent and that its load does not show yet. */
  reservedMemory: number;
  readonly attempts: Set<LiveAttempt>;
  lastDispatchAt: Instant;
  /** What its last attempts came to. */
  readonly health: WorkerHealth;
  quarantine: Quarantine | null;
  /** Attempts that succeeded on it under this leader. */
  succeeded: number;
  /** It answers probes. */
  canProbe: boolean;
  /** When its silence will be looked at next; null when it will not be. */
  watchAt: number | null;
}

export interface PoolRecord {
  readonly name: string;
  definition: PoolDefinition;
  /** False: only jobs name it. */
  declared: boolean;
  running: number;
  readonly workers: Set<WorkerRecord>;
  /** Ready runs, by what they need. */
  readonly classes: Map<string, QueueClass>;
  /** Classes that have ready runs, or had when last looked at. */
  readonly ready: Set<QueueClass>;
  /** Ready runs of functions that no worker has; they come back when a worker's profile changes. */
  readonly orphans: OrderedHeap;
  /** Whom it has given starts. */
  readonly shares: PoolShares;
  turn: number;
}

/** Ready runs with the same needs: whether a worker can take one is the same question for all. */
export interface QueueClass {
  readonly pool: PoolRecord;
  readonly kind: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly slots: number;
  readonly memoryBytes: number;
  /** Whose share it takes, where the pool shares by teams. */
  readonly team: string;
  readonly lanes: readonly OrderedHeap[];
}

/** A concurrency key, or another limit on how many attempts run at once. */
export interface KeyRecord {
  readonly name: string;
  holdersMax: number;
  readonly holders: Set<LiveAttempt>;
  readonly parked: OrderedHeap;
}

/** Slots of a job on one local day, and the job whose schedule they come from. */
export interface HeraDay {
  readonly instants: readonly Instant[];
  readonly root: number;
}

/** An edge with what the hot path asks of it as a number. */
export interface KernelEdge extends Edge {
  /** Bits of the classes it accepts. */
  readonly mask: number;
}

export interface CalendarRecord {
  definition: CalendarDefinition;
  compiled: CompiledCalendar;
}
