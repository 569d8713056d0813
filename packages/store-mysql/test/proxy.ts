/** A way to the server that can be cut at a chosen statement, before it arrives or after. */
import { createConnection, createServer } from 'node:net';
import type { Socket } from 'node:net';
import { once } from 'node:events';

export type Fault =
  /** The statement does not arrive, and the connection is gone. */
  | 'cut-before'
  /** The statement arrives, its answer does not, and the connection is gone. */
  | 'cut-after'
  /** Nothing arrives any more, and nobody is told: a host that lost its network. */
  | 'freeze';

export interface Proxy {
  readonly port: number;
  /** The next packet that contains the text meets the fault, once. */
  failAt(text: string, fault: Fault): void;
  close(): Promise<void>;
}

/** Listens on 127.0.0.1 and passes everything on to the server's socket. */
export async function startProxy(socketPath: string): Promise<Proxy> {
  let armed: { readonly text: string; readonly fault: Fault } | null = null;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = createConnection(socketPath);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
    }
    let isFrozen = false;
    let isAnswerLost = false;
    client.on('data', (bytes: Buffer) => {
      if (isFrozen) return;
      const fault = armed && bytes.includes(armed.text) ? armed.fault : null;
      if (fault) armed = null;
      if (fault === 'cut-before') {
        client.destroy();
        upstream.destroy();
      } else if (fault === 'freeze') isFrozen = true;
      else {
        isAnswerLost = fault === 'cut-after';
        upstream.write(bytes);
      }
    });
    upstream.on('data', (bytes: Buffer) => {
      if (isFrozen) return;
      if (isAnswerLost) client.destroy();
      else client.write(bytes);
    });
    client.on('close', () => (isFrozen ? undefined : upstream.destroy()));
    upstream.on('close', () => (isFrozen ? undefined : client.destroy()));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    failAt: (text, fault) => void (armed = { text, fault }),
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
