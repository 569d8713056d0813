// @ts-check
/**
 * A small cluster of real processes on this machine: MariaDB, any number of `hera server` and `hera-worker`.
 * Everything lies in one temporary folder and goes with it.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient } from '@hera/api';
import { createConnection } from 'mysql2/promise';
import { startMariadb } from '../../tools/mariadb.mjs';

const SERVER = fileURLToPath(new URL('../../packages/server/bin/hera.js', import.meta.url));
const WORKER = fileURLToPath(new URL('../../packages/worker/bin/hera-worker.js', import.meta.url));
const DATABASE = 'hera_example';
const READY_MS = 60_000;
const LOOK_MS = 50;

/** @typedef {import('node:child_process').ChildProcess} ChildProcess */

/**
 * @typedef {object} Member
 * @property {string} name
 * @property {string} home
 * @property {string} url Of a server; empty for a worker.
 * @property {ChildProcess | null} process
 * @property {() => Promise<void>} start Starts it, or starts it again.
 * @property {(signal?: NodeJS.Signals) => Promise<void>} end Ends it and waits for its end; default SIGKILL.
 */

/** Starts everything; `stop` ends it and takes the folder away. */
export async function startCluster({ servers = 2, workers = 3, slots = 4, leaseMs = 2_000 } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'hera-cluster-'));
  const mariadb = await startMariadb();
  await makeDatabase(mariadb);
  const store = `mysql://${mariadb.user}:${mariadb.password}@127.0.0.1:${mariadb.port}/${DATABASE}`;
  const secret = randomBytes(32).toString('hex');
  const ports = await freePorts(servers * 3);
  const portsOf = (/** @type {number} */ i) => ports.slice(i * 3, i * 3 + 3);
  const workersAt = Array.from({ length: servers }, (_, i) => `tcp://127.0.0.1:${portsOf(i)[1]}`);

  const serverMembers = Array.from({ length: servers }, (_, i) => {
    const name = `server-${i + 1}`;
    const [http, control, logs] = portsOf(i);
    return member(folder, name, {
      url: `http://127.0.0.1:${http}`,
      command: [SERVER, 'server'],
      env: {
        HERA_HOME: join(folder, name),
        HERA_PORT: String(http),
        HERA_STORE: store,
        HERA_CLUSTER_SECRET: secret,
        HERA_WORKERS: `tcp://127.0.0.1:${control}`,
        HERA_WORKER_LOGS: `tcp://127.0.0.1:${logs}`,
        HERA_WORKERS_AT: workersAt.join(','),
        HERA_LEASE_MS: String(leaseMs),
        HERA_LOG: 'info',
      },
    });
  });
  for (const server of serverMembers) await server.start();
  for (const server of serverMembers) await until(`${server.name} answers`, () => health(server));

  const [first] = serverMembers;
  if (!first) throw new Error('a cluster has a server');
  const { token } = await clientOf(first).createWorkerToken({ body: { uses: workers } });
  const workerMembers = Array.from({ length: workers }, (_, i) => {
    const name = `worker-${i + 1}`;
    return member(folder, name, {
      url: '',
      command: [WORKER],
      env: {
        HERA_WORKER_HOME: join(folder, name),
        HERA_WORKER_NAME: name,
        HERA_WORKER_SERVERS: workersAt[0] ?? '',
        HERA_WORKER_TOKEN: token,
        HERA_WORKER_SLOTS: String(slots),
        HERA_WORKER_POOLS: 'default',
        HERA_WORKER_PULSE_MS: '500',
      },
    });
  });
  for (const worker of workerMembers) await worker.start();

  return {
    folder,
    mariadb,
    servers: serverMembers,
    workers: workerMembers,
    clientOf,
    health,
    /** The server that leads, once one does. */
    leader: () =>
      until('a server leads', async () => {
        for (const server of serverMembers) if ((await health(server))?.role === 'leader') return server;
        return null;
      }),
    async stop() {
      for (const one of [...workerMembers, ...serverMembers]) await one.end('SIGTERM');
      await mariadb.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What a server says of itself; null while it does not answer. @param {Member} server */
export async function health(server) {
  if (!server.process || !existsSync(join(server.home, 'server.json'))) return null;
  return clientOf(server)
    .getHealth({})
    .catch(() => null);
}

/** A client that may do everything. @param {Member} server */
export function clientOf(server) {
  const { token } = JSON.parse(readFileSync(join(server.home, 'server.json'), 'utf8'));
  return createClient({ baseUrl: server.url, token: () => token });
}

/**
 * Looks until something is there.
 *
 * @template T
 * @param {string} what
 * @param {() => Promise<T | null | undefined | false>} look
 * @param {number} [patienceMs]
 * @returns {Promise<T>}
 */
export async function until(what, look, patienceMs = READY_MS) {
  const end = performance.now() + patienceMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (performance.now() > end) throw new Error(`waited ${patienceMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/**
 * @param {string} folder
 * @param {string} name
 * @param {{ url: string, command: string[], env: Record<string, string> }} how
 * @returns {Member}
 */
function member(folder, name, { url, command, env }) {
  const home = join(folder, name);
  /** @type {Member} */
  const made = {
    name,
    home,
    url,
    process: null,
    async start() {
      mkdirSync(home, { recursive: true, mode: 0o700 });
      const log = openSync(join(folder, `${name}.log`), 'a');
      made.process = spawn(process.execPath, command, {
        env: { ...process.env, ...env },
        stdio: ['ignore', log, log],
      });
      closeSync(log);
    },
    async end(signal = 'SIGKILL') {
      const child = made.process;
      made.process = null;
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill(signal);
      await ended;
    },
  };
  return made;
}

/** @param {import('../../tools/mariadb.mjs').MariadbServer} mariadb */
async function makeDatabase({ socketPath, user, password }) {
  const connection = await createConnection({ socketPath, user, password });
  await connection.query(`CREATE DATABASE ${DATABASE}`);
  await connection.end();
}

/** @param {number} count */
async function freePorts(count) {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map(
    (server) => /** @type {import('node:net').AddressInfo} */ (server.address()).port,
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
