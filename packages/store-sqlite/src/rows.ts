/** Values as they come from the reader's thread, put back into rows. */
import type { Row, RowKey, TableName } from '@hera/core';
import { keyFields, valueFields } from './sql.js';
import type { SqlValue } from './thread/driver.js';

/** The rows of one table, whose values lie one after the other: the key, then the fields of the catalogue. */
export function rowsOf(table: TableName, values: readonly SqlValue[]): readonly Row[] {
  const shape = shapeOf(table);
  const rows: Row[] = [];
  for (let at = 0; at < values.length; at += shape.size) rows.push(rowAt(shape, values, at));
  return rows;
}

/** The rows of one table, as a JSON list of lists of values. */
export function parsedRows(table: TableName, text: string): readonly Row[] {
  const shape = shapeOf(table);
  const lists = JSON.parse(text) as readonly (readonly SqlValue[])[];
  return lists.map((values) => rowAt(shape, values, 0));
}

interface RowShape {
  readonly table: TableName;
  readonly fields: readonly string[];
  readonly keySize: number;
  readonly size: number;
}

function shapeOf(table: TableName): RowShape {
  const fields = valueFields(table);
  const keySize = keyFields(table).length;
  return { table, fields, keySize, size: keySize + fields.length };
}

function rowAt({ table, fields, keySize }: RowShape, values: readonly SqlValue[], at: number): Row {
  const value: Record<string, SqlValue> = {};
  let place = at + keySize;
  for (const field of fields) value[field] = values[place++] ?? null;
  // Columns of a key are never null.
  return { table, key: values.slice(at, at + keySize) as unknown as RowKey, value };
}

/** The values of a row by column, those of the key included. */
export function valuesByColumn({ table, key, value }: Row): Readonly<Record<string, SqlValue>> {
  return { ...Object.fromEntries(keyFields(table).map((field, i) => [field, key[i] ?? null])), ...value };
}
