/**
 * Runs attempts on the worker's side. An executor owns one or more kinds; the agent asks it to start what
 * the scheduler ordered, and learns each end once. `executorContract` of @hera/core/testing is the test.
 */
import type { OnWorkerLost } from '../model/job.js';
import type { AttemptOutcome } from '../model/run.js';
import type { AttemptWork } from '../protocol/messages.js';

/** One way, or several, to run attempts on this host. */
export interface Executor {
  /** Kinds it can run on this host now. */
  readonly kinds: readonly string[];
  /** Function jobs it knows by name; empty for all others. */
  readonly functions: readonly string[];
  /**
   * Starts the attempt and calls back on `out`; never throws. An attempt that cannot be started ends as
   * `failed` of class `host`.
   */
  start(work: AttemptWork, out: AttemptListener): void;
  /**
   * Asks for its end: TERM, grace, KILL of the whole tree. The end comes through the listener. May be
   * repeated; an unknown attempt is ignored.
   */
  kill(attempt: string, why: 'cancel' | 'timeout' | 'lease'): void;
  /**
   * Attempts that an earlier life of this worker started and whose fate is known. Those that go on running
   * are followed from here; for those that ended, `onEnded` has been called before this resolves.
   */
  recover(out: AttemptListener): Promise<readonly RecoveredAttempt[]>;
  /**
   * When the worker's lease now ends, on the agent's monotonic clock. The agent itself kills `fence`
   * attempts then; an executor whose attempts outlive the agent must see to it with the agent dead too.
   */
  leased?(endsAtMs: number): void;
  /**
   * Tries what its attempts need of the host: disk, interpreters. Says what does not work, a line each, and
   * never rejects; an executor without it has nothing that could break.
   */
  selfTest?(): Promise<readonly string[]>;
  /** Forgets what is kept of an attempt whose result is stored. */
  forget(attempt: string): void;
  /** Stops following; what runs is left alone unless `kill`, then it resolves when all of it has ended. */
  close(options: { readonly kill: boolean }): Promise<void>;
}

/** What an executor tells the agent; calls may come from inside `start` and `kill`. */
export interface AttemptListener {
  onStarted(attempt: string, at: number): void;
  /** Bytes of its output, in order; only executors without a log file of their own call it. */
  onOutput(attempt: string, text: string): void;
  onEnded(attempt: string, at: number, outcome: AttemptOutcome): void;
}

/** What is known of an attempt after the agent's own restart. */
export interface RecoveredAttempt {
  readonly attempt: string;
  readonly state: 'running' | 'ended';
  readonly startedAt: number | null;
  /** What its job said about the loss of its worker; default `fence`, which never doubles. */
  readonly onWorkerLost?: OnWorkerLost;
}

/**
 * The worker's own durable memory: its session, the highest epoch, and the attempts it accepted. `accept`
 * is durable before the attempt is started, and a result before it is reported.
 */
export interface Journal {
  load(): Promise<JournalState>;
  /** Resolves when durable, as do the others; rejects when it cannot be written, and may then be repeated. */
  setSession(session: number, epoch: number): Promise<void>;
  accept(attempts: readonly string[]): Promise<void>;
  /** Of attempts that were accepted; resolves when all are durable. */
  end(ends: readonly JournalEnd[]): Promise<void>;
  /** Leaves a tombstone, kept at least seven days. */
  forget(attempts: readonly string[]): Promise<void>;
}

/** How one attempt ended. */
export interface JournalEnd {
  readonly attempt: string;
  /** Null when it never started. */
  readonly startedAt: number | null;
  readonly endedAt: number;
  readonly outcome: AttemptOutcome;
}

/** What a journal holds; a new one holds session 0 and epoch 0. */
export interface JournalState {
  readonly session: number;
  readonly epoch: number;
  /** Accepted and not forgotten, in the order they were accepted. */
  readonly open: readonly { readonly attempt: string; readonly ended: JournalEnd | null }[];
  readonly tombstones: readonly string[];
}
