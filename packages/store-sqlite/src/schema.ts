/**
 * The schema is made from the catalogue of core: one column per field, one named index per named list.
 * Migrations only expand, tables, columns and indexes that are missing are made, so an older server can go on
 * beside a newer one; a file whose version row is newer than this code knows is refused all the same.
 */
import { SchedulerError, TABLE_NAMES, tableDefinition } from '@hera/core';
import type { FieldType, TableName } from '@hera/core';
import type { Database } from './driver.js';
import { keyFields, placeFields, quoted, quotedList } from './sql.js';

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

/** Indexes that only the queries of this package need; the catalogue names those that every store has. */
const OWN_INDEXES: Readonly<
  Record<string, { readonly table: TableName; readonly fields: readonly string[] }>
> = {
  run_by_job: { table: 'run', fields: ['job', 'instant'] },
  plan_member_by_run: { table: 'plan_member', fields: ['job', 'slot', 'item'] },
};

const STORE_TABLES = [
  'CREATE TABLE IF NOT EXISTS hera_schema (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL) STRICT',
  'CREATE TABLE IF NOT EXISTS hera_lease (name TEXT PRIMARY KEY, epoch INTEGER NOT NULL, holder TEXT NOT NULL, ' +
    'commit_no INTEGER NOT NULL, expires_at_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID',
];

/**
 * Brings the file to this version in one transaction; nothing happens when it is there. Throws
 * `STORE_SCHEMA_TOO_NEW`.
 */
export function migrate(database: Database): void {
  if (versionOf(database) === SCHEMA_VERSION && missing(database).length === 0) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    versionOf(database);
    for (const sql of STORE_TABLES) database.exec(sql);
    for (const sql of missing(database)) database.exec(sql);
    database
      .prepare(
        'INSERT INTO hera_schema (id, version) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET version = excluded.version',
      )
      .run(SCHEMA_VERSION);
    database.exec('COMMIT');
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}

/** The version of the file, 0 when it is new. */
function versionOf(database: Database): number {
  const hasVersion = namesIn(database, 'table').has('hera_schema');
  const row = hasVersion ? database.prepare('SELECT version FROM hera_schema').get() : undefined;
  const version = (row as { readonly version: number } | undefined)?.version ?? 0;
  if (version <= SCHEMA_VERSION) return version;
  throw new SchedulerError(
    'STORE_SCHEMA_TOO_NEW',
    `the store has schema version ${version}, this server knows up to ${SCHEMA_VERSION}: start a newer one`,
    { found: version, known: SCHEMA_VERSION },
  );
}

/** Statements that make what the catalogue has and the file has not. */
function missing(database: Database): readonly string[] {
  const tables = namesIn(database, 'table');
  const indexes = namesIn(database, 'index');
  return [
    ...TABLE_NAMES.flatMap((table) =>
      tables.has(table) ? missingColumns(database, table) : [createTable(table)],
    ),
    ...allIndexes()
      .filter(({ name }) => !indexes.has(name))
      .map(
        ({ name, table, fields }) =>
          `CREATE INDEX ${quoted(name)} ON ${quoted(table)} (${quotedList(fields)})`,
      ),
  ];
}

function namesIn(database: Database, type: 'table' | 'index'): ReadonlySet<string> {
  const rows = database.prepare('SELECT name FROM sqlite_master WHERE type = ?').all(type);
  return new Set(rows.map((row) => (row as { readonly name: string }).name));
}

function missingColumns(database: Database, table: TableName): readonly string[] {
  const rows = database.prepare('SELECT name FROM pragma_table_info(?)').all(table);
  const found = new Set(rows.map((row) => (row as { readonly name: string }).name));
  return Object.entries(tableDefinition(table).fields)
    .filter(([field]) => !found.has(field))
    .map(([field, type]) => `ALTER TABLE ${quoted(table)} ADD COLUMN ${quoted(field)} ${COLUMN_TYPES[type]}`);
}

function createTable(table: TableName): string {
  const { key, fields } = tableDefinition(table);
  const lines = [
    ...Object.entries(key).map(([field, type]) => `${quoted(field)} ${COLUMN_TYPES[type]} NOT NULL`),
    ...Object.entries(fields).map(([field, type]) => `${quoted(field)} ${COLUMN_TYPES[type]}`),
    `PRIMARY KEY (${quotedList(placeFields(table))})`,
  ];
  const options = keyFields(table).length >= WITHOUT_ROWID_KEY_LENGTH ? 'STRICT, WITHOUT ROWID' : 'STRICT';
  return `CREATE TABLE ${quoted(table)} (${lines.join(', ')}) ${options}`;
}

/** Every index of the file, with the fields it orders by. */
function allIndexes(): readonly { name: string; table: TableName; fields: readonly string[] }[] {
  const named = TABLE_NAMES.flatMap((table) =>
    Object.entries(tableDefinition(table).indexes ?? {}).map(([name, fields]) => ({ name, table, fields })),
  );
  return [...named, ...Object.entries(OWN_INDEXES).map(([name, index]) => ({ name, ...index }))];
}
