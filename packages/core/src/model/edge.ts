/**
 * Dependencies. An edge says which slots of an upstream a slot of the downstream waits for (its selector),
 * and what of them counts (its options). Here is what an author writes and what the kernel works with;
 * docs/reference/dependencies.md has the rules with examples.
 */
import type { DurationMs } from './ids.js';
import type { Duration, Period } from './schedule.js';

/**
 * A window over the downstream's time: its own interval, the local period it lies in, or the last so long.
 */
export type WindowDefinition =
  | 'interval'
  | Exclude<Period, 'other' | 'second' | 'minute'>
  | { readonly period: Exclude<Period, 'other' | 'second' | 'minute'>; readonly shift?: number }
  | { readonly sliding: Duration };

export type WhenEmpty = 'block' | 'skipRun' | 'vacuous';
export type EdgeRule = 'success' | 'done' | 'failed';
export type OnUpstreamFailed = 'wait' | 'fail' | 'skip' | 'proceed';
export type OnUpstreamRerun = 'markStale' | 'rerun' | 'ignore';
/** Which classes of generations an edge accepts. */
export type AcceptClass = 'scheduled' | 'recover' | 'backfill' | 'manual';

export interface EdgeOptionsDefinition {
  /** No slot matches and none ever will: default `block`. */
  readonly whenEmpty?: WhenEmpty;
  /** Which end of the upstream opens the edge: default `success`. */
  readonly rule?: EdgeRule;
  /** Default scheduled, recover and backfill. */
  readonly accept?: readonly AcceptClass[];
  /** A success that ended longer before the run's slot than this does not count. */
  readonly freshness?: Duration;
  /** `latest` (default): the newest finished generation decides; `any`: one success is enough. */
  readonly generation?: 'latest' | 'any';
  readonly onUpstreamFailed?: OnUpstreamFailed;
  readonly onUpstreamRerun?: OnUpstreamRerun;
  /** How long to wait, from the run's creation, before `onUpstreamFailed` applies to an open wait too. */
  readonly timeout?: Duration;
}

/** One selector, named by its key. */
export type SelectorDefinition =
  | { readonly same: Record<string, never> | true }
  | { readonly latestAtOrBefore: { readonly maxAge?: Duration } | true }
  | { readonly latestSucceeded: { readonly maxAge?: Duration } | true }
  | { readonly nearest: Record<string, never> | true }
  | { readonly allIn: WindowDefinition }
  | { readonly anyIn: WindowDefinition }
  | { readonly atLeast: { readonly n: number; readonly in: WindowDefinition } }
  | { readonly offset: number }
  | { readonly self: number }
  | { readonly index: Record<string, never> | true }
  | { readonly overlap: { readonly start?: number; readonly end?: number } | true }
  | { readonly custom: string }
  | { readonly heraNearest: Record<string, never> | true };

export type SelectorName =
  | 'same'
  | 'latestAtOrBefore'
  | 'latestSucceeded'
  | 'nearest'
  | 'allIn'
  | 'anyIn'
  | 'atLeast'
  | 'offset'
  | 'self'
  | 'index'
  | 'overlap'
  | 'custom'
  | 'heraNearest';

/** `same`, `{ allIn: day }`, `{ latestAtOrBefore: { maxAge: 14d }, whenEmpty: block }`, or options alone. */
export type EdgeDefinition =
  | Exclude<SelectorName, 'allIn' | 'anyIn' | 'atLeast' | 'offset' | 'self' | 'custom'>
  | 'default'
  | (EdgeOptionsDefinition & Partial<UnionToRecord<SelectorDefinition>>);

type UnionToRecord<U> = {
  readonly [K in U extends unknown ? keyof U : never]: U extends { readonly [P in K]: infer V } ? V : never;
};

/** A selector as the kernel evaluates it. */
export type Selector =
  /** By the two paces: `same`, `allIn` my interval, or the latest of a coarser upstream (DESIGN 5). */
  | { readonly type: 'default' }
  | { readonly type: 'same' }
  | { readonly type: 'latestAtOrBefore'; readonly maxAgeMs: DurationMs | null }
  | { readonly type: 'latestSucceeded'; readonly maxAgeMs: DurationMs | null }
  | { readonly type: 'nearest' }
  | { readonly type: 'allIn'; readonly window: Window }
  | { readonly type: 'anyIn'; readonly window: Window }
  | { readonly type: 'atLeast'; readonly n: number; readonly window: Window }
  /** n upstream slots earlier than the one `same` or the latest would take; n is at least 1. */
  | { readonly type: 'offset'; readonly n: number }
  /** The n-th slot before its own of the same job; n is at least 1. */
  | { readonly type: 'self'; readonly n: number }
  | { readonly type: 'index' }
  | { readonly type: 'overlap'; readonly start: number; readonly end: number }
  | { readonly type: 'custom'; readonly name: string }
  | { readonly type: 'heraNearest' };

export type Window =
  | { readonly type: 'interval' }
  | {
      readonly type: 'period';
      readonly period: 'year' | 'month' | 'week' | 'day' | 'hour';
      readonly shift: number;
    }
  | { readonly type: 'sliding'; readonly ms: DurationMs };

/** An edge with every default written out. */
export interface Edge {
  readonly upstream: string;
  readonly selector: Selector;
  readonly whenEmpty: WhenEmpty;
  readonly rule: EdgeRule;
  readonly accept: readonly AcceptClass[];
  readonly freshnessMs: DurationMs | null;
  readonly generation: 'latest' | 'any';
  readonly onUpstreamFailed: OnUpstreamFailed;
  readonly onUpstreamRerun: OnUpstreamRerun;
  readonly timeoutMs: DurationMs | null;
}
