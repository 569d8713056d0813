/** Values as they come from the reader's thread, put back into rows. */
import type { Row, RowKey, TableName } from '@hera/core';
import { keyFields, valueFields } from './sql.js';
import type { SqlValue } from './thread/driver.js';

/** The rows of one table, whose values lie one after the other: the key, then the fields of the catalogue. */
export function rowsOf(table: TableName, values: readonly SqlValue[]): readonly Row[] {
  const fields = valueFields(table);
  const keySize = keyFields(table).length;
  const size = keySize + fields.length;
  const rows: Row[] = [];
  for (let at = 0; at < values.length; at += size) {
    const value: Record<string, SqlValue> = {};
    let place = at + keySize;
    for (const field of fields) value[field] = values[place++] ?? null;
    // Columns of a key are never null.
    rows.push({ table, key: values.slice(at, at + keySize) as unknown as RowKey, value });
  }
  return rows;
}

/** The values of a row by column, those of the key included. */
export function valuesByColumn({ table, key, value }: Row): Readonly<Record<string, SqlValue>> {
  return { ...Object.fromEntries(keyFields(table).map((field, i) => [field, key[i] ?? null])), ...value };
}
