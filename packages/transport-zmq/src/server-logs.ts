/**
 * Output on its way in, on doors of its own so that it never delays a pulse. What has come from a worker
 * while a store was busy goes to it as one; more than two windows is never kept.
 */
import { LOG_PIECE_BYTES_MAX } from '@hera/core';
import type { LogAck, LogPiece, LogSink, Observer } from '@hera/core';
import type { Link, Reception } from './reception.js';
import { LOG_WINDOW_BYTES } from './transport-types.js';
import { countField, encodeParts, readList, textField } from './wire.js';
import type { Fields, Frame } from './wire.js';

/** Pieces sent again beside those of the window, until the worker has noticed that they came. */
const WAITING_BYTES_MAX = 2 * LOG_WINDOW_BYTES;
/** What a piece takes beside its bytes: an empty one is not free either. */
const PIECE_BYTES = 256;
/** Acks in one frame. */
const ACKS_MAX = 50;

interface Queue {
  pieces: LogPiece[];
  bytes: number;
  isBusy: boolean;
}

/** What an intake is made of. */
export interface LogIntakeOptions {
  readonly sink: LogSink;
  readonly mayLog: (worker: string, attempt: string) => boolean;
  readonly observer: Observer;
}

/** Stores pieces and tells how much is stored. */
export class LogIntake {
  readonly #options: LogIntakeOptions;
  readonly #queues = new Map<Link, Queue>();

  constructor(options: LogIntakeOptions) {
    this.#options = options;
  }

  /** Takes a `log` frame; false if it is none. What has no room is dropped, and comes again. */
  take(reception: Reception, link: Link, frame: Frame): boolean {
    const pieces = frame.head === 'log' ? readPieces(frame) : null;
    if (!pieces) return false;
    const allowed = pieces.filter(({ attempt }) => this.#options.mayLog(link.worker, attempt));
    if (allowed.length < pieces.length) {
      const facts = { worker: link.worker, pieces: pieces.length - allowed.length };
      this.#options.observer.log('warn', 'output of attempts that are not its own was dropped', facts);
    }
    let queue = this.#queues.get(link);
    if (!queue) this.#queues.set(link, (queue = { pieces: [], bytes: 0, isBusy: false }));
    for (const piece of allowed) {
      const bytes = piece.bytes.byteLength + PIECE_BYTES;
      if (queue.bytes + bytes > WAITING_BYTES_MAX) break;
      queue.bytes += bytes;
      queue.pieces.push(piece);
    }
    if (!queue.isBusy) void this.#store(reception, link, queue);
    return true;
  }

  /** Forgets what a link had under way; its worker sends it again. */
  forget(link: Link): void {
    const queue = this.#queues.get(link);
    if (queue) queue.pieces = [];
    this.#queues.delete(link);
  }

  async #store(reception: Reception, link: Link, queue: Queue): Promise<void> {
    queue.isBusy = true;
    while (queue.pieces.length > 0) {
      const { pieces } = queue;
      queue.pieces = [];
      queue.bytes = 0;
      const acks = await this.#append(link, pieces);
      for (let at = 0; at < acks.length; at += ACKS_MAX) {
        const some = acks.slice(at, at + ACKS_MAX);
        reception.say(link, encodeParts('stored', link.name, { acks: some }));
      }
    }
    queue.isBusy = false;
  }

  async #append(link: Link, pieces: readonly LogPiece[]): Promise<readonly LogAck[]> {
    try {
      return await this.#options.sink.append(pieces);
    } catch (error) {
      const facts = { worker: link.worker, error: String(error) };
      this.#options.observer.log('error', 'output could not be stored', facts);
      return [];
    }
  }
}

function readPieces(frame: Frame): LogPiece[] | null {
  const list = readList(frame.body);
  if (!list || list.length !== frame.rest.length) return null;
  const pieces = list.flatMap((facts, at) => readPiece(facts, frame.rest[at]) ?? []);
  return pieces.length === list.length ? pieces : null;
}

function readPiece(facts: Fields, bytes: Buffer | undefined): LogPiece | null {
  const attempt = textField(facts, 'attempt', 1_000);
  const offset = countField(facts, 'offset');
  const last = facts['last'];
  if (!bytes || bytes.byteLength > LOG_PIECE_BYTES_MAX) return null;
  return attempt !== null && offset !== null && typeof last === 'boolean'
    ? { attempt, offset, bytes, last }
    : null;
}
