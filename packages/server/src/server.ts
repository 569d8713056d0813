/** The server on one machine, composed: engine, services, HTTP. `hera up` is this and what it prints. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { SchedulerError } from '@hera/core';
import type { Observer } from '@hera/core';
import type { FastifyInstance } from 'fastify';
import { createApp } from './app.js';
import { Sessions } from './auth/sessions.js';
import type { ServerConfig } from './config.js';
import { startLocalEngine } from './local-engine.js';
import { pagesFolder } from './pages.js';
import { isAlive, ownIdentity } from './process-identity.js';
import { serverFile } from './server-file.js';
import type { LocalServer } from './server-file.js';
import { createServices } from './services/index.js';
import type { Services } from './services/index.js';
import { Supervisor } from './supervisor.js';
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

/** Another server holds the folder. */
export class HomeTaken extends Error {
  override readonly name = 'HomeTaken';
}

/** Ports that are tried after the first. */
const PORTS_MAX = 100;

/** Starts everything and listens. `HomeTaken` when a server runs on this home already. */
export async function startServer(config: ServerConfig, log: Observer): Promise<RunningServer> {
  await mkdir(config.home, { recursive: true, mode: 0o700 });
  await checkHome(config.home);
  let wake = () => {};
  const engine = await Supervisor.start({
    start: () =>
      startLocalEngine({
        folder: config.home,
        slots: config.slots,
        schedules: true,
        zone: config.zone,
        area: config.area,
        actor: 'hera up',
        log,
      }),
    log,
    onEvent: () => wake(),
  });
  try {
    const services = createServices(engine, VERSION);
    wake = () => services.events.wake();
    const sessions = new Sessions();
    const app = await createApp({ services, sessions, pages: pagesFolder(), log });
    const url = await listen(app, config);
    await announce(config.home, { url, token: sessions.localToken, process: ownIdentity() });
    const stop = once(async () => {
      await rm(serverFile(config.home), { force: true });
      await app.close();
      await engine.stop();
    });
    return {
      url,
      signInLink: `${url}/#/sign-in/${sessions.createLinkToken(Date.now())}`,
      engine,
      services,
      stop,
    };
  } catch (error) {
    await engine.stop();
    throw error;
  }
}

/** The first free port from the wanted one on. */
async function listen(app: FastifyInstance, { host, port }: ServerConfig): Promise<string> {
  for (let tried = 0; ; tried += 1) {
    try {
      return await app.listen({ host, port: port === 0 ? 0 : port + tried });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const isTaken = code === 'EADDRINUSE' && port + tried < 65_535 && tried < PORTS_MAX;
      if (isTaken) continue;
      if (code !== 'EACCES' && code !== 'EADDRINUSE' && code !== 'EADDRNOTAVAIL') throw error;
      const because = code === 'EACCES' ? 'is reserved for root' : 'is not to be had';
      const message = `HERA_PORT: port ${port + tried} of ${host} ${because} (${code}); choose another`;
      throw new SchedulerError('OPTION_INVALID', message, { option: 'HERA_PORT', expected: 'a free port' });
    }
  }
}

async function checkHome(home: string): Promise<void> {
  const text = await readFile(serverFile(home), 'utf8').catch(() => null);
  if (text === null) return;
  const { url, process: holder } = JSON.parse(text) as LocalServer;
  if (!isAlive(holder)) return;
  throw new HomeTaken(`a server runs on ${home} already: ${url}, process ${holder.pid}`);
}

async function announce(home: string, server: LocalServer): Promise<void> {
  await rm(serverFile(home), { force: true });
  await writeFile(serverFile(home), JSON.stringify(server), { mode: 0o600 });
}

function once(act: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => (done ??= act());
}
