/**
 * A journal that lasts as long as its object: for workers inside the process of their scheduler, and for the
 * simulator, where it plays the disk that survives the crash of a worker.
 */
import type { Journal, JournalEnd, JournalState } from '../ports/executor.js';

/** Tombstones are kept for an order of that age, not for seven days: a process keeps nothing on disk. */
const TOMBSTONES_MAX = 10_000;

const DONE = Promise.resolve();

/** Makes an empty journal: session 0, epoch 0. */
export function createMemoryJournal(): Journal {
  return new MemoryJournal();
}

class MemoryJournal implements Journal {
  #session = 0;
  #epoch = 0;
  readonly #open = new Map<string, JournalEnd | null>();
  #tombstones: string[] = [];

  load(): Promise<JournalState> {
    return Promise.resolve({
      session: this.#session,
      epoch: this.#epoch,
      open: Array.from(this.#open, ([attempt, ended]) => ({ attempt, ended })),
      tombstones: [...new Set(this.#tombstones.slice(-TOMBSTONES_MAX))],
    });
  }

  setSession(session: number, epoch: number): Promise<void> {
    this.#session = session;
    this.#epoch = epoch;
    return DONE;
  }

  accept(attempts: readonly string[]): Promise<void> {
    for (const attempt of attempts) this.#open.set(attempt, null);
    return DONE;
  }

  end(ends: readonly JournalEnd[]): Promise<void> {
    for (const end of ends) this.#open.set(end.attempt, end);
    return DONE;
  }

  forget(attempts: readonly string[]): Promise<void> {
    for (const attempt of attempts) {
      this.#open.delete(attempt);
      this.#tombstones.push(attempt);
    }
    if (this.#tombstones.length > 2 * TOMBSTONES_MAX) {
      this.#tombstones = this.#tombstones.slice(-TOMBSTONES_MAX);
    }
    return DONE;
  }
}
