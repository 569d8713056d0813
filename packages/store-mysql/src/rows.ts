/** Rows as the driver gives them, lists of values, put back into rows of the catalogue. */
import type { Row, RowKey, TableName } from '@hera/core';
import { keyFields, valueFields } from './sql.js';
import type { SqlValue } from './sql.js';

type RowMaker = (values: readonly SqlValue[]) => Row;

/** Makes rows of one table from lists that begin with the key and the fields of the catalogue. */
export function rowMaker(table: TableName): RowMaker {
  const fields = valueFields(table);
  const keySize = keyFields(table).length;
  return (values) => {
    const value: Record<string, string | number | null> = {};
    let place = keySize;
    for (const field of fields) value[field] = scalar(values[place++]);
    // Columns of a key are never null.
    return { table, key: values.slice(0, keySize) as unknown as RowKey, value };
  };
}

/** No column of the catalogue holds bytes. */
const scalar = (value: SqlValue | undefined) =>
  value === undefined ? null : (value as string | number | null);

/** The values of a row by column, those of the key included. */
export function valuesByColumn({ table, key, value }: Row): Readonly<Record<string, SqlValue>> {
  return { ...Object.fromEntries(keyFields(table).map((field, i) => [field, key[i] ?? null])), ...value };
}
