/**
 * Collects what a step asks for. Rows that change several times in one step are written once, with what they
 * came to: the kernel marks them and `flush.ts` writes them at the end.
 */
import type { SchedulerError } from '../model/errors.js';
import type { DomainEvent } from '../model/events.js';
import type { FieldValue, RowKey, RowValue, TableName, Write } from '../model/tables.js';
import type { Command, Reply, RequestAnswer } from './effects.js';

/** What of a row must be written. */
export const DIRTY = { state: 1, created: 2 } as const;

/** Facts of a generation that only its first write has. */
export interface NewGeneration {
  readonly actor: string;
  readonly cause: string;
}

export interface Outbox {
  writes: Write[];
  events: DomainEvent[];
  replies: Reply[];
  commands: Command[];
  /** Rows whose run must be written, with DIRTY bits. */
  readonly runs: Map<number, number>;
  /** Rows whose current generation must be written. */
  readonly generations: Map<number, number>;
  /** Facts of generations begun in this step, by row. */
  readonly begun: Map<number, NewGeneration>;
  /** Attempts to be written, by id: the fields that changed. */
  readonly attempts: Map<string, { readonly key: RowKey; readonly value: Record<string, FieldValue> }>;
  /** Changes of the number of ended runs: day, job id and phase, joined by a space. */
  readonly counts: Map<string, number>;
}

export function createOutbox(): Outbox {
  return {
    writes: [],
    events: [],
    replies: [],
    commands: [],
    runs: new Map(),
    generations: new Map(),
    begun: new Map(),
    attempts: new Map(),
    counts: new Map(),
  };
}

export function put(outbox: Outbox, table: TableName, key: RowKey, value: RowValue): void {
  outbox.writes.push({ op: 'put', table, key, value });
}

export function remove(outbox: Outbox, table: TableName, key: RowKey): void {
  outbox.writes.push({ op: 'delete', table, key });
}

export function markRun(outbox: Outbox, r: number, bits: number): void {
  outbox.runs.set(r, (outbox.runs.get(r) ?? 0) | bits);
}

export function markGeneration(outbox: Outbox, r: number, bits: number): void {
  outbox.generations.set(r, (outbox.generations.get(r) ?? 0) | bits);
}

export function answer(outbox: Outbox, request: number, value: RequestAnswer): void {
  outbox.replies.push({ request, ok: true, value });
}

export function refuse(outbox: Outbox, request: number, error: SchedulerError): void {
  outbox.replies.push({ request, ok: false, error });
}
