/** Output of attempts by byte offset, with a wait for what is not there yet. */
import type { LogChunk } from '@hera/core';
import { SchedulerError, parseRunText, runText } from '@hera/core';
import type { Engine } from './engine.js';

/** Which bytes, and how long to wait for them. */
export interface LogRequest {
  readonly attempt: string;
  /** Negative counts from the end. */
  readonly offset: number;
  readonly limit: number;
  readonly waitMs: number;
  /** Ends the wait early. */
  readonly signal?: AbortSignal;
}

export class LogService {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /**
   * RUN_NOT_FOUND when there is no such run or attempt. An attempt that has printed nothing has an empty
   * log.
   */
  async read(request: LogRequest): Promise<LogChunk> {
    await this.#check(request.attempt);
    const first = await this.#readAt(request);
    if (first.bytes.byteLength > 0 || first.complete || request.waitMs === 0) return first;
    await this.#change(request, first);
    return this.#readAt({ ...request, offset: first.offset });
  }

  async #check(attempt: string): Promise<void> {
    const ref = parseRunText(attempt);
    const run = ref === null ? attempt : runText(ref.job, ref.slotKey);
    const detail = ref?.attempt === undefined ? undefined : await this.#engine.queries.run(run);
    if (detail?.attemptList.some(({ n }) => n === ref?.attempt)) return;
    throw new SchedulerError('RUN_NOT_FOUND', `no attempt "${attempt}"`, { run });
  }

  async #readAt({ attempt, offset, limit }: LogRequest): Promise<LogChunk> {
    const { logs } = this.#engine;
    if (offset >= 0) return logs.read(attempt, offset, limit);
    const { size } = await logs.read(attempt, 0, 1);
    return logs.read(attempt, Math.max(0, size + offset), limit);
  }

  /** Resolves when bytes may have come since `seen`, when the time is over, or when nobody waits any more. */
  async #change({ attempt, waitMs, signal }: LogRequest, seen: LogChunk): Promise<void> {
    let stop = () => {};
    const changed = new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, waitMs);
      const unwatch = this.#engine.logs.watch(attempt, resolve);
      signal?.addEventListener('abort', () => resolve(), { once: true });
      stop = () => {
        clearTimeout(timer);
        unwatch();
      };
    });
    try {
      // What came between the read and the watch would otherwise be seen only when the time is over.
      const now = await this.#engine.logs.read(attempt, seen.offset, 1);
      if (now.size > seen.size || now.complete) return;
      await changed;
    } finally {
      stop();
    }
  }
}
