/**
 * Where elements get what they show. An element with a `source` loads and keeps itself fresh; one without
 * shows the `data` it is given. Whoever embeds elements may bring a source of their own.
 */
import type {
  Blocker,
  Graph,
  HeraEvent,
  Job,
  LogPiece,
  Now,
  Page,
  Phase,
  Run,
  RunDetail,
  Session,
  Upcoming,
} from '@hera/api';

/** Which runs are asked for. */
export interface RunQuery {
  readonly job?: string;
  readonly phases?: readonly Phase[];
  /** Of the slot's instant, both included. */
  readonly from?: number;
  readonly to?: number;
}

/** Which page of a list is asked for. */
export interface PageQuery {
  readonly limit?: number;
  readonly after?: string;
}

/** A new generation. */
export interface Started {
  readonly run: string;
  readonly generation: number;
}

/** Something changed: one event, or more than can be told, the way to the server, or the session's end. */
export type SourceChange =
  | { readonly type: 'event'; readonly event: HeraEvent }
  | { readonly type: 'resync' }
  | { readonly type: 'state'; readonly state: 'live' | 'waiting' }
  | { readonly type: 'signedOut' };

/** All reads reject with an error that has a `code`, and follow the signal. */
export interface Source {
  now(signal?: AbortSignal): Promise<Now>;
  jobs(page: PageQuery, signal?: AbortSignal): Promise<Page<Job>>;
  runs(query: RunQuery, page: PageQuery, signal?: AbortSignal): Promise<Page<Run>>;
  run(id: string, signal?: AbortSignal): Promise<RunDetail>;
  why(id: string, signal?: AbortSignal): Promise<readonly Blocker[]>;
  graph(signal?: AbortSignal): Promise<Graph>;
  upcoming(job: string, count: number, signal?: AbortSignal): Promise<readonly Upcoming[]>;
  /** Bytes from `offset`, negative from the end; waits up to `waitMs` while there are none yet. */
  log(attempt: string, place: LogPlace, signal?: AbortSignal): Promise<LogPiece>;
  runJob(job: string): Promise<Started>;
  resume(run: string): Promise<Started>;
  cancel(run: string): Promise<void>;
  signIn(token: string): Promise<Session>;
  /** Calls back after each change, in order; the returned function ends it. */
  subscribe(listener: (change: SourceChange) => void): () => void;
}

/** Which bytes of a log. */
export interface LogPlace {
  readonly offset: number;
  readonly limit: number;
  readonly waitMs: number;
}

/** The code of an error of a source; `UNKNOWN` for one that has none. */
export function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : 'UNKNOWN';
}
