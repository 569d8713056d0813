/**
 * What the shell reads of the state between two steps: facts for rendering, and answers that need no store.
 */
import type { ConfigDefinition, Definitions, JobDefinition } from '../model/job.js';
import type { Phase } from '../model/run.js';
import type { SlotView, WorkerView } from '../model/views.js';
import type { AttemptClaim, DefinitionChange } from './effects.js';
import type { Params } from './event.js';
import type { SchedulerState } from './state.js';

/** One place config and files come from, nearest first. */
export interface ConfigSource {
  /** `job dws_gmv`, `group dw/dws`; the root group is `group `. */
  readonly origin: string;
  readonly config: ConfigDefinition;
  readonly files: Readonly<Record<string, string>>;
}

/** Everything the shell needs to render the script of a claimed attempt, but for texts in the store. */
export interface AttemptFacts {
  readonly claim: AttemptClaim;
  /** The newest definition, or of the revision that was asked for (then `revisionToRead` is its number). */
  readonly definition: JobDefinition;
  readonly revisionToRead: number | null;
  readonly sources: readonly ConfigSource[];
  readonly kind: string;
  readonly timeoutMs: number;
  readonly onWorkerLost: 'fence' | 'hold' | 'rerun';
  readonly echo: boolean;
  readonly encoding: string;
  readonly slot: SlotView;
  readonly params: Params;
  /** Runs that were bound, by upstream, in the order of their slots: their newest result is read from the store. */
  readonly upstream: Readonly<Record<string, readonly { readonly job: number; readonly slotKey: string }[]>>;
}

/** Facts of a claimed attempt; undefined when it has ended since. */
export declare function attemptFacts(state: SchedulerState, claim: AttemptClaim): AttemptFacts | undefined;
/** How many runs are in each phase, of those kept. */
export declare function countPhases(state: SchedulerState): Readonly<Record<Phase, number>>;
/** What `definitions.apply` would change. @throws SchedulerError `DEFINITION_INVALID`, `GRAPH_CYCLE`. */
export declare function diffDefinitions(state: SchedulerState, definitions: Definitions, options: { readonly source: string; readonly prune: boolean }): DefinitionChange[];
/** Runs of a plan in the order they may start. */
export declare function planPreview(state: SchedulerState, plan: number): readonly string[];
/** Names that a selection selects, upstream first. @throws SchedulerError `SELECTION_INVALID`, `SELECTION_EMPTY`. */
export declare function selectJobs(state: SchedulerState, selection: string): readonly string[];
/** The next slots of a job after now. @throws SchedulerError `JOB_NOT_FOUND`. */
export declare function upcoming(state: SchedulerState, job: string, count: number): readonly SlotView[];
export declare function workerViews(state: SchedulerState): readonly WorkerView[];
