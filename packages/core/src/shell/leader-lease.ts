/**
 * Leadership as the leader knows it: until when it may act, and what time it is. Both hang on the last answer
 * of the store: the lease counts from when its renewal was *sent*, the time from when the answer *came*, so
 * that neither is ever ahead of the store's own clock.
 *
 * Kernel time is the store's clock plus what has passed since, and never goes back. When the store's clock
 * is set back by a minute or less, kernel time stands still until that clock has caught up. When it is set
 * back by more, timeouts must not stand still for so long: kernel time goes on at half speed until both
 * agree, and the kernel is told, so that it makes no slots meanwhile.
 */
import type { Instant } from '../model/ids.js';
import type { Clock } from '../ports/clock.js';
import type { Lease, Store } from '../ports/store.js';

export interface LeaderLeaseOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly leaseMs: number;
  /** Kernel time was more than a minute ahead of the store's clock. */
  onJump(byMs: number): void;
  /** The store's clock is ahead of kernel time: leadership ends, and begins anew with its time. */
  onLeap(byMs: number): void;
}

/** A correction back by more than this is a jump. */
const JUMP_MS = 60_000;
/** Kernel time moves ahead by no more than this at once: it is part of the margin after a worker's lease. */
const LEAP_MS = 500;
/** Parts of the lease: the leader stops acting this much before its end. */
const MARGIN_PARTS = 10;
const SLOW_RATE = 0.5;

/** The lease that this process holds, from its acquisition to its loss. */
export class LeaderLease {
  readonly epoch: number;
  readonly holder: string;
  /** Number of the last commit that is known to be applied. */
  commitNo: number;
  readonly #options: LeaderLeaseOptions;
  /** Monotonic ms until which this process may act. */
  #actsUntil: number;
  /** The store's clock at `#readAt`, both ms. */
  #storeMs: number;
  #readAt: number;
  /** Last time given out; and, while it is slowed, when that began. */
  #last: number;
  #lastAt: number;
  #isSlowed = false;
  /** By how much kernel time was ahead of the store at the last renewal, ms. */
  #aheadMs = 0;
  #renewing: Promise<boolean> | null = null;

  /** `sentAt` is the monotonic time before the lease was asked for. */
  constructor(lease: Lease, sentAt: number, options: LeaderLeaseOptions) {
    this.epoch = lease.epoch;
    this.holder = lease.holder;
    this.commitNo = lease.commitNo;
    this.#options = options;
    this.#readAt = options.clock.monotonicMs();
    this.#lastAt = this.#readAt;
    this.#storeMs = lease.nowMs;
    this.#last = lease.nowMs;
    this.#actsUntil = sentAt + this.#tenureMs;
  }

  /** Whether this process may act now. */
  holds(): boolean {
    return this.#options.clock.monotonicMs() < this.#actsUntil;
  }

  /** How long this process may act, in ms; at least 0. */
  get remainingMs(): number {
    return Math.max(0, this.#actsUntil - this.#options.clock.monotonicMs());
  }

  /** Kernel time: whole ms, never less than it was. */
  now(): Instant {
    const at = this.#options.clock.monotonicMs();
    const store = this.#storeMs + (at - this.#readAt);
    const slowed = this.#isSlowed ? this.#last + (at - this.#lastAt) * SLOW_RATE : this.#last;
    if (store >= slowed) this.#isSlowed = false;
    this.#last = Math.max(store, slowed);
    this.#lastAt = at;
    return Math.floor(this.#last) as Instant;
  }

  /** How long until kernel time is `at`: at least 1 ms, and never longer than it takes. Gives out no time. */
  delayUntil(at: number): number {
    const readAt = this.#options.clock.monotonicMs();
    const store = this.#storeMs + (readAt - this.#readAt);
    const slowed = this.#isSlowed ? this.#last + (readAt - this.#lastAt) * SLOW_RATE : this.#last;
    const now = Math.floor(Math.max(store, slowed));
    return Math.max(1, Math.ceil(at - now + (this.#isSlowed ? 0 : Math.max(0, now - store))));
  }

  /**
   * Asks the store for more time; calls that come meanwhile share one answer. False when leadership is lost
   * for good. Rejects when the store does not answer.
   */
  renew(): Promise<boolean> {
    this.#renewing ??= this.#renew().finally(() => {
      this.#renewing = null;
    });
    return this.#renewing;
  }

  get #tenureMs(): number {
    const { leaseMs } = this.#options;
    return leaseMs - leaseMs / MARGIN_PARTS;
  }

  async #renew(): Promise<boolean> {
    const { store, clock, leaseMs } = this.#options;
    const sentAt = clock.monotonicMs();
    const lease = await store.renewLease(this.epoch, leaseMs);
    if (!lease) return false;
    // Past its tenure it was only guessed how late it is: what was not given out need not be kept to.
    const before = this.holds() || this.#isSlowed ? this.now() : this.#last;
    const readAt = clock.monotonicMs();
    const expectedMs = this.#storeMs + (readAt - this.#readAt);
    if (lease.nowMs > expectedMs + LEAP_MS) {
      this.#options.onLeap(lease.nowMs - expectedMs);
      return false;
    }
    this.#actsUntil = sentAt + this.#tenureMs;
    // An answer that may have been under way all the time says nothing against the time that was expected.
    const isAsExpected = lease.nowMs <= expectedMs && lease.nowMs + (readAt - sentAt) >= expectedMs;
    if (!isAsExpected) {
      this.#storeMs = lease.nowMs;
      this.#readAt = readAt;
    }
    const aheadMs = before - lease.nowMs;
    // While it is slowed the difference shrinks, unless the clock is set back once more.
    const isSetBack = this.#isSlowed ? aheadMs > this.#aheadMs : aheadMs > JUMP_MS;
    this.#aheadMs = aheadMs;
    if (isSetBack) {
      this.#isSlowed = true;
      this.#lastAt = readAt;
      this.#options.onJump(aheadMs);
    }
    return true;
  }
}
