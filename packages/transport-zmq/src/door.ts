/** One bound ROUTER: takes frames in, sends frames out, and tells when a peer may have gone. */
import { Router } from 'zeromq';
import type { Context } from 'zeromq';
import type { Observer } from '@hera/core';
import { readAddress, secureFolder } from './addresses.js';
import { TransportError } from './errors.js';
import { checkKeyPair } from './keys.js';
import { Pump } from './pump.js';
import type { KeyPair } from './transport-types.js';
import { FRAMES_SENT_MAX, FRAMES_TAKEN_MAX } from './wire.js';
import { ZAP_DOMAIN } from './zap.js';

const HANDSHAKE_MS = 5_000;
/** What is still in ZeroMQ's hands when a door closes may take this long. */
const LINGER_MS = 200;
/** Beside the body, a frame has its head and link. */
const ENVELOPE_BYTES = 1_024;

/** How a door is made. */
export interface DoorOptions {
  readonly context: Context;
  readonly address: string;
  /** For `tcp`. */
  readonly keys: KeyPair | undefined;
  readonly frameBytesMax: number;
  readonly beatMs: number;
  readonly observer: Observer;
}

/** What a door tells. A route names a connection; ZeroMQ draws it anew for each. */
export interface DoorHooks {
  onFrame(door: Door, route: Buffer, parts: readonly Buffer[]): void;
  /** The frame was not sent; with `isGone`, the connection does not exist any more. */
  onUnsent(door: Door, route: Buffer, isGone: boolean): void;
  /** Some connection has ended; ZeroMQ does not say which. */
  onDeparture(door: Door): void;
  /** A handshake was refused. */
  onRefused(): void;
}

/** A bound socket. */
export class Door {
  /** Whoever gets in is believed by the folder's mode; on `tcp` keys decide. */
  readonly isPlain: boolean;
  readonly #router: Router;
  readonly #pump: Pump;
  readonly #options: DoorOptions;
  readonly #hooks: DoorHooks;
  #isClosed = false;

  constructor(options: DoorOptions, hooks: DoorHooks) {
    const address = readAddress(options.address);
    this.#options = options;
    this.#hooks = hooks;
    this.isPlain = address.kind === 'ipc';
    if (address.kind === 'ipc') secureFolder(address.path);
    this.#router = new Router({
      context: options.context,
      // A frame to a connection that is gone, or does not read, is refused at once instead of waited for.
      mandatory: true,
      sendTimeout: 0,
      linger: LINGER_MS,
      maxMessageSize: options.frameBytesMax + ENVELOPE_BYTES,
      sendHighWaterMark: FRAMES_SENT_MAX,
      receiveHighWaterMark: FRAMES_TAKEN_MAX,
      handshakeInterval: HANDSHAKE_MS,
      // ZeroMQ's own thread answers these, also while our event loop is busy.
      heartbeatInterval: options.beatMs,
      heartbeatTimeout: options.beatMs * 3,
      ...(address.kind === 'tcp' && curveOptions(options.keys)),
    });
    this.#pump = new Pump(this.#router, (parts, reason) =>
      hooks.onUnsent(this, Buffer.from(parts[0] ?? ''), reason === 'EHOSTUNREACH'),
    );
  }

  /** Where it listens; free ports are filled in. */
  get address(): string {
    return this.#router.lastEndpoint ?? this.#options.address;
  }

  /** @throws TransportError `ADDRESS_UNUSABLE`. */
  async open(): Promise<void> {
    const { address } = this.#options;
    this.#router.events.on('disconnect', () => this.#hooks.onDeparture(this));
    this.#router.events.on('handshake:error:auth', () => this.#hooks.onRefused());
    this.#router.events.on('handshake:error:protocol', () => this.#hooks.onRefused());
    try {
      await this.#router.bind(address);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new TransportError('ADDRESS_UNUSABLE', `${address} cannot be listened on: ${reason}`, { cause });
    }
    void this.#run();
  }

  send(route: Buffer, parts: (string | Uint8Array)[]): void {
    if (!this.#isClosed) this.#pump.push([route, ...parts]);
  }

  /** Sends what waits, then closes. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#pump.idle();
    this.#router.close();
  }

  async #run(): Promise<void> {
    try {
      for await (const [route, ...parts] of this.#router) if (route) this.#take(route, parts);
    } catch (error) {
      // Closing ends what is being waited for.
      if (!this.#isClosed) this.#options.observer.log('error', 'a door failed', { error: String(error) });
    }
  }

  #take(route: Buffer, parts: readonly Buffer[]): void {
    if (this.#isClosed) return;
    try {
      this.#hooks.onFrame(this, route, parts);
    } catch (error) {
      // A frame must never end the loop that takes frames.
      this.#options.observer.log('error', 'a frame could not be handled', { error: String(error) });
    }
  }
}

function curveOptions(keys: KeyPair | undefined) {
  const { secretKey } = checkKeyPair(keys, 'The server');
  return { curveServer: true, curveSecretKey: secretKey, zapDomain: ZAP_DOMAIN, zapEnforceDomain: true };
}
