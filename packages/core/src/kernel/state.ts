/**
 * Everything the kernel knows. It is mutated in place, inside kernel/ only; outside, what leaves is plain
 * data. The same state and the same events always give the same effects.
 */
import type { CompiledCalendar } from '../calendar/calendar.js';
import { createScheduleTable } from '../calendar/schedule.js';
import type { CompiledSchedule, ScheduleTable } from '../calendar/schedule.js';
import { buildGraph } from '../graph/job-graph.js';
import type { JobGraph } from '../graph/job-graph.js';
import type { Edge } from '../model/edge.js';
import type {
  FailureClass,
  GroupDefinition,
  JobDefinition,
  JobState,
  OnWorkerLost,
  Overlap,
  PoolDefinition,
} from '../model/job.js';
import type { DurationMs, Instant, ZoneName } from '../model/ids.js';
import type { PlanState } from '../model/events.js';
import type { AttemptState } from '../model/run.js';
import type { CalendarDefinition } from '../model/schedule.js';
import type { Slot } from '../model/slot.js';
import { createRandom } from '../model/random.js';
import type { Random } from '../model/random.js';
import type { WorkerLoad, WorkerProfile } from '../protocol/messages.js';
import type { Params, PlanRequest, RevisionChoice } from './event.js';
import { InstantHeap } from './heap.js';
import { createOutbox } from './outbox.js';
import type { Outbox } from './outbox.js';
import { EXTRA, LinkTable, RunTable } from './tables.js';
import type { OrderedHeap } from './heap.js';

export interface KernelOptions {
  /** Default zone of schedules. */
  readonly zone: ZoneName;
  /** Region of this installation; null when it has none. */
  readonly area: string | null;
  readonly seed: number;
  /** Whether slots that come due become runs. */
  readonly schedules: boolean;
  /** How long a worker's lease runs: after it, `fence` attempts have killed themselves. */
  readonly workerLeaseMs: DurationMs;
  /** Added before the kernel acts on the end of a worker's lease. */
  readonly workerMarginMs: DurationMs;
  /** How far back finished slots are kept for selectors; at least a day. */
  readonly reachMs: DurationMs;
  /** Selectors that are functions, by name: from a slot and the upstream's candidates to those waited for. */
  readonly selectors: Readonly<Record<string, CustomSelector>>;
}

export type CustomSelector = (slot: Slot, candidates: readonly Slot[]) => readonly Slot[];

export const DEFAULT_OPTIONS: KernelOptions = {
  zone: 'UTC' as ZoneName,
  area: null,
  seed: 1,
  schedules: true,
  workerLeaseMs: 600_000 as DurationMs,
  workerMarginMs: 5_000 as DurationMs,
  reachMs: (35 * 86_400_000) as DurationMs,
  selectors: {},
};

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
  /** Finished slots are kept from this instant on; older ones are in the store only. */
  readFrom: Instant;
  /** No slot of it is older than this. */
  createdBefore: Instant;
  policy: JobPolicy;
  /** Numbers of `state.edges`, one for each upstream. */
  edges: readonly number[];
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
  /** Runs that wait for `claimed` to fall, oldest slot first. */
  parked: OrderedHeap | null;
  /** Where its ready runs queue; null until it is asked for, and after an edit. */
  queueClass: QueueClass | null;
}

export interface JobPolicy {
  readonly kind: string;
  readonly pool: string;
  readonly zone: ZoneName;
  readonly retry: RetryPolicy;
  readonly timeoutMs: number;
  readonly overlap: Overlap;
  readonly onWorkerLost: OnWorkerLost;
  readonly priority: number;
  readonly slots: number;
  readonly memoryBytes: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly concurrency: readonly string[];
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
  history?: PastGeneration[];
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
  waived?: number[];
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
  /** Attempts started of each lane, for sharing by weight; halved now and then. */
  readonly served: number[];
  /** Share of its weight that the lane served last had been given: where a lane that was idle begins. */
  share: number;
  turn: number;
}

/** Ready runs with the same needs: whether a worker can take one is the same question for all. */
export interface QueueClass {
  readonly pool: PoolRecord;
  readonly kind: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly slots: number;
  readonly memoryBytes: number;
  readonly lanes: readonly OrderedHeap[];
}

/** A concurrency key, or another limit on how many attempts run at once. */
export interface KeyRecord {
  readonly name: string;
  holdersMax: number;
  readonly holders: Set<LiveAttempt>;
  readonly parked: OrderedHeap;
}

export interface PlanRecord {
  readonly id: number;
  readonly request: PlanRequest;
  state: PlanState;
  readonly actor: string;
  readonly reason: string;
  /** Row of each member, in order, and the generation the plan made for it; 0 before it made one. */
  readonly members: Map<number, number>;
  /** Rows left out on purpose: to members they count as done. */
  readonly excluded: ReadonlySet<number>;
  succeeded: number;
  failed: number;
  /** Attempts of its members that run. */
  running: number;
  readonly runningMax: number;
  /** Ready members that its limit or a pause holds back. */
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

/** What a deadline in the heap is about; the payload is `reference * DEADLINE_KINDS + kind`. */
export const DEADLINE = {
  slot: 0,
  timeGate: 1,
  retry: 2,
  worker: 3,
  edgeTimeout: 4,
  evict: 5,
  wake: 6,
} as const;
export const DEADLINE_KINDS = 8;

export interface SchedulerState {
  readonly options: KernelOptions;
  /** `at` of the last event. */
  now: Instant;
  epoch: number;
  readonly random: Random;
  readonly jobs: JobRecord[];
  readonly jobsById: Map<number, JobRecord>;
  readonly jobsByName: Map<string, JobRecord>;
  readonly groups: Map<string, GroupDefinition>;
  readonly calendars: Map<string, CalendarRecord>;
  /** Jobs with the same schedule share what it was compiled to. */
  readonly schedules: ScheduleTable;
  readonly pools: Map<string, PoolRecord>;
  readonly keys: Map<string, KeyRecord>;
  /** Over the indexes of `jobs`; rebuilt by an edit. */
  graph: JobGraph;
  readonly edges: KernelEdge[];
  /** Number of each edge by its text, so that equal edges are one. */
  readonly edgeNumbers: Map<string, number>;
  readonly zones: ZoneName[];
  readonly runs: RunTable;
  readonly links: LinkTable;
  readonly extras: Map<number, RunExtra>;
  /** Rows of ad hoc runs, by job index and slot key, joined by a space. */
  readonly adHoc: Map<string, number>;
  /** Runs that wait until older slots of a job, by its index, have been read. */
  readonly reading: Map<number, Set<number>>;
  /** While loading: rows by job index and slot key, joined by a space. */
  readonly restored: Map<string, number>;
  /** While loading: rows of ended side generations, dropped at its end. */
  readonly spentSides: number[];
  /** Rows whose verdict changed and whose downstreams have not been told yet. */
  readonly advancing: number[];
  readonly attempts: Map<string, LiveAttempt>;
  /** The attempt that a row's open generation has claimed. */
  readonly liveOf: Map<number, LiveAttempt>;
  readonly workers: Map<string, WorkerRecord>;
  readonly workerList: WorkerRecord[];
  readonly plans: Map<number, PlanRecord>;
  /** Plans of which a member ended in this step. */
  readonly settlingPlans: Set<PlanRecord>;
  readonly requests: Map<string, { readonly digest: string; readonly answer: string }>;
  /** Ready runs that were taken back from where they were parked, and where: each may use what had become free. */
  readonly offers: Map<number, OrderedHeap>;
  /** Slots by job index and day, for the pace of imported jobs; forgotten when definitions or states change. */
  readonly heraDays: Map<string, HeraDay>;
  readonly deadlines: InstantHeap;
  /** Jobs whose slots could not all be made in one step. */
  readonly overdue: Set<number>;
  /** Slots stay unmade until the clock passes this: it went back by more than a minute. */
  slotsHeldUntil: Instant;
  nextJobId: number;
  nextPlanId: number;
  nextSubmission: number;
  readonly outbox: Outbox;
}

/** An empty state; `load` fills it from the store's rows. */
export function createState(options: Partial<KernelOptions> = {}): SchedulerState {
  const all = { ...DEFAULT_OPTIONS, ...options };
  return {
    options: all,
    now: 0 as Instant,
    epoch: 0,
    random: createRandom(all.seed),
    jobs: [],
    jobsById: new Map(),
    jobsByName: new Map(),
    groups: new Map(),
    calendars: new Map(),
    schedules: createScheduleTable(),
    pools: new Map(),
    keys: new Map(),
    graph: buildGraph([], []),
    edges: [],
    edgeNumbers: new Map(),
    zones: [],
    runs: new RunTable(),
    links: new LinkTable(),
    extras: new Map(),
    adHoc: new Map(),
    reading: new Map(),
    restored: new Map(),
    spentSides: [],
    advancing: [],
    attempts: new Map(),
    liveOf: new Map(),
    workers: new Map(),
    workerList: [],
    plans: new Map(),
    settlingPlans: new Set(),
    requests: new Map(),
    offers: new Map(),
    heraDays: new Map(),
    deadlines: new InstantHeap(),
    overdue: new Set(),
    slotsHeldUntil: 0 as Instant,
    nextJobId: 1,
    nextPlanId: 1,
    nextSubmission: 1,
    outbox: createOutbox(),
  };
}

/** The extra of a row, made when it is missing. */
export function extraOf(state: SchedulerState, r: number): RunExtra {
  state.runs.set(r, EXTRA);
  const found = state.extras.get(r);
  if (found) return found;
  const extra: RunExtra = {};
  state.extras.set(r, extra);
  return extra;
}

/** Number of the zone's name in the table of zones; names are few. */
export function zoneNumber(state: SchedulerState, zone: ZoneName): number {
  const known = state.zones.indexOf(zone);
  return known >= 0 ? known : state.zones.push(zone) - 1;
}

export function addDeadline(state: SchedulerState, at: number, kind: number, reference: number): void {
  state.deadlines.push(at, reference * DEADLINE_KINDS + kind);
}
