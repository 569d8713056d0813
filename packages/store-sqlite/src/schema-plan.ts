/**
 * The schema, made from the catalogue of core: one column per field, one named index per named list. It is
 * planned here as statements by name, so that the writer's thread can make what a file lacks without knowing
 * the catalogue.
 */
import { TABLE_NAMES, tableDefinition } from '@hera/core';
import type { FieldType, TableName } from '@hera/core';
import { indexCondition, keyFields, orderFields, placeFields, quoted, quotedList } from './sql.js';
import type { SchemaPlan, TablePlan } from './thread/messages.js';

/** Raised when a file of this version must not be written by code that knows only older ones. */
export const SCHEMA_VERSION = 1;

const COLUMN_TYPES: Readonly<Record<FieldType, string>> = {
  int: 'INTEGER',
  real: 'REAL',
  text: 'TEXT',
  json: 'TEXT',
};

/** Keys this long are most of the row: they are kept once, in the row itself, rather than in an index too. */
const WITHOUT_ROWID_KEY_LENGTH = 3;

/** Indexes that only this package needs; the catalogue names those that every store has. */
const OWN_INDEXES = [
  { name: 'run_by_job', table: 'run', fields: ['job', 'instant', 'slot', 'item'] },
  { name: 'plan_member_by_run', table: 'plan_member', fields: ['job', 'slot', 'item'] },
] as const;

/** The schema of this version. */
export function schemaPlan(): SchemaPlan {
  const indexes = TABLE_NAMES.flatMap((table) =>
    // The rest of the key follows the fields of the index: pages by it are read in that order.
    Object.keys(tableDefinition(table).indexes ?? {}).map((name) => ({
      name,
      createSql: createIndex(name, table, orderFields(table, name)),
    })),
  );
  const own = OWN_INDEXES.map(({ name, table, fields }) => ({
    name,
    createSql: createIndex(name, table, fields),
  }));
  return { version: SCHEMA_VERSION, tables: TABLE_NAMES.map(tablePlan), indexes: [...indexes, ...own] };
}

function tablePlan(table: TableName): TablePlan {
  const { key, fields } = tableDefinition(table);
  const columns = Object.entries(fields).map(([name, type]) => ({
    name,
    sql: `${quoted(name)} ${COLUMN_TYPES[type]}`,
  }));
  const lines = [
    ...Object.entries(key).map(([name, type]) => `${quoted(name)} ${COLUMN_TYPES[type]} NOT NULL`),
    ...columns.map(({ sql }) => sql),
    `PRIMARY KEY (${quotedList(placeFields(table))})`,
  ];
  const options = keyFields(table).length >= WITHOUT_ROWID_KEY_LENGTH ? 'STRICT, WITHOUT ROWID' : 'STRICT';
  return {
    name: table,
    createSql: `CREATE TABLE ${quoted(table)} (${lines.join(', ')}) ${options}`,
    columns: columns.map(({ name, sql }) => ({
      name,
      addSql: `ALTER TABLE ${quoted(table)} ADD COLUMN ${sql}`,
    })),
  };
}

/**
 * An index that begins with `open` or `submission` has only the rows that are looked for by it: what has
 * ended leaves it, what never had a value does not enter.
 */
function createIndex(name: string, table: TableName, fields: readonly string[]): string {
  const condition = indexCondition(fields[0] ?? '');
  const where = condition === null ? '' : ` WHERE ${condition}`;
  return `CREATE INDEX ${quoted(name)} ON ${quoted(table)} (${quotedList(fields)})${where}`;
}
