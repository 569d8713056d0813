/** What people and programs are told of nights to come: a forecast, and what a change would do. */
import type { CommitmentState } from './commitment.js';

/** The job to blame for a commitment that will be late. */
export interface CulpritView {
  readonly job: string;
  /**
   * `slow`: it takes `byMs` longer than usual; `long`: nothing is unusual, and of all on the way it takes the
   * longest; `failed`: it will not be done by itself; `noSlot`: no worker can run it.
   */
  readonly why: 'slow' | 'long' | 'failed' | 'noSlot';
  readonly byMs: number;
}

/** What is foreseen of one run. Times are epoch ms; null is never, as things stand. */
export interface ForecastRun {
  readonly run: string;
  readonly job: string;
  readonly instant: number;
  readonly stands: 'future' | 'waiting' | 'queued' | 'running' | 'backoff';
  readonly start: number | null;
  readonly end: number | null;
  /** How much later it may end with every commitment still met; null when none hangs on it. */
  readonly slackMs: number | null;
  /** It lies on the way that takes longest. */
  readonly critical: boolean;
}

/** What is foreseen of one commitment. */
export interface ForecastCommitment {
  readonly commitment: string;
  readonly due: number;
  readonly done: boolean;
  readonly state: CommitmentState;
  readonly end: number | null;
  /** Nine times of ten it is done by then. */
  readonly cautiousEnd: number | null;
  /** Of one that is foreseen late; null otherwise. */
  readonly culprit: CulpritView | null;
}

/** A night, foreseen. */
export interface Forecast {
  readonly at: number;
  readonly until: number;
  /** In the order in which they start. */
  readonly runs: readonly ForecastRun[];
  readonly commitments: readonly ForecastCommitment[];
}

/** A run that a change would touch. */
export interface ImpactRun {
  readonly run: string;
  readonly job: string;
  readonly instant: number;
  /**
   * `gone`: it would not be; `new`: it is not without the change; `moved`: it would start or end at another
   * time; `unmet`: it would wait for what never comes.
   */
  readonly change: 'gone' | 'new' | 'moved' | 'unmet';
  /** Foreseen ends without the change and with it; null where there is none. */
  readonly endBefore: number | null;
  readonly endAfter: number | null;
  /** What an unmet one waits for. */
  readonly waitsFor: string | null;
}

/** A commitment that a change would break or mend. */
export interface ImpactCommitment {
  readonly commitment: string;
  readonly due: number;
  readonly before: CommitmentState;
  readonly after: CommitmentState;
}

/** What a change of definitions would do to the runs of the days to come. */
export interface Impact {
  readonly from: number;
  readonly until: number;
  /** How many runs of each kind of change there are; `runs` holds the first thousand of them. */
  readonly counts: Readonly<Record<ImpactRun['change'], number>>;
  readonly runs: readonly ImpactRun[];
  readonly commitments: readonly ImpactCommitment[];
}
