/**
 * Texts of statements over the tables of the catalogue, in the SQL that MySQL 8 and MariaDB have in common.
 * Many rows travel as one JSON text that the server unfolds: one prepared statement then serves any number of
 * rows, and binding costs the leader's thread a third of what a place for each value costs.
 */
import { tableDefinition } from '@hera/core';
import type { FieldType, TableName } from '@hera/core';

/** What a place of a statement takes. */
export type SqlValue = number | string | null | Uint8Array;

/** A name in backquotes. */
export const quoted = (name: string) => `\`${name}\``;
/** Names in backquotes, with commas between them. */
export const quotedList = (names: readonly string[]) => names.map(quoted).join(', ');

/** Fields of the key, in order. */
export const keyFields = (table: TableName): readonly string[] => Object.keys(tableDefinition(table).key);
/** Fields beside the key, in order. */
export const valueFields = (table: TableName): readonly string[] =>
  Object.keys(tableDefinition(table).fields);
/** All columns: those of the key first. */
export const columns = (table: TableName): readonly string[] => [...keyFields(table), ...valueFields(table)];

/**
 * The key in the order in which rows lie. Runs and what hangs on them lie by slot first: everything that
 * happens at 02:00 then touches neighbouring pages instead of one page per job and table.
 */
export function placeFields(table: TableName): readonly string[] {
  const key = keyFields(table);
  const before = key.slice(0, key.indexOf('job'));
  return key.includes('job') && key.includes('slot')
    ? [...before, 'slot', ...key.filter((field) => field !== 'slot' && !before.includes(field))]
    : key;
}

/** The fields that order a range: those of the index, then those of the key that it does not have. */
export function orderFields(table: TableName, index: string | undefined): readonly string[] {
  if (index === undefined) return keyFields(table);
  const fields = tableDefinition(table).indexes?.[index];
  if (!fields) throw new Error(`table "${table}" has no index "${index}"`);
  return [...fields, ...keyFields(table).filter((field) => !fields.includes(field))];
}

/** The first half of every index entry is a text of the key, and an entry has at most 3,072 bytes. */
const LENGTH_DEFAULT = 190;
/** Longest texts of fields that stand in a key or an index, in characters of up to four bytes. */
const TEXT_LENGTHS: Readonly<Record<string, number>> = {
  name: 255,
  path: 760,
  slot: 320,
  item: 120,
  submission: 320,
  submitter: 255,
  requestKey: 500,
};

/** The column's type in a table, and in the JSON rows that are put into it. */
export function columnType(table: TableName, field: string): string {
  const { key, fields, indexes = {} } = tableDefinition(table);
  const type: FieldType | undefined = key[field] ?? fields[field];
  const isIndexed = field in key || Object.values(indexes).some((list) => list.includes(field));
  switch (type) {
    case 'int':
      return 'BIGINT';
    case 'real':
      return 'DOUBLE';
    case 'json':
      return 'LONGTEXT';
    case 'text':
      return isIndexed ? `VARCHAR(${TEXT_LENGTHS[field] ?? LENGTH_DEFAULT})` : 'MEDIUMTEXT';
    case undefined:
      throw new Error(`table "${table}" has no field "${field}"`);
  }
}

/** Without a character set of its own, a column of JSON rows has that of the database. */
function jsonType(table: TableName, field: string): string {
  const type = columnType(table, field);
  return type === 'BIGINT' || type === 'DOUBLE' ? type : `${type} CHARACTER SET utf8mb4`;
}

/**
 * The rows of a JSON list of lists as a table `j` with columns c0, c1, ... A value that does not fit is an
 * error: without the clause it would silently be null.
 */
function jsonRows(table: TableName, fields: readonly string[]): string {
  const lines = fields.map(
    (field, i) => `c${i} ${jsonType(table, field)} PATH '$[${i}]' NULL ON EMPTY ERROR ON ERROR`,
  );
  return `JSON_TABLE(?, '$[*]' COLUMNS (${lines.join(', ')})) AS j`;
}

const places = (count: number) => Array.from({ length: count }, (_, i) => `j.c${i}`).join(', ');
const column = (table: TableName, field: string) => `${quoted(table)}.${quoted(field)}`;

function insertSql(table: TableName, fields: readonly string[], updates: readonly string[]): string {
  const [first = ''] = fields;
  const conflict = updates.length > 0 ? updates : [`${column(table, first)} = ${column(table, first)}`];
  return (
    `INSERT INTO ${quoted(table)} (${quotedList(fields)}) SELECT ${places(fields.length)} ` +
    `FROM ${jsonRows(table, fields)} ON DUPLICATE KEY UPDATE ${conflict.join(', ')}`
  );
}

/**
 * Inserts rows with the key and the given fields, or sets these fields where a row is there. Takes a JSON
 * list of lists: the values of the key, then those of the fields.
 */
export function putSql(table: TableName, fields: readonly string[]): string {
  const updates = fields.map((field) => `${column(table, field)} = VALUES(${quoted(field)})`);
  return insertSql(table, [...keyFields(table), ...fields], updates);
}

/**
 * Adds to a field, whose row or value may be missing and then counts as 0. Takes a JSON list of lists: the
 * values of the key, then the number to add.
 */
export function addSql(table: TableName, field: string): string {
  const target = column(table, field);
  const update = `${target} = COALESCE(${target}, 0) + VALUES(${quoted(field)})`;
  return insertSql(table, [...keyFields(table), field], [update]);
}

/** Deletes rows by key. Takes a JSON list of keys. `collation` is that of the tables. */
export function deleteSql(table: TableName, collation: string): string {
  const key = keyFields(table);
  const same = key.map((field, i) => {
    const isText = tableDefinition(table).key[field] === 'text';
    return `${column(table, field)} = j.c${i}${isText ? ` COLLATE ${collation}` : ''}`;
  });
  return (
    `DELETE ${quoted(table)} FROM ${jsonRows(table, key)} STRAIGHT_JOIN ${quoted(table)} ` +
    `ON ${same.join(' AND ')}`
  );
}

/** Every field of the key equal to a place. */
export const whereKey = (table: TableName) =>
  keyFields(table)
    .map((field) => `${quoted(field)} = ?`)
    .join(' AND ');
