/**
 * Keeps an installation going. When its engine ends by itself, because its disk or database has failed, the
 * pages stay, say what is wrong, and the engine is started again until it can work.
 */
import type { Hera, LogStore, Observer, Queries, Store } from '@hera/core';
import type { LocalEngine } from './local-engine.js';
import type { Engine } from './services/engine.js';

/** Pause between two tries to start. */
const RESTART_MS = 5_000;

export class Supervisor implements Engine {
  readonly #start: () => Promise<LocalEngine>;
  readonly #log: Observer;
  readonly #onEvent: () => void;
  #engine: LocalEngine;
  #isLeading = true;
  #trouble: string | null = null;
  #restart: NodeJS.Timeout | undefined;
  #isStopped = false;

  private constructor(
    first: LocalEngine,
    options: {
      readonly start: () => Promise<LocalEngine>;
      readonly log: Observer;
      readonly onEvent: () => void;
    },
  ) {
    this.#engine = first;
    this.#start = options.start;
    this.#log = options.log;
    this.#onEvent = options.onEvent;
    this.#watch(first);
  }

  /**
   * Starts for the first time; what is wrong then is the caller's to tell. `onEvent` is called after each
   * event.
   */
  static async start(options: {
    readonly start: () => Promise<LocalEngine>;
    readonly log: Observer;
    readonly onEvent: () => void;
  }): Promise<Supervisor> {
    return new Supervisor(await options.start(), options);
  }

  get hera(): Hera | null {
    return this.#isLeading ? this.#engine.hera : null;
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

  get trouble(): string | null {
    return this.#trouble;
  }

  /** Ends the engine; attempts go on and are found again by the next start. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#restart);
    await this.#engine.stop({ kill: false });
  }

  #watch(engine: LocalEngine): void {
    engine.hera.on('event', this.#onEvent);
    engine.hera.closed.catch((error: unknown) => {
      if (this.#isStopped || engine !== this.#engine) return;
      this.#isLeading = false;
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
      this.#isLeading = true;
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
