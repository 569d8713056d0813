/**
 * Brings a file to the planned schema. Migrations only expand: what is missing is made, nothing is taken
 * away, so an older server can go on beside a newer one. A file whose version row is newer is refused.
 */
import type { Database } from './driver.js';
import type { SchemaPlan } from './messages.js';
import { PortError } from './port-error.js';

const STORE_TABLES = [
  'CREATE TABLE IF NOT EXISTS hera_schema (id INTEGER PRIMARY KEY CHECK (id = 1), ' +
    'version INTEGER NOT NULL) STRICT',
  'CREATE TABLE IF NOT EXISTS hera_lease (name TEXT PRIMARY KEY, epoch INTEGER NOT NULL, ' +
    'holder TEXT NOT NULL, commit_no INTEGER NOT NULL, expires_at_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID',
];

/** One transaction; nothing is written when nothing is missing. Throws `STORE_SCHEMA_TOO_NEW`. */
export function migrate(database: Database, plan: SchemaPlan): void {
  if (versionOf(database, plan) === plan.version && missing(database, plan).length === 0) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    // Another process may have migrated while this one waited for the lock.
    versionOf(database, plan);
    for (const sql of [...STORE_TABLES, ...missing(database, plan)]) database.exec(sql);
    const setVersion =
      'INSERT INTO hera_schema (id, version) VALUES (1, ?) ' +
      'ON CONFLICT (id) DO UPDATE SET version = excluded.version';
    database.prepare(setVersion).run(plan.version);
    database.exec('COMMIT');
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}

/** The version of the file, 0 when it is new. */
function versionOf(database: Database, { version: known }: SchemaPlan): number {
  const hasVersion = namesIn(database, 'table').has('hera_schema');
  const row = hasVersion ? database.prepare('SELECT version FROM hera_schema').get() : undefined;
  const found = (row as { readonly version: number } | undefined)?.version ?? 0;
  if (found <= known) return found;
  const message = `the store has schema version ${found}, this server knows ${known}: start a newer one`;
  throw new PortError('STORE_SCHEMA_TOO_NEW', message, { found, known });
}

/** Statements that make what the plan has and the file has not. */
function missing(database: Database, plan: SchemaPlan): readonly string[] {
  const tables = namesIn(database, 'table');
  const indexes = namesIn(database, 'index');
  const ofTables = plan.tables.flatMap(({ name, createSql, columns }) => {
    if (!tables.has(name)) return [createSql];
    const found = columnsOf(database, name);
    return columns.filter((column) => !found.has(column.name)).map(({ addSql }) => addSql);
  });
  const ofIndexes = plan.indexes.filter(({ name }) => !indexes.has(name)).map(({ createSql }) => createSql);
  return [...ofTables, ...ofIndexes];
}

const namesIn = (database: Database, type: 'table' | 'index') =>
  names(database.prepare('SELECT name FROM sqlite_schema WHERE type = ?').all(type));
const columnsOf = (database: Database, table: string) =>
  names(database.prepare('SELECT name FROM pragma_table_info(?)').all(table));
const names = (rows: readonly unknown[]): ReadonlySet<string> =>
  new Set(rows.map((row) => (row as { readonly name: string }).name));
