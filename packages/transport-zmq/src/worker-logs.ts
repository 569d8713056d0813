/**
 * Output on its way out. At most a window of bytes is under way: what the server has not answered for is not
 * there for the next piece, so that a slow store slows the shipper down and nothing else.
 */
import type { Context } from 'zeromq';
import type { Observer } from '@hera/core';
import { costOf } from './server-logs.js';
import { ServerConnection } from './server-connection.js';
import { LOG_CREDIT_BYTES, LOG_PIECE_BYTES_MAX } from './transport-types.js';
import type { LogChannel, LogChannelListener, LogPiece, ZmqWorkerOptions } from './transport-types.js';
import type { ServerAddress } from './transport-types.js';
import { BEAT_MS, BEATS_MISSED_MAX, countField, readFields, textField } from './wire.js';
import type { Frame } from './wire.js';

interface UnderWay {
  readonly seq: number;
  readonly bytes: number;
  readonly sentAt: number;
}

/** What the channel is made of. */
export interface WorkerLogsOptions {
  readonly context: Context;
  readonly worker: ZmqWorkerOptions;
  readonly observer: Observer;
}

/** The channel to whichever server the worker was last sent to. */
export class WorkerLogs implements LogChannel {
  readonly #options: WorkerLogsOptions;
  #listener: LogChannelListener | null = null;
  #address: string | null = null;
  #connection: ServerConnection | null = null;
  /** Connections that are saying good-bye. */
  readonly #leaving = new Set<Promise<void>>();
  #underWay: UnderWay[] = [];
  #bytes = 0;
  #seq = 0;
  #isStarved = false;
  #watch: NodeJS.Timeout | null = null;

  constructor(options: WorkerLogsOptions) {
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#connection?.isJoined ?? false;
  }

  get credit(): number {
    return this.isOpen ? Math.max(0, LOG_CREDIT_BYTES - this.#bytes) : 0;
  }

  listen(listener: LogChannelListener): void {
    this.#listener = listener;
    if (this.isOpen) queueMicrotask(() => this.isOpen && this.#listener?.onOpen());
  }

  send(piece: LogPiece): boolean {
    if (piece.bytes.byteLength > LOG_PIECE_BYTES_MAX) throw new RangeError('A piece has at most 64 KiB.');
    const bytes = costOf(piece);
    if (bytes > this.credit) {
      this.#isStarved = this.isOpen;
      return false;
    }
    this.#seq += 1;
    this.#bytes += bytes;
    this.#underWay.push({ seq: this.#seq, bytes, sentAt: performance.now() });
    const { attempt, offset, complete } = piece;
    this.#connection?.send('log', { seq: this.#seq, attempt, offset, complete }, piece.bytes);
    return true;
  }

  /** Sends to that server from now on; null for none. */
  use(server: ServerAddress | null): void {
    if (this.#address === (server?.address ?? null)) return;
    this.#address = server?.address ?? null;
    this.#leave();
    if (!server) return;
    const connection = new ServerConnection(
      { ...this.#options, server },
      {
        onReady: () => {
          this.#reset();
          this.#listener?.onOpen();
        },
        onBeat: () => undefined,
        onFrame: (frame) => this.#onFrame(frame),
        onLost: () => {
          this.#reset();
          this.#listener?.onClose();
        },
      },
    );
    this.#connection = connection;
    this.#watch ??= setInterval(() => this.#lookForLost(), this.#patienceMs / 2);
    connection.open();
  }

  async close(): Promise<void> {
    this.#listener = null;
    this.use(null);
    if (this.#watch) clearInterval(this.#watch);
    await Promise.all(this.#leaving);
  }

  get #patienceMs(): number {
    return (this.#options.worker.beatMs ?? BEAT_MS) * BEATS_MISSED_MAX;
  }

  #leave(): void {
    const old = this.#connection;
    this.#connection = null;
    if (!old) return;
    if (old.isJoined) this.#listener?.onClose();
    this.#reset();
    const left = old.close().finally(() => this.#leaving.delete(left));
    this.#leaving.add(left);
  }

  #reset(): void {
    this.#underWay = [];
    this.#bytes = 0;
    this.#isStarved = false;
  }

  /** A piece was lost, or the store failed: begin again from what is known to be stored. */
  #lookForLost(): void {
    const oldest = this.#underWay[0];
    if (oldest && performance.now() - oldest.sentAt > this.#patienceMs)
      this.#connection?.renew('output was not answered for');
  }

  #onFrame(frame: Frame): void {
    const fields = frame.head === 'stored' ? readFields(frame.body) : null;
    if (!fields) return;
    const seq = countField(fields, 'seq');
    const attempt = textField(fields, 'attempt', 1_000);
    const length = countField(fields, 'length');
    if (seq === null || attempt === null || length === null) return;
    // Pieces go in order: an earlier one that was not answered for is lost.
    while (this.#underWay[0] && this.#underWay[0].seq <= seq)
      this.#bytes -= this.#underWay.shift()?.bytes ?? 0;
    this.#listener?.onStored(attempt, length);
    if (!this.#isStarved || this.credit === 0) return;
    this.#isStarved = false;
    this.#listener?.onCredit();
  }
}
