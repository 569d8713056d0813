/**
 * A slot is what a run is for: an instant, the interval of data it stands for, and a business date. It is a
 * pure function of schedule, calendar and zone data, and never of when the planner ran.
 */
import type { Instant, LocalDate, ZoneName } from './ids.js';

/** From `start`, inclusive, to `end`, exclusive. */
export interface Interval {
  readonly start: Instant;
  readonly end: Instant;
}

export interface Slot {
  /** When the slot is due; not when its run started. */
  readonly instant: Instant;
  /** The calendar period the run is about: for a daily job the local day before. */
  readonly interval: Interval;
  /** The label people filter by, and `${bizdate}`: the local date the interval begins on. */
  readonly businessDate: LocalDate;
  readonly zone: ZoneName;
}
