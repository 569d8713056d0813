/** Texts of statements over the tables of the catalogue. Names are quoted: some are words of SQL. */
import { tableDefinition } from '@hera/core';
import type { TableName } from '@hera/core';

/** A name in double quotes. */
export const quoted = (name: string) => `"${name}"`;
/** Names in double quotes, with commas between them. */
export const quotedList = (names: readonly string[]) => names.map(quoted).join(', ');
const rowPlaces = (count: number, rows: number) =>
  Array.from({ length: rows }, () => `(${places(count)})`).join(', ');
const places = (count: number) => Array.from({ length: count }, () => '?').join(', ');

/** Fields of the key, in order. */
export const keyFields = (table: TableName): readonly string[] => Object.keys(tableDefinition(table).key);
/**
 * The key in the order in which rows lie in the file. Runs and what hangs on them lie by slot first:
 * everything that happens at 02:00 then touches neighbouring pages instead of one page per job and table.
 */
export function placeFields(table: TableName): readonly string[] {
  const key = keyFields(table);
  const before = key.slice(0, key.indexOf('job'));
  return key.includes('job') && key.includes('slot')
    ? [...before, 'slot', ...key.filter((field) => field !== 'slot' && !before.includes(field))]
    : key;
}
/** Fields beside the key, in order. */
export const valueFields = (table: TableName): readonly string[] =>
  Object.keys(tableDefinition(table).fields);
/** All columns: those of the key first. */
export const columns = (table: TableName): readonly string[] => [...keyFields(table), ...valueFields(table)];

/** The fields that order a range: those of the index, then those of the key that it does not have. */
export function orderFields(table: TableName, index: string | undefined): readonly string[] {
  if (index === undefined) return keyFields(table);
  const fields = tableDefinition(table).indexes?.[index];
  if (!fields) throw new Error(`table "${table}" has no index "${index}"`);
  return [...fields, ...keyFields(table).filter((field) => !fields.includes(field))];
}

/**
 * Inserts rows with the key and the given fields, or sets these fields where a row is there; one after the
 * other.
 */
export function putSql(table: TableName, fields: readonly string[], rows = 1): string {
  const key = keyFields(table);
  const named = [...key, ...fields];
  const updates = fields.map((field) => `${quoted(field)} = excluded.${quoted(field)}`);
  const conflict = updates.length > 0 ? `UPDATE SET ${updates.join(', ')}` : 'NOTHING';
  return (
    `INSERT INTO ${quoted(table)} (${quotedList(named)}) VALUES ${rowPlaces(named.length, rows)} ` +
    `ON CONFLICT (${quotedList(key)}) DO ${conflict}`
  );
}

/** Adds to a field, whose row or value may be missing and then counts as 0. */
export function addSql(table: TableName, field: string): string {
  const key = keyFields(table);
  const column = quoted(field);
  return (
    `INSERT INTO ${quoted(table)} (${quotedList([...key, field])}) VALUES (${places(key.length + 1)}) ` +
    `ON CONFLICT (${quotedList(key)}) DO UPDATE SET ${column} = coalesce(${column}, 0) + excluded.${column}`
  );
}

/** Which rows an index that begins with this field has; null when it has all. */
export function indexCondition(first: string): string | null {
  if (first === 'open') return '"open" = 1';
  return first === 'submission' ? '"submission" IS NOT NULL' : null;
}

/** Deletes the row with the key. */
export function deleteSql(table: TableName): string {
  return `DELETE FROM ${quoted(table)} WHERE ${whereKey(table)}`;
}

/** Every field of the key equal to a place. */
export const whereKey = (table: TableName) =>
  keyFields(table)
    .map((field) => `${quoted(field)} = ?`)
    .join(' AND ');
