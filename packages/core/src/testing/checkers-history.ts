/**
 * What really happened in a simulated world: facts written by the database and by the machines, never by
 * what a scheduler believes. Checkers read nothing else. Times are true time unless they say otherwise.
 */
import { rowKeyText } from '../model/tables.js';
import type { RowKey, RowValue, TableName, Write } from '../model/tables.js';
import type { DeathCause } from '../simulator/simulated-jobs.js';

export type Fact =
  /** The database gave the lease to somebody new. */
  | { readonly type: 'granted'; readonly at: number; readonly epoch: number; readonly holder: string }
  /** The database applied a commit; `storeMs` is the latest that anybody may believe its clock to show. */
  | {
      readonly type: 'commit';
      readonly at: number;
      readonly storeMs: number;
      readonly by: string;
      readonly epoch: number;
      readonly commitNo: number;
      readonly writes: readonly Write[];
    }
  /**
   * An agent asked for a process. `ordered` is what the order for it said, `durable` the epoch that its disk
   * knew when that came, and the session that it knows now.
   */
  | {
      readonly type: 'spawned';
      readonly at: number;
      readonly host: string;
      readonly attempt: string;
      readonly ordered: OrderMarks | null;
      readonly durable: OrderMarks;
    }
  | {
      readonly type: 'started';
      readonly at: number;
      readonly storeMs: number;
      readonly host: string;
      readonly attempt: string;
      readonly run: string;
      readonly generation: number;
      readonly onWorkerLost: 'fence' | 'hold' | 'rerun';
    }
  | {
      readonly type: 'dead';
      readonly at: number;
      readonly host: string;
      readonly attempt: string;
      readonly why: DeathCause;
      /** It did what it was to do, by itself. */
      readonly succeeded: boolean;
    }
  /** A machine lost its power: what it had not written is gone. */
  | { readonly type: 'powerLost'; readonly at: number; readonly host: string }
  /** Somebody was told that what they asked for is done. */
  | {
      readonly type: 'answered';
      readonly at: number;
      readonly request: string;
      readonly run: string | null;
      readonly plan: number | null;
    };

/** Epoch and session, as an order or a disk has them. */
export interface OrderMarks {
  readonly epoch: number;
  readonly session: number;
}

export type CommitFact = Extract<Fact, { type: 'commit' }>;

/** One row, before and after a write. */
export interface RowChange {
  readonly table: TableName;
  readonly key: RowKey;
  /** Null when there was none. */
  readonly before: RowValue | null;
  /** Null when it is deleted. */
  readonly after: RowValue | null;
}

/** The rows of the database at one moment of the history. */
export class ReplayedRows {
  readonly #tables = new Map<TableName, Map<string, { readonly key: RowKey; readonly value: RowValue }>>();

  apply(write: Write): RowChange {
    const table = this.#table(write.table);
    const text = rowKeyText(write.key);
    const before = table.get(text)?.value ?? null;
    const change = { table: write.table, key: write.key, before };
    if (write.op === 'delete') {
      table.delete(text);
      return { ...change, after: null };
    }
    const after =
      write.op === 'put'
        ? { ...before, ...write.value }
        : { ...before, [write.field]: Number(before?.[write.field] ?? 0) + write.by };
    table.set(text, { key: write.key, value: after });
    return { ...change, after };
  }

  get(table: TableName, key: RowKey): RowValue | undefined {
    return this.#table(table).get(rowKeyText(key))?.value;
  }

  all(table: TableName): IterableIterator<{ readonly key: RowKey; readonly value: RowValue }> {
    return this.#table(table).values();
  }

  #table(name: TableName): Map<string, { readonly key: RowKey; readonly value: RowValue }> {
    const known = this.#tables.get(name);
    if (known) return known;
    const made = new Map<string, { readonly key: RowKey; readonly value: RowValue }>();
    this.#tables.set(name, made);
    return made;
  }
}

/** Something that must never be so, and was. */
export interface Violation {
  /** `I5` of the list of invariants. */
  readonly invariant: string;
  readonly at: number;
  readonly message: string;
}

/** What a checker may look at. */
export interface CheckContext {
  readonly rows: ReplayedRows;
  /** The fact that is being read. */
  readonly at: number;
  violate(invariant: string, message: string): void;
}

/** Reads a history from its beginning to its end. */
export interface Checker {
  onFact?(fact: Fact, context: CheckContext): void;
  onRow?(change: RowChange, commit: CommitFact, context: CheckContext): void;
  /** All rows of the commit are in place. */
  onCommitted?(commit: CommitFact, context: CheckContext): void;
  atEnd?(context: CheckContext): void;
}

/** Violations are enough when there are so many. */
const VIOLATIONS_MAX = 20;

/** Lets all checkers read the history once. */
export function replay(facts: readonly Fact[], checkers: readonly Checker[]): Violation[] {
  const violations: Violation[] = [];
  const rows = new ReplayedRows();
  let at = 0;
  const context: CheckContext = {
    rows,
    get at() {
      return at;
    },
    violate(invariant, message) {
      if (violations.length < VIOLATIONS_MAX) violations.push({ invariant, at, message });
    },
  };
  for (const fact of facts) {
    at = fact.at;
    for (const checker of checkers) checker.onFact?.(fact, context);
    if (fact.type !== 'commit') continue;
    for (const write of fact.writes) {
      const change = rows.apply(write);
      for (const checker of checkers) checker.onRow?.(change, fact, context);
    }
    for (const checker of checkers) checker.onCommitted?.(fact, context);
  }
  for (const checker of checkers) checker.atEnd?.(context);
  return violations;
}

/** Runs, generations and attempts share the beginning of their keys: `job slot`. */
export const runKeyText = (key: RowKey) => `${key[0]} ${key[1]}`;

/** Time of the step behind a commit, from the row of its events. */
export function kernelTimeOf({ writes }: CommitFact): number | null {
  const row = writes.at(-1);
  return row?.op === 'put' && row.table === 'event' ? Number(row.value['at']) : null;
}
