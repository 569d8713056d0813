import type { SchedulerState } from './state.js';
/** Throws on the first thing that must hold between two steps and does not. For tests and the simulator. */
export declare function assertInvariants(state: SchedulerState): void;
