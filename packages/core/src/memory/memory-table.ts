/**
 * One table of the memory store: rows by key, and for each order that was asked for a sorted list of keys,
 * which is dropped when a write could change it. Appending in order, as events do, keeps the list.
 */
import { SchedulerError } from '../model/errors.js';
import { rowKeyText, tableDefinition } from '../model/tables.js';
import type { FieldValue, Row, RowKey, RowValue, TableName, Write } from '../model/tables.js';
import type { Range } from '../ports/store.js';
import { compareLists, orderFields, valuesOf } from './order.js';
import { rowGone } from './row-gone.js';

/** A table of rows that are replaced, never changed in place. */
export interface MemoryTable {
  /** Throws when a write does not fit the catalogue, which is a bug of the writer. */
  assertFits(write: Write): void;
  apply(write: Write): void;
  get(key: RowKey): Row | undefined;
  /** All rows in the order of the key. */
  all(): readonly Row[];
  /** Rejects an `after` that is gone with `STATE_CONFLICT`, and limits out of range with `OPTION_INVALID`. */
  read(range: Range): readonly Row[];
  clear(): void;
}

const LIMIT_DEFAULT = 1_000;
const LIMIT_MAX = 100_000;

/** Keys in the order of some fields. Rows are looked up, so that replacing one costs nothing. */
interface Order {
  readonly by: readonly string[];
  readonly keys: string[];
}

/** An empty table of the catalogue. */
export function createMemoryTable(table: TableName): MemoryTable {
  const { fields } = tableDefinition(table);
  const empty: RowValue = Object.fromEntries(Object.keys(fields).map((field) => [field, null]));
  const rows = new Map<string, Row>();
  const orders = new Map<string | undefined, Order>();

  const ordered = (index: string | undefined): Order => {
    const known = orders.get(index);
    if (known) return known;
    const by = orderFields(table, index);
    const placed = [...rows].map(([key, row]) => ({ key, values: valuesOf(row, by) }));
    placed.sort((a, b) => compareLists(a.values, b.values));
    const order = { by, keys: placed.map(({ key }) => key) };
    orders.set(index, order);
    return order;
  };

  /** Keeps the orders right, or drops those in which the row may have a new place. */
  const place = (text: string, row: Row, changed: readonly string[] | null): void => {
    for (const [name, { by, keys }] of orders) {
      if (changed && !changed.some((field) => by.includes(field))) continue;
      const last = rows.get(keys.at(-1) ?? text);
      const isLast = last === row || (last && compareLists(valuesOf(last, by), valuesOf(row, by)) < 0);
      if (!changed && isLast) keys.push(text);
      else orders.delete(name);
    }
  };

  return {
    assertFits: fitCheck(table),
    apply(write) {
      const text = rowKeyText(write.key);
      const before = rows.get(text);
      if (write.op === 'delete') {
        if (rows.delete(text)) orders.clear();
        return;
      }
      const changes = write.op === 'put' ? write.value : added(before, write.field, write.by);
      const row = {
        table,
        key: before?.key ?? [...write.key],
        value: { ...(before?.value ?? empty), ...changes },
      };
      rows.set(text, row);
      place(text, row, before ? Object.keys(changes) : null);
    },
    get: (key) => rows.get(rowKeyText(key)),
    all: () => rowsAt(rows, ordered(undefined).keys),
    read: (range) => readRange(rows, ordered(range.index), range),
    clear() {
      rows.clear();
      orders.clear();
    },
  };
}

function fitCheck(table: TableName): (write: Write) => void {
  const { key, fields } = tableDefinition(table);
  const keySize = Object.keys(key).length;
  const names = new Set(Object.keys(fields));
  const assertField = (field: string): void => {
    if (!names.has(field)) throw new Error(`table "${table}" has no field "${field}"`);
  };
  return (write) => {
    if (write.key.length !== keySize) {
      throw new Error(`table "${table}" has keys of ${keySize} values, found ${write.key.length}`);
    }
    if (write.op === 'put') for (const field in write.value) assertField(field);
    else if (write.op === 'add') assertField(write.field);
  };
}

const added = (row: Row | undefined, field: string, by: number): RowValue => ({
  [field]: Number(row?.value[field] ?? 0) + by,
});

function rowsAt(rows: ReadonlyMap<string, Row>, keys: readonly string[]): readonly Row[] {
  return keys.flatMap((key) => rows.get(key) ?? []);
}

function readRange(rows: ReadonlyMap<string, Row>, order: Order, range: Range): readonly Row[] {
  const { prefix = [], from, to, after, limit = LIMIT_DEFAULT } = range;
  if (!Number.isInteger(limit) || limit < 1 || limit > LIMIT_MAX) {
    const expected = `a whole number from 1 to ${LIMIT_MAX}`;
    throw new SchedulerError('OPTION_INVALID', `limit: ${limit} is not ${expected}`, {
      option: 'limit',
      expected,
    });
  }
  /** How many keys come before the given leading values, or before all that begin with them when `past`. */
  const count = (values: readonly FieldValue[], past: boolean): number => {
    const by = order.by.slice(0, values.length);
    let [low, high] = [0, order.keys.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const row = rows.get(order.keys[middle] ?? '');
      const difference = row ? compareLists(valuesOf(row, by), values) : 0;
      if (difference < 0 || (past && difference === 0)) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  // A bound leaves out rows that have nothing in that field: null is neither above nor below anything.
  let low =
    from !== undefined
      ? count([...prefix, from], false)
      : to !== undefined
        ? count([...prefix, null], true)
        : count(prefix, false);
  let high = to !== undefined ? count([...prefix, to], true) : count(prefix, true);
  if (after) {
    const position = positionOf(rows, order, range, after);
    if (range.descending) high = Math.min(high, count(position, false));
    else low = Math.max(low, count(position, true));
  }
  if (high <= low) return [];
  const keys = range.descending
    ? order.keys.slice(Math.max(low, high - limit), high).reverse()
    : order.keys.slice(low, Math.min(high, low + limit));
  return rowsAt(rows, keys);
}

/** Where the row of a page's end stands; one that has left the prefix since then keeps its place in it. */
function positionOf(
  rows: ReadonlyMap<string, Row>,
  order: Order,
  { index, prefix = [] }: Range,
  after: RowKey,
): readonly FieldValue[] {
  if (index === undefined) return after;
  const row = rows.get(rowKeyText(after));
  if (!row) throw rowGone(after);
  return [...prefix, ...valuesOf(row, order.by.slice(prefix.length))];
}
