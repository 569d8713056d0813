/** One connected DEALER. It lives as long as its connection: whoever wants another makes another. */
import { Dealer } from 'zeromq';
import type { Context } from 'zeromq';
import { checkKeyPair, fromZ85 } from './keys.js';
import { readAddress } from './addresses.js';
import { Pump } from './pump.js';
import type { KeyPair, ServerAddress } from './transport-types.js';
import { FRAMES_SENT_MAX } from './wire.js';

const CONNECT_MS = 5_000;
const ENVELOPE_BYTES = 1_024;

/** How a connection is made. */
export interface DialerOptions {
  readonly context: Context;
  readonly server: ServerAddress;
  readonly keys: KeyPair | undefined;
  readonly frameBytesMax: number;
  readonly beatMs: number;
}

/** What a connection tells. */
export interface DialerHooks {
  /** The peer has proved its key and taken ours. */
  onOpen(): void;
  onFrame(parts: readonly Buffer[]): void;
  /** It ended, or never began; told once. `isRefused`: our key was not taken. */
  onEnd(reason: string, isRefused: boolean): void;
}

/** Checks an address and the keys it needs. @throws TransportError `ADDRESS_INVALID`, `KEY_INVALID`. */
export function checkServer(server: ServerAddress, keys: KeyPair | undefined): void {
  if (readAddress(server.address).kind === 'ipc') return;
  checkKeyPair(keys, server.address);
  fromZ85(server.publicKey ?? '');
}

/** A connection under way or open. */
export class Dialer {
  readonly #socket: Dealer;
  readonly #pump: Pump;
  readonly #hooks: DialerHooks;
  #isEnded = false;

  constructor(options: DialerOptions, hooks: DialerHooks) {
    const { context, server, keys, frameBytesMax, beatMs } = options;
    this.#hooks = hooks;
    this.#socket = new Dealer({
      context,
      linger: 0,
      sendTimeout: 0,
      // Nothing is kept for a connection that is not there.
      immediate: true,
      // Reconnecting is ours: with jitter, and never with frames of the connection before.
      reconnectInterval: -1,
      connectTimeout: CONNECT_MS,
      handshakeInterval: CONNECT_MS,
      heartbeatInterval: beatMs,
      heartbeatTimeout: beatMs * 3,
      maxMessageSize: frameBytesMax + ENVELOPE_BYTES,
      sendHighWaterMark: FRAMES_SENT_MAX,
      receiveHighWaterMark: FRAMES_SENT_MAX,
      ...(readAddress(server.address).kind === 'tcp' && curveOptions(server, keys)),
    });
    this.#pump = new Pump(this.#socket, () => undefined);
    this.#watch();
    this.#socket.connect(server.address);
    void this.#run();
  }

  send(parts: (string | Uint8Array)[]): void {
    if (!this.#isEnded) this.#pump.push(parts);
  }

  /** Ends the connection without telling. */
  close(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#socket.close();
  }

  #watch(): void {
    const { events } = this.#socket;
    events.on('handshake', () => {
      if (!this.#isEnded) this.#hooks.onOpen();
    });
    events.on('handshake:error:auth', () => this.#end('the key was refused', true));
    events.on('handshake:error:protocol', () => this.#end('the handshake failed', true));
    events.on('handshake:error:other', () => this.#end('the handshake failed', false));
    events.on('disconnect', () => this.#end('the connection ended', false));
    events.on('close', () => this.#end('nobody answers', false));
  }

  async #run(): Promise<void> {
    try {
      for await (const parts of this.#socket) if (!this.#isEnded) this.#hooks.onFrame(parts);
    } catch (error) {
      this.#end(String(error), false);
    }
  }

  #end(reason: string, isRefused: boolean): void {
    if (this.#isEnded) return;
    this.close();
    this.#hooks.onEnd(reason, isRefused);
  }
}

function curveOptions(server: ServerAddress, keys: KeyPair | undefined) {
  const { publicKey, secretKey } = checkKeyPair(keys, server.address);
  return {
    curveServerKey: server.publicKey ?? '',
    curvePublicKey: publicKey,
    curveSecretKey: secretKey,
  };
}
