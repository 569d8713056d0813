/**
 * The worker's durable memory: a file of lines, each with its checksum and the records of one write. A write
 * is durable when its promise resolves; what is asked for while one fsync is under way shares the next. A
 * torn last line is what a crash leaves and is dropped; damage before the end stops the worker, since what
 * follows may name attempts that must not run again.
 *
 *   <CRC-32 of the JSON, 8 hex digits> <JSON array of records>\n
 */
import { mkdirSync } from 'node:fs';
import { open, readFile, rename } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from './crc32.js';
import type { Journal, JournalEnd, JournalState } from '@hera/core';

/** Where a journal lives, and when it is rewritten. */
export interface FileJournalOptions {
  /** Made if it is missing; the file is `journal` in it. */
  readonly dir: string;
  /** Wall time, epoch ms, for the age of tombstones; default the system's. */
  readonly now?: () => number;
  /**
   * Session that a new journal begins after; default 0. A worker that lost its journal must not come back
   * with a session its scheduler has seen: the seconds of the day it is made on are above all earlier ones.
   */
  readonly firstSession?: number;
  /** Records after which the file is rewritten with what still counts; default 20,000. */
  readonly recordsMax?: number;
}

type JournalRecord =
  | { readonly t: 'session'; readonly session: number; readonly epoch: number }
  | { readonly t: 'accept'; readonly attempts: readonly string[] }
  | { readonly t: 'end'; readonly ends: readonly JournalEnd[] }
  /** `at`, epoch ms, decides how long the tombstones stay. */
  | { readonly t: 'forget'; readonly attempts: readonly string[]; readonly at: number };

const TOMBSTONE_MS = 7 * 86_400_000;
const RECORDS_MAX = 20_000;
/** Seven days of a busy worker may be more than it is worth; older orders fail by session. */
const TOMBSTONES_MAX = 200_000;

/** A journal whose records contradict their checksums before its end; the worker must not start on it. */
export class JournalDamaged extends Error {
  override readonly name = 'JournalDamaged';
}

/** Opens the journal of a directory; one process at a time may. `load` must come first. */
export function createFileJournal(options: FileJournalOptions): Journal & { close(): Promise<void> } {
  return new FileJournal(options);
}

class FileJournal implements Journal {
  readonly #path: string;
  readonly #now: () => number;
  readonly #recordsMax: number;
  readonly #firstSession: number;
  #file: FileHandle | null = null;
  #session = 0;
  #epoch = 0;
  readonly #open = new Map<string, JournalEnd | null>();
  readonly #tombstones = new Map<string, number>();
  #records = 0;
  #waiting: {
    readonly record: JournalRecord;
    readonly done: () => void;
    readonly failed: (error: unknown) => void;
  }[] = [];
  #flushing: Promise<void> | null = null;
  /** A write has failed: what the file holds is not known any more, whatever a later fsync says. */
  #isSuspect = false;

  constructor({ dir, now = Date.now, recordsMax = RECORDS_MAX, firstSession = 0 }: FileJournalOptions) {
    mkdirSync(dir, { recursive: true, mode: 0o750 });
    this.#path = join(dir, 'journal');
    this.#now = now;
    this.#recordsMax = recordsMax;
    this.#firstSession = firstSession;
  }

  async load(): Promise<JournalState> {
    const bytes = await readFile(this.#path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return Buffer.alloc(0);
      throw error;
    });
    const records = readRecords(bytes, this.#path);
    this.#session = this.#firstSession;
    for (const record of records) this.#apply(record);
    await this.#compact();
    return {
      session: this.#session,
      epoch: this.#epoch,
      open: Array.from(this.#open, ([attempt, ended]) => ({ attempt, ended })),
      tombstones: [...this.#tombstones.keys()],
    };
  }

  setSession(session: number, epoch: number): Promise<void> {
    return this.#append({ t: 'session', session, epoch });
  }

  accept(attempts: readonly string[]): Promise<void> {
    return this.#append({ t: 'accept', attempts });
  }

  end(ends: readonly JournalEnd[]): Promise<void> {
    return this.#append({ t: 'end', ends });
  }

  forget(attempts: readonly string[]): Promise<void> {
    return this.#append({ t: 'forget', attempts, at: this.#now() });
  }

  async close(): Promise<void> {
    await this.#flushing;
    await this.#file?.close();
    this.#file = null;
  }

  #append(record: JournalRecord): Promise<void> {
    return new Promise((done, failed) => {
      this.#waiting.push({
        record,
        done: () => {
          // The state follows the disk, never the other way round.
          this.#apply(record);
          this.#records += 1;
          done();
        },
        failed,
      });
      this.#flushing ??= this.#flush();
    });
  }

  async #flush(): Promise<void> {
    // Records of the same turn share one fsync.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        await this.#write(batch.map((entry) => entry.record));
        for (const entry of batch) entry.done();
        if (this.#records > this.#recordsMax) await this.#compact();
      } catch (error) {
        for (const entry of batch) entry.failed(error);
      }
    }
    this.#flushing = null;
  }

  async #write(records: readonly JournalRecord[]): Promise<void> {
    if (this.#isSuspect) await this.#compact();
    this.#isSuspect = true;
    this.#file ??= await open(this.#path, 'a', 0o640);
    await this.#file.appendFile(lineOf(records));
    await this.#file.datasync();
    this.#isSuspect = false;
  }

  /** Rewrites the file with what still counts: written aside, synced, renamed, the folder synced. */
  async #compact(): Promise<void> {
    this.#dropOldTombstones();
    const records: JournalRecord[] = [{ t: 'session', session: this.#session, epoch: this.#epoch }];
    if (this.#open.size > 0) records.push({ t: 'accept', attempts: [...this.#open.keys()] });
    const ends = [...this.#open.values()].filter((end) => end !== null);
    if (ends.length > 0) records.push({ t: 'end', ends });
    for (const [at, attempts] of groupByTime(this.#tombstones)) records.push({ t: 'forget', attempts, at });
    const aside = await open(`${this.#path}.new`, 'w', 0o640);
    try {
      await aside.writeFile(records.map((record) => lineOf([record])).join(''));
      await aside.sync();
    } finally {
      await aside.close();
    }
    await rename(`${this.#path}.new`, this.#path);
    await syncFolder(join(this.#path, '..'));
    await this.#file?.close();
    this.#file = null;
    this.#records = records.length;
    this.#isSuspect = false;
  }

  #apply(record: JournalRecord): void {
    switch (record.t) {
      case 'session':
        this.#session = record.session;
        this.#epoch = record.epoch;
        return;
      case 'accept':
        for (const attempt of record.attempts) {
          if (!this.#open.has(attempt)) this.#open.set(attempt, null);
        }
        return;
      case 'end':
        for (const end of record.ends) this.#open.set(end.attempt, end);
        return;
      case 'forget':
        for (const attempt of record.attempts) {
          this.#open.delete(attempt);
          this.#tombstones.set(attempt, record.at);
        }
    }
  }

  #dropOldTombstones(): void {
    const oldest = this.#now() - TOMBSTONE_MS;
    let surplus = this.#tombstones.size - TOMBSTONES_MAX;
    for (const [attempt, at] of this.#tombstones) {
      if (at < oldest || surplus > 0) this.#tombstones.delete(attempt);
      surplus -= 1;
    }
  }
}

function lineOf(records: readonly JournalRecord[]): string {
  const json = JSON.stringify(records);
  return `${checksum(json)} ${json}\n`;
}

const checksum = (json: string) => crc32(Buffer.from(json)).toString(16).padStart(8, '0');

function readRecords(bytes: Buffer, path: string): JournalRecord[] {
  const records: JournalRecord[] = [];
  let start = 0;
  for (let line = 1; start < bytes.length; line += 1) {
    const end = bytes.indexOf('\n', start);
    const found = end < 0 ? null : parseLine(bytes.toString('utf8', start, end));
    if (found === null) {
      // A crash tears only what was written last: there is nothing whole behind it.
      if (end < 0 || bytes.indexOf('\n', end + 1) < 0) break;
      const rule = 'does not match its checksum. Move the file away to start anew.';
      throw new JournalDamaged(`${path}: line ${line}, byte ${start}, ${rule}`);
    }
    records.push(...found);
    start = end + 1;
  }
  return records;
}

function parseLine(line: string): JournalRecord[] | null {
  const json = line.slice(9);
  if (line[8] !== ' ' || line.slice(0, 8) !== checksum(json)) return null;
  return JSON.parse(json) as JournalRecord[];
}

function groupByTime(tombstones: ReadonlyMap<string, number>): Map<number, string[]> {
  const groups = new Map<number, string[]>();
  for (const [attempt, at] of tombstones) {
    const group = groups.get(at);
    if (group) group.push(attempt);
    else groups.set(at, [attempt]);
  }
  return groups;
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
