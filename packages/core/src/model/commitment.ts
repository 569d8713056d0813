/**
 * A promise to people: these jobs are done by this time of the day. The scheduler foresees whether it will be
 * kept, says so early and by whose fault, and gives what it hangs on the free slots first.
 */
import type { Duration, Weekday } from './schedule.js';

/** A commitment, as definition files say it. */
export interface CommitmentDefinition {
  readonly title?: string;
  readonly description?: string;
  /** Selection of the jobs that must be done: `ceo_report`, `label:tier=gold`. */
  readonly jobs: string;
  /** Local time of the day, `08:00`. */
  readonly due: string;
  /** IANA zone; default the installation's. */
  readonly zone?: string;
  /** Days on which it is due; default every day. */
  readonly days?: readonly Weekday[];
  /** Calendar whose days count; together with `days`, both must hold. */
  readonly calendar?: string;
  /**
   * Until so long before it is due only a clear breach is told, from then on one as likely as not; default
   * 30 m.
   */
  readonly warn?: Duration;
  readonly owner?: string;
}

/**
 * `onTrack`: it will be kept, or was foreseen late and is not any more; `atRisk`: it is foreseen to be late;
 * `breached`: it is late; `met`: it was done in time, or, after a breach, at last.
 */
export type CommitmentState = 'onTrack' | 'atRisk' | 'breached' | 'met';
