/** A connection that says whatever a test wants, past everything this package would do for it. */
import { Context, Dealer, curveKeyPair } from 'zeromq';
import type { KeyPair } from '../src/index.js';

/** How a raw client comes. */
export interface RawOptions {
  readonly address: string;
  /** Its own keys; null for a client that knows no CURVE. */
  readonly keys?: KeyPair | null;
  readonly serverKey?: string;
}

/** A raw client. */
export interface RawClient {
  /** Parts of every frame that came, as text. */
  readonly heard: string[][];
  /** `handshake` or the error that ended it. */
  readonly fate: Promise<string>;
  /** Resolves when ZeroMQ has taken the frame, which may need the peer to read. */
  send(...parts: (string | Uint8Array)[]): Promise<void>;
  /** Resolves when so many frames have come. */
  until(count: number): Promise<string[][]>;
  close(): void;
}

/** Dials at once. */
export function dialRaw({ address, keys, serverKey }: RawOptions): RawClient {
  const context = new Context();
  context.blocky = false;
  const curve = keys !== null && serverKey !== undefined && (keys ?? curveKeyPair());
  const socket = new Dealer({
    context,
    linger: 0,
    reconnectInterval: -1,
    ...(curve && {
      curveServerKey: serverKey,
      curvePublicKey: curve.publicKey,
      curveSecretKey: curve.secretKey,
    }),
  });
  const heard: string[][] = [];
  let wake = (): void => undefined;
  const fate = new Promise<string>((resolve) => {
    const kinds = ['handshake', 'handshake:error:auth', 'handshake:error:protocol', 'disconnect'] as const;
    for (const kind of kinds) socket.events.on(kind, () => resolve(kind));
  });
  const listen = async (): Promise<void> => {
    for await (const parts of socket) {
      heard.push(parts.map(String));
      wake();
    }
  };
  listen().catch(() => undefined);
  socket.connect(address);
  return {
    heard,
    fate,
    send: (...parts) => socket.send(parts),
    async until(count) {
      while (heard.length < count) await new Promise<void>((resolve) => void (wake = resolve));
      return heard;
    },
    close: () => socket.close(),
  };
}
