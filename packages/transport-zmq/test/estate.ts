/** Servers and workers on sockets of one machine, for the tests of this package. */
import { join } from 'node:path';
import type { Observer } from '@hera/core';
import {
  createKeyPair,
  createZmqServerTransport,
  createZmqWorkerTransport,
  hashOf,
  proofOf,
} from '../src/index.js';
import type {
  KeyPair,
  KeyStore,
  TokenKey,
  WorkerKey,
  ZmqServerOptions,
  ZmqServerTransport,
  ZmqWorkerOptions,
  ZmqWorkerTransport,
} from '../src/index.js';

/** Beats are short, so that silence is noticed within a test. */
export const BEAT_MS = 100;

/** An allow-list that forgets. */
export class MemoryKeyStore implements KeyStore {
  readonly rows = new Map<string, WorkerKey>();
  readonly tokenRows = new Map<string, TokenKey>();

  /** Puts a worker on the list. */
  allow(worker: string, keys: KeyPair, facts: Partial<WorkerKey> = {}): void {
    const { publicKey, secretKey } = keys;
    const proofHash = hashOf(proofOf(secretKey));
    this.rows.set(publicKey, {
      worker,
      publicKey,
      proofHash,
      pools: [],
      labels: {},
      enrolledAt: 0,
      ...facts,
    });
  }

  worker = (key: string) => Promise.resolve(this.rows.get(key) ?? null);
  token = (key: string) => Promise.resolve(this.tokenRows.get(key) ?? null);
  workers = () => Promise.resolve([...this.rows.values()]);
  tokens = () => Promise.resolve([...this.tokenRows.values()]);
  addToken = (token: TokenKey) => Promise.resolve(void this.tokenRows.set(token.publicKey, token));
  removeToken = () => Promise.resolve(false);
  enroll = () => Promise.resolve('tokenUnusable' as const);
  removeWorker = (name: string) => {
    const found = [...this.rows.values()].find((row) => row.worker === name);
    return Promise.resolve(found !== undefined && this.rows.delete(found.publicKey));
  };
}

/** Everything that was opened, to be closed together. */
export interface Estate {
  readonly keyStore: MemoryKeyStore;
  readonly serverKeys: KeyPair;
  server(options?: Partial<ZmqServerOptions>): ZmqServerTransport;
  worker(
    name: string,
    servers: readonly ZmqServerTransport[],
    options?: Partial<ZmqWorkerOptions>,
  ): ZmqWorkerTransport;
  close(): Promise<void>;
}

/** Makes an estate whose sockets, if any, lie in `folder`. */
export function openEstate(folder: string, kind: 'tcp' | 'ipc'): Estate {
  const keyStore = new MemoryKeyStore();
  const serverKeys = createKeyPair();
  const opened: { close(): Promise<void> }[] = [];
  let count = 0;
  return {
    keyStore,
    serverKeys,
    server(options = {}) {
      count += 1;
      const place = (what: string) =>
        kind === 'tcp' ? 'tcp://127.0.0.1:0' : `ipc://${join(folder, `${what}${count}`)}`;
      const server = createZmqServerTransport({
        server: `server-${count}`,
        listen: [place('control')],
        ...(options.logs && { listenLogs: [place('logs')] }),
        ...(kind === 'tcp' && { keys: serverKeys, keyStore }),
        beatMs: BEAT_MS,
        ...options,
      });
      opened.unshift(server);
      return server;
    },
    worker(name, servers, options = {}) {
      const keys = createKeyPair();
      keyStore.allow(name, keys);
      const worker = createZmqWorkerTransport({
        worker: name,
        servers: servers.flatMap(({ addresses }) =>
          addresses.map((address) => ({ address, publicKey: serverKeys.publicKey })),
        ),
        ...(kind === 'tcp' && { keys }),
        beatMs: BEAT_MS,
        reconnectMs: 20,
        reconnectMsMax: 100,
        ...options,
      });
      opened.unshift(worker);
      return worker;
    },
    async close() {
      for (const end of opened) await end.close();
    },
  };
}

/** Remembers what was logged. */
export function listObserver(): Observer & { readonly lines: string[] } {
  const lines: string[] = [];
  return {
    lines,
    log: (level, message, facts) => void lines.push(`${level} ${message} ${JSON.stringify(facts)}`),
  };
}
