/** The channel of logs: bytes arrive as they were sent, whoever leads, and no more than the window waits. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LogAck, LogChannel, LogPiece, LogSink } from '@hera/core';
import { LOG_WINDOW_BYTES } from '../src/index.js';
import type { ZmqServerTransport } from '../src/index.js';
import { openEstate } from './estate.js';
import type { Estate } from './estate.js';
import { Signal } from './signal.js';

const KIB = 1_024;
/** A link that was lost would have to send again, which no shipper does here. */
const PATIENT = { beatMs: 10_000 };
const silent = { onConnect: () => undefined, onMessage: () => undefined, onDisconnect: () => undefined };
const quiet = { onMessage: () => undefined, onDisconnect: () => undefined };

let folder: string;
let estate: Estate;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hera-zmq-'));
});

afterEach(async () => {
  await estate.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A sink that keeps everything, and can be made to wait. */
function memorySink() {
  const logs = new Map<string, Buffer>();
  const calls: number[] = [];
  let pause = Promise.resolve();
  const sink: LogSink = {
    async append(pieces) {
      calls.push(pieces.length);
      await pause;
      return pieces.map(({ attempt, offset, bytes, last }): LogAck => {
        const log = logs.get(attempt) ?? Buffer.alloc(0);
        if (offset === log.length) logs.set(attempt, Buffer.concat([log, bytes]));
        return { attempt, stored: logs.get(attempt)?.length ?? 0, complete: last };
      });
    },
  };
  return { sink, logs, calls, hold: (until: Promise<void>) => void (pause = until) };
}

/** What a shipper hears. */
function listenTo(channel: LogChannel) {
  const windows: number[] = [];
  const acks: LogAck[] = [];
  const lost: number[] = [];
  const news = new Signal();
  void channel.connect({
    onConnect: (bytes) => news.after(() => windows.push(bytes)),
    onAcks: (some) => news.after(() => acks.push(...some)),
    onDisconnect: () => news.after(() => lost.push(windows.length)),
  });
  return { windows, acks, lost, until: (check: () => boolean) => news.until(check) };
}

const piece = (offset: number, bytes: Buffer, last = false): LogPiece => ({
  attempt: 'a@a:k/1',
  offset,
  bytes,
  last,
});

describe.each(['tcp', 'ipc'] as const)('over %s', (kind) => {
  beforeEach(() => {
    estate = openEstate(folder, kind);
  });

  it('bytes of any kind are stored and acknowledged', async () => {
    const { sink, logs } = memorySink();
    const server = estate.server({ ...PATIENT, logs: sink });
    await server.listen(quiet);
    const worker = estate.worker('w1', [server], PATIENT);
    await worker.connect(silent);
    const heard = listenTo(worker.logs);
    await heard.until(() => heard.windows.length === 1);
    expect(heard.windows).toEqual([LOG_WINDOW_BYTES]);
    const bytes = Buffer.from(Array.from({ length: 256 * KIB }, (_, n) => (n * 7) & 255));
    const cut = (n: number) => piece(n * 64 * KIB, bytes.subarray(n * 64 * KIB, (n + 1) * 64 * KIB), n === 3);
    worker.logs.send([cut(0), cut(1)]);
    worker.logs.send([cut(2), cut(3)]);
    await heard.until(() => heard.acks.some(({ complete }) => complete));
    expect(heard.acks.at(-1)).toEqual({ attempt: 'a@a:k/1', stored: 256 * KIB, complete: true });
    expect(logs.get('a@a:k/1')?.equals(bytes)).toBe(true);
  });

  it('what comes while the store is busy goes to it as one, and not without bound', async () => {
    const { sink, calls, hold } = memorySink();
    const server = estate.server({ ...PATIENT, logs: sink });
    await server.listen(quiet);
    const worker = estate.worker('w1', [server], PATIENT);
    await worker.connect(silent);
    const heard = listenTo(worker.logs);
    await heard.until(() => heard.windows.length === 1);
    let release = (): void => undefined;
    hold(new Promise((resolve) => void (release = resolve)));
    const bytes = Buffer.alloc(64 * KIB);
    // Three windows, from a shipper that keeps to none.
    for (let n = 0; n < 192; n += 1) worker.logs.send([piece(n * 64 * KIB, bytes)]);
    worker.send([{ type: 'bye', session: 1 }]);
    await vi.waitUntil(() => server.counts.messages > 0, { timeout: 20_000 });
    release();
    await heard.until(() => heard.acks.length > 0);
    expect(calls[0]).toBeLessThanOrEqual(16);
    expect(Math.max(...calls) * 64 * KIB).toBeLessThanOrEqual(2 * LOG_WINDOW_BYTES);
  });
});

describe('over tcp', () => {
  beforeEach(() => {
    estate = openEstate(folder, 'tcp');
  });

  it('output of attempts that are not its own is dropped', async () => {
    const { sink, logs } = memorySink();
    const server = estate.server({
      ...PATIENT,
      logs: sink,
      mayLog: (worker, attempt) => attempt.startsWith(worker),
    });
    await server.listen(quiet);
    const worker = estate.worker('w1', [server], PATIENT);
    await worker.connect(silent);
    const heard = listenTo(worker.logs);
    await heard.until(() => heard.windows.length === 1);
    const bytes = Buffer.from('x');
    worker.logs.send([
      { attempt: 'w2/1', offset: 0, bytes, last: false },
      { attempt: 'w1/1', offset: 0, bytes, last: false },
    ]);
    await heard.until(() => heard.acks.length === 1);
    expect([...logs.keys()]).toEqual(['w1/1']);
  });

  it('a store that fails acknowledges nothing, and the next piece is asked anew', async () => {
    let tries = 0;
    const sink: LogSink = {
      append: (pieces) => {
        tries += 1;
        if (tries === 1) return Promise.reject(new Error('no space'));
        return Promise.resolve(pieces.map(({ attempt }) => ({ attempt, stored: 1, complete: false })));
      },
    };
    const server = estate.server({ ...PATIENT, logs: sink });
    await server.listen(quiet);
    const worker = estate.worker('w1', [server], PATIENT);
    await worker.connect(silent);
    const heard = listenTo(worker.logs);
    await heard.until(() => heard.windows.length === 1);
    worker.logs.send([piece(0, Buffer.from('x'))]);
    worker.logs.send([piece(0, Buffer.from('x'))]);
    await heard.until(() => heard.acks.length > 0);
    expect(heard.acks).toEqual([{ attempt: 'a@a:k/1', stored: 1, complete: false }]);
  });

  it('go to another server when theirs leaves', async () => {
    const { sink, logs } = memorySink();
    const servers: ZmqServerTransport[] = [
      estate.server({ ...PATIENT, logs: sink }),
      estate.server({ ...PATIENT, logs: sink }),
    ];
    for (const server of servers) await server.listen(quiet);
    const worker = estate.worker('w1', servers, PATIENT);
    await worker.connect(silent);
    const heard = listenTo(worker.logs);
    await heard.until(() => heard.windows.length >= 1);
    worker.logs.send([piece(0, Buffer.from('ab'))]);
    await heard.until(() => heard.acks.length === 1);
    await servers[0]?.close();
    await heard.until(() => heard.windows.length > heard.lost.length && heard.lost.length > 0);
    worker.logs.send([piece(2, Buffer.from('cd'))]);
    await heard.until(() => heard.acks.length === 2);
    expect(String(logs.get('a@a:k/1'))).toBe('abcd');
  });
});
