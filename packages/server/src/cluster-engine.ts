/**
 * The engine of a server whose workers are elsewhere: store, workers' door, scheduler. It follows while
 * another server leads, and its workers stay connected meanwhile.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createHera } from '@hera/core';
import type { Observer } from '@hera/core';
import {
  createEnrollmentToken,
  createZmqServerTransport,
  deriveKeys,
  loadOrCreateKeys,
} from '@hera/transport-zmq';
import type { LocalEngine } from './local-engine.js';
import type { Enrollment } from './services/engine.js';
import { createStoredKeys } from './worker-keys.js';
import type { ClusterConfig } from './cluster-config.js';
import { openStore } from './open-store.js';
import { startRetention } from './retention.js';

const NO_ABILITIES = { kinds: [], functions: [] };

/** What the engine is told by the server around it. */
export interface ClusterEngineOptions {
  readonly config: ClusterConfig;
  /** Its name in the lease: the address by which others find it. */
  readonly url: string;
  readonly log: Observer;
  /** Tells the leader, by its name in the lease, that something waits for it. */
  readonly nudge: (holder: string) => void;
}

/** Starts it; resolves once it leads, or sees that another does. */
export async function startClusterEngine(options: ClusterEngineOptions): Promise<LocalEngine> {
  const { config, url, log, nudge } = options;
  await mkdir(config.home, { recursive: true, mode: 0o700 });
  await mkdir(config.keys, { recursive: true, mode: 0o700 });
  const { store, logs } = openStore(config.store, config.home);
  const keys =
    config.secret === ''
      ? await loadOrCreateKeys(join(config.keys, 'server.json'))
      : deriveKeys(config.secret);
  const keyStore = createStoredKeys(store);
  const transport = createZmqServerTransport({
    server: url,
    listen: [config.workers],
    listenLogs: [config.workerLogs],
    keys,
    keyStore,
    ...(config.workersAt.length > 0 && {
      advertise: config.workersAt.map((address) => ({ address, publicKey: keys.publicKey })),
    }),
    logs,
    observer: log,
  });
  const hera = createHera({
    store,
    transport,
    name: url,
    slots: 0,
    zone: config.zone,
    actor: 'hera server',
    log,
    ...(config.area !== '' && { area: config.area }),
    ...(config.leaseMs > 0 && { leaseMs: config.leaseMs }),
    follow: { nudge, onRole: (leads) => void announce(leads) },
  });
  const announce = async (leads: boolean) => {
    const lease = await store.readLease().catch(() => null);
    transport.announce({ leads, epoch: lease?.epoch ?? 0 });
  };
  const endRetention = startRetention({ store, leads: () => hera.leads, log });
  const stop = async () => {
    endRetention();
    await hera.stop({ deadlineMs: 0 });
    await store.close();
  };
  try {
    await hera.start();
  } catch (error) {
    await stop();
    throw error;
  }
  const enrollment: Enrollment = {
    async createToken(asked) {
      const { text, key } = createEnrollmentToken({ ...asked, serverKey: keys.publicKey, now: Date.now() });
      await keyStore.addToken(key);
      return { id: key.id, token: text, address: transport.addresses[0] ?? config.workers };
    },
  };
  return { hera, store, logs, enrollment, abilities: NO_ABILITIES, stop };
}
