/** The clock of the platform. */
import type { Clock } from '../ports/clock.js';

/** Longest delay that timers of JavaScript take; longer waits are cut into pieces. */
const TIMER_MAX_MS = 2_147_483_647;

/** Wall time, monotonic time and timers of this process. */
export const systemClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  wakeAfter(delayMs, wake) {
    if (delayMs <= TIMER_MAX_MS) {
      // Timers round down; waking a moment early would only mean waking again.
      const timer = setTimeout(wake, Math.ceil(delayMs));
      return () => clearTimeout(timer);
    }
    let cancel: () => void;
    const timer = setTimeout(() => {
      cancel = systemClock.wakeAfter(delayMs - TIMER_MAX_MS, wake);
    }, TIMER_MAX_MS);
    cancel = () => clearTimeout(timer);
    return () => cancel();
  },
};
