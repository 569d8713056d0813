/**
 * Keeps what an element shows fresh: loads when the source or the question changes, loads again after events
 * that may have changed the answer, at most once a second, and keeps the last answer when that fails.
 */
import type { HeraEvent } from '@hera/api';
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import type { Source } from './source.js';
import { codeOf } from './source.js';

/** How an element asks. */
export interface LoaderOptions<Value> {
  readonly source: () => Source | undefined;
  /** What the answer depends on, besides the source; a new text means a new question. */
  readonly question: () => string;
  readonly load: (source: Source, signal: AbortSignal) => Promise<Value>;
  /** Whether the event may have changed the answer in a way that only a new load shows. */
  readonly concerns: (event: HeraEvent) => boolean;
  /** The answer after the event, where that needs no load; the same object when nothing changes. */
  readonly apply?: (value: Value, event: HeraEvent) => Value;
}

/** A burst of events is answered by one load after this long. */
const GATHER_MS = 120;
/** Least time between two loads. */
const INTERVAL_MS = 1000;
/** Time until a load that failed is tried again without being asked. */
const RETRY_MS = 5000;

/** Errors that the same question would meet again. */
const FINAL_CODES: readonly string[] = [
  'RUN_NOT_FOUND',
  'JOB_NOT_FOUND',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'REQUEST_INVALID',
];

/** What of a load is shown besides its answer. */
export interface LoadState {
  readonly value: unknown;
  readonly error: unknown;
  /** When the answer came, epoch ms; 0 before the first. */
  readonly loadedAt: number;
  reload(): void;
}

/** A controller with the newest answer, the error of the last load and when the answer came. */
export class Loader<Value> implements ReactiveController, LoadState {
  value: Value | undefined;
  error: unknown;
  loadedAt = 0;

  readonly #host: ReactiveControllerHost;
  readonly #options: LoaderOptions<Value>;
  #source: Source | undefined;
  #question: string | undefined;
  #unsubscribe: (() => void) | undefined;
  #abort: AbortController | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #startedAt = 0;
  #isBusy = false;
  /** Something changed during a load: its answer may already be old. */
  #isDirty = false;

  constructor(host: ReactiveControllerHost, options: LoaderOptions<Value>) {
    this.#host = host;
    this.#options = options;
    host.addController(this);
  }

  /** Nothing to show yet, and an answer is on its way. */
  get isLoading(): boolean {
    return this.value === undefined && this.error === undefined && this.#source !== undefined;
  }

  hostConnected(): void {
    document.addEventListener('visibilitychange', this.#onVisible);
    this.#host.requestUpdate();
  }

  hostUpdate(): void {
    const source = this.#options.source();
    const question = this.#options.question();
    const isNewSource = source !== this.#source;
    if (!isNewSource && question === this.#question) return;
    this.#source = source;
    this.#question = question;
    if (isNewSource) this.#subscribe();
    this.value = undefined;
    this.error = undefined;
    this.reload();
  }

  hostDisconnected(): void {
    document.removeEventListener('visibilitychange', this.#onVisible);
    this.#unsubscribe?.();
    this.#abort?.abort();
    clearTimeout(this.#timer);
    this.#source = undefined;
    this.#question = undefined;
  }

  /** Loads now. Also what a button "try again" does. */
  reload(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#abort?.abort();
    if (this.#source) void this.#load(this.#source);
  }

  #subscribe(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = this.#source?.subscribe((change) => {
      const isConcerned =
        change.type === 'resync' || (change.type === 'event' && this.#options.concerns(change.event));
      if (change.type === 'event') this.#applyEvent(change.event);
      const isBack = change.type === 'state' && change.state === 'live' && this.error !== undefined;
      if (isConcerned || isBack) this.#schedule(GATHER_MS);
    });
  }

  #applyEvent(event: HeraEvent): void {
    const { apply } = this.#options;
    if (!apply) return;
    const next = this.value === undefined ? undefined : apply(this.value, event);
    // An answer that is on its way may have been made before this event.
    if (this.#isBusy && (next === undefined || next !== this.value)) this.#isDirty = true;
    if (next === undefined || next === this.value) return;
    this.value = next;
    this.#host.requestUpdate();
  }

  /** A page in the background loads nothing; it catches up when it is looked at. */
  readonly #onVisible = () => {
    if (!document.hidden && this.#isDirty && !this.#isBusy) this.#schedule(0);
  };

  #schedule(delayMs: number): void {
    const earliest = this.#startedAt + INTERVAL_MS - Date.now();
    this.#timer ??= setTimeout(() => this.#reloadUnlessBusy(), Math.max(delayMs, earliest));
  }

  /** A load that takes longer than the events are apart must still come to its end. */
  #reloadUnlessBusy(): void {
    this.#timer = undefined;
    if (this.#isBusy || document.hidden) this.#isDirty = true;
    else this.reload();
  }

  async #load(source: Source): Promise<void> {
    const abort = new AbortController();
    this.#abort = abort;
    this.#startedAt = Date.now();
    this.#isBusy = true;
    this.#isDirty = false;
    try {
      const value = await this.#options.load(source, abort.signal);
      if (abort.signal.aborted) return;
      this.value = value;
      this.error = undefined;
      this.loadedAt = Date.now();
    } catch (error) {
      if (abort.signal.aborted) return;
      this.error = error;
      if (!FINAL_CODES.includes(codeOf(error))) this.#schedule(RETRY_MS);
    }
    this.#isBusy = false;
    if (this.#isDirty) this.#schedule(GATHER_MS);
    this.#host.requestUpdate();
  }
}
