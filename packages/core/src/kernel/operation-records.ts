/**
 * Waives, overrides, holds, limits and rules that hold, as the kernel keeps them. Which jobs each is about is
 * worked out when it begins and when definitions change; a job that none is about has `rules: null`.
 */
import type { Selection } from '../graph/selection.js';
import type { FailureClass } from '../model/job.js';
import type {
  HoldRuleDefinition,
  HoldScope,
  LimitDefinition,
  OverrideEffect,
  SlotRange,
} from '../model/operations.js';
import type { OrderedHeap } from './heap.js';

/** What has a selection of jobs, which is live: jobs that are added later belong to it. */
export interface JobRule {
  /** Unlike that of any other rule: `h3`, `limit etl`. */
  readonly name: string;
  readonly selection: Selection;
  /** Indexes of the jobs it is about; null before they have been worked out. */
  jobs: readonly number[] | null;
}

interface Begun {
  readonly id: number;
  readonly reason: string;
  readonly actor: string;
  readonly at: number;
}

export interface WaiveRecord extends Begun {
  /** Index of the job, and slot key of the run. */
  readonly job: number;
  readonly slotKey: string;
  /** Index of the upstream, and its slot key; null is all that the run is bound to. */
  readonly upstream: number;
  readonly upstreamSlot: string | null;
  readonly until: number;
}

export interface OverrideRecord extends JobRule, Begun {
  readonly range: SlotRange | null;
  readonly effect: OverrideEffect;
  readonly until: number;
  /** Ready runs that it freezes, or lets start later. */
  readonly parked: OrderedHeap;
}

export interface HoldRecord extends JobRule, Begun {
  readonly scope: HoldScope;
  /** Bits of the lanes that it stops. */
  readonly laneBits: number;
  readonly rule: string | null;
  readonly until: number | null;
  /** Starts a minute when it is released; null: all at once. */
  pace: number | null;
  isReleasing: boolean;
  /** Earliest next start while it is being released. */
  nextAt: number;
  readonly parked: OrderedHeap;
}

export interface LimitRecord extends JobRule {
  readonly limit: string;
  readonly definition: LimitDefinition;
  readonly laneBits: number;
  /** When it is looked at next for its hours. */
  wakeAt: number;
  /** Minutes of the day; null: always. */
  readonly hours: { readonly from: number; readonly to: number } | null;
  /** Attempts that count, whatever the hour. */
  running: number;
  nextAt: number;
  readonly parked: OrderedHeap;
}

export interface HoldRuleRecord extends JobRule {
  readonly rule: string;
  readonly definition: HoldRuleDefinition;
  readonly withinMs: number;
  readonly classes: readonly FailureClass[] | null;
  /** Parts of the message, in order; empty: any. */
  readonly parts: readonly string[];
  /** Instants of the newest failures that match, oldest first; at most as many as it takes. */
  recent: number[];
}

/** What stands over a job; jobs with the same share one. */
export interface JobRules {
  readonly holds: readonly HoldRecord[];
  readonly overrides: readonly OverrideRecord[];
  readonly limits: readonly LimitRecord[];
  readonly watched: readonly HoldRuleRecord[];
}

export interface Operations {
  /** Number of the next waive, override or hold. */
  nextId: number;
  readonly waives: Map<number, WaiveRecord>;
  /** Waives by job index and slot key, joined by a space. */
  readonly waivesOf: Map<string, readonly WaiveRecord[]>;
  readonly overrides: Map<number, OverrideRecord>;
  readonly holds: Map<number, HoldRecord>;
  readonly limits: Map<string, LimitRecord>;
  readonly holdRules: Map<string, HoldRuleRecord>;
  /** Holds that are being released. */
  readonly releasing: Set<HoldRecord>;
  /** Whether any job has rules. */
  hasRules: boolean;
  /** A deadline of theirs has come in this step. */
  isDue: boolean;
}

/** Nothing in force. */
export const createOperations = (): Operations => ({
  nextId: 1,
  waives: new Map(),
  waivesOf: new Map(),
  overrides: new Map(),
  holds: new Map(),
  limits: new Map(),
  holdRules: new Map(),
  releasing: new Set(),
  hasRules: false,
  isDue: false,
});

/** Limits of an attempt that none counts. */
export const NO_LIMITS: readonly LimitRecord[] = [];
