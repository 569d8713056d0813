import type { Row } from '../model/tables.js';
import type { Instant } from '../model/ids.js';
import type { Effects } from './effects.js';
import type { SchedulerState } from './state.js';

/** Fills an empty state from the store's rows. */
export interface Loader {
  /** Rows in the order of the catalogue. */
  row(row: Row): void;
  /** Settles what the rows leave open; the effects are committed like those of a step. */
  finish(at: Instant, lead: { readonly epoch: number; readonly holder: string }): Effects;
}
export declare function createLoader(state: SchedulerState): Loader;
