/** The lease of the memory store: one holder, judged by the store's clock. */
import type { Lease, Store } from '../ports/store.js';

/** Leadership as the port has it, and the step that each commit begins with. */
export interface MemoryLease extends Pick<
  Store,
  'acquireLease' | 'renewLease' | 'readLease' | 'releaseLease'
> {
  /** Whether a commit of that number is the next one, under the epoch that holds. */
  canCommit(epoch: number, commitNo: number): boolean;
  committed(commitNo: number): void;
}

const LEASE_NAME = 'scheduler';

/** A lease that nobody has held. */
export function createMemoryLease(now: () => number): MemoryLease {
  let held: Omit<Lease, 'nowMs'> | null = null;

  return {
    async acquireLease(holder, ttlMs) {
      const nowMs = now();
      if (!held || held.expiresAtMs <= nowMs) {
        const { epoch = 0, commitNo = 0 } = held ?? {};
        held = { name: LEASE_NAME, epoch: epoch + 1, holder, commitNo, expiresAtMs: nowMs + ttlMs };
      }
      return { ...held, nowMs };
    },
    async renewLease(epoch, ttlMs) {
      if (held?.epoch !== epoch) return null;
      const nowMs = now();
      held = { ...held, expiresAtMs: nowMs + ttlMs };
      return { ...held, nowMs };
    },
    async readLease() {
      return held && { ...held, nowMs: now() };
    },
    async releaseLease(epoch) {
      if (held?.epoch === epoch) held = { ...held, expiresAtMs: now() };
    },
    canCommit: (epoch, commitNo) => held?.epoch === epoch && held.commitNo === commitNo - 1,
    committed(commitNo) {
      if (held) held = { ...held, commitNo };
    },
  };
}
