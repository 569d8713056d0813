/**
 * What has happened and was not yet stepped: a bounded queue between the world and the leader loop. Requests
 * beyond its bound are refused, so that their senders wait; what the engine told itself is never refused; a
 * newer pulse of a worker takes the place of an older one, since each lists the worker's whole journal.
 * Events get their time when they are taken: kernel time never goes back, and only the leader knows it.
 */
import { SchedulerError } from '../model/errors.js';
import type { Instant } from '../model/ids.js';
import type { KernelEvent } from '../kernel/index.js';

type RequestEvent = Extract<KernelEvent, { type: 'request' }>;
type WorkerEvent = Extract<KernelEvent, { type: 'worker.said' }>;
type OwnEvent = Exclude<KernelEvent, { type: 'request' | 'worker.said' }>;

export interface MailboxOptions {
  /** Requests that may wait; further ones are refused with `OVERLOADED`. Default 100,000. */
  readonly requestsMax?: number;
  /** Messages of workers that may wait; further ones are refused. Default 100,000. */
  readonly messagesMax?: number;
}

/** What `at` of an event holds until it is taken. */
export const UNTIMED = 0 as Instant;

const REQUESTS_MAX = 100_000;
const MESSAGES_MAX = 100_000;
/** When to try again: a full queue is stepped in about this time. */
const RETRY_AFTER_MS = 1_000;
/** Places at the head of the queue that may be empty before the rest moves up. */
const EMPTY_MAX = 10_000;

/** The queue. It keeps the events it is given and sets their time; one leader loop takes from it. */
export class Mailbox {
  readonly #requestsMax: number;
  readonly #messagesMax: number;
  #queue: (KernelEvent | null)[] = [];
  #next = 0;
  #requests = 0;
  #messages = 0;
  #waiting = 0;
  /** The newest pulse of each worker, while it waits and its session goes on. */
  readonly #pulses = new Map<string, WorkerEvent>();
  #hasTime = false;
  #wake: (() => void) | null = null;

  constructor(options: MailboxOptions = {}) {
    this.#requestsMax = options.requestsMax ?? REQUESTS_MAX;
    this.#messagesMax = options.messagesMax ?? MESSAGES_MAX;
  }

  /** Events that wait. */
  get size(): number {
    return this.#waiting;
  }

  /** Whether the next request would be refused. */
  get isFull(): boolean {
    return this.#requests >= this.#requestsMax;
  }

  /** @throws SchedulerError `OVERLOADED` when as many requests as allowed wait. */
  postRequest(event: RequestEvent): void {
    if (this.isFull) {
      const message = `${this.#requests} requests wait, which is the most that may; try again later`;
      throw new SchedulerError('OVERLOADED', message, { retryAfterMs: RETRY_AFTER_MS });
    }
    this.#requests += 1;
    this.#push(event);
  }

  /** False when the message had to be refused; the worker says all of it again in its next pulse. */
  postMessage(event: WorkerEvent): boolean {
    const { worker, message } = event;
    if (message.type === 'pulse') this.#dropOlderPulse(worker, message.session);
    if (this.#messages >= this.#messagesMax) return false;
    this.#messages += 1;
    if (message.type === 'pulse') this.#pulses.set(worker, event);
    else if (message.type !== 'report') this.#pulses.delete(worker);
    this.#push(event);
    return true;
  }

  /** Facts of the engine itself; there are never more than it asked for. */
  post(event: OwnEvent): void {
    if (event.type === 'time.passed') {
      if (this.#hasTime) return;
      this.#hasTime = true;
    }
    if (event.type === 'worker.disconnected') this.#pulses.delete(event.worker);
    this.#push(event);
  }

  /** Resolves when something waits, or at the next nudge; for one caller. */
  filled(): Promise<void> {
    if (this.#waiting > 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  /** Lets `filled` resolve although nothing waits. */
  nudge(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }

  /**
   * Events in the order they came, all with the time `at`, until they are `max` by weight: a submission
   * weighs as much as it has jobs, news of a worker as much as it has entries, all else one.
   */
  take(at: Instant, max: number): KernelEvent[] {
    const batch: KernelEvent[] = [];
    for (let weight = 0; this.#next < this.#queue.length && weight < max;) {
      const event = this.#queue[this.#next];
      this.#next += 1;
      if (!event) continue;
      weight += weightOf(event);
      this.#uncount(event);
      (event as { at: Instant }).at = at;
      batch.push(event);
    }
    if (this.#next === this.#queue.length || this.#next > EMPTY_MAX) {
      this.#queue = this.#queue.slice(this.#next);
      this.#next = 0;
    }
    return batch;
  }

  /** Forgets everything but the requests that `keeps` accepts. */
  clear(keeps: (request: number) => boolean): void {
    const kept = this.#queue
      .slice(this.#next)
      .filter((event): event is RequestEvent => event?.type === 'request' && keeps(event.request));
    this.#queue = kept;
    this.#next = 0;
    this.#requests = kept.length;
    this.#waiting = kept.length;
    this.#messages = 0;
    this.#pulses.clear();
    this.#hasTime = false;
  }

  #push(event: KernelEvent): void {
    this.#queue.push(event);
    this.#waiting += 1;
    if (this.#wake) this.nudge();
  }

  #uncount(event: KernelEvent): void {
    this.#waiting -= 1;
    if (event.type === 'request') this.#requests -= 1;
    else if (event.type === 'time.passed') this.#hasTime = false;
    else if (event.type === 'worker.said') {
      this.#messages -= 1;
      if (this.#pulses.get(event.worker) === event) this.#pulses.delete(event.worker);
    }
  }

  /** Reports that came in between may say less than the newer pulse; like late news they change nothing. */
  #dropOlderPulse(worker: string, session: number): void {
    const older = this.#pulses.get(worker);
    if (older?.message.type !== 'pulse' || older.message.session !== session) return;
    this.#uncount(older);
    this.#queue[this.#queue.lastIndexOf(older)] = null;
  }
}

function weightOf(event: KernelEvent): number {
  if (event.type === 'request') return event.body.type === 'graph.submit' ? event.body.jobs.length : 1;
  if (event.type !== 'worker.said' || event.message.type !== 'report') return 1;
  return Math.max(1, event.message.entries.length);
}
