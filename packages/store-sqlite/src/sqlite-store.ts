/**
 * The embedded store: one SQLite file, one thread that writes it and one that reads it. What a call answers
 * has been done; a commit that was answered is on disk.
 */
import { createQueries, SchedulerError } from '@hera/core';
import type { Queries, Range, Row, RowKey, Store, TableName } from '@hera/core';
import { createCommitEncoder } from './commit-codec.js';
import { loadStatements } from './load-statements.js';
import { positionStatement, rangeLimit, rangeStatements } from './read-statement.js';
import type { SelectStatement } from './thread/messages.js';
import { parsedRows, rowsOf, valuesByColumn } from './rows.js';
import { jobRunsStatement } from './run-search.js';
import { schemaPlan } from './schema-plan.js';
import type { ReaderCalls, ThreadOptions, WriterCalls } from './thread/messages.js';
import { startThread } from './thread/start.js';
import type { Thread } from './thread/start.js';

/** Where the file is, and how it is shared. */
export interface SqliteStoreOptions {
  /** The file; it and its folder (owner only) are made where they are missing. */
  readonly path: string;
  /** How long a lock that another process holds is waited for, ms, from 0; default 5,000. */
  readonly busyTimeoutMs?: number;
}

/** What is old enough to be forgotten. */
export interface PruneOptions {
  /** Events stored before this are deleted, epoch ms; the newest commit's stay. */
  readonly eventsBefore?: number;
  /** Ended runs whose slot was due before this are deleted with all that hangs on them, epoch ms. */
  readonly runsBefore?: number;
  /** Rows of a transaction, 1 to 10,000; default 500. Commits go between two of them. */
  readonly batch?: number;
}

/** How many events' commits and how many runs were deleted. */
export interface PruneResult {
  readonly events: number;
  readonly runs: number;
}

/** A store in a file, with retention. */
export interface SqliteStore extends Store, Queries {
  /** Deletes what is older than asked, in batches. May be repeated, and given up between two batches. */
  prune(options: PruneOptions): Promise<PruneResult>;
}

const BUSY_TIMEOUT_MS = 5_000;
/** The system tells of a dead holder at once; only one that hangs is waited for so long. */
const LEASE_MS = 150_000;
/** Rows of a page of runs, and one more. */
const RUNS_MAX = 1_001;
const BATCH_DEFAULT = 500;
const BATCH_MAX = 10_000;

/**
 * Opens the file at once, in its thread; what is wrong with it rejects every call: `STORE_SCHEMA_TOO_NEW`, or
 * `STORE_UNAVAILABLE` when it cannot be opened or no SQLite is new enough. Throws `OPTION_INVALID`.
 */
export function createSqliteStore(options: SqliteStoreOptions): SqliteStore {
  const { path, busyTimeoutMs = BUSY_TIMEOUT_MS } = options;
  if (path === '' || path === ':memory:') throw optionInvalid('path', path, 'the path of a file');
  const threads = openThreads({ path, busyTimeoutMs, schema: schemaPlan() });
  const encoder = createCommitEncoder();

  const store: Store = {
    leaseMs: LEASE_MS,
    acquireLease: async (holder, ttlMs) => (await threads.writer()).call('acquireLease', holder, ttlMs),
    renewLease: async (epoch, ttlMs) => (await threads.writer()).call('renewLease', epoch, ttlMs),
    readLease: async () => (await threads.writer()).call('readLease'),
    releaseLease: async (epoch) => (await threads.writer()).call('releaseLease', epoch),
    async commit({ epoch, commitNo, writes }) {
      const writer = await threads.writer();
      // Encoding comes last before sending: the thread must get shapes in the order of their numbers.
      return writer.call('commit', epoch, commitNo, encoder.encode(writes));
    },
    load: (since) => load(threads, since),
    async read(table, range) {
      const rowsMax = rangeLimit(range);
      const reader = await threads.reader();
      const last = await pageEnd(reader, table, range);
      return rowsOf(table, await reader.call('select', rangeStatements(table, range, last), rowsMax));
    },
    putCommand: async (command) => (await threads.writer()).call('putCommand', command),
    changeDocuments: async (changes) => (await threads.writer()).call('changeDocuments', changes),
    async commands(limit) {
      const rows = await store.read('command', { index: 'command_open', prefix: [1], limit });
      return rows.map(({ key, value }) => ({
        id: String(key[0]),
        request: String(value['request']),
        at: Number(value['at']),
      }));
    },
    close: () => threads.close(),
  };

  return {
    ...store,
    ...createQueries(store, { runsOfJob: runsOfJobIn(threads) }),
    async prune(request) {
      const writer = await threads.writer();
      const batch = request.batch ?? BATCH_DEFAULT;
      if (!Number.isInteger(batch) || batch < 1 || batch > BATCH_MAX) {
        throw optionInvalid('batch', batch, `a whole number from 1 to ${BATCH_MAX}`);
      }
      let [events, runs] = [0, 0];
      for (;;) {
        const progress = await writer.call('prune', { ...request, batch });
        events += progress.events;
        runs += progress.runs;
        if (progress.isDone) return { events, runs };
      }
    },
  };
}

type RunsOfJob = NonNullable<NonNullable<Parameters<typeof createQueries>[1]>['runsOfJob']>;
type Threads = ReturnType<typeof openThreads>;

/** The writer opens first: it makes the file that the reader, which cannot write, needs to find. */
function openThreads(options: ThreadOptions) {
  const writer = startThread<WriterCalls>(new URL('./thread/writer.js', import.meta.url), options);
  const opened = writer.call('open').then(() => writer);
  // Whoever calls gets the error; without a call there is nobody to tell.
  opened.catch(() => undefined);
  let reader: Promise<ReturnType<typeof startReader>> | undefined;
  const startReader = () => startThread<ReaderCalls>(new URL('./thread/reader.js', import.meta.url), options);
  let closed: Promise<void> | undefined;

  const assertOpen = (): void => {
    if (closed) throw new SchedulerError('STOPPED', 'the store is closed', { what: 'store' });
  };
  return {
    async writer() {
      assertOpen();
      return opened;
    },
    async reader() {
      assertOpen();
      return (reader ??= opened.then(startReader));
    },
    close: () =>
      (closed ??= (async () => {
        // A reader that could not start, because the file could not be opened, has nothing to close.
        const started = await reader?.catch(() => undefined);
        await started?.end();
        await writer.end();
      })()),
  };
}

/** The row after which a page by an index goes on; null where the key alone is its place. */
async function pageEnd(reader: Thread<ReaderCalls>, table: TableName, range: Range) {
  if (!range.after || range.index === undefined) return null;
  const [row] = rowsOf(table, await reader.call('select', [positionStatement(table, range.after)], 1));
  if (row) return valuesByColumn(row);
  throw rowGone(range.after);
}

function rowGone(key: RowKey): SchedulerError {
  const subject = key.join(' ');
  const message = `the row ${subject}, after which to read on, is gone: begin again`;
  return new SchedulerError('STATE_CONFLICT', message, { subject, state: 'deleted' });
}

/** A page of one job's runs; the last row of the page before tells where it goes on. */
const runsOfJobIn =
  (threads: Threads): RunsOfJob =>
  async (job, search, { limit, after }) => {
    const reader = await threads.reader();
    const select = async (statement: SelectStatement) =>
      rowsOf('run', await reader.call('select', [statement], RUNS_MAX));
    const [last] = after ? await select(positionStatement('run', after)) : [];
    if (after && !last) throw rowGone(after);
    const end = last && { instant: Number(last.value['instant']), key: last.key };
    return select(jobRunsStatement(job, search, { limit, after: end }));
  };

async function* load(threads: Threads, since: number): AsyncGenerator<Row, void, undefined> {
  const reader = await threads.reader();
  const statements = loadStatements();
  const number = await reader.call('loadBegin', statements, since);
  try {
    let next = reader.call('loadNext', number);
    for (;;) {
      const rows = await next;
      if (!rows) return;
      // The thread reads on while these rows are being taken in.
      next = reader.call('loadNext', number);
      const table = statements[rows.statement]?.table;
      if (table) yield* parsedRows(table, rows.rows);
    }
  } finally {
    await reader.call('loadEnd', number);
  }
}

function optionInvalid(option: string, found: unknown, expected: string): SchedulerError {
  return new SchedulerError('OPTION_INVALID', `${option}: ${String(found)} is not ${expected}`, {
    option,
    expected,
  });
}
