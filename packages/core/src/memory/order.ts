/**
 * The one order of rows, the same in every store: numbers by size, texts by code point, null before all. SQL
 * databases compare texts by their UTF-8 bytes, which is code point order; JavaScript compares UTF-16 units,
 * which is not, so texts outside the first plane need a closer look.
 */
import { tableDefinition } from '../model/tables.js';
import type { FieldValue, Row, TableName } from '../model/tables.js';

/** Negative when `a` comes first, 0 when both are the same value. */
export function compareValues(a: FieldValue, b: FieldValue): number {
  if (a === b) return 0;
  if (a === null) return -1;
  if (b === null) return 1;
  if (typeof a === 'string' && typeof b === 'string') return compareTexts(a, b);
  return a < b ? -1 : 1;
}

const SURROGATES_FROM = 0xd800;
const SURROGATES_TO = 0xdfff;

function compareTexts(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const [unitA, unitB] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (unitA !== unitB) return rank(unitA) - rank(unitB);
  }
  return a.length - b.length;
}

/** Units of a pair stand for code points above all others. */
const rank = (unit: number) =>
  unit >= SURROGATES_FROM && unit <= SURROGATES_TO ? unit + SURROGATES_TO : unit;

/** Compares two lists of values, the first difference deciding; a prefix comes before what it begins. */
export function compareLists(a: readonly FieldValue[], b: readonly FieldValue[]): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const order = compareValues(a[i] ?? null, b[i] ?? null);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** The fields that order a read: those of the index, then those of the key that it does not have. */
export function orderFields(table: TableName, index: string | undefined): readonly string[] {
  const definition = tableDefinition(table);
  const keyFields = Object.keys(definition.key);
  if (index === undefined) return keyFields;
  const indexFields = definition.indexes?.[index];
  if (!indexFields) throw new Error(`table "${table}" has no index "${index}"`);
  return [...indexFields, ...keyFields.filter((field) => !indexFields.includes(field))];
}

/** The values of the given fields of a row, its key's included. */
export function valuesOf(row: Row, fields: readonly string[]): readonly FieldValue[] {
  const keyFields = Object.keys(tableDefinition(row.table).key);
  return fields.map((field) => {
    const place = keyFields.indexOf(field);
    return (place >= 0 ? row.key[place] : row.value[field]) ?? null;
  });
}
