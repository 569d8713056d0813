/**
 * Requests that other servers left in the store for the leader. They are looked for when somebody says that
 * there are some, and every so often where there may be other servers at all.
 */
import type { Clock } from '../ports/clock.js';
import type { Observer } from '../ports/observer.js';
import type { Store } from '../ports/store.js';
import { UNTIMED } from './mailbox.js';
import type { Mailbox } from './mailbox.js';
import type { Requests } from './requests.js';

export interface CommandWatchOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly observer: Observer;
  readonly mailbox: Mailbox;
  readonly requests: Requests;
  /** Ms between two looks; undefined is only when nudged. */
  readonly everyMs: number | undefined;
}

const COMMANDS_MAX = 1_000;

/** The look-out of a leader; started and stopped with each leadership. */
export class CommandWatch {
  readonly #options: CommandWatchOptions;
  #term = 0;
  #cancel: (() => void) | null = null;
  #isOn = false;

  constructor(options: CommandWatchOptions) {
    this.#options = options;
  }

  start(): void {
    this.#isOn = true;
    this.#term += 1;
    if (this.#options.everyMs !== undefined) void this.#lookAgain(this.#options.everyMs);
  }

  stop(): void {
    this.#isOn = false;
    this.#term += 1;
    this.#cancel?.();
  }

  /** Looks now. Never rejects. */
  async look(): Promise<void> {
    if (!this.#isOn) return;
    const { store, mailbox, requests, observer } = this.#options;
    const term = this.#term;
    try {
      const commands = await store.commands(COMMANDS_MAX);
      if (term !== this.#term) return;
      for (const command of commands) {
        if (mailbox.isFull) break;
        const taken = requests.take(command);
        if (!taken) continue;
        const { request, asked } = taken;
        mailbox.postRequest({ type: 'request', at: UNTIMED, request, ...asked });
      }
      if (requests.hasUnreadable) mailbox.post({ type: 'time.passed', at: UNTIMED });
    } catch (error) {
      observer.log('warn', 'requests of other servers have to wait', { error: String(error) });
    }
  }

  async #lookAgain(everyMs: number): Promise<void> {
    const term = this.#term;
    await this.look();
    if (term !== this.#term) return;
    this.#cancel = this.#options.clock.wakeAfter(everyMs, () => void this.#lookAgain(everyMs));
  }
}
