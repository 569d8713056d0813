/**
 * The connection that writes. One commit is one transaction, begun by moving the commit number of the lease
 * under the writer's epoch; where that finds no row the commit is fenced.
 *
 * A transaction whose COMMIT was not sent is undone for certain, whatever happened to it, and is tried again
 * a few times. Once COMMIT was sent only its answer tells, and without one the call rejects: the caller reads
 * the lease.
 */
import type { Commit } from '@hera/core';
import { classOf, isElsewhere, mayRepeat, portError } from './errors.js';
import { foldWrites } from './fold-writes.js';
import type { Change } from './fold-writes.js';
import { LEASE_NAME } from './lease.js';
import type { Session } from './session.js';
import { addSql, deleteSql, putSql } from './sql.js';

const ADVANCE_SQL =
  'UPDATE hera_lease SET commit_no = ? WHERE name = ? AND epoch = ? AND commit_no = ? AND epoch > 0';
const RETRY_MS = 20;
/** Rows of a statement: more bring nothing more. */
const ROWS_MAX = 1_000;
/** A text takes up to three bytes a character, and the server copies it a few times. */
const PACKET_SHARE = 4;

/** What the log needs to know of the server. */
export interface LogOptions {
  readonly collation: string;
  readonly packetBytes: number;
}

type Outcome = 'applied' | 'fenced';

/** Applies commits one after the other, in the order of the calls. */
export class CommitLog {
  readonly #session: Session;
  readonly #options: LogOptions;
  readonly #texts = new Map<string, string>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(session: Session, options: LogOptions) {
    this.#session = session;
    this.#options = options;
  }

  /** As `Store.commit`. */
  async commit(commit: Commit): Promise<Outcome> {
    const changes = foldWrites(commit.writes);
    const mine = this.#last.then(() => this.#apply(commit, changes));
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  async #apply(commit: Commit, changes: readonly Change[]): Promise<Outcome> {
    for (let tries = 1; ; tries += 1) {
      const sent = { isCommitting: false };
      try {
        return await this.#transaction(commit, changes, sent);
      } catch (error) {
        const kind = classOf(error);
        await this.#rollBack(kind === 'undone' || kind === 'bug', error);
        const isUndone = kind === 'undone' || !sent.isCommitting;
        if (!isUndone || !mayRepeat(error, tries)) throw portError(error, 'commit');
        // Two that got into each other's way must not do so again at the same pace.
        await pause(RETRY_MS * tries * (0.5 + Math.random()));
      }
    }
  }

  async #transaction(
    { epoch, commitNo }: Commit,
    changes: readonly Change[],
    sent: { isCommitting: boolean },
  ): Promise<Outcome> {
    const moved = await this.#session.execute(ADVANCE_SQL, [commitNo, LEASE_NAME, epoch, commitNo - 1]);
    if (moved.affected !== 1) {
      await this.#session.run('ROLLBACK');
      return 'fenced';
    }
    for (const change of changes) await this.#change(change);
    sent.isCommitting = true;
    await this.#session.run('COMMIT');
    return 'applied';
  }

  async #change(change: Change): Promise<void> {
    const sql = this.#textOf(change);
    const { rows } = change;
    for (let at = 0; at < rows.length; at += ROWS_MAX) await this.#send(sql, rows.slice(at, at + ROWS_MAX));
  }

  /** Long texts make long packets: then fewer rows go at once. */
  async #send(sql: string, rows: readonly (readonly unknown[])[]): Promise<void> {
    const text = JSON.stringify(rows);
    if (rows.length > 1 && text.length > this.#options.packetBytes / PACKET_SHARE) {
      const middle = rows.length >> 1;
      await this.#send(sql, rows.slice(0, middle));
      await this.#send(sql, rows.slice(middle));
    } else await this.#session.execute(sql, [text]);
  }

  #textOf(change: Change): string {
    const shape = change.type === 'put' ? change.fields.join() : change.type === 'add' ? change.field : '';
    const name = `${change.type} ${change.table} ${shape}`;
    const known = this.#texts.get(name);
    if (known !== undefined) return known;
    const sql = this.#makeText(change);
    this.#texts.set(name, sql);
    return sql;
  }

  #makeText(change: Change): string {
    switch (change.type) {
      case 'delete':
        return deleteSql(change.table, this.#options.collation);
      case 'put':
        return putSql(change.table, change.fields);
      case 'add':
        return addSql(change.table, change.field);
    }
  }

  /** A connection that is not known to be sound, or stands at the wrong server, is let go of. */
  async #rollBack(isSound: boolean, error: unknown): Promise<void> {
    if (!isSound || isElsewhere(error)) this.#session.discard();
    else await this.#session.run('ROLLBACK').catch(() => this.#session.discard());
  }
}

const pause = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms));
