/**
 * Brings a database to the planned schema. Migrations only expand: what is missing is made, nothing is taken
 * away, so an older server can go on beside a newer one. A database whose version row is newer is refused.
 *
 * One server migrates at a time, by a named lock. Definitions commit by themselves and a cluster's nodes have
 * locks of their own, so it must not matter when two make the same thing: what is there already is fine.
 */
import { SchedulerError } from '@hera/core';
import { LEASE_NAME } from './lease.js';
import type { SchemaPlan } from './schema-plan.js';
import type { Session } from './session.js';

const LOCK_WAIT_S = 60;
/** Adding an index to millions of rows takes its time. */
const DEFINITION_TIMEOUT_MS = 3_600_000;
/** A table, a column or an index that is there already. */
const IS_THERE = new Set([1050, 1060, 1061]);

/** Nothing is written when nothing is missing. Rejects with `STORE_SCHEMA_TOO_NEW`. */
export async function migrate(session: Session, plan: SchemaPlan): Promise<void> {
  if ((await versionOf(session, plan)) === plan.version && (await missing(session, plan)).length === 0) {
    return assertLease(session);
  }
  await withLock(session, async () => {
    // Another server may have migrated while this one waited for the lock.
    const found = await versionOf(session, plan);
    for (const sql of await missing(session, plan)) {
      await session.run(sql, DEFINITION_TIMEOUT_MS).catch((error: unknown) => {
        if (!IS_THERE.has(Number((error as { readonly errno?: unknown }).errno))) throw error;
      });
    }
    if (found === null) {
      await session.execute(
        'INSERT INTO hera_lease (name, epoch, holder, commit_no, expires_at_ms) VALUES (?, 0, ?, 0, 0) ' +
          'ON DUPLICATE KEY UPDATE hera_lease.epoch = hera_lease.epoch',
        [LEASE_NAME, ''],
      );
    }
    await session.execute(
      'INSERT INTO hera_schema (id, version) VALUES (1, ?) ON DUPLICATE KEY UPDATE version = VALUES(version)',
      [plan.version],
    );
  });
  await assertLease(session);
}

/** A lease row that is gone would let two servers lead: nobody makes one by the way. */
async function assertLease(session: Session): Promise<void> {
  const { rows } = await session.execute('SELECT 1 FROM hera_lease WHERE name = ?', [LEASE_NAME]);
  if (rows.length > 0) return;
  const message = 'the row of hera_lease is missing though the schema is there: restore the database';
  throw new SchedulerError('STORE_UNAVAILABLE', message, { operation: 'open' });
}

async function withLock(session: Session, work: () => Promise<void>): Promise<void> {
  const name = "CONCAT('hera_migrate:', LEFT(MD5(DATABASE()), 24))";
  const { rows } = await session.run(`SELECT GET_LOCK(${name}, ${LOCK_WAIT_S})`, (LOCK_WAIT_S + 5) * 1_000);
  if (rows[0]?.[0] !== 1) {
    const message = `another server migrates the database for over ${LOCK_WAIT_S} s`;
    throw new SchedulerError('STORE_UNAVAILABLE', message, { operation: 'migrate' });
  }
  try {
    await work();
  } finally {
    await session.run(`SELECT RELEASE_LOCK(${name})`).catch(() => session.discard());
  }
}

/** The version of the database; null when it is new. */
async function versionOf(session: Session, { version: known }: SchemaPlan): Promise<number | null> {
  const tables = await namesOf(session, TABLES_SQL);
  if (!tables.has('hera_schema')) return null;
  const { rows } = await session.execute('SELECT version FROM hera_schema WHERE id = 1');
  const found = rows[0]?.[0];
  if (found === undefined) return null;
  const version = Number(found);
  if (version <= known) return version;
  const message = `the store has schema version ${version}, this server knows ${known}: start a newer one`;
  throw new SchedulerError('STORE_SCHEMA_TOO_NEW', message, { found: version, known });
}

const TABLES_SQL = 'SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()';
const COLUMNS_SQL =
  "SELECT CONCAT(table_name, '.', column_name) FROM information_schema.columns " +
  'WHERE table_schema = DATABASE()';
const INDEXES_SQL =
  "SELECT DISTINCT CONCAT(table_name, '.', index_name) FROM information_schema.statistics " +
  'WHERE table_schema = DATABASE()';

/** Statements that make what the plan has and the database has not. */
async function missing(session: Session, plan: SchemaPlan): Promise<readonly string[]> {
  const tables = await namesOf(session, TABLES_SQL);
  const columns = await namesOf(session, COLUMNS_SQL);
  const indexes = await namesOf(session, INDEXES_SQL);
  const ofTables = plan.tables.flatMap((table) =>
    tables.has(table.name)
      ? table.columns.filter(({ name }) => !columns.has(`${table.name}.${name}`)).map(({ addSql }) => addSql)
      : [table.createSql],
  );
  const ofIndexes = plan.indexes
    .filter(({ table, name }) => tables.has(table) && !indexes.has(`${table}.${name}`))
    .map(({ createSql }) => createSql);
  return [...ofTables, ...ofIndexes];
}

async function namesOf(session: Session, sql: string): Promise<ReadonlySet<string>> {
  const { rows } = await session.run(sql);
  return new Set(rows.map(([name]) => String(name)));
}
