/** What a contract case is, and the few comparisons it needs: the suite depends on no test framework. */
import type { Row, RowKey, RowValue, TableName, Write } from '../../model/tables.js';
import { tableDefinition } from '../../model/tables.js';
import { compareLists } from '../../memory/order.js';
import type { Lease, Store } from '../../ports/store.js';

/** A fresh, empty store for one case, and what the case may do to its surroundings. */
export interface StoreHarness {
  readonly store: Store;
  /** Another server's store over the same data; the same object where there can be only one. */
  readonly rival: Store;
  /** Resolves when the store's clock has moved on by at least `ms`. */
  passTime(ms: number): Promise<void>;
}

/** One promise of the Store port. `run` rejects with what was found and what was expected. */
export interface StoreCase {
  readonly name: string;
  run(harness: StoreHarness): Promise<void>;
}

/** A lease that does not end while a case runs. */
export const LONG_MS = 600_000;

/** Compares by value; the order of a record's fields does not matter. */
export function expectEqual(actual: unknown, expected: unknown, what: string): void {
  const [found, wanted] = [textOf(actual), textOf(expected)];
  if (found !== wanted) throw new Error(`${what}\n  expected ${clip(wanted)}\n  found    ${clip(found)}`);
}

/** Fails unless the condition holds. */
export function expectThat(condition: boolean, what: string): void {
  if (!condition) throw new Error(what);
}

/** Fails unless the promise rejects; gives what it rejected with. */
export async function expectRejection(promise: Promise<unknown>, what: string): Promise<unknown> {
  const outcome = await promise.then(
    (value) => ({ rejected: false, value }),
    (error: unknown) => ({ rejected: true, value: error }),
  );
  if (!outcome.rejected) throw new Error(`${what}: resolved with ${clip(textOf(outcome.value))}`);
  return outcome.value;
}

const CLIP_LENGTH = 2_000;
const clip = (text: string) => (text.length > CLIP_LENGTH ? `${text.slice(0, CLIP_LENGTH)}…` : text);

function textOf(value: unknown): string {
  return JSON.stringify(value, sortFields) ?? 'undefined';
}

function sortFields(_field: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A lease for a new leader, which fails when somebody else's is alive. */
export async function lead(store: Store, holder = 'leader'): Promise<Lease> {
  const lease = await store.acquireLease(holder, LONG_MS);
  expectEqual(lease.holder, holder, 'a free lease goes to whoever asks');
  return lease;
}

/** Commits under a lease just taken; each call is the next commit. */
export function committer(store: Store, lease: Lease): (...writes: readonly Write[]) => Promise<void> {
  let commitNo = lease.commitNo;
  return async (...writes) => {
    commitNo += 1;
    expectEqual(
      await store.commit({ epoch: lease.epoch, commitNo, writes }),
      'applied',
      `commit ${commitNo}`,
    );
  };
}

/** Leads and gives a function that commits. */
export async function leadAndCommit(store: Store): Promise<(...writes: readonly Write[]) => Promise<void>> {
  return committer(store, await lead(store));
}

export const put = (table: TableName, key: RowKey, value: RowValue): Write => ({
  op: 'put',
  table,
  key,
  value,
});
export const remove = (table: TableName, key: RowKey): Write => ({ op: 'delete', table, key });
export const add = (table: TableName, key: RowKey, field: string, by: number): Write => ({
  op: 'add',
  table,
  key,
  field,
  by,
});

/** A row as every store must give it: all fields of the catalogue, null where nothing was put. */
export function fullRow(table: TableName, key: RowKey, value: RowValue): Row {
  const empty = Object.fromEntries(Object.keys(tableDefinition(table).fields).map((field) => [field, null]));
  return { table, key, value: { ...empty, ...value } };
}

/**
 * Everything that `load` gives, the rows of each table put in the order of their keys: a store may give them
 * as they lie. Tables stay in the order in which they came.
 */
export async function loadAll(store: Store, since: number): Promise<Row[]> {
  const tables = new Map<TableName, Row[]>();
  let last: TableName | undefined;
  for await (const row of store.load(since)) {
    expectThat(row.table === last || !tables.has(row.table), `table ${row.table} is loaded in one piece`);
    const rows = tables.get(row.table);
    if (rows) rows.push(row);
    else tables.set(row.table, [row]);
    last = row.table;
  }
  const byKey = (a: Row, b: Row) => compareLists(a.key, b.key);
  return [...tables.values()].flatMap((rows) => rows.sort(byKey));
}

/** The one row with that whole key, or undefined. */
export async function readOne(store: Store, table: TableName, key: RowKey): Promise<Row | undefined> {
  const rows = await store.read(table, { prefix: key });
  return rows[0];
}
