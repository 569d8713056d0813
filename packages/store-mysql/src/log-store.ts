/**
 * Logs of attempts as rows, so that every server reads what any server has acknowledged.
 *
 * What a call adds to a log is a row of its own, durable with the call. Once they are worth a segment, or the
 * log has ended, such rows are put together into compressed segments of 256 KiB: a byte is written twice at
 * most, and a finished log of a gigabyte has four thousand rows. The row of the log is locked while it grows,
 * so servers may take turns.
 */
import { SchedulerError } from '@hera/core';
import type { LogAck, LogChunk, LogPiece, LogSink, LogStore } from '@hera/core';
import { packed, unpacked } from './log-codec.js';
import { LogWatches } from './log-watches.js';
import type { Session } from './session.js';
import type { SqlValue } from './sql.js';

/** A store of logs that can also be cleaned. */
export interface MysqlLogStore extends LogStore, LogSink {
  /** Removes logs that nothing was added to for so long, ms; resolves with how many. */
  removeOlderThan(ageMs: number): Promise<number>;
}

/** Runs work on a connection of the store's; it may be repeated. */
export type OnSession = <T>(operation: string, work: (session: Session) => Promise<T>) => Promise<T>;

const SEGMENT_BYTES = 256 * 1024;
/** Logs removed in one transaction. */
const REMOVED_AT_ONCE = 50;
const ATTEMPT_LENGTH_MAX = 500;
const NOW_MS = 'CAST(UNIX_TIMESTAMP(SYSDATE(3)) * 1000 AS SIGNED)';
const NAMED =
  `FROM JSON_TABLE(?, '$[*]' COLUMNS (attempt VARCHAR(${ATTEMPT_LENGTH_MAX}) CHARACTER SET utf8mb4 ` +
  "PATH '$' ERROR ON ERROR)) AS j";

/** The statements, by name. `collation` is that of the tables. */
export const logSql = (collation: string) =>
  ({
    begin:
      `INSERT INTO hera_log (attempt, stored, packed, complete, changed_at_ms) ` +
      `SELECT j.attempt, 0, 0, 0, ${NOW_MS} ${NAMED} ON DUPLICATE KEY UPDATE hera_log.id = hera_log.id`,
    find:
      `SELECT l.attempt, l.id, l.stored, l.packed, l.complete ${NAMED} STRAIGHT_JOIN hera_log l ` +
      `FORCE INDEX (log_by_attempt) ON l.attempt = j.attempt COLLATE ${collation}`,
    grow: `UPDATE hera_log SET stored = ?, packed = ?, complete = ?, changed_at_ms = ${NOW_MS} WHERE id = ?`,
    put: 'INSERT INTO hera_log_segment (log, start, size, codec, bytes) VALUES (?, ?, ?, ?, ?)',
    loose:
      'SELECT start, size, codec, bytes FROM hera_log_segment FORCE INDEX (PRIMARY) ' +
      'WHERE log = ? AND start >= ? ORDER BY start',
    dropLoose: 'DELETE FROM hera_log_segment WHERE log = ? AND start >= ?',
    read:
      'SELECT start, size, codec, bytes FROM hera_log_segment FORCE INDEX (PRIMARY) ' +
      'WHERE log = ? AND start > ? AND start < ? ORDER BY start',
    old:
      `SELECT id FROM hera_log FORCE INDEX (log_by_change) WHERE changed_at_ms < ${NOW_MS} - ? ` +
      'ORDER BY changed_at_ms, id LIMIT ?',
    dropSegments: 'DELETE FROM hera_log_segment WHERE log = ?',
    dropLog: 'DELETE FROM hera_log WHERE id = ?',
  }) as const;

/** A row of `hera_log`. */
interface Log {
  readonly attempt: string;
  readonly id: number;
  readonly stored: number;
  /** Up to here the bytes lie in whole segments. */
  readonly packed: number;
  readonly complete: boolean;
}

/** Logs in the tables of a store. `collation` gives that of the tables once it is known. */
export class MysqlLogs implements MysqlLogStore {
  readonly #on: OnSession;
  readonly #sql: () => Promise<ReturnType<typeof logSql>>;
  readonly #watches: LogWatches;

  constructor(on: OnSession, collation: () => Promise<string>) {
    let texts: ReturnType<typeof logSql> | undefined;
    this.#on = on;
    this.#sql = async () => (texts ??= logSql(await collation()));
    this.#watches = new LogWatches((attempts) => this.#sizes(attempts));
  }

  async append(pieces: readonly LogPiece[]): Promise<readonly LogAck[]> {
    for (const { attempt } of pieces) checkAttempt(attempt);
    const sql = await this.#sql();
    const acks = await this.#on('log append', (session) => appendAll(session, sql, pieces));
    for (const { attempt } of acks) this.#watches.tell(attempt);
    return acks;
  }

  async read(attempt: string, offset: number, bytesMax: number): Promise<LogChunk> {
    const sql = await this.#sql();
    return this.#on('log read', async (session) => {
      const [log] = await find(session, sql.find, [attempt]);
      if (!log) return { offset, bytes: new Uint8Array(0), size: 0, complete: false };
      const end = Math.min(offset + bytesMax, log.stored);
      const bytes = end > offset ? await readBytes(session, sql.read, { log, offset, end }) : Buffer.alloc(0);
      return { offset, bytes, size: log.stored, complete: log.complete };
    });
  }

  watch(attempt: string, changed: () => void): () => void {
    return this.#watches.add(attempt, changed);
  }

  async removeOlderThan(ageMs: number): Promise<number> {
    const sql = await this.#sql();
    let count = 0;
    for (;;) {
      const removed = await this.#on('log remove', (session) => removeSome(session, sql, ageMs));
      count += removed;
      if (removed < REMOVED_AT_ONCE) return count;
    }
  }

  /** Ends all watches. */
  close(): void {
    this.#watches.close();
  }

  async #sizes(attempts: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const sql = await this.#sql();
    const logs = await this.#on('log watch', (session) => find(session, sql.find, attempts));
    return new Map(logs.map(({ attempt, stored, complete }) => [attempt, `${stored} ${String(complete)}`]));
  }
}

function checkAttempt(attempt: string): void {
  if (attempt.length <= ATTEMPT_LENGTH_MAX) return;
  const expected = `the name of an attempt, of at most ${ATTEMPT_LENGTH_MAX} characters`;
  throw new SchedulerError('OPTION_INVALID', `attempt: ${attempt.slice(0, 80)}… is not ${expected}`, {
    option: 'attempt',
    expected,
  });
}

type Texts = ReturnType<typeof logSql>;

async function appendAll(session: Session, sql: Texts, pieces: readonly LogPiece[]): Promise<LogAck[]> {
  const byAttempt = new Map<string, LogPiece[]>();
  for (const piece of pieces) {
    const own = byAttempt.get(piece.attempt);
    if (own) own.push(piece);
    else byAttempt.set(piece.attempt, [piece]);
  }
  // In the order of names, so that two servers do not wait for each other.
  const attempts = [...byAttempt.keys()].sort();
  await session.run('START TRANSACTION');
  try {
    await session.execute(sql.begin, [JSON.stringify(attempts)]);
    const logs = await find(session, `${sql.find} FOR UPDATE`, attempts);
    const acks: LogAck[] = [];
    for (const log of logs) acks.push(await appendTo(session, sql, log, byAttempt.get(log.attempt) ?? []));
    await session.run('COMMIT');
    return acks;
  } catch (error) {
    await session.run('ROLLBACK').catch(() => session.discard());
    throw error;
  }
}

async function appendTo(
  session: Session,
  sql: Texts,
  log: Log,
  pieces: readonly LogPiece[],
): Promise<LogAck> {
  const { attempt, id } = log;
  const { bytes, complete } = taken(log, pieces);
  const stored = log.stored + bytes.length;
  if (bytes.length === 0 && complete === log.complete) return { attempt, stored, complete };
  const isDue = stored - log.packed >= SEGMENT_BYTES || complete;
  const packedTo = isDue ? await repack(session, sql, log, { bytes, complete }) : log.packed;
  if (!isDue) await put(session, sql, id, { start: log.stored, bytes });
  await session.execute(sql.grow, [stored, packedTo, complete ? 1 : 0, id]);
  return { attempt, stored, complete };
}

/** What of the pieces follows on, and whether the log ends behind it. */
function taken(log: Log, pieces: readonly LogPiece[]) {
  const parts: Uint8Array[] = [];
  let { stored, complete } = log;
  for (const { offset, bytes, last } of pieces) {
    if (complete || offset > stored) continue;
    const rest = bytes.subarray(Math.min(bytes.length, stored - offset));
    if (rest.length > 0) parts.push(rest);
    stored += rest.length;
    complete = last && offset + bytes.length === stored;
  }
  return { bytes: Buffer.concat(parts), complete };
}

/** Puts the loose rows and the new bytes together into segments; gives up to where they are whole now. */
async function repack(
  session: Session,
  sql: Texts,
  { id, packed: from }: Log,
  { bytes, complete }: { readonly bytes: Buffer; readonly complete: boolean },
): Promise<number> {
  const { rows } = await session.execute(sql.loose, [id, from]);
  const loose = await Promise.all(rows.map(([, , codec, stored]) => unpacked(Number(codec), stored)));
  const all = Buffer.concat([...loose, bytes]);
  if (rows.length > 0) await session.execute(sql.dropLoose, [id, from]);
  for (let at = 0; at < all.length; at += SEGMENT_BYTES) {
    await put(session, sql, id, { start: from + at, bytes: all.subarray(at, at + SEGMENT_BYTES) });
  }
  return from + (complete ? all.length : all.length - (all.length % SEGMENT_BYTES));
}

async function put(
  session: Session,
  sql: Texts,
  log: number,
  { start, bytes }: { readonly start: number; readonly bytes: Buffer },
): Promise<void> {
  for (let at = 0; at < bytes.length; at += SEGMENT_BYTES) {
    const part = bytes.subarray(at, at + SEGMENT_BYTES);
    const { codec, bytes: stored } = await packed(part);
    await session.execute(sql.put, [log, start + at, part.length, codec, stored]);
  }
}

async function find(session: Session, sql: string, attempts: readonly string[]): Promise<readonly Log[]> {
  const { rows } = await session.execute(sql, [JSON.stringify(attempts)]);
  return rows.map(logOf);
}

const logOf = ([attempt, id, stored, packedTo, complete]: readonly SqlValue[]): Log => ({
  attempt: String(attempt),
  id: Number(id),
  stored: Number(stored),
  packed: Number(packedTo),
  complete: complete === 1,
});

/** The rows that hold a part of the bytes, cut to it. Ends where a row is missing. */
async function readBytes(
  session: Session,
  sql: string,
  { log, offset, end }: { readonly log: Log; readonly offset: number; readonly end: number },
): Promise<Buffer> {
  const { rows } = await session.execute(sql, [log.id, offset - SEGMENT_BYTES, end]);
  const parts: Buffer[] = [];
  let at = offset;
  for (const [start, size, codec, stored] of rows) {
    const [first, past] = [Number(start), Number(start) + Number(size)];
    if (past <= at) continue;
    if (first > at) break;
    const bytes = await unpacked(Number(codec), stored);
    parts.push(bytes.subarray(at - first, end - first));
    at = past;
  }
  return Buffer.concat(parts);
}

async function removeSome(session: Session, sql: Texts, ageMs: number): Promise<number> {
  const { rows } = await session.execute(sql.old, [ageMs, REMOVED_AT_ONCE]);
  for (const [id = null] of rows) {
    // The log first: a reader then finds none, rather than one with holes.
    await session.execute(sql.dropLog, [id]);
    await session.execute(sql.dropSegments, [id]);
  }
  return rows.length;
}
