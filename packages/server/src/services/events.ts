/**
 * The event stream, read from the stored events by cursor: nothing that must be told is only in memory. The
 * engine's own event is no more than a wake-up.
 */
import type { EventCursor, StoredEvent } from '@hera/core';
import type { Engine } from './engine.js';

/** What a stream carries. `idle` is sent now and then, so that both ends see that it is alive. */
export type FeedItem =
  | { readonly type: 'hello' | 'resync'; readonly cursor: EventCursor }
  | { readonly type: 'event'; readonly stored: StoredEvent }
  | { readonly type: 'idle' };

const BATCH = 500;
/** How long a stream is silent before it says that it is alive. */
const IDLE_MS = 15_000;
/** Pause after the store could not be read. */
const RETRY_MS = 1_000;
/** Beyond every event of a commit. */
const INDEX_LAST = 1_000_000_000;

export class EventService {
  readonly #engine: Engine;
  readonly #waiting = new Set<() => void>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Tells all streams that there may be more. */
  wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resume of waiting) resume();
  }

  /** Place after the newest event. */
  async newest(): Promise<EventCursor> {
    const lease = await this.#engine.store.readLease();
    return { commitNo: lease?.commitNo ?? 0, index: INDEX_LAST };
  }

  /** Everything after `after`, or from now on; ends when `signal` aborts. */
  async *follow(after: EventCursor | null, signal: AbortSignal): AsyncGenerator<FeedItem, void, void> {
    let cursor = after ?? (await this.newest());
    yield { type: 'hello', cursor };
    while (!signal.aborted) {
      const wakeUp = this.#wait(IDLE_MS, signal);
      const read = await this.#read(cursor);
      if (read === null) {
        await this.#wait(RETRY_MS, signal);
        continue;
      }
      if (read.resync) yield { type: 'resync', cursor: read.cursor };
      for (const stored of read.events) yield { type: 'event', stored };
      cursor = read.cursor;
      if (read.events.length === 0 && !(await wakeUp)) yield { type: 'idle' };
    }
  }

  /** Null while the store cannot be read: the stream stays and goes on where it was. */
  async #read(after: EventCursor) {
    try {
      const read = await this.#engine.queries.events(after, BATCH);
      // Without events the cursor stays: an empty answer may not know more than the question.
      return read.events.length === 0 && !read.resync ? { ...read, cursor: after } : read;
    } catch {
      return null;
    }
  }

  /** Resolves with true when woken, with false after the time or when `signal` aborts. */
  #wait(ms: number, signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (isWoken: boolean) => {
        clearTimeout(timer);
        this.#waiting.delete(woken);
        signal.removeEventListener('abort', aborted);
        resolve(isWoken);
      };
      const woken = () => end(true);
      const aborted = () => end(false);
      const timer = setTimeout(aborted, ms);
      this.#waiting.add(woken);
      signal.addEventListener('abort', aborted, { once: true });
    });
  }
}
