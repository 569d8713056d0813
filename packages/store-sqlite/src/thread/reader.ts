/**
 * The reader's thread: a connection that cannot write, so that a long page neither waits for commits nor
 * stops them. A load has a connection of its own, because it keeps one view of the whole file open while
 * other reads must see what was committed a moment ago.
 */
import { workerData } from 'node:worker_threads';
import { openDatabase } from './driver.js';
import type { Database, SqlRow, SqlValue, Statement } from './driver.js';
import type { LoadedRows, LoadStatement, ReaderCalls, ThreadOptions } from './messages.js';
import { serveCalls } from './serve.js';

/** Rows sent at a time: enough to pay for the message, few enough for the receiver's loop to go on. */
const LOAD_ROWS = 2_000;
/** Statements kept; pages have a few dozen shapes. */
const STATEMENTS_MAX = 200;

interface Load {
  readonly database: Database;
  readonly chunks: Generator<LoadedRows, void, undefined>;
}

const { path, busyTimeoutMs } = workerData as ThreadOptions;
const statements = new Map<string, Statement>();
const loads = new Map<number, Load>();
let opened: Database | undefined;
let loadCount = 0;

const connect = () => openDatabase(path, { readOnly: true, timeout: busyTimeoutMs });
const reader = () => (opened ??= connect());

function all(sql: string, values: readonly SqlValue[]): readonly SqlRow[] {
  let statement = statements.get(sql);
  if (!statement) {
    if (statements.size >= STATEMENTS_MAX) statements.clear();
    statement = reader().prepare(sql);
    statements.set(sql, statement);
  }
  return statement.all(...values) as SqlRow[];
}

function flatten(rows: readonly SqlRow[]): SqlValue[] {
  const values: SqlValue[] = [];
  for (const row of rows) for (const field in row) values.push(row[field] ?? null);
  return values;
}

function* loadChunks(
  database: Database,
  loadStatements: readonly LoadStatement[],
  since: number,
): Generator<LoadedRows, void, undefined> {
  const texts = (sql: string, values: readonly SqlValue[]) =>
    database
      .prepare(sql)
      .all(...values)
      .map((row) => (row as { readonly row: string }).row);
  for (const [statement, { firstSql, nextSql, sinceFirst, sinceNext, place }] of loadStatements.entries()) {
    const bound = [...(sinceFirst ? [since] : []), ...(nextSql === null ? [] : [LOAD_ROWS])];
    let rows = texts(firstSql, bound);
    for (;;) {
      if (rows.length > 0) yield { statement, rows: `[${rows.join()}]` };
      if (nextSql === null || rows.length < LOAD_ROWS) break;
      const last = JSON.parse(rows.at(-1) ?? '[]') as readonly SqlValue[];
      const position = place.map((i) => last[i] ?? null);
      rows = texts(nextSql, [...(sinceNext ? [since] : []), ...position, LOAD_ROWS]);
    }
  }
}

function endLoad(load: number): void {
  const { database, chunks } = loads.get(load) ?? {};
  loads.delete(load);
  chunks?.return();
  database?.close();
}

const calls: ReaderCalls = {
  select(wanted, rowsMax) {
    let rows: readonly SqlRow[] = [];
    for (const { sql, values } of wanted) {
      if (rows.length < rowsMax) rows = [...rows, ...all(sql, values)];
    }
    return flatten(rows.slice(0, rowsMax));
  },
  loadBegin(loadStatements, since) {
    const database = connect();
    database.exec('BEGIN');
    // The view is the file as it is now, not as it will be when the first rows are asked for.
    database.prepare('SELECT version FROM hera_schema').get();
    loadCount += 1;
    loads.set(loadCount, { database, chunks: loadChunks(database, loadStatements, since) });
    return loadCount;
  },
  loadNext(load) {
    const next = loads.get(load)?.chunks.next();
    if (next && !next.done) return next.value;
    endLoad(load);
    return null;
  },
  loadEnd: endLoad,
  close() {
    for (const load of [...loads.keys()]) endLoad(load);
    opened?.close();
  },
};

serveCalls({ ...calls });
