/**
 * Logs of attempts, read where the attempts write them. Nobody touches their bytes unless somebody reads or
 * watches: ten thousand lines a second cost their reader nothing as long as there is none.
 */
import { existsSync, watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogChunk, LogStore } from '@hera/core';
import { findAttemptDirectory } from './attempt-dir.js';
import { readLogFile } from './read-log-file.js';

/** Where attempts live. */
export interface FileLogStoreOptions {
  /** The home of the worker that writes them. */
  readonly dir: string;
}

/** A file that changes all the time is announced this often; one whose changes nobody tells is looked at. */
const ANNOUNCE_MS = 100;
const LOOK_MS = 2_000;
const DIRECTORIES_MAX = 1_000;
const NOTHING = new Uint8Array(0);

/** Reads the logs below a worker's home; an attempt without a log has an empty one. */
export function createFileLogStore({ dir }: FileLogStoreOptions): LogStore {
  const directories = new DirectoryCache(dir);
  return {
    read: (attempt, offset, bytesMax) => readLog(directories.find(attempt), offset, bytesMax),
    watch: (attempt, changed) => new LogWatch(() => directories.find(attempt), changed).stop,
  };
}

async function readLog(directory: string | null, offset: number, bytesMax: number): Promise<LogChunk> {
  if (directory === null) return { offset, bytes: NOTHING, size: 0, complete: false };
  // Asked before the size: what is complete now cannot have grown by the time it is read.
  const complete = existsSync(join(directory, 'exit'));
  return readLogFile(join(directory, 'output.log'), { offset, bytesMax, complete });
}

/** Attempts never move, so what was found once is right as long as it is kept. */
class DirectoryCache {
  readonly #home: string;
  readonly #found = new Map<string, string>();

  constructor(home: string) {
    this.#home = home;
  }

  find(attempt: string): string | null {
    const known = this.#found.get(attempt);
    if (known !== undefined) return known;
    const directory = findAttemptDirectory(this.#home, attempt);
    if (directory === null) return null;
    if (this.#found.size >= DIRECTORIES_MAX) this.#found.clear();
    this.#found.set(attempt, directory);
    return directory;
  }
}

/** One watcher of one log: told by the file system where it can, and by looking now and then in any case. */
class LogWatch {
  readonly #find: () => string | null;
  readonly #changed: () => void;
  #close: (() => void) | null = null;
  #soon: NodeJS.Timeout | null = null;
  #size = -1;
  #isComplete = false;
  readonly #look: NodeJS.Timeout;

  constructor(find: () => string | null, changed: () => void) {
    this.#find = find;
    this.#changed = changed;
    this.#look = setInterval(() => void this.#check(), LOOK_MS);
    this.#look.unref();
    this.#attach();
    void this.#check();
  }

  readonly stop = (): void => {
    clearInterval(this.#look);
    if (this.#soon) clearTimeout(this.#soon);
    this.#soon = null;
    this.#close?.();
    this.#close = null;
    this.#isComplete = true;
  };

  #attach(): void {
    const directory = this.#close ? null : this.#find();
    if (directory === null) return;
    try {
      // The directory, not the log: it also tells of the exit record.
      const watcher = watch(directory, { persistent: false }, () => {
        this.#soon ??= setTimeout(() => {
          this.#soon = null;
          void this.#check();
        }, ANNOUNCE_MS).unref();
      });
      watcher.on('error', () => watcher.close());
      this.#close = () => watcher.close();
    } catch {
      // Too many watches on this host: looking now and then is left.
    }
  }

  async #check(): Promise<void> {
    this.#attach();
    const directory = this.#find();
    if (directory === null || this.#isComplete) return;
    const isComplete = existsSync(join(directory, 'exit'));
    const size = await stat(join(directory, 'output.log')).then(
      (found) => found.size,
      () => 0,
    );
    if (this.#isComplete || (size === this.#size && !isComplete)) return;
    this.#size = size;
    if (isComplete) this.stop();
    this.#changed();
  }
}
