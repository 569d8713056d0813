/**
 * Where messages of workers come in. Whoever stands by answers nothing, but remembers who is connected: a new
 * leader hears their hellos at once, and not when they next happen to speak.
 */
import type { Observer } from '../ports/observer.js';
import type { SchedulerListener } from '../ports/transport.js';
import type { WorkerMessage } from '../protocol/messages.js';
import { UNTIMED } from './mailbox.js';
import type { Mailbox } from './mailbox.js';

/** Hellos remembered at most; workers beyond it are heard when they speak again. */
const HELLOS_MAX = 10_000;

/** Passes messages on while this process leads. */
export class WorkerInbox implements SchedulerListener {
  readonly #mailbox: Mailbox;
  readonly #observer: Observer;
  readonly #hellos = new Map<string, WorkerMessage>();
  #isOpen = false;

  constructor(mailbox: Mailbox, observer: Observer) {
    this.#mailbox = mailbox;
    this.#observer = observer;
  }

  /** Leadership begins. */
  open(): void {
    this.#isOpen = true;
    for (const [worker, hello] of this.#hellos) this.#post(worker, hello);
  }

  /** Leadership is over. */
  close(): void {
    this.#isOpen = false;
  }

  onMessage(worker: string, message: WorkerMessage): void {
    if (message.type === 'hello' && this.#hellos.size < HELLOS_MAX) this.#hellos.set(worker, message);
    else if (message.type === 'bye') this.#hellos.delete(worker);
    if (this.#isOpen) this.#post(worker, message);
  }

  onDisconnect(worker: string): void {
    this.#hellos.delete(worker);
    if (this.#isOpen) this.#mailbox.post({ type: 'worker.disconnected', at: UNTIMED, worker });
  }

  #post(worker: string, message: WorkerMessage): void {
    const isTaken = this.#mailbox.postMessage({ type: 'worker.said', at: UNTIMED, worker, message });
    if (!isTaken) this.#observer.log('warn', 'overloaded: a message of a worker was refused', { worker });
  }
}
