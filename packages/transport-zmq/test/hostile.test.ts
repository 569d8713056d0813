/**
 * Frames of somebody who means ill, from a host that was let in: the worst that can reach the decoders. They
 * crash nothing, are counted, and leave no memory behind. `HERA_HOSTILE_FRAMES=1000000` is the heavy form.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { WorkerMessage } from '@hera/core/protocol';
import { createKeyPair, proofOf } from '../src/index.js';
import { listObserver, openEstate } from './estate.js';
import type { Estate } from './estate.js';
import { dialRaw } from './raw-client.js';
import type { RawClient } from './raw-client.js';
import { Signal } from './signal.js';

const FRAMES = Number(process.env['HERA_HOSTILE_FRAMES'] ?? 20_000);
/** The server's process may grow by this while it reads them; they come to far more. */
const GROWTH_MIB_MAX = 96;
const LINK = 'a1';
const SEED = 7;

let folder: string;
let estate: Estate;
let client: RawClient | null = null;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hera-zmq-'));
  estate = openEstate(folder, 'tcp');
});

afterEach(async () => {
  client?.close();
  await estate.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Numbers from 0 up to `below`, the same in every run. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const GOOD = [
  ['hera/1 messages', LINK, '[{"type":"bye","session":1}]'],
  ['hera/1 messages', LINK, '[{"type":"report","epoch":1,"session":1,"entries":[]}]'],
  ['hera/1 beat', LINK, '{}'],
  ['hera/1 join', LINK, '{"worker":"w1"}'],
  ['hera/1 enroll', LINK, '{"tokenKey":"x","tokenProof":"y"}'],
  ['hera/1 log', LINK, '[{"attempt":"a","offset":0,"last":false}]', 'bytes'],
] as const;

const NASTY = [
  '',
  '\u0000',
  'null',
  '[]',
  '{}',
  '[[[[',
  '['.repeat(20_000),
  '{"a":'.repeat(5_000),
  '"'.repeat(999),
  '1e999',
  '[{"type":"__proto__"}]',
  '{"__proto__":{"worker":"w2"}}',
  '[{"type":"pulse","journal":[{"state":"constructor"}]}]',
  '\ud800',
  'x'.repeat(70_000),
];

/** A frame that is wrong somewhere, or everywhere. */
function hostileFrame(below: (n: number) => number): (string | Uint8Array)[] {
  const parts: (string | Uint8Array)[] = [...(GOOD[below(GOOD.length)] ?? [])];
  const place = below(parts.length);
  switch (below(6)) {
    case 0:
      parts[place] = NASTY[below(NASTY.length)] ?? '';
      break;
    case 1:
      parts[place] = Uint8Array.from({ length: below(300) }, () => below(256));
      break;
    case 2:
      parts[place] = String(parts[place]).slice(0, below(40));
      break;
    case 3:
      parts.splice(place, 1);
      break;
    case 4:
      parts.push(...Array.from({ length: below(40) }, () => 'more'));
      break;
    default: {
      const bytes = Buffer.from(String(parts[place]));
      if (bytes.length > 0) bytes[below(bytes.length)] = below(256);
      parts[place] = bytes;
    }
  }
  return parts.length > 0 ? parts : [''];
}

it(`takes ${FRAMES} hostile frames, and serves on`, { timeout: 3_600_000 }, async () => {
  const observer = listObserver();
  const server = estate.server({ observer, beatMs: 2_000 });
  const news = new Signal();
  const heard: WorkerMessage[] = [];
  let strange = 0;
  await server.listen({
    onMessage: (worker, message) =>
      news.after(() => {
        // What passes is a whole message, under the name that was proved.
        if (worker === 'w2') heard.push(message);
        else if (worker !== 'w1' || !['bye', 'report', 'pulse', 'hello'].includes(message.type)) strange += 1;
      }),
    onDisconnect: () => undefined,
  });
  const honest = estate.worker('w2', [server], { beatMs: 2_000 });
  await new Promise<void>((onConnect) => {
    void honest.connect({ onConnect, onMessage: () => undefined, onDisconnect: () => undefined });
  });
  const keys = createKeyPair();
  estate.keyStore.allow('w1', keys);
  const raw = dialRaw({
    address: server.addresses[0] ?? '',
    keys,
    serverKey: estate.serverKeys.publicKey,
  });
  client = raw;
  const join = JSON.stringify({ worker: 'w1', publicKey: keys.publicKey, proof: proofOf(keys.secretKey) });
  const below = generator(SEED);
  let before = 0;
  for (let n = 0; n < FRAMES; n += 1) {
    // It is put out again and again, and comes back.
    if (n % 150 === 0) await raw.send('hera/1 join', LINK, join);
    await raw.send(...hostileFrame(below));
    if (n === Math.floor(FRAMES / 10)) before = process.memoryUsage().rss;
    if (n % 10_000 === 0) observer.lines.length = 0;
  }
  await raw.send('hera/1 join', LINK, join);
  honest.send([{ type: 'bye', session: 42 }]);
  await news.until(() => heard.length > 0);
  await vi.waitUntil(() => server.counts.malformed > FRAMES / 3, { timeout: 60_000 });
  const grown = (process.memoryUsage().rss - before) / 1_048_576;
  expect(heard).toEqual([{ type: 'bye', session: 42 }]);
  expect(strange).toBe(0);
  expect(grown).toBeLessThan(GROWTH_MIB_MAX);
  expect(observer.lines.filter((line) => line.startsWith('error'))).toEqual([]);
});
