/**
 * The worker's lease: how long it may go on without word from the scheduler. It is counted from when an
 * acknowledged pulse was *sent*: an answer that travelled for a minute must not extend the lease by that
 * minute, since the scheduler counts its own, longer wait from when it received that pulse.
 */

/** Pulses that wait for an answer at most; older ones could hardly extend a lease any more. */
const SENT_MAX = 1_000;

/** All times in ms of the monotonic clock. */
export class AgentLease {
  #leaseMs: number | null = null;
  #ackedSentAt: number | null = null;
  #sent: { readonly seq: number; readonly at: number }[] = [];

  /** Sets the length; a lease that runs is counted anew from the same pulse. */
  limit(leaseMs: number): void {
    this.#leaseMs = leaseMs;
  }

  /** Notes that pulse `seq` is about to be sent. */
  sent(seq: number, at: number): void {
    if (this.#sent.length >= SENT_MAX) this.#sent.shift();
    this.#sent.push({ seq, at });
  }

  /** Takes the answer to pulse `seq`; false when it tells nothing new. Older pulses count as answered. */
  acked(seq: number): boolean {
    const found = this.#sent.find((pulse) => pulse.seq === seq);
    if (!found) return false;
    this.#sent = this.#sent.filter((pulse) => pulse.seq > seq);
    this.#ackedSentAt = found.at;
    return true;
  }

  /** When it ends, or ended; null when there is none. */
  get endsAt(): number | null {
    if (this.#leaseMs === null || this.#ackedSentAt === null) return null;
    return this.#ackedSentAt + this.#leaseMs;
  }

  /** Whether the worker holds a lease at `now`. */
  runs(now: number): boolean {
    const endsAt = this.endsAt;
    return endsAt !== null && now < endsAt;
  }

  /** Forgets the lease and all pulses sent: a new session begins. */
  clear(): void {
    this.#ackedSentAt = null;
    this.#sent = [];
  }
}
