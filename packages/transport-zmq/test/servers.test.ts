/** Servers that come and go, and which of them a worker speaks to. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SchedulerMessage, WorkerMessage } from '@hera/core/protocol';
import type { ZmqServerTransport, ZmqWorkerTransport } from '../src/index.js';
import { openEstate } from './estate.js';
import type { Estate } from './estate.js';
import { Signal } from './signal.js';

const bye = (session: number): WorkerMessage => ({ type: 'bye', session });
const fin = (epoch: number): SchedulerMessage => ({ type: 'fin', epoch, attempts: [] });

let folder: string;
let estate: Estate;
let news: Signal;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hera-zmq-'));
  estate = openEstate(folder, 'tcp');
  news = new Signal();
});

afterEach(async () => {
  await estate.close();
  rmSync(folder, { recursive: true, force: true });
});

const until = (check: () => boolean) => news.until(check);

/** A server that listens, and what it hears. */
async function serve(options: Parameters<Estate['server']>[0] = {}) {
  const transport = estate.server(options);
  const heard: string[] = [];
  await transport.listen({
    onMessage: (worker, message) =>
      news.after(() => heard.push(`${worker} ${'session' in message ? message.session : ''}`)),
    onDisconnect: (worker) => news.after(() => heard.push(`${worker} gone`)),
  });
  return { transport, heard };
}

/** A worker that connects, and what it hears. */
function work(name: string, servers: readonly ZmqServerTransport[]) {
  const transport = estate.worker(name, servers);
  const heard: string[] = [];
  void transport.connect({
    onConnect: () => news.after(() => heard.push('connected')),
    onMessage: (message) => news.after(() => heard.push(`fin ${message.epoch}`)),
    onDisconnect: () => news.after(() => heard.push('disconnected')),
  });
  return { transport, heard };
}

const allJoined = (worker: ZmqWorkerTransport) => worker.servers.every(({ isConnected }) => isConnected);
const PATIENT = { timeout: 20_000, interval: 5 };
/** Not every change of state calls back: these are asked for. */
const joined = (worker: ZmqWorkerTransport) => vi.waitUntil(() => allJoined(worker), PATIENT);

describe('one server', () => {
  it('that restarts finds its workers again, under their names', async () => {
    const first = await serve();
    const address = first.transport.addresses[0] ?? '';
    const workers = ['w1', 'w2', 'w3'].map((name) => work(name, [first.transport]));
    await until(() => workers.every(({ heard }) => heard.length === 1));
    await first.transport.close();
    await until(() => workers.every(({ heard }) => heard.at(-1) === 'disconnected'));
    const second = await serve({ listen: [address] });
    await until(() => workers.every(({ heard }) => heard.length === 3));
    for (const [n, { transport }] of workers.entries()) transport.send([bye(n)]);
    await until(() => second.heard.length === 3);
    expect([...second.heard].sort()).toEqual(['w1 0', 'w2 1', 'w3 2']);
    expect([...second.transport.connected].sort()).toEqual(['w1', 'w2', 'w3']);
  });

  it('hears of a worker that falls silent, and hears it again', async () => {
    const server = await serve();
    const worker = work('w1', [server.transport]);
    await until(() => worker.heard.length === 1);
    // A whole process cannot stand still here; ending it without a word is as silent.
    const silent = estate.worker('w2', [server.transport], { beatMs: 60_000 });
    let connects = 0;
    void silent.connect({
      onConnect: () => news.after(() => (connects += 1)),
      onMessage: () => undefined,
      onDisconnect: () => undefined,
    });
    await until(() => server.heard.includes('w2 gone'));
    silent.send([bye(7)]);
    await until(() => connects === 2);
    silent.send([bye(8)]);
    await until(() => server.heard.includes('w2 8'));
    expect(server.heard).not.toContain('w1 gone');
  });

  it('is not left because its event loop was busy', async () => {
    const server = await serve();
    const worker = work('w1', [server.transport]);
    await until(() => worker.heard.length === 1);
    // Both ends stand still for far longer than silence is borne.
    const end = performance.now() + 1_500;
    while (performance.now() < end);
    worker.transport.send([bye(1)]);
    await until(() => server.heard.length === 1);
    expect(server.heard).toEqual(['w1 1']);
    expect(worker.heard).toEqual(['connected']);
  });

  it('sends what one turn says to one worker as one frame', async () => {
    const server = await serve();
    const worker = work('w1', [server.transport]);
    await until(() => worker.heard.length === 1);
    for (let n = 0; n < 500; n += 1) worker.transport.send([bye(n)]);
    await until(() => server.heard.length === 500);
    expect(server.transport.counts).toMatchObject({ frames: 1, messages: 500 });
  });

  it('drops a message that no frame can hold, and goes on', async () => {
    const server = await serve({ frameBytesMax: 65_536 });
    const worker = work('w1', [server.transport]);
    await until(() => worker.heard.length === 1);
    server.transport.send('w1', [{ type: 'fin', epoch: 1, attempts: ['x'.repeat(70_000)] }, fin(2)]);
    await until(() => worker.heard.length === 2);
    expect(worker.heard[1]).toBe('fin 2');
    expect(server.transport.counts.unsent).toBe(1);
  });

  it('gets a long order in parts', async () => {
    const server = await serve({ frameBytesMax: 65_536 });
    const worker = work('w1', [server.transport]);
    await until(() => worker.heard.length === 1);
    const attempts = Array.from({ length: 4 }, (_, n) => `${n}`.repeat(30_000));
    server.transport.send('w1', [{ type: 'fin', epoch: 1, attempts }]);
    await until(() => worker.heard.length === 3);
    expect(server.transport.counts.unsent).toBe(0);
  });
});

describe('two servers', () => {
  it('are both heard, and the one that leads is spoken to', async () => {
    const [a, b] = [await serve(), await serve()];
    a.transport.announce({ leads: true, epoch: 1 });
    b.transport.announce({ leads: false, epoch: 1 });
    const { transport: worker } = work('w1', [a.transport, b.transport]);
    await joined(worker);
    worker.send([bye(1)]);
    await until(() => a.heard.length === 1);
    b.transport.announce({ leads: true, epoch: 2 });
    await vi.waitUntil(() => worker.servers[1]?.leadership?.leads, PATIENT);
    worker.send([bye(2)]);
    await until(() => b.heard.length === 1);
    expect([a.heard, b.heard]).toEqual([['w1 1'], ['w1 2']]);
  });

  it('are told apart by their messages where they say nothing', async () => {
    const [a, b] = [await serve(), await serve()];
    const { transport: worker, heard } = work('w1', [a.transport, b.transport]);
    await joined(worker);
    worker.send([bye(1)]);
    await until(() => a.heard.length === 1 && b.heard.length === 1);
    b.transport.send('w1', [fin(5)]);
    await until(() => heard.includes('fin 5'));
    worker.send([bye(2)]);
    await until(() => b.heard.length === 2);
    a.transport.send('w1', [fin(4)]);
    await until(() => heard.includes('fin 4'));
    worker.send([bye(3)]);
    await until(() => b.heard.length === 3);
    a.transport.send('w1', [fin(6)]);
    await until(() => heard.includes('fin 6'));
    worker.send([bye(4)]);
    await until(() => a.heard.length === 2);
    expect([a.heard, b.heard]).toEqual([
      ['w1 1', 'w1 4'],
      ['w1 1', 'w1 2', 'w1 3'],
    ]);
  });

  it('that both follow are spoken to by nobody until one leads', async () => {
    const [a, b] = [await serve(), await serve()];
    for (const { transport } of [a, b]) transport.announce({ leads: false, epoch: 3 });
    const worker = work('w1', [a.transport, b.transport]);
    await joined(worker.transport);
    expect(worker.heard).toEqual([]);
    a.transport.announce({ leads: true, epoch: 4 });
    await until(() => worker.heard.length === 1);
    await a.transport.close();
    await until(() => worker.heard.length === 2);
    b.transport.announce({ leads: true, epoch: 5 });
    await until(() => worker.heard.length === 3);
    expect(worker.heard).toEqual(['connected', 'disconnected', 'connected']);
  });
});

describe('connections', () => {
  it('come and go by the hundred and leave nothing behind', async () => {
    const server = await serve();
    const cycle = async (n: number) => {
      const worker = estate.worker(`w${n % 7}`, [server.transport]);
      await new Promise<void>((onConnect) => {
        void worker.connect({ onConnect, onMessage: () => undefined, onDisconnect: () => undefined });
      });
      await worker.close();
    };
    for (let n = 0; n < 50; n += 1) await cycle(n);
    const before = process.memoryUsage().rss;
    for (let n = 0; n < 250; n += 1) await cycle(n);
    expect(server.transport.connected).toEqual([]);
    expect((process.memoryUsage().rss - before) / 1_048_576).toBeLessThan(64);
  });
});
