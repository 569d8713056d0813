/**
 * Keeps an installation going. When its engine ends by itself, because its disk or database has failed, the
 * pages stay, say what is wrong, and the engine is started again until it can work.
 */
import type { Hera, LogStore, Observer, Queries, Store } from '@hera/core';
import type { LocalEngine } from './local-engine.js';
import type { Engine, Enrollment } from './services/engine.js';

/** Pause between two tries to start. */
const RESTART_MS = 5_000;
/** How late a follower hears of what another server did. */
const LOOK_MS = 1_000;

export class Supervisor implements Engine {
  readonly #start: () => Promise<LocalEngine>;
  readonly #log: Observer;
  readonly #wakers = new Set<() => void>();
  #engine: LocalEngine;
  #isWorking = true;
  #trouble: string | null = null;
  #restart: NodeJS.Timeout | undefined;
  #isStopped = false;

  private constructor(
    first: LocalEngine,
    options: {
      readonly start: () => Promise<LocalEngine>;
      readonly log: Observer;
    },
  ) {
    this.#engine = first;
    this.#start = options.start;
    this.#log = options.log;
    this.#watch(first);
  }

  /** Starts for the first time; what is wrong then is the caller's to tell. */
  static async start(options: {
    readonly start: () => Promise<LocalEngine>;
    readonly log: Observer;
  }): Promise<Supervisor> {
    return new Supervisor(await options.start(), options);
  }

  get hera(): Hera | null {
    return this.#isWorking ? this.#engine.hera : null;
  }

  get store(): Store {
    return this.#engine.store;
  }

  get queries(): Queries {
    return this.#engine.store;
  }

  get logs(): LogStore {
    return this.#engine.logs;
  }

  get enrollment(): Enrollment | null {
    return this.#engine.enrollment ?? null;
  }

  get trouble(): string | null {
    return this.#trouble;
  }

  /** Ends the engine; attempts go on and are found again by the next start. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#restart);
    await this.#engine.stop({ kill: false });
  }

  /**
   * Calls when there may be new events: at once where they come about here, every second where another server
   * leads. The returned function ends it.
   */
  onWake(waker: () => void): () => void {
    this.#wakers.add(waker);
    const looks = setInterval(() => {
      if (!this.#engine.hera.leads) waker();
    }, LOOK_MS).unref();
    return () => {
      clearInterval(looks);
      this.#wakers.delete(waker);
    };
  }

  #wake(): void {
    for (const waker of this.#wakers) waker();
  }

  #watch(engine: LocalEngine): void {
    engine.hera.on('event', () => this.#wake());
    engine.hera.closed.catch((error: unknown) => {
      if (this.#isStopped || engine !== this.#engine) return;
      this.#isWorking = false;
      this.#trouble = `the scheduler has stopped: ${error instanceof Error ? error.message : String(error)}`;
      this.#log.log('error', this.#trouble);
      void this.#replace(engine);
    });
  }

  async #replace(broken: LocalEngine): Promise<void> {
    try {
      await broken.stop({ kill: false });
    } catch (error) {
      this.#log.log('warn', 'the broken engine did not stop cleanly', { error: String(error) });
    }
    await this.#tryAgain();
  }

  async #tryAgain(): Promise<void> {
    if (this.#isStopped) return;
    try {
      this.#engine = await this.#start();
      this.#isWorking = true;
      this.#trouble = null;
      this.#log.log('info', 'the scheduler works again');
      this.#watch(this.#engine);
      if (this.#isStopped) await this.#engine.stop({ kill: false });
    } catch (error) {
      this.#trouble = `the scheduler cannot start: ${error instanceof Error ? error.message : String(error)}`;
      this.#log.log('error', this.#trouble);
      this.#restart = setTimeout(() => void this.#tryAgain(), RESTART_MS);
    }
  }
}
