/** A source over an estate in memory, for tests, demos and pages without a server. */
import type { LogPiece, Page } from '@hera/api';
import type { LogPlace, PageQuery, Source, SourceChange } from '../source.js';
import type { StaticEstate } from './fixtures/example-estate.js';

/** A source whose changes are made by its owner. */
export interface StaticSource extends Source {
  /** Replaces the estate and tells the elements. */
  replace(estate: StaticEstate): void;
  /** Tells the elements of a change. */
  tell(change: SourceChange): void;
  /** Adds to the log of an attempt; `isEnd` closes it. */
  write(attempt: string, text: string, isEnd?: boolean): void;
}

/** What a static source refuses with; has a code as the errors of a server do. */
export class StaticSourceError extends Error {
  override readonly name = 'StaticSourceError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

const encoder = new TextEncoder();

/** A source that answers from the estate. */
export function createStaticSource(initial: StaticEstate): StaticSource {
  let estate = initial;
  const listeners = new Set<(change: SourceChange) => void>();
  const logs = new StaticLogs(initial);
  const tell = (change: SourceChange) => {
    for (const listener of [...listeners]) listener(change);
  };
  const started = (run: string) => ({
    run,
    generation: (estate.details.get(run)?.generations.length ?? 0) + 1,
  });
  return {
    now: () => Promise.resolve(estate.now),
    jobs: (page) => Promise.resolve(pageOf(estate.jobs, page)),
    runs: (query, page) => {
      const runs = estate.runs.filter(
        (run) =>
          (query.job === undefined || run.job === query.job) &&
          (query.phases === undefined || query.phases.includes(run.phase)) &&
          run.slot.instant >= (query.from ?? -Infinity) &&
          run.slot.instant <= (query.to ?? Infinity),
      );
      return Promise.resolve(pageOf(runs, page));
    },
    run: async (id) => found(estate.details.get(id), 'RUN_NOT_FOUND', `There is no run ${id}.`),
    why: (id) => Promise.resolve(estate.blockers.get(id) ?? []),
    graph: () => Promise.resolve(estate.graph),
    upcoming: (job, count) =>
      Promise.resolve(estate.now.upcoming.filter((slot) => slot.job === job).slice(0, count)),
    log: (attempt, place, signal) => logs.read(attempt, place, signal),
    runJob: async (job) => {
      const run = estate.runs.find((other) => other.job === job);
      return started(found(run, 'JOB_NOT_FOUND', `There is no job ${job}.`).id);
    },
    resume: async (run) => started(run),
    cancel: () => Promise.resolve(),
    signIn: async (token) => {
      if (token !== 'demo') throw new StaticSourceError('UNAUTHENTICATED', 'The token is not known.');
      return { actor: 'demo', role: 'operator', expiresAt: estate.now.at };
    },
    subscribe: (listener) => {
      listeners.add(listener);
      listener({ type: 'state', state: 'live' });
      return () => void listeners.delete(listener);
    },
    tell,
    replace: (next) => {
      estate = next;
      tell({ type: 'resync' });
    },
    write: (attempt, text, isEnd = false) => logs.write(attempt, text, isEnd),
  };
}

function pageOf<Item>(items: readonly Item[], { limit = 100, after }: PageQuery): Page<Item> {
  const from = after === undefined ? 0 : Number(after);
  const to = from + limit;
  return { items: items.slice(from, to), next: to < items.length ? String(to) : null };
}

function found<Value>(value: Value | undefined, code: string, message: string): Value {
  if (value === undefined) throw new StaticSourceError(code, message);
  return value;
}

/** Logs as bytes, and who waits for more of them. */
class StaticLogs {
  readonly #logs: Map<string, Uint8Array>;
  readonly #growing: Set<string>;
  readonly #waiting = new Set<() => void>();

  constructor(estate: StaticEstate) {
    this.#logs = new Map([...estate.logs].map(([attempt, text]) => [attempt, encoder.encode(text)]));
    this.#growing = new Set(estate.growing);
  }

  async read(attempt: string, place: LogPlace, signal?: AbortSignal): Promise<LogPiece> {
    const { offset, limit, waitMs } = place;
    const startIn = (size: number) => (offset < 0 ? Math.max(0, size + offset) : offset);
    const size = this.#bytes(attempt).length;
    if (waitMs > 0 && this.#growing.has(attempt) && startIn(size) >= size) await this.#nextWrite(signal);
    const bytes = this.#bytes(attempt);
    const start = startIn(bytes.length);
    return {
      offset: start,
      bytes: bytes.slice(start, start + limit),
      size: bytes.length,
      complete: !this.#growing.has(attempt),
    };
  }

  write(attempt: string, text: string, isEnd: boolean): void {
    const before = this.#logs.get(attempt) ?? new Uint8Array();
    const added = encoder.encode(text);
    const after = new Uint8Array(before.length + added.length);
    after.set(before);
    after.set(added, before.length);
    this.#logs.set(attempt, after);
    if (isEnd) this.#growing.delete(attempt);
    for (const wake of [...this.#waiting]) wake();
  }

  #bytes(attempt: string): Uint8Array {
    return found(this.#logs.get(attempt), 'LOG_NOT_FOUND', `There is no log of ${attempt}.`);
  }

  /** Resolves with the next write to any log, or when the signal aborts. */
  #nextWrite(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#waiting.delete(wake);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal?.addEventListener('abort', wake);
    });
  }
}
