/**
 * The writer's thread: the only connection that writes. One commit is one transaction, begun by moving the
 * commit number of the lease under the writer's epoch; where that finds no row the commit is fenced. WAL with
 * synchronous=FULL: what was answered `applied` is on disk.
 */
import type { Lease } from '@hera/core';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { workerData } from 'node:worker_threads';
import { createDocumentChanger } from './documents.js';
import { openDatabase } from './driver.js';
import type { Database, SqlValue, Statement } from './driver.js';
import { createLeaderLock } from './leader-lock.js';
import { ROWS_AT_ONCE } from './messages.js';
import type { Shape, ThreadOptions, WriterCalls } from './messages.js';
import { migrate } from './migrate.js';
import { createPruner } from './prune.js';
import { serveCalls } from './serve.js';

const LEASE_NAME = 'scheduler';
/** Pages that a commit may leave in the log before it carries them over to the file. */
const CHECKPOINT_PAGES = 4_000;
/** The log is cut back to this after a checkpoint, so that one burst does not keep its disk space. */
const LOG_BYTES_KEPT = 64 * 1024 * 1024;
const CACHE_KIB = 64 * 1024;
/** Owner only: the folder holds scripts and parameters. */
const FOLDER_MODE = 0o700;

const { path, busyTimeoutMs, schema } = workerData as ThreadOptions;
let opened: ReturnType<typeof openWriter> | undefined;

function openWriter() {
  mkdirSync(dirname(path), { recursive: true, mode: FOLDER_MODE });
  const database = openDatabase(path, { timeout: busyTimeoutMs });
  database.exec('PRAGMA journal_mode = WAL');
  database.exec('PRAGMA synchronous = FULL');
  database.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  database.exec(`PRAGMA journal_size_limit = ${LOG_BYTES_KEPT}`);
  database.exec(`PRAGMA cache_size = -${CACHE_KIB}`);
  database.exec('PRAGMA temp_store = MEMORY');
  migrate(database, schema);
  return {
    database,
    lease: leaseStatements(database),
    putCommand: database.prepare(
      'INSERT INTO "command" ("id", "request", "at", "open") VALUES (?, ?, ?, 1) ' +
        'ON CONFLICT ("id") DO NOTHING',
    ),
    prune: createPruner(database),
    changeDocument: createDocumentChanger(database),
    lock: createLeaderLock(path),
  };
}

function leaseStatements(database: Database) {
  const fields = 'name, epoch, holder, commit_no AS commitNo, expires_at_ms AS expiresAtMs';
  return {
    read: database.prepare(`SELECT ${fields} FROM hera_lease WHERE name = ?`),
    take: database.prepare(
      'INSERT INTO hera_lease (name, epoch, holder, commit_no, expires_at_ms) VALUES (?, 1, ?, 0, ?) ' +
        'ON CONFLICT (name) DO UPDATE SET epoch = epoch + 1, holder = excluded.holder, ' +
        'expires_at_ms = excluded.expires_at_ms',
    ),
    renew: database.prepare('UPDATE hera_lease SET expires_at_ms = ? WHERE name = ? AND epoch = ?'),
    advance: database.prepare(
      'UPDATE hera_lease SET commit_no = ? WHERE name = ? AND epoch = ? AND commit_no = ?',
    ),
  };
}

function writer(): ReturnType<typeof openWriter> {
  return (opened ??= openWriter());
}

/** One transaction; `work` returns whether it is to be kept. */
function transaction(work: () => boolean): void {
  const { database } = writer();
  database.exec('BEGIN IMMEDIATE');
  let isKept = false;
  try {
    isKept = work();
    if (isKept) database.exec('COMMIT');
  } catch (error) {
    isKept = false;
    throw error;
  } finally {
    if (!isKept) rollBack(database);
  }
}

/** After some errors, a full disk for one, SQLite has rolled back by itself: nothing is left to undo. */
function rollBack(database: Database): void {
  try {
    database.exec('ROLLBACK');
  } catch (error) {
    if (!String(error).includes('no transaction is active')) throw error;
  }
}

function leaseAt(nowMs: number): Lease | null {
  const row = writer().lease.read.get(LEASE_NAME);
  return row === undefined ? null : { ...(row as Omit<Lease, 'nowMs'>), nowMs };
}

/** Only who is alive keeps the lock; our own says nothing of whoever leads in this process. */
function isHolderDead(): boolean {
  const { lock } = writer();
  return !lock.isHeld && lock.take();
}

/** All shapes that were ever sent, by number; the statement is made when it is first used. */
const shapes: (Shape & { statement?: Statement; many?: Statement })[] = [];

function applyWrites(database: Database, runs: readonly number[], values: readonly SqlValue[]): void {
  let at = 0;
  for (let i = 0; i < runs.length; i += 2) {
    const shape = shapes[runs[i] ?? -1];
    const count = runs[i + 1] ?? 0;
    if (!shape) throw new Error(`no shape ${runs[i]}`);
    let left = count;
    if (shape.manySql !== null && left >= ROWS_AT_ONCE) {
      const many = (shape.many ??= database.prepare(shape.manySql));
      const size = shape.size * ROWS_AT_ONCE;
      for (; left >= ROWS_AT_ONCE; left -= ROWS_AT_ONCE) {
        many.run(...values.slice(at, at + size));
        at += size;
      }
    }
    if (left === 0) continue;
    const statement = (shape.statement ??= database.prepare(shape.sql));
    for (; left > 0; left -= 1) {
      statement.run(...values.slice(at, at + shape.size));
      at += shape.size;
    }
  }
}

const calls: WriterCalls = {
  open() {
    writer();
  },
  acquireLease(holder, ttlMs) {
    let lease: Lease | null = null;
    transaction(() => {
      // The clock is read once the lock is held: waiting for it must not shorten anybody's lease.
      const nowMs = Date.now();
      lease = leaseAt(nowMs);
      if (lease && lease.expiresAtMs > nowMs && !isHolderDead()) return false;
      writer().lock.take();
      writer().lease.take.run(LEASE_NAME, holder, nowMs + ttlMs);
      lease = leaseAt(nowMs);
      return true;
    });
    if (!lease) throw new Error('no lease after one was taken');
    return lease;
  },
  renewLease(epoch, ttlMs) {
    let lease: Lease | null = null;
    transaction(() => {
      const nowMs = Date.now();
      const { changes } = writer().lease.renew.run(nowMs + ttlMs, LEASE_NAME, epoch);
      if (Number(changes) === 1) lease = leaseAt(nowMs);
      return lease !== null;
    });
    // A predecessor that hung past its lease may have had the lock until now.
    if (lease !== null) writer().lock.take();
    else writer().lock.release();
    return lease;
  },
  readLease: () => leaseAt(Date.now()),
  releaseLease(epoch) {
    const { changes } = writer().lease.renew.run(Date.now(), LEASE_NAME, epoch);
    if (Number(changes) === 1) writer().lock.release();
  },
  commit(epoch, commitNo, { newShapes, runs, values }) {
    const { database, lease } = writer();
    // First of all: a commit that is fenced or fails must not lose the shapes it brought.
    for (const shape of newShapes) shapes.push({ ...shape });
    let outcome: 'applied' | 'fenced' = 'fenced';
    transaction(() => {
      const { changes } = lease.advance.run(commitNo, LEASE_NAME, epoch, commitNo - 1);
      if (Number(changes) !== 1) return false;
      applyWrites(database, runs, values);
      outcome = 'applied';
      return true;
    });
    return outcome;
  },
  putCommand({ id, request, at }) {
    writer().putCommand.run(id, request, at);
  },
  changeDocuments(changes) {
    let isDone = false;
    transaction(() => (isDone = changes.every((change) => writer().changeDocument(change))));
    return isDone;
  },
  prune: (request) => writer().prune(request),
  close() {
    opened?.lock.close();
    opened?.database.close();
  },
};

serveCalls({ ...calls });
