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

/**
 * Rows that changed, each once, in the order of their first change. An array, not a map: it is on the hot
 * path.
 */
export class RowMarks {
  readonly rows: number[] = [];
  #bits = new Uint8Array(256);

  mark(r: number, bits: number): void {
    if (r >= this.#bits.length) this.#grow(r);
    const before = this.#bits[r] ?? 0;
    if (before === 0) this.rows.push(r);
    this.#bits[r] = before | bits;
  }

  /** What is marked of the row; 0 when nothing is. */
  bitsOf(r: number): number {
    return this.#bits[r] ?? 0;
  }

  /** The row has been written before its turn. */
  unmark(r: number): void {
    this.#bits[r] = 0;
    this.rows.splice(this.rows.lastIndexOf(r), 1);
  }

  clear(): void {
    for (const r of this.rows) this.#bits[r] = 0;
    this.rows.length = 0;
  }

  #grow(r: number): void {
    const grown = new Uint8Array(Math.max(r + 1, this.#bits.length * 2));
    grown.set(this.#bits);
    this.#bits = grown;
  }
}

export interface Outbox {
  writes: Write[];
  events: DomainEvent[];
  replies: Reply[];
  commands: Command[];
  /** Rows whose run must be written, with DIRTY bits. */
  readonly runs: RowMarks;
  /** Rows whose current generation must be written. */
  readonly generations: RowMarks;
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
    runs: new RowMarks(),
    generations: new RowMarks(),
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
  outbox.runs.mark(r, bits);
}

export function markGeneration(outbox: Outbox, r: number, bits: number): void {
  outbox.generations.mark(r, bits);
}

export function answer(outbox: Outbox, request: number, value: RequestAnswer): void {
  outbox.replies.push({ request, ok: true, value });
}

export function refuse(outbox: Outbox, request: number, error: SchedulerError): void {
  outbox.replies.push({ request, ok: false, error });
}
