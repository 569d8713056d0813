/**
 * What passes between the store and its two threads. A call has a number, its answer the same; the thread
 * answers in the order of the calls. Errors travel as their parts, since a thread cannot send an instance.
 */
import type { Lease, StoredCommand } from '@hera/core';
import type { EncodedWrites } from '../commit-codec.js';
import type { LoadStatement } from '../load-statements.js';
import type { SelectStatement } from '../read-statement.js';
import type { SchemaPlan } from '../schema-plan.js';
import type { SqlValue } from './driver.js';
import { PortError } from './port-error.js';

/** What both threads are started with. */
export interface ThreadOptions {
  readonly path: string;
  /** How long a lock of another process is waited for, ms. */
  readonly busyTimeoutMs: number;
  /** What the writer makes of the file. */
  readonly schema: SchemaPlan;
}

/** Rows of one table, their values one after the other: first the key, then the fields of the catalogue. */
export interface FlatRows {
  /** Place of the table's statement in the list that the load began with. */
  readonly statement: number;
  readonly values: readonly SqlValue[];
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
  loadNext(load: number): FlatRows | null;
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
