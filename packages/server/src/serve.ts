/**
 * What every server does around its engine: services, sessions, HTTP, and the file by which commands find
 * it.
 */
import { rename, rm, writeFile } from 'node:fs/promises';
import { SchedulerError } from '@hera/core';
import type { Observer } from '@hera/core';
import type { FastifyInstance } from 'fastify';
import { createApp } from './app.js';
import { Sessions } from './auth/sessions.js';
import type { Cluster } from './cluster/cluster.js';
import { pagesFolder } from './pages.js';
import { ownIdentity } from './process-identity.js';
import { serverFile } from './server-file.js';
import type { LocalServer } from './server-file.js';
import { createServices } from './services/index.js';
import type { Services } from './services/index.js';
import type { Supervisor } from './supervisor.js';
import { VERSION } from './version.js';

/** A server that listens. */
export interface RunningServer {
  /** `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Signs in once, within an hour. */
  readonly signInLink: string;
  readonly engine: Supervisor;
  readonly services: Services;
  /** Ends streams, then the engine; attempts go on and are found again. May be called again. */
  stop(): Promise<void>;
}

/** What is served, and where. */
export interface ServeOptions {
  readonly engine: Supervisor;
  readonly home: string;
  readonly host: string;
  readonly port: number;
  /** How many ports after the first may be tried. */
  readonly portsMax: number;
  readonly log: Observer;
  readonly cluster?: Cluster;
  /** Address under which people reach it; default where it listens. */
  readonly origin?: string;
}

/** Listens. What is wrong ends the engine and is thrown: `OPTION_INVALID` for the port. */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const { engine, home, log, cluster, origin } = options;
  try {
    const services = createServices(engine, VERSION);
    const endWakes = engine.onWake(() => services.events.wake());
    const sessions = new Sessions();
    const app = await createApp({
      services,
      sessions,
      pages: pagesFolder(),
      log,
      ...(cluster && { cluster }),
      ...(origin !== undefined && { origin }),
    });
    const listening = await listen(app, options);
    const url = origin ?? listening;
    await announce(home, { url: listening, token: sessions.localToken, process: ownIdentity() });
    const stop = once(async () => {
      endWakes();
      await rm(serverFile(home), { force: true });
      await app.close();
      await engine.stop();
    });
    const signInLink = `${url}/#/sign-in/${sessions.createLinkToken(Date.now())}`;
    return { url, signInLink, engine, services, stop };
  } catch (error) {
    await engine.stop();
    throw error;
  }
}

/** The first free port from the wanted one on. */
async function listen(app: FastifyInstance, { host, port, portsMax }: ServeOptions): Promise<string> {
  for (let tried = 0; ; tried += 1) {
    try {
      return await app.listen({ host, port: port === 0 ? 0 : port + tried });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const isTaken = code === 'EADDRINUSE' && port + tried < 65_535 && tried < portsMax;
      if (isTaken) continue;
      if (code !== 'EACCES' && code !== 'EADDRINUSE' && code !== 'EADDRNOTAVAIL') throw error;
      const because = code === 'EACCES' ? 'is reserved for root' : 'is not to be had';
      const message = `HERA_PORT: port ${port + tried} of ${host} ${because} (${code}); choose another`;
      throw new SchedulerError('OPTION_INVALID', message, { option: 'HERA_PORT', expected: 'a free port' });
    }
  }
}

async function announce(home: string, server: LocalServer): Promise<void> {
  // Whoever looks finds the whole of it or nothing.
  const written = `${serverFile(home)}.new`;
  await rm(written, { force: true });
  await writeFile(written, JSON.stringify(server), { mode: 0o600 });
  await rename(written, serverFile(home));
}

function once(act: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= act());
}
