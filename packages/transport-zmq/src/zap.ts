/**
 * Answers ZeroMQ's question whether a key may connect (RFC 27). It must always answer: with none listening,
 * libzmq would refuse everybody, since the sockets demand it.
 */
import { Router } from 'zeromq';
import type { Context } from 'zeromq';
import type { Observer } from '@hera/core';
import type { KeyStore } from './key-store.js';
import { isUsable } from './enrollment-token.js';
import { toZ85 } from './keys.js';

/** The domain of our sockets, which binds them to the handler. */
export const ZAP_DOMAIN = 'hera';

const ENDPOINT = 'inproc://zeromq.zap.01';
const KEY_BYTES = 32;
/** Questions to the store at once; beyond it a peer is refused, and comes again. */
const ASKED_MAX = 64;

/** The handler of one context. */
export class ZapHandler {
  readonly #socket: Router;
  readonly #keys: KeyStore;
  readonly #observer: Observer;
  #asked = 0;
  #sending: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(context: Context, keys: KeyStore, observer: Observer) {
    this.#socket = new Router({ context, linger: 0, sendTimeout: 0 });
    this.#keys = keys;
    this.#observer = observer;
  }

  /** Resolves when it answers. */
  async start(): Promise<void> {
    await this.#socket.bind(ENDPOINT);
    this.#run().catch((error: unknown) => {
      if (!this.#isClosed)
        this.#observer.log('error', 'keys are not checked any more', { error: String(error) });
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#socket.close();
  }

  async #run(): Promise<void> {
    for await (const parts of this.#socket) {
      const [route, , version, request, , , , mechanism, key] = parts;
      if (!route || !version || !request) continue;
      const isCurve = mechanism?.toString('latin1') === 'CURVE' && key?.length === KEY_BYTES;
      const answer = isCurve ? this.#isAllowed(toZ85(key)) : Promise.resolve(false);
      void answer.then((isAllowed) => this.#answer([route, '', version, request], isAllowed));
    }
  }

  async #isAllowed(publicKey: string): Promise<boolean> {
    if (this.#asked >= ASKED_MAX) return false;
    this.#asked += 1;
    try {
      if (await this.#keys.worker(publicKey)) return true;
      const token = await this.#keys.token(publicKey);
      return token !== null && isUsable(token, Date.now());
    } catch (error) {
      this.#observer.log('error', 'the list of keys cannot be read', { error: String(error) });
      return false;
    } finally {
      this.#asked -= 1;
    }
  }

  #answer(envelope: (Buffer | string)[], isAllowed: boolean): void {
    const status = isAllowed ? ['200', 'OK'] : ['400', 'refused'];
    this.#sending = this.#sending
      .then(() => this.#socket.send([...envelope, ...status, '', '']))
      // Closed in between: whoever asked is gone too.
      .catch(() => undefined);
  }
}
