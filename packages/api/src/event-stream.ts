/**
 * The event stream as an async iterable that outlives its connections: after a loss it asks for what came
 * after the last frame it gave, with growing pauses, so that a reader sees every event once and in order.
 */
import { cursorText } from './cursor.js';
import { ClientError, errorOf, unreachable } from './client-error.js';
import type { Cursor, StoredEvent, StreamPlace } from './schemas/event.js';

import type { SseFrame } from './sse.js';
import { SseReader } from './sse.js';

/** What the stream gives. After `resync` the reader must read its state anew. */
export type StreamItem =
  | { readonly type: 'hello'; readonly cursor: Cursor }
  | { readonly type: 'event'; readonly stored: StoredEvent }
  | { readonly type: 'resync'; readonly cursor: Cursor };

/** `live`: connected; `waiting`: the connection was lost, and the next one is being tried or waited for. */
export type StreamState = 'live' | 'waiting';

/** How to open and how long to wait; the last three are for tests. */
export interface EventStreamOptions {
  readonly url: string;
  readonly fetch: typeof fetch;
  /** Read for each connection, so that a token may be renewed. */
  readonly headers?: () => HeadersInit;
  /** Give what came after it; default: from now on. */
  readonly after?: Cursor;
  readonly signal?: AbortSignal;
  readonly onState?: (state: StreamState) => void;
  /** Silence after which a connection is given up; the server says something every 15 s. Default 40,000. */
  readonly silenceMsMax?: number;
  readonly wait?: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
  readonly random?: () => number;
}

const BACKOFF_MS_MIN = 500;
const BACKOFF_MS_MAX = 30_000;
const SILENCE_MS_MAX = 40_000;

/**
 * Reads the stream until the signal aborts, then ends. Rejects with a `ClientError` when the server refuses
 * for good (signed out, not allowed); anything else is tried again, after 0.5 s doubling up to 30 s.
 */
export async function* readEvents(options: EventStreamOptions): AsyncGenerator<StreamItem, void, void> {
  const { signal, wait = pause, random = Math.random } = options;
  let place = options.after;
  let failures = 0;
  while (!signal?.aborted) {
    try {
      for await (const item of readConnection(options, place)) {
        failures = 0;
        yield item;
        place = item.type === 'event' ? item.stored.cursor : item.cursor;
      }
    } catch (error) {
      if (signal?.aborted) return;
      if (error instanceof ClientError && !error.isTransient) throw error;
    }
    if (signal?.aborted) return;
    options.onState?.('waiting');
    const ceiling = Math.min(BACKOFF_MS_MAX, BACKOFF_MS_MIN * 2 ** failures);
    failures += 1;
    // Half is fixed and half random: servers that come back are not met by all clients at once.
    await wait(ceiling / 2 + (ceiling / 2) * random(), signal);
  }
}

async function* readConnection(
  options: EventStreamOptions,
  place: Cursor | undefined,
): AsyncGenerator<StreamItem, void, void> {
  const silence = new SilenceGuard(options.silenceMsMax ?? SILENCE_MS_MAX, options.signal);
  try {
    const response = await connect(options, place, silence.signal);
    options.onState?.('live');
    if (response.body) yield* readBody(response.body, silence);
  } finally {
    silence.end();
  }
}

async function* readBody(
  body: ReadableStream<Uint8Array>,
  silence: SilenceGuard,
): AsyncGenerator<StreamItem, void, void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const frames = new SseReader();
  for (;;) {
    silence.heard();
    const { done, value } = await reader.read();
    if (done) return;
    for (const frame of frames.push(decoder.decode(value, { stream: true }))) {
      const item = itemOf(frame);
      if (item) yield item;
    }
  }
}

async function connect(options: EventStreamOptions, place: Cursor | undefined, signal: AbortSignal) {
  const headers = new Headers(options.headers?.());
  headers.set('accept', 'text/event-stream');
  if (place) headers.set('last-event-id', cursorText(place));
  const response = await options
    .fetch(options.url, { headers, signal, cache: 'no-store' })
    .catch((cause: unknown) => Promise.reject(unreachable(options.url, cause)));
  if (!response.ok) throw await errorOf(response);
  return response;
}

/** Null for a frame of a later version, which this reader does not know. */
function itemOf(frame: SseFrame): StreamItem | null {
  const data: unknown = JSON.parse(frame.data);
  if (typeof data !== 'object' || data === null || !('cursor' in data)) return null;
  if (frame.event === 'hello' || frame.event === 'resync') {
    return { type: frame.event, cursor: (data as StreamPlace).cursor };
  }
  return 'event' in data ? { type: 'event', stored: data as StoredEvent } : null;
}

/** Aborts a connection that says nothing for too long: half-open connections never end by themselves. */
class SilenceGuard {
  readonly #abort = new AbortController();
  readonly #limitMs: number;
  readonly #outer: AbortSignal | undefined;
  readonly #onOuterAbort = () => this.#abort.abort();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(limitMs: number, outer: AbortSignal | undefined) {
    this.#limitMs = limitMs;
    this.#outer = outer;
    if (outer?.aborted) this.#abort.abort();
    outer?.addEventListener('abort', this.#onOuterAbort);
    this.heard();
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  heard(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#abort.abort(), this.#limitMs);
  }

  /** Also closes the connection, when the reader has stopped before its end. */
  end(): void {
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener('abort', this.#onOuterAbort);
    this.#abort.abort();
  }
}

/** Resolves after the time, or at once when the signal aborts. */
function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    signal?.addEventListener('abort', finish);
  });
}
