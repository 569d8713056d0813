/**
 * Output on its way out, on a socket of its own: a log that is long does not make a pulse late. The window is
 * kept by whoever ships; here pieces become frames, and answers acks.
 */
import type { Context } from 'zeromq';
import type { LogAck, LogChannel, LogChannelListener, LogPiece, Observer } from '@hera/core';
import { ServerConnection } from './server-connection.js';
import { LOG_WINDOW_BYTES } from './transport-types.js';
import type { ServerAddress, ZmqWorkerOptions } from './transport-types.js';
import { LOG_PIECES_MAX, countField, readFields, textField } from './wire.js';
import type { Fields, Frame } from './wire.js';

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
  #server: ServerAddress | null = null;
  #connection: ServerConnection | null = null;
  /** Connections that are saying good-bye. */
  readonly #leaving = new Set<Promise<void>>();

  constructor(options: WorkerLogsOptions) {
    this.#options = options;
  }

  connect(listener: LogChannelListener): Promise<void> {
    this.#listener = listener;
    if (this.#server) this.#open(this.#server);
    return Promise.resolve();
  }

  send(pieces: readonly LogPiece[]): void {
    for (let at = 0; at < pieces.length; at += LOG_PIECES_MAX) {
      const some = pieces.slice(at, at + LOG_PIECES_MAX);
      const facts = some.map(({ attempt, offset, last }) => ({ attempt, offset, last }));
      this.#connection?.send(
        'log',
        JSON.stringify(facts),
        some.map(({ bytes }) => bytes),
      );
    }
  }

  /** Sends to that server from now on; null for none. */
  use(server: ServerAddress | null): void {
    if (this.#server?.address === server?.address) return;
    this.#server = server;
    this.#leave();
    if (server && this.#listener) this.#open(server);
  }

  async close(): Promise<void> {
    this.#listener = null;
    this.use(null);
    await Promise.all(this.#leaving);
  }

  #open(server: ServerAddress): void {
    this.#connection = new ServerConnection(
      { ...this.#options, server },
      {
        onReady: () => this.#listener?.onConnect(LOG_WINDOW_BYTES),
        onBeat: () => undefined,
        onFrame: (frame) => this.#onFrame(frame),
        onLost: () => this.#listener?.onDisconnect(),
      },
    );
    this.#connection.open();
  }

  #leave(): void {
    const old = this.#connection;
    this.#connection = null;
    if (!old) return;
    if (old.isJoined) this.#listener?.onDisconnect();
    const left = old.close().finally(() => this.#leaving.delete(left));
    this.#leaving.add(left);
  }

  #onFrame(frame: Frame): void {
    const list: unknown = frame.head === 'stored' ? readFields(frame.body)?.['acks'] : null;
    if (!Array.isArray(list)) return;
    const acks = list.flatMap((item: unknown) => readAck(item) ?? []);
    if (acks.length > 0) this.#listener?.onAcks(acks);
  }
}

function readAck(item: unknown): LogAck | null {
  if (typeof item !== 'object' || item === null) return null;
  const facts = item as Fields;
  const attempt = textField(facts, 'attempt', 1_000);
  const stored = countField(facts, 'stored');
  const complete = facts['complete'];
  return attempt !== null && stored !== null && typeof complete === 'boolean'
    ? { attempt, stored, complete }
    : null;
}
