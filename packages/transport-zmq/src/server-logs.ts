/**
 * Output on its way in, on doors of its own so that it never delays a pulse. Pieces of one worker are stored
 * one after the other; what waits is bounded by the credit the worker has.
 */
import type { Observer } from '@hera/core';
import type { Link, Reception } from './reception.js';
import { LOG_CREDIT_BYTES, LOG_PIECE_BYTES_MAX } from './transport-types.js';
import type { LogPiece, LogSink } from './transport-types.js';
import { countField, encodeParts, readFields, textField } from './wire.js';
import type { Frame } from './wire.js';

interface Arrival {
  readonly seq: number;
  readonly piece: LogPiece;
}

interface Queue {
  arrivals: Arrival[];
  bytes: number;
  isBusy: boolean;
}

/** Stores pieces and tells how much is stored. */
export class LogIntake {
  readonly #sink: LogSink;
  readonly #observer: Observer;
  readonly #queues = new Map<Link, Queue>();

  constructor(sink: LogSink, observer: Observer) {
    this.#sink = sink;
    this.#observer = observer;
  }

  /** Takes a `log` frame; false if it is none, or more than the credit allows. */
  take(reception: Reception, link: Link, frame: Frame): boolean {
    const arrival = readArrival(frame);
    if (!arrival) return false;
    let queue = this.#queues.get(link);
    if (!queue) this.#queues.set(link, (queue = { arrivals: [], bytes: 0, isBusy: false }));
    const bytes = queue.bytes + costOf(arrival.piece);
    if (bytes > LOG_CREDIT_BYTES + LOG_PIECE_BYTES_MAX) return false;
    queue.bytes = bytes;
    queue.arrivals.push(arrival);
    if (!queue.isBusy) void this.#store(reception, link, queue);
    return true;
  }

  /** Forgets what a link had under way; its worker sends it again. */
  forget(link: Link): void {
    const queue = this.#queues.get(link);
    if (queue) queue.arrivals = [];
    this.#queues.delete(link);
  }

  async #store(reception: Reception, link: Link, queue: Queue): Promise<void> {
    queue.isBusy = true;
    for (let next = queue.arrivals.shift(); next; next = queue.arrivals.shift()) {
      const { seq, piece } = next;
      try {
        const length = await this.#sink.store(link.worker, piece);
        reception.say(link, encodeParts('stored', link.name, { seq, attempt: piece.attempt, length }));
      } catch (error) {
        const facts = { worker: link.worker, attempt: piece.attempt, error: String(error) };
        this.#observer.log('error', 'output could not be stored', facts);
      }
      queue.bytes -= costOf(piece);
    }
    queue.isBusy = false;
  }
}

/** What a piece takes of the credit: an empty one is not free either. */
export function costOf(piece: LogPiece): number {
  return piece.bytes.byteLength + 256;
}

function readArrival(frame: Frame): Arrival | null {
  const { bytes } = frame;
  const fields = frame.head === 'log' ? readFields(frame.body) : null;
  if (!fields || !bytes || bytes.byteLength > LOG_PIECE_BYTES_MAX) return null;
  const attempt = textField(fields, 'attempt', 1_000);
  const offset = countField(fields, 'offset');
  const seq = countField(fields, 'seq');
  const complete = fields['complete'];
  if (attempt === null || offset === null || seq === null || typeof complete !== 'boolean') return null;
  return { seq, piece: { attempt, offset, bytes, complete } };
}
