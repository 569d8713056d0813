import type { Instant } from '../model/ids.js';
import type { Effects } from './effects.js';
import type { KernelEvent } from './event.js';
import type { SchedulerState } from './state.js';
export declare function step(state: SchedulerState, batch: readonly KernelEvent[]): Effects;
/** The earliest moment at which `time.passed` would change something; null when there is none. */
export declare function nextDeadline(state: SchedulerState): Instant | null;
