/**
 * The writes of a commit, folded to one change per row and gathered by table and shape. What took thousands
 * of writes then takes a statement or two per table, and order between writes to one row is settled here.
 */
import { rowKeyText, TABLES } from '@hera/core';
import type { FieldValue, RowKey, RowValue, TableName, Write } from '@hera/core';
import { keyFields, valueFields } from './sql.js';

/** One statement's worth of changes, to be applied in the order given. */
export type Change =
  | { readonly type: 'delete'; readonly table: TableName; readonly rows: readonly RowKey[] }
  | {
      readonly type: 'put';
      readonly table: TableName;
      readonly fields: readonly string[];
      readonly rows: readonly (readonly FieldValue[])[];
    }
  | {
      readonly type: 'add';
      readonly table: TableName;
      readonly field: string;
      readonly rows: readonly (readonly FieldValue[])[];
    };

/** What becomes of a row. */
interface RowChange {
  readonly key: RowKey;
  /** It goes, or goes before it is made anew. */
  isDeleted: boolean;
  value: RowValue | null;
  adds: Map<string, number> | null;
}

/** Throws when a write does not fit the catalogue: a bug of the writer, found before anything is sent. */
export function foldWrites(writes: readonly Write[]): readonly Change[] {
  const tables = new Map<TableName, Map<string, RowChange>>();
  for (const write of writes) {
    let rows = tables.get(write.table);
    if (!rows) {
      if (!(write.table in TABLES)) throw new Error(`no table "${write.table}" in the catalogue`);
      rows = new Map();
      tables.set(write.table, rows);
    }
    fold(rows, write);
  }
  return [...tables].flatMap(([table, rows]) => changesOf(table, rows));
}

function fold(rows: Map<string, RowChange>, write: Write): void {
  const text = rowKeyText(write.key);
  let row = rows.get(text);
  if (!row) {
    row = { key: write.key, isDeleted: false, value: null, adds: null };
    rows.set(text, row);
  }
  switch (write.op) {
    case 'put':
      if (row.adds) for (const field in write.value) row.adds.delete(field);
      row.value = row.value ? { ...row.value, ...write.value } : write.value;
      return;
    case 'delete':
      row.isDeleted = true;
      row.value = null;
      row.adds = null;
      return;
    case 'add':
      addTo(row, write.field, write.by);
  }
}

function addTo(row: RowChange, field: string, by: number): void {
  const known = row.value?.[field];
  // Of a row that is made anew the value is known: nothing but what this commit has put.
  if (row.isDeleted || known !== undefined) {
    row.value = { ...row.value, [field]: Number(known ?? 0) + by };
    return;
  }
  row.adds ??= new Map();
  row.adds.set(field, (row.adds.get(field) ?? 0) + by);
}

interface Shape {
  readonly fields: readonly string[];
  readonly rows: FieldValue[][];
}

function changesOf(table: TableName, rows: ReadonlyMap<string, RowChange>): readonly Change[] {
  const keyLength = keyFields(table).length;
  const deleted: RowKey[] = [];
  const puts = new Map<string, Shape>();
  const adds = new Map<string, FieldValue[][]>();
  let last: Shape | undefined;
  for (const { key, isDeleted, value, adds: added } of rows.values()) {
    if (key.length !== keyLength) {
      throw new Error(`table "${table}" has keys of ${keyLength} values, found ${key.length}`);
    }
    if (isDeleted) deleted.push(key);
    if (value) {
      if (!last || !hasFields(value, last.fields)) last = shapeOf(table, puts, value);
      last.rows.push(rowValues(key, value, last.fields));
    }
    for (const [field, by] of added ?? []) {
      const list = adds.get(field);
      if (list) list.push([...key, by]);
      else {
        checkFields(table, [field]);
        adds.set(field, [[...key, by]]);
      }
    }
  }
  return [
    ...(deleted.length > 0 ? [{ type: 'delete', table, rows: deleted } as const] : []),
    ...[...puts.values()].map((shape) => ({ type: 'put', table, ...shape }) as const),
    ...[...adds].map(([field, list]) => ({ type: 'add', table, field, rows: list }) as const),
  ];
}

function shapeOf(table: TableName, shapes: Map<string, Shape>, value: RowValue): Shape {
  const fields = Object.keys(value);
  const name = fields.join();
  const known = shapes.get(name);
  if (known) return known;
  checkFields(table, fields);
  const made = { fields, rows: [] };
  shapes.set(name, made);
  return made;
}

/** Plain loops: every value of every row passes here. */
function rowValues(key: RowKey, value: RowValue, fields: readonly string[]): FieldValue[] {
  const values: FieldValue[] = [];
  for (let i = 0; i < key.length; i += 1) values.push(key[i] ?? null);
  for (let i = 0; i < fields.length; i += 1) values.push(value[fields[i] ?? ''] ?? null);
  return values;
}

function hasFields(value: RowValue, fields: readonly string[]): boolean {
  let count = 0;
  for (const field in value) {
    if (field !== fields[count]) return false;
    count += 1;
  }
  return count === fields.length;
}

function checkFields(table: TableName, fields: readonly string[]): void {
  const known = valueFields(table);
  const unknown = fields.find((field) => !known.includes(field));
  if (unknown !== undefined) throw new Error(`table "${table}" has no field "${unknown}"`);
}
