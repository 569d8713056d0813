/**
 * What people and their programs see of runs, jobs and workers: plain strings and numbers, the same in the
 * embedding API, on the wire and in pages. Times are epoch ms.
 */
import type { JobDefinition, JobState } from './job.js';
import type { IncidentEnd, PlanState } from './events.js';
import type { AttemptState, Gates, Lane, Phase, Track, Trigger } from './run.js';
import type { FailureClass } from './job.js';

export interface Run {
  /** `job@20261123T020000Z`, or `job@a:key`. */
  readonly id: string;
  readonly job: string;
  readonly slot: SlotView;
  /** Of its newest main generation; `none` when only side generations exist. */
  readonly phase: Phase;
  readonly reason: string | null;
  /** Newest main generation, 0 when there is none. */
  readonly generation: number;
  readonly attempts: number;
  readonly submission: string | null;
  readonly createdAt: number;
  readonly endedAt: number | null;
}

export interface SlotView {
  /** `t:20261123T020000Z` or `a:key`. */
  readonly key: string;
  readonly instant: number;
  readonly interval: { readonly start: number; readonly end: number };
  readonly businessDate: string;
  /** Local date of `instant`. */
  readonly day: string;
  readonly zone: string;
}

export interface RunDetail extends Run {
  readonly generations: readonly GenerationView[];
  readonly attemptList: readonly AttemptView[];
  readonly bindings: readonly BindingView[];
  /** Whether an upstream has succeeded again since the last success of this run used it. */
  readonly stale: boolean;
  /** Upstream runs that have, empty unless `stale`. */
  readonly staleUpstreams: readonly string[];
  /** Why it started when and where it did: one for each generation that was given to a worker. */
  readonly starts: readonly StartView[];
}

/** How one generation of a run came to start. */
export interface StartView {
  readonly g: number;
  readonly createdAt: number;
  /** The upstream run that ended last before; null when it waited for none. */
  readonly lastUpstream: { readonly run: string; readonly at: number } | null;
  /** Its gates and when each opened. */
  readonly gates: readonly {
    readonly gate: string;
    readonly at: number;
    readonly how: string;
    readonly by: string | null;
  }[];
  /** When it was last ready and waited for a worker. */
  readonly queuedAt: number | null;
  /** Its first attempt, and the worker that was given it. */
  readonly attempt: number;
  readonly worker: string;
  readonly claimedAt: number;
}

export interface GenerationView {
  readonly g: number;
  readonly trigger: Trigger;
  readonly track: Track;
  readonly lane: Lane;
  readonly gates: Gates;
  readonly releases: boolean;
  readonly phase: Phase;
  readonly reason: string | null;
  readonly actor: string;
  readonly cause: string;
  readonly params: Readonly<Record<string, string>>;
  readonly plan: number | null;
  readonly createdAt: number;
  readonly endedAt: number | null;
  readonly retryAt: number | null;
}

export interface AttemptView {
  /** `job@slot/2`. */
  readonly id: string;
  readonly n: number;
  readonly g: number;
  readonly state: AttemptState;
  readonly worker: string;
  readonly revision: number;
  readonly claimedAt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly exitCode: number | null;
  readonly failure: FailureClass | null;
  /** Name of the rule that told the class. */
  readonly pattern: string | null;
  readonly message: string | null;
  /** JSON text. */
  readonly result: string | null;
}

export interface BindingView {
  readonly upstream: string;
  /** Run ids it names; a long range is given by its first and last. */
  readonly runs: readonly string[];
  readonly count: number;
  /** How many of them must be met. */
  readonly need: number;
  readonly why: string;
}

export interface JobView {
  readonly id: number;
  readonly name: string;
  readonly group: string;
  readonly title: string;
  readonly kind: string;
  readonly state: JobState;
  readonly revision: number;
  readonly source: string;
  readonly definition: JobDefinition;
}

export interface WorkerView {
  readonly name: string;
  readonly state: 'connected' | 'silent' | 'lost' | 'draining' | 'quarantined' | 'left';
  /** Why it is in quarantine; null when it is not. */
  readonly quarantine: string | null;
  readonly slots: number;
  readonly running: number;
  readonly pools: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly kinds: readonly string[];
  readonly seenAt: number;
  readonly memoryShare: number | null;
  readonly loadPerCore: number | null;
  /** Null when it says nothing of its host, or nobody leads here. */
  readonly host: HostReportView | null;
}

/** What the host of a worker is busy with, as it last said; shares are 0 to 1. */
export interface HostReportView {
  readonly cores: number;
  readonly memoryBytes: number;
  readonly cpu: { readonly user: number; readonly system: number; readonly idle: number };
  readonly swapShare: number;
  readonly disks: readonly { readonly path: string; readonly bytes: number; readonly freeBytes: number }[];
  /** The largest by memory. */
  readonly processes: readonly {
    readonly pid: number;
    readonly uid: number;
    readonly memoryBytes: number;
    readonly cpuMs: number;
    readonly command: string;
  }[];
}

export interface PlanView {
  readonly id: number;
  readonly type: string;
  readonly state: PlanState;
  readonly actor: string;
  readonly reason: string;
  readonly createdAt: number;
  readonly endedAt: number | null;
  readonly total: number;
  readonly succeeded: number;
  readonly failed: number;
}

/** What a plan will do. */
export interface PlanPreview {
  readonly total: number;
  /** Runs in the order they may start. */
  readonly runs: readonly string[];
  /** Members of each date, in the order the dates are opened. */
  readonly dates: readonly { readonly date: string; readonly count: number }[];
  /** Runs left out that would have been members. */
  readonly excluded: number;
  readonly estimate: {
    /** Time of all members together, in ms, as far as it is known. */
    readonly workMs: number;
    /** From the first start to the last end, in ms, if workers are free. */
    readonly spanMs: number;
    /** Members of which nothing is known; they count nothing in the estimate. */
    readonly unknown: number;
  };
}

/** One first cause, and how much fails and waits through it. */
export interface IncidentView {
  readonly id: number;
  /** What joins it: runs of one job, failures of one pattern, or nothing (a worker's). */
  readonly kind: 'run' | 'pattern' | 'worker';
  /** The first run that failed, or `worker NAME`. */
  readonly cause: string;
  readonly failure: FailureClass | null;
  readonly pattern: string | null;
  readonly message: string | null;
  readonly openedAt: number;
  readonly lastJoinAt: number;
  /** Runs that failed, and runs that waited through them, ever. */
  readonly failed: number;
  readonly blocked: number;
  readonly acknowledgedBy: string | null;
  readonly acknowledgedAt: number | null;
  readonly note: string | null;
  readonly assignee: string | null;
  readonly snoozedUntil: number | null;
  /** Null while it is open. */
  readonly closedAt: number | null;
  readonly why: IncidentEnd | null;
}
