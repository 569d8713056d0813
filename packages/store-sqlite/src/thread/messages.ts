/**
 * What passes between the store and its two threads. A call has a number, its answer the same; the thread
 * answers in the order of the calls. Errors travel as their parts, since a thread cannot send an instance.
 */
import type { DocumentChange, Lease, StoredCommand } from '@hera/core';
import type { SqlValue } from './driver.js';
import { PortError } from './port-error.js';

/** Everything that a file of one version has, as statements by name. */
export interface SchemaPlan {
  readonly version: number;
  readonly tables: readonly TablePlan[];
  readonly indexes: readonly { readonly name: string; readonly createSql: string }[];
}

export interface TablePlan {
  readonly name: string;
  readonly createSql: string;
  /** Columns that may be missing in an older file. */
  readonly columns: readonly { readonly name: string; readonly addSql: string }[];
}

/** A statement, and how many values it takes. */
export interface Shape {
  readonly sql: string;
  readonly size: number;
  /** The same for `ROWS_AT_ONCE` rows; null where each row takes a statement of its own. */
  readonly manySql: string | null;
}

/** Rows of one statement: a quarter less to do for each than one by one; more bring nothing more. */
export const ROWS_AT_ONCE = 10;

/** A commit as it is sent. */
export interface EncodedWrites {
  /** Shapes the receiver has not seen, in the order of their numbers. */
  readonly newShapes: readonly Shape[];
  /** Number of shape and count of writes that follow one another, by turns. */
  readonly runs: readonly number[];
  readonly values: readonly SqlValue[];
}

/** A statement of a read, and what is bound to it. */
export interface SelectStatement {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/**
 * A part of a load; each row is a JSON list in the column `row`. It is read in chunks by keyset rather than
 * through an open cursor: a native iterator that is left half way is not safe in every driver.
 */
export interface LoadStatement {
  /** The first chunk; takes `since` where `sinceFirst`, then how many rows. */
  readonly firstSql: string;
  /**
   * A later chunk; takes `since` where `sinceNext`, the place of the last row, then how many rows. Null when
   * the first has everything, and takes no number of rows.
   */
  readonly nextSql: string | null;
  readonly sinceFirst: boolean;
  readonly sinceNext: boolean;
  /** Where in the list of a row the values of its place lie, in the order in which they are bound. */
  readonly place: readonly number[];
}

/** What both threads are started with. */
export interface ThreadOptions {
  readonly path: string;
  /** How long a lock of another process is waited for, ms. */
  readonly busyTimeoutMs: number;
  /** What the writer makes of the file. */
  readonly schema: SchemaPlan;
}

/** Rows of one statement of a load. */
export interface LoadedRows {
  /** Place of the statement in the list that the load began with. */
  readonly statement: number;
  /** JSON: a list of rows, each a list that begins with the key and the fields of the catalogue. */
  readonly rows: string;
}

export interface PruneRequest {
  readonly eventsBefore?: number;
  readonly runsBefore?: number;
  readonly batch: number;
}

/** How many rows one batch took, and whether more are left. */
export interface PruneProgress {
  readonly events: number;
  readonly runs: number;
  readonly isDone: boolean;
}

/** Calls the writer's thread answers. */
export interface WriterCalls {
  open(): void;
  acquireLease(holder: string, ttlMs: number): Lease;
  renewLease(epoch: number, ttlMs: number): Lease | null;
  readLease(): Lease | null;
  releaseLease(epoch: number): void;
  commit(epoch: number, commitNo: number, writes: EncodedWrites): 'applied' | 'fenced';
  putCommand(command: StoredCommand): void;
  changeDocuments(changes: readonly DocumentChange[]): boolean;
  prune(request: PruneRequest): PruneProgress;
  close(): void;
}

/** Calls the reader's thread answers. */
export interface ReaderCalls {
  /** Values of the rows of the statements, one after the other, until there are `rowsMax` rows. */
  select(statements: readonly SelectStatement[], rowsMax: number): readonly SqlValue[];
  /** Begins a load and gives its number. */
  loadBegin(statements: readonly LoadStatement[], since: number): number;
  /** The next rows; null after the last, when the load has ended by itself. */
  loadNext(load: number): LoadedRows | null;
  loadEnd(load: number): void;
  close(): void;
}

export interface CallMessage {
  readonly call: number;
  readonly name: string;
  readonly args: readonly unknown[];
}

export interface AnswerMessage {
  readonly call: number;
  readonly value?: unknown;
  readonly error?: ErrorParts;
}

/** An error without its class. */
export interface ErrorParts {
  readonly message: string;
  readonly code?: PortError['code'];
  readonly details?: PortError['details'];
  readonly stack?: string;
}

export function errorParts(error: unknown): ErrorParts {
  if (!(error instanceof Error)) return { message: String(error) };
  const { message, stack } = error;
  return {
    message,
    ...(stack !== undefined && { stack }),
    ...(error instanceof PortError && { code: error.code, details: error.details }),
  };
}
