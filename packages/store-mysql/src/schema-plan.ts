/**
 * The schema, made from the catalogue of core: one column per field, one named index per named list. Keys are
 * compared byte by byte and without padding, so that names that differ in case, accents or trailing blanks
 * stay different.
 */
import { TABLE_NAMES, tableDefinition } from '@hera/core';
import type { TableName } from '@hera/core';
import { columnType, keyFields, orderFields, placeFields, quoted, quotedList, valueFields } from './sql.js';

/** Raised when a database of this version must not be written by code that knows only older ones. */
export const SCHEMA_VERSION = 1;

/** The two families of servers; they name the one collation that we need differently. */
export type Flavour = 'mariadb' | 'mysql';

/** Everything that a database of one version has, as statements by name. */
export interface SchemaPlan {
  readonly version: number;
  readonly tables: readonly TablePlan[];
  readonly indexes: readonly IndexPlan[];
}

/** A table, and the columns that may be missing in an older database. */
export interface TablePlan {
  readonly name: string;
  readonly createSql: string;
  readonly columns: readonly { readonly name: string; readonly addSql: string }[];
}

/** An index that may be missing in an older database; a new table is made with its own. */
export interface IndexPlan {
  readonly name: string;
  readonly table: string;
  readonly fields: readonly string[];
  readonly createSql: string;
}

/** Texts by code point, without padding. */
export const collationOf = (flavour: Flavour) =>
  flavour === 'mariadb' ? 'utf8mb4_nopad_bin' : 'utf8mb4_0900_bin';

/** Indexes that only this package needs; the catalogue names those that every store has. */
const OWN_INDEXES: readonly {
  readonly name: string;
  readonly table: TableName;
  readonly fields: string[];
}[] = [
  { name: 'run_by_job', table: 'run', fields: ['job', 'instant', 'slot', 'item'] },
  { name: 'plan_member_by_run', table: 'plan_member', fields: ['slot', 'job', 'item'] },
];

/** The schema of this version for one family of servers. */
export function schemaPlan(flavour: Flavour): SchemaPlan {
  const options = `ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=${collationOf(flavour)}`;
  const named = TABLE_NAMES.flatMap((table) =>
    // The rest of the key follows the fields of the index: pages by it are read in that order.
    Object.keys(tableDefinition(table).indexes ?? {}).map((name) =>
      indexPlan(name, table, orderFields(table, name)),
    ),
  );
  const indexes = [...named, ...OWN_INDEXES.map(({ name, table, fields }) => indexPlan(name, table, fields))];
  return {
    version: SCHEMA_VERSION,
    tables: [
      ...storeTables(options),
      ...TABLE_NAMES.map((table) => ({
        name: table,
        createSql: createTable(
          table,
          indexes.filter((index) => index.table === table),
          options,
        ),
        columns: valueFields(table).map((field) => ({
          name: field,
          addSql: `ALTER TABLE ${quoted(table)} ADD COLUMN ${quoted(field)} ${columnType(table, field)} NULL`,
        })),
      })),
    ],
    indexes,
  };
}

/** Tables that are the store's own; the rows of the first two are made by the migration. */
const storeTables = (options: string): readonly TablePlan[] => [
  {
    name: 'hera_schema',
    createSql: `CREATE TABLE hera_schema (id INT NOT NULL PRIMARY KEY, version INT NOT NULL) ${options}`,
    columns: [],
  },
  {
    name: 'hera_lease',
    createSql:
      'CREATE TABLE hera_lease (name VARCHAR(64) NOT NULL PRIMARY KEY, epoch BIGINT NOT NULL, ' +
      'holder VARCHAR(255) NOT NULL, commit_no BIGINT NOT NULL, expires_at_ms BIGINT NOT NULL) ' +
      options,
    columns: [],
  },
  {
    name: 'hera_log',
    createSql:
      'CREATE TABLE hera_log (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, ' +
      'attempt VARCHAR(500) NOT NULL, stored BIGINT NOT NULL, packed BIGINT NOT NULL, ' +
      'complete INT NOT NULL, changed_at_ms BIGINT NOT NULL, UNIQUE KEY log_by_attempt (attempt), ' +
      `KEY log_by_change (changed_at_ms, id)) ${options}`,
    columns: [],
  },
  {
    name: 'hera_log_segment',
    createSql:
      'CREATE TABLE hera_log_segment (log BIGINT NOT NULL, start BIGINT NOT NULL, size INT NOT NULL, ' +
      `codec INT NOT NULL, bytes MEDIUMBLOB NOT NULL, PRIMARY KEY (log, start)) ${options}`,
    columns: [],
  },
];

function createTable(table: TableName, indexes: readonly IndexPlan[], options: string): string {
  const lines = [
    ...keyFields(table).map((field) => `${quoted(field)} ${columnType(table, field)} NOT NULL`),
    ...valueFields(table).map((field) => `${quoted(field)} ${columnType(table, field)} NULL`),
    `PRIMARY KEY (${quotedList(placeFields(table))})`,
    ...indexes.map(({ name, fields }) => `KEY ${quoted(name)} (${quotedList(fields)})`),
  ];
  return `CREATE TABLE ${quoted(table)} (${lines.join(', ')}) ${options}`;
}

const indexPlan = (name: string, table: TableName, fields: readonly string[]): IndexPlan => ({
  name,
  table,
  fields,
  createSql: `CREATE INDEX ${quoted(name)} ON ${quoted(table)} (${quotedList(fields)})`,
});
