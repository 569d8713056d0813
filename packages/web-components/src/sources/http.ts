/** A source over the HTTP API. All elements of a page share one event stream, open while somebody listens. */
import type { Client } from '@hera/api';
import { createClient } from '@hera/api';
import type { Source, SourceChange } from '../source.js';
import { codeOf } from '../source.js';

/** Where the server is. */
export interface HttpSourceOptions {
  /** `https://hera.example.com`; the empty text is the page's own origin. Default that. */
  readonly baseUrl?: string;
  /** Token of an embedding; without one the session's cookie counts. */
  readonly token?: () => string | undefined;
  readonly fetch?: typeof fetch;
}

/** A source over the HTTP API of a server. */
export function createHttpSource(options: HttpSourceOptions = {}): Source {
  const client = createClient({ ...options, baseUrl: options.baseUrl ?? '' });
  const fan = new StreamFan(client);
  /** Any call may be the first to learn that the session has ended. */
  const watched = async <Value>(answer: Promise<Value>): Promise<Value> => {
    try {
      return await answer;
    } catch (error) {
      if (codeOf(error) === 'UNAUTHENTICATED') fan.tell({ type: 'signedOut' });
      throw error;
    }
  };
  return {
    now: (signal) => watched(client.getNow({}, callOf(signal))),
    jobs: (page, signal) => watched(client.listJobs({ query: page }, callOf(signal))),
    runs: ({ phases, ...query }, page, signal) =>
      watched(
        client.listRuns({ query: { ...query, ...page, ...(phases && { phase: phases }) } }, callOf(signal)),
      ),
    run: (run, signal) => watched(client.getRun({ params: { run } }, callOf(signal))),
    why: async (run, signal) => (await watched(client.getWhy({ params: { run } }, callOf(signal)))).blockers,
    graph: (signal) => watched(client.getGraph({}, callOf(signal))),
    upcoming: async (job, count, signal) =>
      (await watched(client.getUpcoming({ params: { job }, query: { count } }, callOf(signal)))).items,
    log: (attempt, place, signal) =>
      watched(client.readLog({ params: { attempt }, query: place }, callOf(signal))),
    runJob: (job) => watched(client.runJob({ params: { job }, body: {} })),
    resume: (run) => watched(client.resumeRun({ params: { run }, body: {} })),
    cancel: async (run) => void (await watched(client.cancelRun({ params: { run }, body: {} }))),
    signIn: (token) => client.createSession({ body: { token } }),
    subscribe: (listener) => fan.subscribe(listener),
  };
}

const callOf = (signal: AbortSignal | undefined) => (signal ? { signal } : {});

/** One stream for any number of listeners. */
class StreamFan {
  readonly #client: Client;
  readonly #listeners = new Set<(change: SourceChange) => void>();
  #abort: AbortController | undefined;
  #state: 'live' | 'waiting' = 'waiting';

  constructor(client: Client) {
    this.#client = client;
  }

  subscribe(listener: (change: SourceChange) => void): () => void {
    this.#listeners.add(listener);
    listener({ type: 'state', state: this.#state });
    if (!this.#abort) void this.#read();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#close();
    };
  }

  tell(change: SourceChange): void {
    if (change.type === 'state') this.#state = change.state;
    for (const listener of [...this.#listeners]) listener(change);
  }

  #close(): void {
    this.#abort?.abort();
    this.#abort = undefined;
  }

  async #read(): Promise<void> {
    const abort = new AbortController();
    this.#abort = abort;
    let isFirst = true;
    try {
      const stream = this.#client.streamEvents({
        signal: abort.signal,
        onState: (state) => this.tell({ type: 'state', state }),
      });
      for await (const item of stream) {
        if (item.type === 'event') this.tell({ type: 'event', event: item.stored.event });
        // What was read before the stream began may already be old by now.
        else if (item.type === 'resync' || isFirst) this.tell({ type: 'resync' });
        isFirst = false;
      }
    } catch (error) {
      if (codeOf(error) === 'UNAUTHENTICATED') this.tell({ type: 'signedOut' });
      this.tell({ type: 'state', state: 'waiting' });
    } finally {
      if (this.#abort === abort) this.#abort = undefined;
    }
  }
}
