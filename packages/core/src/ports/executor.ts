/**
 * Runs attempts on the worker's side. An executor owns one or more kinds; the agent asks it to start what
 * the scheduler ordered, and learns each end once. `executorContract` of @hera/core/testing is the test.
 */
import type { AttemptOutcome } from '../model/run.js';
import type { AttemptWork } from '../protocol/messages.js';

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
  /** Asks for its end: TERM, grace, KILL of the whole tree. The end comes through the listener. */
  kill(attempt: string, why: 'cancel' | 'timeout' | 'lease'): void;
  /** Attempts that an earlier life of this worker started and that can still be followed. */
  recover(out: AttemptListener): Promise<readonly RecoveredAttempt[]>;
  /** Forgets what is kept of an attempt whose result is stored. */
  forget(attempt: string): void;
  /** Stops following; what runs is left alone unless `kill`. */
  close(options: { readonly kill: boolean }): Promise<void>;
}

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
}

/**
 * The worker's own durable memory: its session, the highest epoch, and the attempts it accepted. `accept`
 * is durable before the attempt is started, and a result before it is reported.
 */
export interface Journal {
  load(): Promise<JournalState>;
  /** Resolves when durable. */
  setSession(session: number, epoch: number): Promise<void>;
  accept(attempts: readonly string[]): Promise<void>;
  end(attempt: string, startedAt: number | null, endedAt: number, outcome: AttemptOutcome): Promise<void>;
  /** Leaves a tombstone, kept at least seven days. */
  forget(attempts: readonly string[]): Promise<void>;
}

export interface JournalState {
  readonly session: number;
  readonly epoch: number;
  readonly open: readonly {
    readonly attempt: string;
    readonly ended: {
      readonly startedAt: number | null;
      readonly endedAt: number;
      readonly outcome: AttemptOutcome;
    } | null;
  }[];
  readonly tombstones: readonly string[];
}
