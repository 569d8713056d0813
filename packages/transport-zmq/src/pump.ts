/**
 * One sender for each socket: ZeroMQ refuses a second `send` while one is under way. Nothing here waits for a
 * peer; what a peer does not take at once is dropped, and told.
 */

/** Something that sends the parts of a frame; both DEALER and ROUTER are. */
export interface FrameSocket {
  send(parts: (string | Uint8Array)[]): Promise<void>;
}

/** Told of a frame that was not sent, with ZeroMQ's reason: `EHOSTUNREACH` is a peer that is gone. */
export type OnUnsent = (parts: readonly (string | Uint8Array)[], reason: string) => void;

const WAITING_MAX = 20_000;

/** Sends in order, one at a time. */
export class Pump {
  readonly #socket: FrameSocket;
  readonly #onUnsent: OnUnsent;
  #waiting: (string | Uint8Array)[][] = [];
  #running: Promise<void> | null = null;

  constructor(socket: FrameSocket, onUnsent: OnUnsent) {
    this.#socket = socket;
    this.#onUnsent = onUnsent;
  }

  push(parts: (string | Uint8Array)[]): void {
    if (this.#waiting.length >= WAITING_MAX) return this.#onUnsent(parts, 'EAGAIN');
    this.#waiting.push(parts);
    this.#running ??= this.#run();
  }

  /** Resolves when all that was pushed has been sent or dropped. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      for (const parts of batch) await this.#send(parts);
    }
    this.#running = null;
  }

  async #send(parts: (string | Uint8Array)[]): Promise<void> {
    try {
      await this.#socket.send(parts);
    } catch (error) {
      this.#onUnsent(parts, (error as NodeJS.ErrnoException).code ?? String(error));
    }
  }
}
