/** The server on one machine, composed: engine, services, HTTP. `hera up` is this and what it prints. */
import { mkdir, readFile } from 'node:fs/promises';
import type { Observer } from '@hera/core';
import type { ServerConfig } from './config.js';
import { startLocalEngine } from './local-engine.js';
import { isAlive } from './process-identity.js';
import { serve } from './serve.js';
import type { RunningServer } from './serve.js';
import { serverFile } from './server-file.js';
import type { LocalServer } from './server-file.js';
import { Supervisor } from './supervisor.js';

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
  });
  const { home, host, port } = config;
  return serve({ engine, home, host, port, portsMax: PORTS_MAX, log });
}

/** @throws HomeTaken when a server that lives has the folder. */
export async function checkHome(home: string): Promise<void> {
  const text = await readFile(serverFile(home), 'utf8').catch(() => null);
  if (text === null) return;
  const { url, process: holder } = JSON.parse(text) as LocalServer;
  if (!isAlive(holder)) return;
  throw new HomeTaken(`a server runs on ${home} already: ${url}, process ${holder.pid}`);
}
