/** Who gets in, and what the others get: nothing. */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WorkerMessage } from '@hera/core/protocol';
import { createKeyPair, createZmqServerTransport, proofOf } from '../src/index.js';
import type { ZmqServerTransport } from '../src/index.js';
import { openEstate } from './estate.js';
import type { Estate } from './estate.js';
import { dialRaw } from './raw-client.js';
import type { RawClient } from './raw-client.js';

const LINK = 'a1';
const BYE: WorkerMessage = { type: 'bye', session: 1 };

let folder: string;
let estate: Estate;
let server: ZmqServerTransport;
let clients: RawClient[];
const said: string[] = [];
let onSaid: () => void = () => undefined;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hera-zmq-'));
  estate = openEstate(folder, 'tcp');
  server = estate.server({ recheckMs: 50 });
  clients = [];
  said.length = 0;
  await server.listen({
    onMessage: (worker, message) => {
      said.push(`${worker} ${JSON.stringify(message)}`);
      onSaid();
    },
    onDisconnect: (worker) => {
      said.push(`${worker} gone`);
      onSaid();
    },
  });
});

afterEach(async () => {
  for (const client of clients) client.close();
  await estate.close();
  rmSync(folder, { recursive: true, force: true });
});

async function untilSaid(count: number): Promise<readonly string[]> {
  while (said.length < count) await new Promise<void>((resolve) => void (onSaid = resolve));
  return said;
}

function dial(options: Parameters<typeof dialRaw>[0]): RawClient {
  const client = dialRaw(options);
  clients.push(client);
  return client;
}

const address = () => server.addresses[0] ?? '';
const serverKey = () => estate.serverKeys.publicKey;

/** A worker that is on the list, by its keys. */
function allowed(worker: string) {
  const keys = createKeyPair();
  estate.keyStore.allow(worker, keys);
  return keys;
}

/** A join frame that is right for those keys. */
function joinOf(worker: string, keys: { publicKey: string; secretKey: string }): [string, string, string] {
  const body = { worker, publicKey: keys.publicKey, proof: proofOf(keys.secretKey) };
  return ['hera/1 join', LINK, JSON.stringify(body)];
}

describe('on tcp', () => {
  it.each([
    { name: 'no keys', client: () => dial({ address: address(), keys: null }) },
    { name: 'keys that nobody allowed', client: () => dial({ address: address(), serverKey: serverKey() }) },
    {
      name: 'allowed keys, for another server',
      client: () => dial({ address: address(), keys: allowed('w1'), serverKey: createKeyPair().publicKey }),
    },
  ])('a client with $name is not let in', async ({ client }) => {
    const raw = client();
    expect(await raw.fate).not.toBe('handshake');
    expect(raw.heard).toEqual([]);
    expect(said).toEqual([]);
    expect(server.counts.frames).toBe(0);
  });

  it('whoever speaks no ZeroMQ gets its greeting at most', async () => {
    const { port } = new URL(address().replace('tcp:', 'http:'));
    const bytes = await new Promise<number>((resolve) => {
      let count = 0;
      const socket = connect(Number(port), '127.0.0.1');
      socket.on('data', (chunk) => void (count += chunk.length));
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(count));
      socket.write('GET / HTTP/1.1\r\nhost: hera\r\n\r\n'.repeat(10));
    });
    // The greeting of ZMTP 3.1 has 64 bytes.
    expect(bytes).toBeLessThanOrEqual(64);
  });

  it('a worker cannot join under the name of another', async () => {
    const mine = allowed('w1');
    const theirs = allowed('w2');
    const raw = dial({ address: address(), keys: mine, serverKey: serverKey() });
    await raw.send(...joinOf('w2', mine));
    await raw.send('hera/1 join', LINK, JSON.stringify({ worker: 'w2', ...theirs, proof: 'f'.repeat(64) }));
    await raw.send('hera/1 messages', LINK, JSON.stringify([BYE]));
    const heard = await raw.until(3);
    expect(heard.map(([head]) => head).sort()).toEqual(['hera/1 again', 'hera/1 refused', 'hera/1 refused']);
    expect(said).toEqual([]);
    expect(server.connected).toEqual([]);
  });

  it('a frame says nothing under a link that was not joined', async () => {
    const keys = allowed('w1');
    const raw = dial({ address: address(), keys, serverKey: serverKey() });
    await raw.send(...joinOf('w1', keys));
    await raw.until(1);
    await raw.send('hera/1 messages', 'b2', JSON.stringify([BYE]));
    await raw.send('hera/1 messages', LINK, JSON.stringify([{ ...BYE, session: 2 }]));
    expect(await untilSaid(1)).toEqual(['w1 {"type":"bye","session":2}']);
  });

  it('what a worker says of its name, pools and labels gives way to its enrolment', async () => {
    const keys = createKeyPair();
    estate.keyStore.allow('w1', keys, { pools: ['etl'], labels: { zone: 'a' } });
    const raw = dial({ address: address(), keys, serverKey: serverKey() });
    await raw.send(...joinOf('w1', keys));
    const profile = {
      worker: 'leader',
      boot: 'b',
      slots: 1,
      pools: ['finance'],
      labels: { zone: 'b', disk: 'ssd' },
      kinds: [],
      functions: [],
      enrolled: false,
      pid: 1,
      version: '0',
    };
    const hello = { type: 'hello', v: 1, session: 1, epoch: 0, profile };
    await raw.send('hera/1 messages', LINK, JSON.stringify([hello]));
    const line = (await untilSaid(1))[0] ?? '';
    const admitted = { worker: 'w1', pools: ['etl'], labels: { zone: 'a', disk: 'ssd' }, enrolled: true };
    expect(JSON.parse(line.slice(3))).toEqual({ ...hello, profile: { ...profile, ...admitted } });
  });

  it('a worker that is taken off the list is put out', async () => {
    const keys = allowed('w1');
    const raw = dial({ address: address(), keys, serverKey: serverKey() });
    await raw.send(...joinOf('w1', keys));
    await raw.until(1);
    await estate.keyStore.removeWorker('w1');
    expect(await untilSaid(1)).toEqual(['w1 gone']);
    await raw.send('hera/1 messages', LINK, JSON.stringify([BYE]));
    await raw.send(...joinOf('w1', keys));
    const heads = (await raw.until(4)).map(([head]) => head);
    expect(heads.slice(1).sort()).toEqual(['hera/1 again', 'hera/1 refused', 'hera/1 refused']);
    expect(said).toEqual(['w1 gone']);
  });

  it('a second worker of one name takes the place of the first, which is told', async () => {
    const keys = allowed('w1');
    const first = dial({ address: address(), keys, serverKey: serverKey() });
    await first.send(...joinOf('w1', keys));
    await first.until(1);
    const second = dial({ address: address(), keys, serverKey: serverKey() });
    await second.send(...joinOf('w1', keys));
    await second.until(1);
    const told = (await first.until(2))[1];
    expect(told).toEqual(['hera/1 refused', LINK, '{"code":"REPLACED"}']);
  });

  it('another version of the frames is told so', async () => {
    const keys = allowed('w1');
    const raw = dial({ address: address(), keys, serverKey: serverKey() });
    await raw.send('hera/9 join', LINK, '{}');
    expect(await raw.until(1)).toEqual([['hera/1 refused', '0', '{"code":"VERSION"}']]);
  });
});

describe('what is refused before anybody can connect', () => {
  const server = 's';
  it.each([
    { name: 'tcp without keys', options: { listen: ['tcp://127.0.0.1:0'] }, code: 'KEY_INVALID' },
    { name: 'a relative socket', options: { listen: ['ipc://run/hera'] }, code: 'ADDRESS_INVALID' },
    { name: 'a long path', options: { listen: [`ipc:///${'x'.repeat(107)}`] }, code: 'ADDRESS_INVALID' },
    { name: 'another carrier', options: { listen: ['ws://127.0.0.1:1'] }, code: 'ADDRESS_INVALID' },
    { name: 'no address', options: { listen: [] }, code: 'OPTION_INVALID' },
    { name: 'a port that is none', options: { listen: ['tcp://127.0.0.1:99999'] }, code: 'ADDRESS_INVALID' },
  ])('$name', ({ options, code }) => {
    expect(() => createZmqServerTransport({ server, ...options })).toThrow(expect.objectContaining({ code }));
  });

  it('an ipc socket in a folder that others may enter', async () => {
    chmodSync(folder, 0o755);
    const open = createZmqServerTransport({ server, listen: [`ipc://${join(folder, 'control')}`] });
    const listener = { onMessage: () => undefined, onDisconnect: () => undefined };
    await expect(open.listen(listener)).rejects.toMatchObject({ code: 'FOLDER_UNSAFE' });
    await open.close();
  });

  it('an address that is taken', async () => {
    const second = estate.server({ listen: [address()] });
    const listener = { onMessage: () => undefined, onDisconnect: () => undefined };
    await expect(second.listen(listener)).rejects.toMatchObject({ code: 'ADDRESS_UNUSABLE' });
  });
});

it('one key has no connections without number', async () => {
  const keys = allowed('w1');
  const many = Array.from({ length: 100 }, () => dial({ address: address(), keys, serverKey: serverKey() }));
  const fates = await Promise.all(many.map(({ fate }) => fate));
  const letIn = fates.filter((fate) => fate === 'handshake').length;
  expect(letIn).toBeGreaterThanOrEqual(60);
  expect(letIn).toBeLessThan(90);
});
