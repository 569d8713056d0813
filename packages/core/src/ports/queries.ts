/**
 * Reads for people: pages of jobs, runs and events. Apart from `Store`, so that neither grows for the other.
 * `createQueries(store)` of core gives these over any store; SQL stores override what they can do better.
 */
import type { StoredEvent, EventCursor } from '../model/events.js';
import type { IncidentView, JobView, PlanView, Run, RunDetail } from '../model/views.js';
import type { Phase } from '../model/run.js';

export interface RunFilter {
  readonly job?: string;
  readonly phases?: readonly Phase[];
  readonly submission?: string;
  /** Bounds of the slot's instant, both included. */
  readonly from?: number;
  readonly to?: number;
}

export interface PageRequest {
  /** 1 to 1,000; default 100. */
  readonly limit?: number;
  /** `next` of the page before. */
  readonly after?: string;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Null on the last page. */
  readonly next: string | null;
}

export interface Queries {
  jobs(page?: PageRequest): Promise<Page<JobView>>;
  job(name: string): Promise<JobView | undefined>;
  /** Newest slot first. */
  runs(filter?: RunFilter, page?: PageRequest): Promise<Page<Run>>;
  run(id: string): Promise<RunDetail | undefined>;
  plans(page?: PageRequest): Promise<Page<PlanView>>;
  plan(id: number): Promise<PlanView | undefined>;
  /** Newest first; with `open`, only those whose cause stands. */
  incidents(filter?: { readonly open?: boolean }, page?: PageRequest): Promise<Page<IncidentView>>;
  /**
   * Events after the cursor, in order. `resync` when the cursor is older than what is kept: read the state
   * anew
   * and go on from `cursor`.
   */
  events(
    after: EventCursor,
    limit: number,
  ): Promise<{
    readonly events: readonly StoredEvent[];
    readonly cursor: EventCursor;
    readonly resync: boolean;
  }>;
}
