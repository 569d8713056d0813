/** What a scheduler is made of, and what can be asked of it. */
import type { KernelOptions, Request, RequestAnswer, SchedulerState } from '../kernel/index.js';
import type { Instant } from '../model/ids.js';
import type { Clock } from '../ports/clock.js';
import type { Observer } from '../ports/observer.js';
import type { Store } from '../ports/store.js';
import type { SchedulerTransport } from '../ports/transport.js';
import type { CommittedBatch, StepFunctions } from './leader-loop.js';
import type { MailboxOptions } from './mailbox.js';
import type { PassOptions } from './passed-requests.js';
import type { SecretKeeper } from './render.js';
import type { RequestOptions } from './requests.js';
import type { ResultCache } from './results.js';

/** What a scheduler is made of. */
export interface SchedulerOptions {
  readonly store: Store;
  readonly transport: SchedulerTransport;
  /** Default the clock of the platform. */
  readonly clock?: Clock;
  readonly observer?: Observer;
  /** Name of this process, the first part of the holder's; default `hera`. */
  readonly name?: string;
  /** Length of the lease in ms, at least 100; default 10,000. */
  readonly leaseMs?: number;
  /** Settings of the kernel; others have their defaults. */
  readonly kernel?: Partial<KernelOptions>;
  readonly mailbox?: MailboxOptions;
  /** Ms between looks at requests that other servers left in the store; default never, only when nudged. */
  readonly commandsEveryMs?: number;
  /**
   * Requests asked here while another process leads are left in the store for it, instead of being refused
   * with `NOT_LEADING`.
   */
  readonly pass?: PassOptions;
  readonly secrets?: SecretKeeper;
  /** Text of a shared script by the key of `include[key]`. */
  readonly include?: (key: string) => string | null;
  readonly locale?: string;
  /** Only tests replace the kernel. */
  readonly stepFunctions?: StepFunctions;
}

/** `standby` until it leads, also while it loads. */
export type SchedulerRole = 'standby' | 'leading' | 'stopped';

/** Learns what became durable, after it did. What it throws is logged and goes nowhere. */
export type CommitListener = (batch: CommittedBatch) => void;
/** Learns of each change of role. */
export type RoleListener = (role: SchedulerRole) => void;

/** A scheduler, made stopped. Created by `createHera` and by servers. */
export interface Scheduler {
  readonly role: SchedulerRole;
  /** Holder of the lease as last seen; null when nobody's is known. */
  readonly leader: string | null;
  readonly results: ResultCache;
  /** Begins to stand by; resolves when it leads, or sees that another does. Rejects when the store does. */
  start(): Promise<void>;
  /**
   * Resolves with the answer once it is durable. Rejects with the kernel's refusal, `OVERLOADED`, or
   * `NOT_LEADING`: nothing was done. `LEASE_LOST`: leadership was lost while it was committed, so it may or
   * may not be done; ask again with the same key.
   */
  request(body: Request, options: RequestOptions): Promise<RequestAnswer>;
  /** Reads the state as it is, up to one commit ahead of the store. @throws SchedulerError `NOT_LEADING`. */
  peek<T>(read: (state: SchedulerState) => T): T;
  /** Reads the state when the store has all of it. Rejects with `NOT_LEADING`, or what `read` throws. */
  read<T>(read: (state: SchedulerState) => T): Promise<T>;
  /** Kernel time while it leads, wall time otherwise; epoch ms. */
  now(): Instant;
  /** The returned function ends it. */
  onCommit(listener: CommitListener): () => void;
  onRole(listener: RoleListener): () => void;
  /** Looks now for requests in the store. */
  nudge(): void;
  /** Settles the commit in flight, gives up the lease and resolves. May be called again. */
  stop(): Promise<void>;
  /** Resolves after `stop`; rejects on an error that ended the scheduler. */
  readonly closed: Promise<void>;
}
