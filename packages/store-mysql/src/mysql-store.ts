/**
 * The store of more than one server: MySQL or MariaDB, with one connection that writes the log of commits,
 * one for the lease, and a few for reads. What a call answers has been done; a commit that was answered is on
 * the server's disk.
 */
import { createQueries, SchedulerError } from '@hera/core';
import type { Queries, Range, Row, RowKey, Store, TableName } from '@hera/core';
import { CommitLog } from './commit-log.js';
import { changeDocuments } from './documents.js';
import { classOf, isElsewhere, mayRepeat, portError } from './errors.js';
import { acquireLease, readLease, releaseLease, renewLease } from './lease.js';
import { loadRows } from './load.js';
import { MysqlLogs } from './log-store.js';
import type { MysqlLogStore } from './log-store.js';
import { migrate } from './migrate.js';
import { SessionPool } from './pool.js';
import { pruneBatch } from './prune.js';
import type { PruneOptions, PruneResult } from './prune.js';
import { positionStatement, rangeLimit, rangeStatement } from './read-statement.js';
import type { SelectStatement } from './read-statement.js';
import { rowMaker, valuesByColumn } from './rows.js';
import { jobRunsStatement } from './run-search.js';
import { collationOf, schemaPlan } from './schema-plan.js';
import { readServerFacts, Session } from './session.js';
import type { ConnectOptions, ServerFacts } from './session.js';

/** Where the database is, and how many connections it may have of this store. */
export interface MysqlStoreOptions extends ConnectOptions {
  /** Connections for reads, 1 to 100; default 4. The log and the lease have one each, and so has a load. */
  readonly readConnections?: number;
}

/** A store in a database that servers share, with retention. */
export interface MysqlStore extends Store, Queries {
  /** Deletes what is older than asked, in batches. May be repeated, and given up between two batches. */
  prune(options: PruneOptions): Promise<PruneResult>;
  /** Logs of attempts, in tables of the same database. */
  readonly logs: MysqlLogStore;
}

const READ_CONNECTIONS = 4;
const READ_CONNECTIONS_MAX = 100;
const BATCH_DEFAULT = 500;
const BATCH_MAX = 10_000;
/**
 * A server that lost its network in the midst of a transaction keeps the lease row locked until the database
 * notices: it must notice soon. What is idle says that it is alive more often than that.
 */
const WRITER_IDLE_S = 6;
const ALIVE_MS = 2_000;
const READER_IDLE_S = 600;

/**
 * Connects at the first call. What is wrong with the database rejects every call until it is mended:
 * `STORE_SCHEMA_TOO_NEW`, or `STORE_UNAVAILABLE`. Throws `OPTION_INVALID`.
 */
export function createMysqlStore(options: MysqlStoreOptions): MysqlStore {
  const parts = new StoreParts(options);
  const store: Store = {
    acquireLease: (holder, ttlMs) => parts.lease('acquireLease', (on) => acquireLease(on, holder, ttlMs)),
    renewLease: (epoch, ttlMs) => parts.lease('renewLease', (on) => renewLease(on, epoch, ttlMs)),
    readLease: () => parts.lease('readLease', readLease),
    releaseLease: (epoch) => parts.lease('releaseLease', (on) => releaseLease(on, epoch)),
    commit: async (commit) => (await parts.opened()).log.commit(commit),
    load: (since) => load(parts, since),
    async read(table, range) {
      rangeLimit(range);
      return parts.pooled('read', (session) => readRange(session, table, range));
    },
    async putCommand({ id, request, at }) {
      const sql =
        'INSERT INTO `command` (`id`, `request`, `at`, `open`) VALUES (?, ?, ?, 1) ' +
        'ON DUPLICATE KEY UPDATE `command`.`id` = `command`.`id`';
      await parts.pooled('putCommand', (session) => session.execute(sql, [id, request, at]));
    },
    changeDocuments: (changes) =>
      parts.pooled('changeDocuments', (session) => changeDocuments(session, changes)),
    async commands(limit) {
      const rows = await store.read('command', { index: 'command_open', prefix: [1], limit });
      return rows.map(({ key, value }) => ({
        id: String(key[0]),
        request: String(value['request']),
        at: Number(value['at']),
      }));
    },
    async close() {
      logs.close();
      await parts.close();
    },
  };
  const logs = new MysqlLogs(
    (operation, work) => parts.pooled(operation, work),
    async () => collationOf((await parts.opened()).flavour),
  );
  return {
    logs,
    ...store,
    ...createQueries(store, { runsOfJob: runsOfJobIn(parts) }),
    prune: (request) => prune(parts, request),
  };
}

interface Opened extends ServerFacts {
  readonly log: CommitLog;
  readonly lease: Session;
  readonly pool: SessionPool;
}

/** The connections of a store, made when the first call comes. */
class StoreParts {
  readonly options: ConnectOptions;
  readonly #readConnections: number;
  #opening: Promise<Opened> | null = null;
  #sessions: readonly { close(): Promise<void> }[] = [];
  #lastLease: Promise<unknown> = Promise.resolve();
  #alive: NodeJS.Timeout | null = null;
  #isClosed = false;

  constructor({ readConnections = READ_CONNECTIONS, ...options }: MysqlStoreOptions) {
    assertOption('readConnections', readConnections, READ_CONNECTIONS_MAX);
    this.options = options;
    this.#readConnections = readConnections;
  }

  /** What the calls work with. A database that could not be opened is tried again by the next call. */
  async opened(): Promise<Opened> {
    if (this.#isClosed) throw new SchedulerError('STOPPED', 'the store is closed', { what: 'store' });
    this.#opening ??= this.#open().catch((error: unknown) => {
      this.#opening = null;
      throw portError(error, 'open');
    });
    return this.#opening;
  }

  /** Uses the connection of the lease, one call after the other. */
  async lease<T>(operation: string, work: (session: Session) => Promise<T>): Promise<T> {
    const { lease } = await this.opened();
    const mine = this.#lastLease.then(() => persistent(operation, lease, work));
    this.#lastLease = mine.catch(() => undefined);
    return mine;
  }

  /** Uses a connection of the pool. `work` may be repeated. */
  async pooled<T>(operation: string, work: (session: Session) => Promise<T>): Promise<T> {
    const { pool } = await this.opened();
    return pool.use((session) => persistent(operation, session, work));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    if (this.#alive) clearInterval(this.#alive);
    await this.#opening?.catch(() => undefined);
    await Promise.all(this.#sessions.map((session) => session.close()));
  }

  async #open(): Promise<Opened> {
    const facts = await readServerFacts(this.options);
    const { flavour, isGalera, packetBytes } = facts;
    const writerUse = { idleS: WRITER_IDLE_S };
    const writer = new Session(this.options, { ...writerUse, autocommit: false, isCausal: false });
    const lease = new Session(this.options, { ...writerUse, autocommit: true, isCausal: isGalera });
    const readerUse = { autocommit: true, idleS: READER_IDLE_S, isCausal: isGalera };
    const pool = new SessionPool(this.options, readerUse, this.#readConnections);
    await pool.use((session) => migrate(session, schemaPlan(flavour)));
    this.#sessions = [writer, lease, pool];
    this.#alive = setInterval(() => {
      writer.ping();
      lease.ping();
    }, ALIVE_MS);
    this.#alive.unref();
    return {
      ...facts,
      log: new CommitLog(writer, { collation: collationOf(flavour), packetBytes }),
      lease,
      pool,
    };
  }
}

/** Carries out work that may be repeated. */
async function persistent<T>(
  operation: string,
  session: Session,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work(session);
    } catch (error) {
      if (classOf(error) === 'lost' || isElsewhere(error)) session.discard();
      if (!mayRepeat(error, tries)) throw portError(error, operation);
    }
  }
}

async function* load(parts: StoreParts, since: number): AsyncGenerator<Row, void, undefined> {
  const { isGalera } = await parts.opened();
  yield* loadRows(parts.options, isGalera, since);
}

async function select(
  session: Session,
  table: TableName,
  statement: SelectStatement,
): Promise<readonly Row[]> {
  const { rows } = await session.execute(statement.sql, statement.values);
  return rows.map(rowMaker(table));
}

async function readRange(session: Session, table: TableName, range: Range): Promise<readonly Row[]> {
  const last = await pageEnd(session, table, range);
  const statement = rangeStatement(table, range, last);
  return statement ? select(session, table, statement) : [];
}

/** The row after which a page by an index goes on; null where the key alone is its place. */
async function pageEnd(session: Session, table: TableName, range: Range) {
  if (!range.after || range.index === undefined) return null;
  const [row] = await select(session, table, positionStatement(table, range.after));
  if (row) return valuesByColumn(row);
  throw rowGone(range.after);
}

function rowGone(key: RowKey): SchedulerError {
  const subject = key.join(' ');
  const message = `the row ${subject}, after which to read on, is gone: begin again`;
  return new SchedulerError('STATE_CONFLICT', message, { subject, state: 'deleted' });
}

type RunsOfJob = NonNullable<NonNullable<Parameters<typeof createQueries>[1]>['runsOfJob']>;

/** A page of one job's runs; the last row of the page before tells where it goes on. */
const runsOfJobIn =
  (parts: StoreParts): RunsOfJob =>
  (job, search, { limit, after }) =>
    parts.pooled('runs', async (session) => {
      const [last] = after ? await select(session, 'run', positionStatement('run', after)) : [];
      if (after && !last) throw rowGone(after);
      const end = last && { instant: Number(last.value['instant']), key: last.key };
      return select(session, 'run', jobRunsStatement(job, search, { limit, after: end }));
    });

async function prune(parts: StoreParts, request: PruneOptions): Promise<PruneResult> {
  const batch = request.batch ?? BATCH_DEFAULT;
  assertOption('batch', batch, BATCH_MAX);
  let [events, runs] = [0, 0];
  for (;;) {
    const progress = await parts.pooled('prune', (session) => pruneBatch(session, { ...request, batch }));
    events += progress.events;
    runs += progress.runs;
    if (progress.isDone) return { events, runs };
  }
}

function assertOption(option: string, found: number, most: number): void {
  if (Number.isInteger(found) && found >= 1 && found <= most) return;
  const expected = `a whole number from 1 to ${most}`;
  throw new SchedulerError('OPTION_INVALID', `${option}: ${String(found)} is not ${expected}`, {
    option,
    expected,
  });
}
