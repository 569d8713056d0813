/**
 * What operators say over the heads of definitions: waives, overrides and holds, and the limits and rules
 * that definitions set for them. Each says why, who and until when, and ends by itself.
 */
import type { FailureClass } from './job.js';
import type { Lane } from './run.js';
import type { Duration } from './schedule.js';

/** What an override changes for the runs it is about; what it does not name stays as the job says. */
export interface OverrideEffect {
  /** `skip`: the slot is not run and satisfies nobody; `pass`: it is not run and counts as done. */
  readonly slots?: 'skip' | 'pass';
  /** Nothing of it starts while the override lasts. */
  readonly freeze?: boolean;
  /** Nothing of it starts before this instant, epoch ms. */
  readonly notBefore?: number;
  readonly pool?: string;
  /** -1000 to 1000. */
  readonly priority?: number;
  /** Of attempts that start while it lasts; ms. */
  readonly timeoutMs?: number;
  /** Parameters of attempts that start while it lasts, for jobs that declare them; a run's own win. */
  readonly params?: Readonly<Record<string, string>>;
}

/** Which slots an override is about, both ends included: by instant or by business date. */
export type SlotRange =
  | { readonly by: 'instant'; readonly from: number | null; readonly to: number | null }
  | { readonly by: 'businessDate'; readonly from: string | null; readonly to: string | null };

/** What a hold is about: jobs, and of these only some lanes, or those that take a concurrency key. */
export interface HoldScope {
  /** Selection of jobs, `*` for all. Jobs that are added later belong to it as well. */
  readonly select: string;
  /** Null: all lanes. */
  readonly lanes: readonly Lane[] | null;
  /** Concurrency key that the jobs take; null: any or none. */
  readonly key: string | null;
}

/** `limits` of definitions: how many attempts of a selection may run, or start in a minute. */
export interface LimitDefinition {
  readonly title?: string;
  /** Selection of jobs: `group:dw`, `label:team=ads`. */
  readonly jobs: string;
  /** Attempts that may run at once. */
  readonly running?: number;
  /** Attempts that may start in a minute, evenly spread; at most 6000. */
  readonly startsPerMinute?: number;
  /** Lanes that it counts and stops; default all. */
  readonly lanes?: readonly Lane[];
  /** Local hours in which it holds: "22:00-06:00"; default always. */
  readonly hours?: string;
  /** Zone of `hours`; default that of the installation. */
  readonly zone?: string;
}

/** `holdRules` of definitions: so many failures of one kind in so short a time hold a selection. */
export interface HoldRuleDefinition {
  readonly title?: string;
  /** Jobs whose failures are counted. */
  readonly jobs: string;
  /** Attempts that must fail; 1 to 1000. */
  readonly failures: number;
  readonly within: Duration;
  /** Failure classes that count; default all. */
  readonly classes?: readonly FailureClass[];
  /** Text that the failure's message holds; `*` stands for any characters. Default any message. */
  readonly message?: string;
  /** What is held; default `jobs`. */
  readonly hold?: string;
  /** How long; default until a person releases it. */
  readonly for?: Duration;
  /** Starts a minute after the release; default all at once. */
  readonly pace?: number;
}

/** How free slots of a pool are shared among teams. */
export interface TeamsDefinition {
  /** What names a job's team: `owner`, or a label as `label:team`. */
  readonly by: string;
  /** Share of each team; a team that is not named has 1. */
  readonly weights?: Readonly<Record<string, number>>;
}

export interface OperationFacts {
  readonly id: number;
  readonly reason: string;
  readonly actor: string;
  /** Epoch ms. */
  readonly at: number;
  /** When it ends by itself; null: when a person ends it. */
  readonly until: number | null;
}

export interface WaiveView extends OperationFacts {
  /** Run that does not wait. */
  readonly run: string;
  /** Upstream job that it does not wait for, and the slot key; null: all slots of it. */
  readonly upstream: string;
  readonly slot: string | null;
}

export interface OverrideView extends OperationFacts {
  readonly select: string;
  readonly range: SlotRange | null;
  readonly effect: OverrideEffect;
  /** Jobs that it is about now. */
  readonly jobs: number;
}

export interface HoldView extends OperationFacts, HoldScope {
  readonly state: 'holding' | 'releasing';
  /** Starts a minute when it is released; null: all at once. */
  readonly pace: number | null;
  /** The rule that made it; null: a person. */
  readonly rule: string | null;
  readonly jobs: number;
  /** Ready runs that it keeps from starting. */
  readonly waiting: number;
}

/** Everything that is in force; of a run, what concerns it. */
export interface OperationsView {
  readonly waives: readonly WaiveView[];
  readonly overrides: readonly OverrideView[];
  readonly holds: readonly HoldView[];
}
