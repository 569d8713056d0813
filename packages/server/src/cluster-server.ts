/** One server of several, or one whose workers are on other machines. `hera server` is this. */
import { mkdir } from 'node:fs/promises';
import { SchedulerError } from '@hera/core';
import type { Observer } from '@hera/core';
import { checkHome } from './server.js';
import { serve } from './serve.js';
import type { RunningServer } from './serve.js';
import { Supervisor } from './supervisor.js';
import { Cluster } from './cluster/cluster.js';
import type { ClusterConfig } from './cluster-config.js';
import { startClusterEngine } from './cluster-engine.js';

/** Starts it and listens. `HomeTaken` when a server runs on this home already; `OPTION_INVALID`. */
export async function startClusterServer(config: ClusterConfig, log: Observer): Promise<RunningServer> {
  const { home, host, port, store, secret } = config;
  if (store !== 'sqlite' && secret === '') {
    throw optionInvalid('HERA_CLUSTER_SECRET', 'it must be set: other servers may share the database');
  }
  if (port === 0 && config.publicUrl === '') {
    throw optionInvalid('HERA_PORT', 'it must not be 0: other servers must find this one');
  }
  await mkdir(home, { recursive: true, mode: 0o700 });
  await checkHome(home);
  const url = config.publicUrl === '' ? `http://${host}:${port}` : config.publicUrl;
  const engines: { current?: Supervisor } = {};
  const cluster = new Cluster({
    secret: secret === '' ? null : secret,
    leader: async () => (await engines.current?.store.readLease())?.holder ?? null,
    onNudge: () => engines.current?.hera?.nudge(),
    log,
  });
  const engine = await Supervisor.start({
    start: () => startClusterEngine({ config, url, log, nudge: (holder) => void cluster.nudge(holder) }),
    log,
  });
  engines.current = engine;
  return serve({ engine, home, host, port, portsMax: 0, log, cluster, origin: url });
}

const optionInvalid = (option: string, rule: string) =>
  new SchedulerError('OPTION_INVALID', `${option}: ${rule}`, { option, expected: rule });
