/**
 * Everything the kernel knows. It is mutated in place, inside kernel/ only; outside, what leaves is plain
 * data. The same state and the same events always give the same effects.
 */
import { createScheduleTable } from '../calendar/schedule.js';
import type { ScheduleTable } from '../calendar/schedule.js';
import { buildGraph } from '../graph/job-graph.js';
import type { JobGraph } from '../graph/job-graph.js';
import type { DurationMs, Instant, ZoneName } from '../model/ids.js';
import type { GroupDefinition } from '../model/job.js';
import { createRandom } from '../model/random.js';
import type { Random } from '../model/random.js';
import type { Slot } from '../model/slot.js';
import type { CommitmentRecord } from './commitments.js';
import type { OrderedHeap } from './heap.js';
import { InstantHeap } from './heap.js';
import { createOperations } from './operation-records.js';
import type { Operations } from './operation-records.js';
import { createOutbox } from './outbox.js';
import type { Notice } from './notices.js';
import type { WorkerHealth } from './quarantine.js';
import type { Outbox } from './outbox.js';
import type { AnsweredRequest } from './request-memory.js';
import type {
  CalendarRecord,
  FailureFacts,
  HeraDay,
  IncidentMember,
  IncidentRecord,
  JobRecord,
  KernelEdge,
  KeyRecord,
  LiveAttempt,
  PlanRecord,
  PoolRecord,
  PostedEvent,
  Probe,
  RunExtra,
  WorkerRecord,
} from './records.js';
import { EXTRA, LinkTable, RunTable } from './tables.js';

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

/** What a deadline in the heap is about; the payload is `reference * DEADLINE_KINDS + kind`. */
export const DEADLINE = {
  slot: 0,
  timeGate: 1,
  retry: 2,
  worker: 3,
  edgeTimeout: 4,
  evict: 5,
  wake: 6,
  commitments: 7,
  expectation: 8,
  requests: 9,
  gate: 10,
  queue: 11,
  probe: 20,
  plan: 25,
  operation: 12,
} as const;
export const DEADLINE_KINDS = 32;

export interface SchedulerState {
  readonly options: KernelOptions;
  /** `at` of the last event. */
  now: Instant;
  epoch: number;
  readonly random: Random;
  readonly jobs: JobRecord[];
  readonly jobsById: Map<number, JobRecord>;
  /** Deleted ones, by the name they had. */
  readonly formerJobs: Map<string, JobRecord[]>;
  readonly jobsByName: Map<string, JobRecord>;
  readonly groups: Map<string, GroupDefinition>;
  readonly calendars: Map<string, CalendarRecord>;
  /** Jobs with the same schedule share what it was compiled to. */
  readonly schedules: ScheduleTable;
  readonly commitments: Map<string, CommitmentRecord>;
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
  /**
   * Runs that became ready in this step and whose job forbids or replaces overlap: free worker or not, that
   * is decided now.
   */
  readonly arrivals: number[];
  /** Whether any run has had a priority that is not the default: then some may hand theirs on. */
  inherits: boolean;
  /** Rows whose effective priority may have changed in this step. */
  readonly repriced: number[];
  /** Queues in which a run has another place than it had. */
  readonly disordered: Set<OrderedHeap>;
  /** Rows whose verdict changed and whose downstreams have not been told yet. */
  readonly advancing: number[];
  readonly attempts: Map<string, LiveAttempt>;
  /** The attempt that a row's open generation has claimed. */
  readonly liveOf: Map<number, LiveAttempt>;
  readonly workers: Map<string, WorkerRecord>;
  readonly workerList: WorkerRecord[];
  /** While workers have not said hello: what their rows say of their health. */
  readonly workerHealth: Map<string, WorkerHealth>;
  /** Incidents that are open, by number and by what joins them. */
  readonly incidents: Map<number, IncidentRecord>;
  readonly incidentKeys: Map<string, IncidentRecord>;
  /** Rows of runs that belong to an open incident. */
  readonly incidentOf: Map<number, IncidentMember>;
  /** Rows of main generations that ended in this step, as far as incidents care. */
  readonly ended: number[];
  /** Why those of this step failed, by row. */
  readonly failing: Map<number, FailureFacts>;
  /** Jobs that have failed too often in this step. */
  readonly pausing: JobRecord[];
  /** Questions of check gates that workers work on, by id. */
  readonly probes: Map<string, Probe>;
  /** Rows with a check that no worker could be asked; they are asked when one comes. */
  readonly unasked: Set<number>;
  /** By name, in the order they came. */
  readonly postedEvents: Map<string, PostedEvent[]>;
  nextEventId: number;
  readonly plans: Map<number, PlanRecord>;
  /** Plans of which a member ended in this step. */
  readonly settlingPlans: Set<PlanRecord>;
  readonly requests: Map<string, AnsweredRequest>;
  /** Alarms that were raised and whose cause lasts, by code and subject: what each was raised about. */
  readonly notices: Map<string, Notice>;
  /**
   * Ready runs that were taken back from where they were parked, and where: each may use what had become
   * free.
   */
  readonly offers: Map<number, OrderedHeap>;
  /**
   * Slots by job index and day, for the pace of imported jobs; forgotten when definitions or states change.
   */
  readonly heraDays: Map<string, HeraDay>;
  readonly deadlines: InstantHeap;
  /** Jobs whose slots could not all be made in one step. */
  readonly overdue: Set<number>;
  /** Jobs that make up for missed slots, by index: how many more before `until`. */
  readonly catchUps: Map<number, { readonly until: number; left: number }>;
  /** Slots stay unmade until the clock passes this: it went back by more than a minute. */
  slotsHeldUntil: Instant;
  /** When commitments are looked at next; Infinity when they are not. */
  commitmentsAt: number;
  /** When a forecast was last asked for. */
  forecastAt: number;
  /** Waives, overrides, holds, limits. */
  readonly operations: Operations;
  nextJobId: number;
  nextPlanId: number;
  nextIncidentId: number;
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
    formerJobs: new Map(),
    jobsByName: new Map(),
    groups: new Map(),
    calendars: new Map(),
    schedules: createScheduleTable(),
    commitments: new Map(),
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
    arrivals: [],
    inherits: false,
    repriced: [],
    disordered: new Set(),
    advancing: [],
    attempts: new Map(),
    liveOf: new Map(),
    workers: new Map(),
    workerList: [],
    workerHealth: new Map(),
    incidents: new Map(),
    incidentKeys: new Map(),
    incidentOf: new Map(),
    ended: [],
    failing: new Map(),
    pausing: [],
    probes: new Map(),
    unasked: new Set(),
    postedEvents: new Map(),
    nextEventId: 1,
    plans: new Map(),
    settlingPlans: new Set(),
    requests: new Map(),
    notices: new Map(),
    offers: new Map(),
    heraDays: new Map(),
    deadlines: new InstantHeap(),
    overdue: new Set(),
    catchUps: new Map(),
    slotsHeldUntil: 0 as Instant,
    commitmentsAt: Infinity,
    forecastAt: 0,
    operations: createOperations(),
    nextJobId: 1,
    nextPlanId: 1,
    nextIncidentId: 1,
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
