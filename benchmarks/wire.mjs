/**
 * What does our transport add to the bare wire? Messages of 200 bytes go to another process and are answered,
 * with so many under way at once: bare, a ROUTER and a DEALER that send one message in a frame; ours, the
 * server's and the worker's transport, which check every message and put what one turn says into one frame.
 * Both over TCP on this machine, encrypted. Time is from the first message to the last answer.
 *
 * Not measured: commits, orders with scripts in them, more than one worker.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  createFileKeyStore,
  createKeyPair,
  createZmqServerTransport,
  hashOf,
  proofOf,
} from '../packages/transport-zmq/dist/index.js';
import { median, Report, sized, summary, takeTurns } from './lib/report.mjs';

const { Router } = createRequire(import.meta.url)('zeromq');
const SIDE = fileURLToPath(new URL('./sides/wire.mjs', import.meta.url));
const BYTES = 200;
const underWay = [1, 100, 10_000];
const report = new Report('wire', 'wire: messages that go out and are answered, bare and by our transport');
const folder = mkdtempSync(join(tmpdir(), 'hera-wire-'));
const children = [];

const sides = { bare: await openBare(), hera: await openHera() };
for (const window of underWay) {
  const count = window === 1 ? sized(3_000, 200) : sized(50_000, 2_000);
  const figures = await takeTurns({
    bare: () => play(sides.bare, { window, count }),
    hera: () => play(sides.hera, { window, count }),
  });
  const bare = summary(figures.bare, 'perSecond');
  const hera = summary(figures.hera, 'perSecond');
  report.figure(`bare, ${window} under way`, bare);
  report.figure(`ours, ${window} under way`, hera);
  if (window === 1)
    report.ratio('round trip, ours ÷ bare', hera.roundTripMs / bare.roundTripMs, { atMost: 3 });
  else
    report.ratio(`messages a second, ours ÷ bare, ${window} under way`, hera.perSecond / bare.perSecond, {});
}
for (const child of children) child.kill('SIGKILL');
for (const side of Object.values(sides)) await side.close();
rmSync(folder, { recursive: true, force: true });
report.done('none');
process.exit();

/** Keeps `window` messages under way until `count` have been answered. */
async function play(side, { window, count }) {
  let sent = 0;
  let answered = 0;
  const times = [];
  let at = performance.now();
  const from = at;
  await new Promise((resolve) => {
    side.onAnswers((answers) => {
      answered += answers;
      if (window === 1) {
        const now = performance.now();
        times.push(now - at);
        at = now;
      }
      if (answered === count) resolve();
      else more(Math.min(answers, count - sent));
    });
    const more = (n) => {
      sent += n;
      side.send(n);
    };
    more(Math.min(window, count));
  });
  const seconds = (performance.now() - from) / 1_000;
  return { perSecond: count / seconds, roundTripMs: times.length > 0 ? median(times) : 0 };
}

function spawnSide(options) {
  const child = spawn(process.execPath, [SIDE, JSON.stringify(options)], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  children.push(child);
}

async function openBare() {
  const keys = createKeyPair();
  const router = new Router({ linger: 0, curveServer: true, curveSecretKey: keys.secretKey });
  router.sendHighWaterMark = router.receiveHighWaterMark = 100_000;
  await router.bind('tcp://127.0.0.1:0');
  const server = { address: router.lastEndpoint, publicKey: keys.publicKey };
  spawnSide({ kind: 'bare', server, keys: createKeyPair() });
  const [route] = await router.receive();
  const body = Buffer.alloc(BYTES, 'x');
  let listener = () => undefined;
  let sending = Promise.resolve();
  const read = async () => {
    for await (const frame of router) if (frame.length === 2) listener(1);
  };
  read().catch(() => undefined);
  return {
    onAnswers: (next) => void (listener = next),
    send: (n) => {
      // One send at a time: ZeroMQ refuses a second.
      sending = sending.then(async () => {
        for (let k = 0; k < n; k += 1) await router.send([route, body]);
      });
    },
    close: () => router.close(),
  };
}

async function openHera() {
  const keys = createKeyPair();
  const workerKeys = createKeyPair();
  const keyStore = createFileKeyStore({ file: join(folder, 'keys.json') });
  // A store takes workers by enrolment alone; this one is told of a worker that already is.
  const row = { worker: 'w1', publicKey: workerKeys.publicKey, pools: [], labels: {}, enrolledAt: 0 };
  const known = { ...row, proofHash: hashOf(proofOf(workerKeys.secretKey)) };
  const store = {
    ...allow(keyStore),
    worker: (key) => Promise.resolve(key === row.publicKey ? known : null),
  };
  const transport = createZmqServerTransport({
    server: 's1',
    listen: ['tcp://127.0.0.1:0'],
    keys,
    keyStore: store,
  });
  let listener = () => undefined;
  let arrived = 0;
  const tell = () => {
    const answers = arrived;
    arrived = 0;
    listener(answers);
  };
  let isKnown = () => undefined;
  const joined = new Promise((resolve) => void (isKnown = resolve));
  await transport.listen({
    onDisconnect: () => undefined,
    onMessage: (_worker, { session }) => {
      if (session === 0) return isKnown();
      arrived += 1;
      if (arrived === 1) queueMicrotask(tell);
    },
  });
  spawnSide({
    kind: 'hera',
    server: { address: transport.addresses[0], publicKey: keys.publicKey },
    keys: workerKeys,
  });
  await joined;
  const empty = { type: 'fin', epoch: 1, attempts: [] };
  const message = { ...empty, attempts: ['x'.repeat(BYTES - JSON.stringify(empty).length - 2)] };
  return {
    onAnswers: (next) => void (listener = next),
    send: (n) => transport.send('w1', Array(n).fill(message)),
    close: () => transport.close(),
  };
}

/** The list of workers besides, for the looks of every half minute. */
function allow(keyStore) {
  return {
    token: (key) => keyStore.token(key),
    tokens: () => keyStore.tokens(),
    workers: () => Promise.resolve([]),
  };
}
