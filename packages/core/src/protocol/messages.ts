/**
 * What scheduler and worker say to each other, whatever carries it. The carrier may lose, repeat, delay and
 * reorder: epoch, session and attempt number make every message safe against that.
 *
 *   epoch    of the leader's lease; a worker keeps the highest it has seen and refuses lower ones
 *   session  of the worker: kept on its disk, raised at each start and whenever its lease has run out, so an
 *            order that was meant for an earlier life of it is recognised
 *   attempt  `job@slot/n`: the fencing token of one try
 *
 * A worker starts an attempt only if epoch and session are its own, its lease still runs, and neither its
 * journal nor its tombstones name the attempt. Sending the same order again is therefore harmless.
 */
import type { AttemptOutcome } from '../model/run.js';
import type { FailureClass, FailureRuleDefinition } from '../model/job.js';

export const PROTOCOL_VERSION = 1;

/** A job's rule for telling its failures, as its worker needs it. */
export interface FailureRule extends FailureRuleDefinition {
  readonly name: string;
}

/** Everything a worker needs to run one attempt. Plain data. */
export interface AttemptWork {
  readonly attempt: string;
  readonly job: string;
  readonly run: string;
  readonly generation: number;
  readonly number: number;
  readonly kind: string;
  /** Rendered; secrets are in `secrets`, never here. */
  readonly script: string;
  /** Placeholders in the script and what stands for them; never logged, never journaled. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  /** Local name to source of each resource. */
  readonly files: Readonly<Record<string, string>>;
  readonly pre: readonly string[];
  readonly post: readonly string[];
  readonly timeoutMs: number;
  /** From TERM to KILL. */
  readonly graceMs: number;
  readonly onWorkerLost: 'fence' | 'hold' | 'rerun';
  readonly echo: boolean;
  readonly encoding: string;
  /** The job's own rules for failures, asked in this order before those of its kind. */
  readonly failures?: readonly FailureRule[];
  readonly slot: {
    readonly key: string;
    readonly instant: number;
    readonly start: number;
    readonly end: number;
    readonly businessDate: string;
    readonly day: string;
    readonly zone: string;
  };
  readonly params: Readonly<Record<string, string>>;
  readonly config: Readonly<Record<string, string>>;
  /** Results of upstreams, JSON by upstream name: the newest, and all in slot order. */
  readonly upstream: Readonly<
    Record<string, { readonly value: string | null; readonly values: readonly (string | null)[] }>
  >;
}

export type SchedulerMessage =
  /** Sent to a worker that connects or says hello: who leads, and how long its lease is. */
  | {
      readonly type: 'welcome';
      readonly v: number;
      readonly epoch: number;
      readonly leader: string;
      readonly leaseMs: number;
    }
  | {
      readonly type: 'exec';
      readonly epoch: number;
      readonly session: number;
      readonly work: readonly AttemptWork[];
    }
  | { readonly type: 'kill'; readonly epoch: number; readonly attempts: readonly string[] }
  /** The results are stored: the worker may forget the attempts but for a tombstone. */
  | { readonly type: 'fin'; readonly epoch: number; readonly attempts: readonly string[] }
  /** Asks a worker that answers probes to try its disk and its kinds. */
  | {
      readonly type: 'probe';
      readonly epoch: number;
      readonly session: number;
      readonly probe: number;
    }
  /** Answers a pulse; the worker's lease runs `leaseMs` from when it *sent* pulse `seq`. */
  | { readonly type: 'ack'; readonly epoch: number; readonly session: number; readonly seq: number };

/** One line of a worker's journal, as its pulse lists it. */
export type JournalEntry =
  | { readonly attempt: string; readonly state: 'accepted' }
  | { readonly attempt: string; readonly state: 'running'; readonly startedAt: number }
  | {
      readonly attempt: string;
      readonly state: 'ended';
      readonly startedAt: number | null;
      readonly endedAt: number;
      readonly outcome: AttemptOutcome;
    };

export interface WorkerLoad {
  /** Share of memory in use, 0 to 1. */
  readonly memoryShare: number;
  /** Load average of one minute over the number of cores. */
  readonly loadPerCore: number;
  readonly memoryFreeBytes: number;
  /** What people look at; placement does not. Missing where the host tells nothing. */
  readonly host?: HostReport;
}

/** What a host is busy with. Shares are 0 to 1. */
export interface HostReport {
  readonly cores: number;
  readonly memoryBytes: number;
  /** Shares of processor time since the report before; idle includes waiting for disks. */
  readonly cpu: { readonly user: number; readonly system: number; readonly idle: number };
  /** Share of swap in use; 0 without any. */
  readonly swapShare: number;
  readonly disks: readonly {
    readonly path: string;
    readonly bytes: number;
    readonly freeBytes: number;
  }[];
  /** The largest by memory, at most ten. */
  readonly processes: readonly HostProcess[];
}

/** One process of a host. */
export interface HostProcess {
  readonly pid: number;
  readonly uid: number;
  /** Resident memory. */
  readonly memoryBytes: number;
  /** Processor time since it began. */
  readonly cpuMs: number;
  readonly command: string;
}

export interface WorkerProfile {
  readonly worker: string;
  /** Identity of this start of the host. */
  readonly boot: string;
  readonly slots: number;
  readonly pools: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly kinds: readonly string[];
  /** Names of function jobs it can run. */
  readonly functions: readonly string[];
  /** Whether memory and load limits apply to it; false for embedded and local workers. */
  readonly enrolled: boolean;
  readonly pid: number;
  readonly version: string;
}

export type WorkerMessage =
  | {
      readonly type: 'hello';
      readonly v: number;
      readonly session: number;
      readonly epoch: number;
      readonly profile: WorkerProfile;
      /** What it can beside the first version of the protocol: `probe`. */
      readonly can?: readonly string[];
    }
  /** The whole journal, under a session: what it does not list, the worker does not have. */
  | {
      readonly type: 'pulse';
      readonly epoch: number;
      readonly session: number;
      readonly seq: number;
      readonly draining: boolean;
      readonly load: WorkerLoad;
      readonly journal: readonly JournalEntry[];
    }
  /** News between pulses; every entry is repeated in the pulses until `fin`. */
  | {
      readonly type: 'report';
      readonly epoch: number;
      readonly session: number;
      readonly entries: readonly JournalEntry[];
    }
  /** Answers a probe: what does not work, a line each; nothing when all does. */
  | {
      readonly type: 'probed';
      readonly epoch: number;
      readonly session: number;
      readonly probe: number;
      readonly faults: readonly string[];
    }
  | { readonly type: 'bye'; readonly session: number };

/** How a host failure is told from a failure of the job. */
export const HOST_FAILURE: FailureClass = 'host';
