/**
 * Logs that workers ship to the one server there is, in files of its own: `DIR/logs/ab/<attempt>.log`, with
 * `.end` beside it when nothing more will come. Several servers need a place that all of them read.
 */
import { createHash } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, open, readdir, rm, stat, writeFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { LogAck, LogChunk, LogPiece, LogSink, LogStore } from '@hera/core';
import { attemptFileName } from './attempt-dir.js';
import { readLogFile } from './read-log-file.js';

/** Where the logs lie. */
export interface LocalLogStoreOptions {
  /** Made when it does not exist. One process writes below it. */
  readonly dir: string;
}

/** A store of logs that can also be cleaned. */
export interface LocalLogStore extends LogStore, LogSink {
  /** Removes logs that nothing was added to for so long, ms; resolves with how many. */
  removeOlderThan(ageMs: number): Promise<number>;
}

/** Opens it; nothing is read before it is asked for. */
export function createLocalLogStore({ dir }: LocalLogStoreOptions): LocalLogStore {
  return new LocalLogs(dir);
}

class LocalLogs implements LocalLogStore {
  readonly #dir: string;
  readonly #changes = new EventEmitter().setMaxListeners(0);
  /** One batch after the other: lengths are read and moved by one writer at a time. */
  #writing: Promise<unknown> = Promise.resolve();

  constructor(dir: string) {
    this.#dir = join(dir, 'logs');
  }

  append(pieces: readonly LogPiece[]): Promise<readonly LogAck[]> {
    const acks = this.#writing.then(() => this.#append(pieces));
    this.#writing = acks.catch(() => undefined);
    return acks;
  }

  async read(attempt: string, offset: number, bytesMax: number): Promise<LogChunk> {
    const path = this.#pathOf(attempt);
    // Asked before the size: what is complete now cannot have grown by the time it is read.
    const complete = existsSync(`${path}.end`);
    return readLogFile(`${path}.log`, { offset, bytesMax, complete });
  }

  watch(attempt: string, changed: () => void): () => void {
    this.#changes.on(attempt, changed);
    return () => void this.#changes.off(attempt, changed);
  }

  async removeOlderThan(ageMs: number): Promise<number> {
    let count = 0;
    for (const folder of await readdir(this.#dir).catch(() => [])) {
      for (const name of await readdir(join(this.#dir, folder))) {
        const path = join(this.#dir, folder, name);
        const found = await stat(path).catch(() => null);
        if (!found || Date.now() - found.mtimeMs <= ageMs) continue;
        await rm(path, { force: true });
        if (name.endsWith('.log')) count += 1;
      }
    }
    return count;
  }

  async #append(pieces: readonly LogPiece[]): Promise<LogAck[]> {
    const byAttempt = new Map<string, LogPiece[]>();
    for (const piece of pieces) {
      const own = byAttempt.get(piece.attempt);
      if (own) own.push(piece);
      else byAttempt.set(piece.attempt, [piece]);
    }
    return Promise.all(Array.from(byAttempt, ([attempt, own]) => this.#appendTo(attempt, own)));
  }

  async #appendTo(attempt: string, pieces: readonly LogPiece[]): Promise<LogAck> {
    const path = this.#pathOf(attempt);
    if (existsSync(`${path}.end`)) {
      return { attempt, stored: (await stat(`${path}.log`)).size, complete: true };
    }
    if (pieces.every((piece) => piece.bytes.length === 0 && !piece.last)) {
      const found = await stat(`${path}.log`).catch(() => null);
      return { attempt, stored: found?.size ?? 0, complete: false };
    }
    await mkdir(dirname(path), { recursive: true, mode: 0o750 });
    const file = await open(`${path}.log`, 'a', 0o640);
    try {
      const { stored, complete } = await write(file, pieces);
      if (complete) await writeFile(`${path}.end`, '', { mode: 0o640, flush: true });
      this.#changes.emit(attempt);
      return { attempt, stored, complete };
    } finally {
      await file.close();
    }
  }

  #pathOf(attempt: string): string {
    const folder = createHash('sha256').update(attempt).digest('hex').slice(0, 2);
    return join(this.#dir, folder, attemptFileName(attempt));
  }
}

/** Adds what follows on, and sees it to the disk. */
async function write(file: FileHandle, pieces: readonly LogPiece[]) {
  const before = (await file.stat()).size;
  let stored = before;
  let complete = false;
  for (const { offset, bytes, last } of pieces) {
    if (offset > stored || complete) continue;
    const rest = bytes.subarray(Math.min(bytes.length, stored - offset));
    if (rest.length > 0) await file.appendFile(rest);
    stored += rest.length;
    complete = last && offset + bytes.length === stored;
  }
  if (stored > before) await file.datasync();
  return { stored, complete };
}
