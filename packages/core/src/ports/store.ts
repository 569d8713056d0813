/**
 * Durable memory of the scheduler. One leader writes at a time; that, and the order of commits, is the
 * store's to guarantee: it begins each transaction by moving `commitNo` of the lease from n-1 to n under the
 * writer's epoch, and applies nothing where that finds not exactly one row. Every implementation passes
 * `storeContract` of @hera/core/testing.
 */
import type { Row, RowKey, TableName, Write } from '../model/tables.js';

/** Proof of leadership, and the numbers that fence. Times are the store's own clock, epoch ms. */
export interface Lease {
  readonly name: string;
  /** Grows with every new holder; a higher one always wins. */
  readonly epoch: number;
  readonly holder: string;
  /** Number of the last commit; never restarts, across epochs too. */
  readonly commitNo: number;
  /** The store's clock when it answered. */
  readonly nowMs: number;
  readonly expiresAtMs: number;
}

export interface Commit {
  readonly epoch: number;
  readonly commitNo: number;
  readonly writes: readonly Write[];
}

/** Which rows of a table: a prefix of the key, or an index and a prefix of its fields, in order. */
export interface Range {
  readonly index?: string;
  /** Leading values that must be equal. */
  readonly prefix?: RowKey;
  /** Bounds of the field after the prefix, both included. */
  readonly from?: string | number;
  readonly to?: string | number;
  readonly descending?: boolean;
  /** At most this many rows, 1 to 100,000; default 1,000. */
  readonly limit?: number;
  /** Rows after this one in the order asked for: the key of the last row of the page before. */
  readonly after?: RowKey;
}

/** A request row put by any server, taken by the leader. */
export interface StoredCommand {
  readonly id: string;
  readonly request: string;
  readonly at: number;
}

export interface Store {
  /**
   * The lease that suits it where nobody chose one, ms. Long for a store that knows at once when its holder
   * has died: an idle process may then sleep longer. Default 10,000.
   */
  readonly leaseMs?: number;
  /**
   * Takes the lease for `ttlMs` if nobody's is alive, raising the epoch. Otherwise returns the holder's. The
   * caller
   * knows its own by the holder name, which it must draw anew for each try to lead.
   */
  acquireLease(holder: string, ttlMs: number): Promise<Lease>;
  /** Renews for `ttlMs` from the store's now; null when the epoch is no longer current. */
  renewLease(epoch: number, ttlMs: number): Promise<Lease | null>;
  /** The lease as it is; null before anybody held it. */
  readLease(): Promise<Lease | null>;
  /** Lets it expire now; nothing happens when the epoch is no longer current. */
  releaseLease(epoch: number): Promise<void>;

  /**
   * All rows the kernel starts from, in one consistent view: tables with `load: 'all'` whole; of those with
   * `'open'` what belongs to a run, plan or override that can still move, and the runs (with their
   * generations and bindings) whose instant is at or after `since`. Tables come in the order of the
   * catalogue.
   */
  load(since: number): AsyncIterable<Row>;

  /**
   * Applies all writes in one transaction, in order, and resolves when they are durable. `fenced`: nothing
   * was applied and never will be under this epoch and number. Rejects when it does not know: read the
   * lease then; (epoch, n) is applied, (epoch, n-1) is not and may be repeated unchanged.
   */
  commit(commit: Commit): Promise<'applied' | 'fenced'>;

  /** Rows of one table in the order of its key or of the index, for pages and for the kernel's look-ups. */
  read(table: TableName, range: Range): Promise<readonly Row[]>;

  putCommand(command: StoredCommand): Promise<void>;
  /** Open commands, oldest first. */
  commands(limit: number): Promise<readonly StoredCommand[]>;

  /**
   * Changes rows of table `document`, all or none, at any server: false when one has not the version that was
   * named. False may also tell of a change that was applied and whose answer was lost: read it again.
   */
  changeDocuments(changes: readonly DocumentChange[]): Promise<boolean>;

  close(): Promise<void>;
}

/** One document as it will be; a document's versions count from 1. */
export interface DocumentChange {
  readonly kind: string;
  readonly id: string;
  /** The version it has now; 0 when there must be none. */
  readonly version: number;
  /** JSON; null deletes it. */
  readonly body: string | null;
}
