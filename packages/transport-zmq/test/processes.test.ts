/** Ends that are processes: how their death is noticed, and that nothing keeps them from ending. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createKeyPair } from '../src/index.js';
import type { ZmqServerTransport } from '../src/index.js';
import { openEstate } from './estate.js';
import type { Estate } from './estate.js';
import { Signal } from './signal.js';

const PROGRAM = fileURLToPath(new URL('./worker-child.mjs', import.meta.url));

let folder: string;
let estate: Estate;
let server: ZmqServerTransport;
let heard: string[];
const news = new Signal();
const children: ChildProcess[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hera-zmq-'));
  estate = openEstate(folder, 'tcp');
  // Beats so far apart that only the end of the connection can tell.
  server = estate.server({ beatMs: 20_000 });
  heard = [];
  await server.listen({
    onMessage: (worker) => news.after(() => heard.push(`${worker} said`)),
    onDisconnect: (worker) => news.after(() => heard.push(`${worker} gone`)),
  });
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await estate.close();
  rmSync(folder, { recursive: true, force: true });
});

function start(options: object): ChildProcess {
  const child = spawn(process.execPath, [PROGRAM, JSON.stringify(options)], { stdio: 'inherit' });
  children.push(child);
  return child;
}

function optionsFor(worker: string) {
  const keys = createKeyPair();
  estate.keyStore.allow(worker, keys);
  const servers = [{ address: server.addresses[0], publicKey: estate.serverKeys.publicKey }];
  return { worker, keys, servers, beatMs: 20_000 };
}

const codeOf = (child: ChildProcess) => new Promise((resolve) => child.once('exit', resolve));

it('a worker that is killed is reported long before its silence would tell, after 100 s', async () => {
  const child = start(optionsFor('w1'));
  start(optionsFor('w2'));
  await news.until(() => heard.length === 2);
  child.kill('SIGKILL');
  await news.until(() => heard.length === 3);
  expect(heard[2]).toBe('w1 gone');
  expect(server.connected).toEqual(['w2']);
});

it('a worker that has left ends by itself', async () => {
  const child = start({ ...optionsFor('w1'), does: 'leave' });
  expect(await codeOf(child)).toBe(0);
  await news.until(() => heard.includes('w1 gone'));
});

it('a process ends by itself though nobody took what it said', async () => {
  const listen = [`ipc://${join(folder, 'child')}`];
  const servers = [{ address: `ipc://${join(folder, 'nobody')}` }];
  const child = start({ worker: 'w1', servers, listen, does: 'give up' });
  expect(await codeOf(child)).toBe(0);
});
