/**
 * A worker's way to one server, for control or for logs: dials, joins, keeps alive, and dials again with
 * jitter whenever the connection ends or goes silent. A link is one joining; what is said under an earlier
 * one is not heard.
 */
import type { Context } from 'zeromq';
import type { Observer } from '@hera/core';
import { Backoff } from './backoff.js';
import { Dialer } from './dialer.js';
import { proofOf } from './keys.js';
import type { ServerAddress, ZmqWorkerOptions } from './transport-types.js';
import {
  BEAT_MS,
  BEATS_MISSED_MAX,
  FRAME_BYTES_MAX,
  decodeParts,
  drawLink,
  encodeParts,
  readFields,
} from './wire.js';
import type { Fields, Frame, WorkerHead } from './wire.js';

const RECONNECT_MS = 200;
const RECONNECT_MS_MAX = 10_000;
/** How long a good-bye waits for its answer. */
const LEAVE_MS = 500;

/** What a connection tells its owner. */
export interface ConnectionHooks {
  /** The server took the link; what it said with that. */
  onReady(facts: Fields): void;
  /** A sign of life, with what it said. */
  onBeat(facts: Fields): void;
  onFrame(frame: Frame): void;
  /** The link is over; another will be tried. */
  onLost(): void;
}

/** How a connection is made. */
export interface ConnectionOptions {
  readonly context: Context;
  readonly server: ServerAddress;
  readonly worker: ZmqWorkerOptions;
  readonly observer: Observer;
}

/** A connection that renews itself until it is closed. */
export class ServerConnection {
  readonly #options: ConnectionOptions;
  readonly #hooks: ConnectionHooks;
  readonly #beatMs: number;
  readonly #backoff: Backoff;
  #dialer: Dialer | null = null;
  #link = '0';
  #isOpen = false;
  #isJoined = false;
  #isClosed = false;
  #heardAt = 0;
  #tickedAt = 0;
  #tick: NodeJS.Timeout | null = null;
  #redial: NodeJS.Timeout | null = null;
  #onBye: (() => void) | null = null;
  #lastReason = '';

  constructor(options: ConnectionOptions, hooks: ConnectionHooks) {
    const {
      beatMs = BEAT_MS,
      reconnectMs = RECONNECT_MS,
      reconnectMsMax = RECONNECT_MS_MAX,
    } = options.worker;
    this.#options = options;
    this.#hooks = hooks;
    this.#beatMs = beatMs;
    this.#backoff = new Backoff(reconnectMs, reconnectMsMax);
  }

  get isJoined(): boolean {
    return this.#isJoined;
  }

  /** Begins; it goes on until `close`. */
  open(): void {
    const { context, server, worker } = this.#options;
    const { frameBytesMax = FRAME_BYTES_MAX } = worker;
    this.#heardAt = this.#tickedAt = performance.now();
    this.#tick ??= setInterval(() => this.#onTick(), this.#beatMs);
    const dialer = new Dialer(
      { context, server, keys: worker.keys, frameBytesMax, beatMs: this.#beatMs },
      {
        onOpen: () => {
          this.#isOpen = true;
          this.#join();
        },
        onFrame: (parts) => this.#onFrame(parts),
        onEnd: (reason, isRefused) => this.#onEnd(dialer, reason, isRefused),
      },
    );
    this.#dialer = dialer;
  }

  /** Dropped if the link is not there. */
  send(head: WorkerHead, body?: Fields | string, rest: readonly Uint8Array[] = []): void {
    if (!this.#isJoined) return;
    this.#dialer?.send([...encodeParts(head, this.#link, body), ...rest]);
  }

  /** Gives this link up and dials again. */
  renew(reason: string): void {
    const dialer = this.#dialer;
    if (!dialer) return;
    dialer.close();
    this.#onEnd(dialer, reason, false);
  }

  /** Says good-bye, and waits a moment to be heard. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#tick) clearInterval(this.#tick);
    if (this.#redial) clearTimeout(this.#redial);
    if (this.#isJoined) await this.#sayBye();
    this.#isJoined = false;
    this.#dialer?.close();
    this.#dialer = null;
  }

  async #sayBye(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const heard = new Promise<void>((resolve) => {
      this.#onBye = resolve;
      timer = setTimeout(resolve, LEAVE_MS);
    });
    this.send('leave');
    await heard;
    clearTimeout(timer);
  }

  #join(): void {
    const { worker, keys } = this.#options.worker;
    this.#link = drawLink();
    const proof = keys ? { publicKey: keys.publicKey, proof: proofOf(keys.secretKey) } : {};
    this.#dialer?.send(encodeParts('join', this.#link, { worker, ...proof }));
  }

  #onTick(): void {
    const now = performance.now();
    // While this process stood still it could hear nobody; that is not the server's silence.
    const lateMs = Math.max(0, now - this.#tickedAt - this.#beatMs);
    this.#tickedAt = now;
    this.#heardAt = Math.min(now, this.#heardAt + lateMs);
    if (!this.#dialer) return;
    if (now - this.#heardAt > this.#beatMs * BEATS_MISSED_MAX) return this.renew('the server is silent');
    if (this.#isJoined) this.send('beat');
    else if (this.#isOpen) this.#join();
  }

  #onFrame(parts: readonly Buffer[]): void {
    const frame = decodeParts(parts);
    if (!frame) return;
    if (frame.head === 'refused' && (frame.link === this.#link || frame.link === '0'))
      return this.#onRefused(frame);
    if (frame.link !== this.#link) return;
    this.#heardAt = performance.now();
    switch (frame.head) {
      case 'ready':
        return this.#onReady(readFields(frame.body) ?? {});
      case 'beat':
        if (this.#isJoined) this.#hooks.onBeat(readFields(frame.body) ?? {});
        return;
      case 'again':
        this.#lose();
        return this.#join();
      case 'bye':
        if (this.#onBye) return this.#onBye();
        return this.renew('the server left');
      default:
        if (this.#isJoined) this.#hooks.onFrame(frame);
    }
  }

  #onReady(facts: Fields): void {
    if (this.#isJoined || this.#isClosed) return;
    this.#isJoined = true;
    this.#backoff.reset();
    this.#lastReason = '';
    this.#hooks.onReady(facts);
  }

  #onRefused(frame: Frame): void {
    const code = readFields(frame.body)?.['code'];
    this.#backoff.exhaust();
    this.renew(
      `the server refused this worker: ${typeof code === 'string' ? code.slice(0, 40) : 'no reason'}`,
    );
  }

  #onEnd(dialer: Dialer, reason: string, isRefused: boolean): void {
    if (this.#dialer !== dialer) return;
    this.#dialer = null;
    this.#isOpen = false;
    if (isRefused) this.#backoff.exhaust();
    this.#onBye?.();
    this.#lose();
    if (this.#isClosed) return;
    this.#tell(reason);
    this.#redial = setTimeout(() => this.open(), this.#backoff.next());
  }

  #lose(): void {
    if (!this.#isJoined) return;
    this.#isJoined = false;
    if (!this.#isClosed) this.#hooks.onLost();
  }

  /** Says once why there is no connection, and not at every try. */
  #tell(reason: string): void {
    if (reason === this.#lastReason) return;
    this.#lastReason = reason;
    this.#options.observer.log('warn', 'not connected to a server', {
      server: this.#options.server.address,
      reason,
    });
  }
}
