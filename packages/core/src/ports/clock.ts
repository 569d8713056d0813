/** The only source of time. The shell reads it; the kernel gets the time inside each event. */
export interface Clock {
  /** Wall time, epoch ms. Slots only. */
  wallMs(): number;
  /** Never goes back; its zero means nothing. Timeouts, leases and backoff. */
  monotonicMs(): number;
  /** Calls `wake` once, `delayMs` from now or as soon after as it can. The returned function cancels that. */
  wakeAfter(delayMs: number, wake: () => void): () => void;
}
