/**
 * Gathers what one turn of the event loop sends to one peer, so that it goes as one frame: a frame costs ten
 * times what a message in it costs. A frame is closed early when it gets long.
 */
import type { SchedulerMessage, WorkerMessage } from '@hera/core/protocol';

type Message = SchedulerMessage | WorkerMessage;

/** A frame is closed when it has this many bytes. */
const FRAME_BYTES_FULL = 262_144;
/** A message that is longer is sent in halves where it has any. */
const MESSAGE_BYTES_LONG = 1_048_576;
/** Messages of one turn; what comes beyond is dropped, as if lost. */
const MESSAGES_MAX = 20_000;

/** Where frames go. */
export interface OutletHooks {
  /** The body of a `messages` frame. */
  emit(body: string): void;
  /** A message is longer than any frame may be, or too many are waiting. */
  drop(message: Message, bytes: number): void;
}

/** The outgoing side of one link. */
export class Outlet {
  readonly #hooks: OutletHooks;
  readonly #bytesMax: number;
  #waiting: Message[] = [];
  #flush: NodeJS.Immediate | null = null;

  constructor(bytesMax: number, hooks: OutletHooks) {
    this.#bytesMax = bytesMax;
    this.#hooks = hooks;
  }

  push(messages: readonly Message[]): void {
    for (const message of messages) {
      if (this.#waiting.length < MESSAGES_MAX) this.#waiting.push(message);
      else this.#hooks.drop(message, 0);
    }
    this.#flush ??= setImmediate(() => this.flush());
  }

  /** Emits what waits, now. */
  flush(): void {
    if (this.#flush) clearImmediate(this.#flush);
    this.#flush = null;
    const waiting = this.#waiting;
    this.#waiting = [];
    let frame: string[] = [];
    let size = 0;
    for (const text of this.#texts(waiting)) {
      frame.push(text);
      size += text.length;
      if (size < FRAME_BYTES_FULL) continue;
      this.#hooks.emit(`[${frame.join(',')}]`);
      frame = [];
      size = 0;
    }
    if (frame.length > 0) this.#hooks.emit(`[${frame.join(',')}]`);
  }

  *#texts(messages: readonly Message[]): Generator<string> {
    for (const message of messages) {
      const text = JSON.stringify(message);
      // Two brackets go round it.
      const isShort = text.length * 3 + 2 <= this.#bytesMax || Buffer.byteLength(text) + 2 <= this.#bytesMax;
      const halves = text.length > MESSAGE_BYTES_LONG || !isShort ? halve(message) : null;
      if (halves) yield* this.#texts(halves);
      else if (isShort) yield text;
      else this.#hooks.drop(message, Buffer.byteLength(text));
    }
  }
}

/** Two messages that say together what one does; null where that cannot be: a pulse is one whole. */
function halve(message: Message): [Message, Message] | null {
  switch (message.type) {
    case 'exec':
      return cut(message.work, (work) => ({ ...message, work }));
    case 'kill':
    case 'fin':
      return cut(message.attempts, (attempts) => ({ ...message, attempts }));
    case 'report':
      return cut(message.entries, (entries) => ({ ...message, entries }));
    default:
      return null;
  }
}

function cut<T>(items: readonly T[], make: (part: readonly T[]) => Message): [Message, Message] | null {
  if (items.length < 2) return null;
  const middle = items.length >> 1;
  return [make(items.slice(0, middle)), make(items.slice(middle))];
}
