/** How long a retry waits. */
import type { RetryPolicy } from './records.js';
import type { SchedulerState } from './state.js';

/** Fixed, or doubling up to its ceiling; the random share only ever shortens it. */
export function retryDelayMs(state: SchedulerState, retry: RetryPolicy, tries: number): number {
  const grown = retry.exponential
    ? Math.min(retry.delayMaxMs, retry.delayMs * 2 ** Math.min(30, tries - 1))
    : retry.delayMs;
  return retry.jitter === 0 ? grown : Math.round(grown * (1 - retry.jitter * state.random.next()));
}
