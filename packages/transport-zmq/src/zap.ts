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
/** Questions to the store at once; beyond it a peer is put off, and comes again. */
const ASKED_MAX = 64;
/** Handshakes of one key at once, and how many more it may have each second. */
const BURST = 60;
const PER_SECOND = 2;
/** Keys whose handshakes are counted. */
const COUNTED_MAX = 10_000;

/** Status codes of RFC 27; after `later` a peer is not told that its key is wrong. */
const STATUS = { yes: ['200', 'OK'], later: ['300', 'later'], no: ['400', 'refused'] } as const;
type Verdict = keyof typeof STATUS;

/** The handler of one context. */
export class ZapHandler {
  readonly #socket: Router;
  readonly #keys: KeyStore;
  readonly #observer: Observer;
  readonly #handshakes = new Map<string, { readonly left: number; readonly at: number }>();
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
      const verdict: Promise<Verdict> = isCurve ? this.#judge(toZ85(key)) : Promise.resolve('no');
      void verdict.then((found) => this.#answer([route, '', version, request], found));
    }
  }

  async #judge(publicKey: string): Promise<Verdict> {
    if (this.#asked >= ASKED_MAX) return 'later';
    this.#asked += 1;
    try {
      const isKnown = (await this.#keys.worker(publicKey)) !== null || (await this.#isUsable(publicKey));
      if (!isKnown) return 'no';
      return this.#isTooOften(publicKey) ? 'later' : 'yes';
    } catch (error) {
      this.#observer.log('error', 'the list of keys cannot be read', { error: String(error) });
      return 'later';
    } finally {
      this.#asked -= 1;
    }
  }

  async #isUsable(publicKey: string): Promise<boolean> {
    const token = await this.#keys.token(publicKey);
    return token !== null && isUsable(token, Date.now());
  }

  /** A host that was let in and means ill must not be able to hold connections without number. */
  #isTooOften(publicKey: string): boolean {
    const now = performance.now();
    if (this.#handshakes.size >= COUNTED_MAX) this.#handshakes.clear();
    const { left, at } = this.#handshakes.get(publicKey) ?? { left: BURST, at: now };
    const available = Math.min(BURST, left + ((now - at) / 1_000) * PER_SECOND);
    this.#handshakes.set(publicKey, { left: Math.max(0, available - 1), at: now });
    return available < 1;
  }

  #answer(envelope: (Buffer | string)[], verdict: Verdict): void {
    this.#sending = this.#sending
      .then(() => this.#socket.send([...envelope, ...STATUS[verdict], '', '']))
      // Closed in between: whoever asked is gone too.
      .catch(() => undefined);
  }
}
