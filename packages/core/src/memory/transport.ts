/**
 * Scheduler and workers in one process. Messages are delivered in order, in a microtask of their own: a
 * listener is never called from inside a `send`, and what one turn sends arrives together. They are passed
 * by reference; both sides treat them as immutable.
 */
import type {
  SchedulerListener,
  SchedulerTransport,
  WorkerListener,
  WorkerTransport,
} from '../ports/transport.js';
import type { SchedulerMessage, WorkerMessage } from '../protocol/messages.js';

/** Messages under way in one direction of one connection; what comes beyond is dropped. */
const QUEUE_MAX = 10_000;

/** The scheduler's end, and a worker's end for each name. */
export interface MemoryTransport extends SchedulerTransport {
  /** The end of the worker of that name. A second one of the same name takes its place. */
  connect(name: string): WorkerTransport;
}

/** Makes a pair; workers that connect before `listen` are connected by it. */
export function createMemoryTransport(): MemoryTransport {
  return new MemoryHub();
}

class MemoryHub implements MemoryTransport {
  readonly #links = new Map<string, MemoryLink>();
  #listener: SchedulerListener | null = null;

  get listener(): SchedulerListener | null {
    return this.#listener;
  }

  listen(listener: SchedulerListener): Promise<void> {
    this.#listener = listener;
    for (const link of this.#links.values()) link.open();
    return Promise.resolve();
  }

  send(worker: string, messages: readonly SchedulerMessage[]): void {
    if (this.#listener) this.#links.get(worker)?.toWorker(messages);
  }

  close(): Promise<void> {
    this.#listener = null;
    for (const link of this.#links.values()) link.lost();
    return Promise.resolve();
  }

  connect(name: string): WorkerTransport {
    return new MemoryLink(this, name);
  }

  /** The link is ready; it replaces an older one of its name. */
  join(link: MemoryLink): void {
    this.#links.get(link.name)?.lost();
    this.#links.set(link.name, link);
    if (this.#listener) link.open();
  }

  leave(link: MemoryLink): void {
    if (this.#links.get(link.name) !== link) return;
    this.#links.delete(link.name);
    const listener = this.#listener;
    void Promise.resolve().then(() => {
      if (listener === this.#listener) listener?.onDisconnect(link.name);
    });
  }
}

class MemoryLink implements WorkerTransport {
  readonly name: string;
  readonly #hub: MemoryHub;
  #listener: WorkerListener | null = null;
  #isOpen = false;
  #toWorker: SchedulerMessage[] = [];
  #toScheduler: WorkerMessage[] = [];
  #isFlushing = false;

  constructor(hub: MemoryHub, name: string) {
    this.#hub = hub;
    this.name = name;
  }

  connect(listener: WorkerListener): Promise<void> {
    this.#listener = listener;
    this.#hub.join(this);
    return Promise.resolve();
  }

  send(messages: readonly WorkerMessage[]): void {
    if (!this.#isOpen) return;
    if (this.#toScheduler.length < QUEUE_MAX) this.#toScheduler.push(...messages);
    this.#flushSoon();
  }

  close(): Promise<void> {
    this.#listener = null;
    // What was sent before is still delivered.
    return Promise.resolve()
      .then(() => this.#flush())
      .then(() => {
        this.#isOpen = false;
        this.#hub.leave(this);
      });
  }

  toWorker(messages: readonly SchedulerMessage[]): void {
    if (!this.#isOpen) return;
    if (this.#toWorker.length < QUEUE_MAX) this.#toWorker.push(...messages);
    this.#flushSoon();
  }

  open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    void Promise.resolve().then(() => this.#listener?.onConnect());
  }

  lost(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#toWorker = [];
    this.#toScheduler = [];
    void Promise.resolve().then(() => this.#listener?.onDisconnect());
  }

  #flushSoon(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    void Promise.resolve().then(() => this.#flush());
  }

  #flush(): void {
    this.#isFlushing = false;
    const { listener } = this.#hub;
    const toScheduler = this.#toScheduler;
    const toWorker = this.#toWorker;
    this.#toScheduler = [];
    this.#toWorker = [];
    for (const message of toScheduler) listener?.onMessage(this.name, message);
    for (const message of toWorker) this.#listener?.onMessage(message);
  }
}
