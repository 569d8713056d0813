/**
 * Logs over a carrier that loses, repeats and reorders, to a store that keeps the port's rule, with agents
 * that die at any moment: what is stored is the masked output, whole, or says what is left out of it. Time is
 * virtual; files are real.
 */
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LogAck, LogChannel, LogChannelListener, LogPiece } from '@hera/core';
import { VirtualClock } from '@hera/core/testing';
import { attemptFileName } from './attempt-dir.js';
import { LogMasks } from './log-masks.js';
import { LogShipper } from './log-shipper.js';
import type { LogShipperOptions } from './log-shipper.js';
import { findNativeShim } from './native-shim.js';

let home: string;
let clock: VirtualClock;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'hera-ship-'));
  clock = new VirtualClock(0);
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** A store by the rule of the port, in memory. */
class Store {
  readonly logs = new Map<string, { bytes: Buffer; complete: boolean }>();

  take({ attempt, offset, bytes, last }: LogPiece): LogAck {
    const log = this.logs.get(attempt) ?? { bytes: Buffer.alloc(0), complete: false };
    this.logs.set(attempt, log);
    if (!log.complete && offset <= log.bytes.length) {
      const rest = bytes.subarray(Math.min(bytes.length, log.bytes.length - offset));
      log.bytes = Buffer.concat([log.bytes, rest]);
      log.complete = last && offset + bytes.length === log.bytes.length;
    }
    return { attempt, stored: log.bytes.length, complete: log.complete };
  }

  textOf(attempt: string): string {
    return this.logs.get(attempt)?.bytes.toString() ?? '';
  }
}

/** Delivers when it is told to, and what it is told to. */
class Carrier implements LogChannel {
  readonly #store: Store;
  listener: LogChannelListener | null = null;
  pieces: LogPiece[] = [];
  acks: LogAck[] = [];
  sentBytes = 0;
  /** Most bytes that were sent and not acknowledged to the shipper. */
  underWayMax = 0;
  #acked = new Map<string, number>();
  #sent = new Map<string, number>();

  constructor(store: Store) {
    this.#store = store;
  }

  connect(listener: LogChannelListener): Promise<void> {
    this.listener = listener;
    return Promise.resolve();
  }

  send(pieces: readonly LogPiece[]): void {
    for (const piece of pieces) {
      expect(piece.bytes.length).toBeLessThanOrEqual(65_536);
      this.sentBytes += piece.bytes.length;
      this.#sent.set(piece.attempt, piece.offset + piece.bytes.length);
      this.pieces.push({ ...piece, bytes: Buffer.from(piece.bytes) });
    }
    const room = [...this.#sent].map(([attempt, sent]) => sent - (this.#acked.get(attempt) ?? 0));
    this.underWayMax = Math.max(
      this.underWayMax,
      room.reduce((sum, bytes) => sum + Math.max(0, bytes), 0),
    );
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** All of it, in order. */
  deliver(): void {
    while (this.pieces.length > 0) {
      for (const piece of this.pieces.splice(0)) this.acks.push(this.#store.take(piece));
      this.acknowledge(this.acks.splice(0));
    }
  }

  /** One piece by number, which stays when it is to come again. */
  take(n: number, again: boolean): void {
    const piece = this.pieces[n % Math.max(1, this.pieces.length)];
    if (!piece) return;
    if (!again) this.pieces.splice(this.pieces.indexOf(piece), 1);
    this.acks.push(this.#store.take(piece));
  }

  acknowledge(acks: readonly LogAck[]): void {
    for (const { attempt, stored } of acks) this.#acked.set(attempt, stored);
    this.listener?.onAcks(acks);
  }
}

async function ship(store: Store, options: Partial<LogShipperOptions> = {}) {
  const carrier = new Carrier(store);
  const shipper = new LogShipper({ home, channel: carrier, clock, ...options });
  return { carrier, shipper };
}

const directoryOf = (attempt: string) => join(home, 'attempts', '2026-11-24', attemptFileName(attempt));

function prepare(attempt: string, secrets: readonly string[] = []): string {
  const directory = directoryOf(attempt);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'attempt'), `${attempt}\n`);
  if (secrets.length > 0) writeFileSync(join(directory, 'mask'), JSON.stringify(secrets));
  return directory;
}

const write = (attempt: string, text: string | Buffer) =>
  appendFileSync(join(directoryOf(attempt), 'output.log'), text);
const pass = (ms: number) => clock.advanceTo(clock.wallMs() + ms, () => Promise.resolve());
const marksIn = () => existsSync(join(home, 'unshipped', attemptFileName('a@a:1/1')));

describe('the log shipper', () => {
  it('ships what is written while it is written, and the end', async () => {
    const store = new Store();
    const { carrier, shipper } = await ship(store);
    await shipper.start();
    carrier.listener!.onConnect(1_000_000);
    shipper.begun('a@a:1/1', prepare('a@a:1/1'), true);
    write('a@a:1/1', 'one\n');
    await pass(200);
    carrier.deliver();
    expect(store.textOf('a@a:1/1')).toBe('one\n');
    write('a@a:1/1', 'two\n');
    shipper.ended('a@a:1/1');
    carrier.deliver();
    expect(store.logs.get('a@a:1/1')).toEqual({ bytes: Buffer.from('one\ntwo\n'), complete: true });
    expect(shipper.open).toBe(0);
    expect(marksIn()).toBe(false);
  });

  it('completes the log of an attempt that wrote nothing', async () => {
    const store = new Store();
    const { carrier, shipper } = await ship(store);
    await shipper.start();
    carrier.listener!.onConnect(1_000);
    shipper.begun('a@a:1/1', prepare('a@a:1/1'), true);
    shipper.ended('a@a:1/1');
    carrier.deliver();
    expect(store.logs.get('a@a:1/1')?.complete).toBe(true);
  });

  it('never has more under way than the window, however many logs there are', async () => {
    const store = new Store();
    const { carrier, shipper } = await ship(store);
    await shipper.start();
    const attempts = Array.from({ length: 20 }, (_, n) => `a@a:${n}/1`);
    for (const attempt of attempts) {
      shipper.begun(attempt, prepare(attempt), true);
      write(attempt, Buffer.alloc(100_000, attempt));
      shipper.ended(attempt);
    }
    carrier.listener!.onConnect(150_000);
    expect(carrier.pieces.length).toBeGreaterThan(0);
    carrier.deliver();
    expect(carrier.underWayMax).toBeLessThanOrEqual(150_000);
    expect([...store.logs.values()].map((log) => [log.bytes.length, log.complete])).toEqual(
      attempts.map(() => [100_000, true]),
    );
    expect(carrier.sentBytes).toBe(2_000_000);
  });

  it('goes on where the store says, after its own death and without a reminder', async () => {
    const store = new Store();
    const first = await ship(store);
    await first.shipper.start();
    first.carrier.listener!.onConnect(1_000_000);
    first.shipper.begun('a@a:1/1', prepare('a@a:1/1'), true);
    write('a@a:1/1', Buffer.alloc(300_000, 'x'));
    await pass(200);
    first.carrier.deliver();
    write('a@a:1/1', Buffer.alloc(100_000, 'y'));
    const second = await ship(store);
    await second.shipper.start();
    second.carrier.listener!.onConnect(1_000_000);
    second.carrier.deliver();
    expect(second.carrier.sentBytes).toBe(100_000);
    expect(store.logs.get('a@a:1/1')).toMatchObject({ complete: true });
    expect(store.textOf('a@a:1/1')).toBe('x'.repeat(300_000) + 'y'.repeat(100_000));
  });

  it('sends again what was lost, at the latest after five seconds', async () => {
    const store = new Store();
    const { carrier, shipper } = await ship(store);
    await shipper.start();
    carrier.listener!.onConnect(1_000_000);
    shipper.begun('a@a:1/1', prepare('a@a:1/1'), true);
    write('a@a:1/1', 'text');
    shipper.ended('a@a:1/1');
    carrier.pieces = [];
    await pass(4_000);
    expect(carrier.pieces).toEqual([]);
    await pass(2_000);
    carrier.deliver();
    expect(store.logs.get('a@a:1/1')?.complete).toBe(true);
  });

  it('cuts the middle of a log that is too long, and says which bytes', async () => {
    const store = new Store();
    const { carrier, shipper } = await ship(store, { bytesPerAttemptMax: 200_000 });
    await shipper.start();
    carrier.listener!.onConnect(1_000_000);
    shipper.begun('a@a:1/1', prepare('a@a:1/1'), true);
    const lines = Array.from({ length: 50_000 }, (_, n) => `line ${n}\n`);
    write('a@a:1/1', lines.join(''));
    await pass(200);
    carrier.deliver();
    const head = store.textOf('a@a:1/1');
    expect(head.length).toBeGreaterThan(149_900);
    expect(head.length).toBeLessThanOrEqual(150_000);
    write('a@a:1/1', 'the end\n');
    shipper.ended('a@a:1/1');
    carrier.deliver();
    const whole = `${lines.join('')}the end\n`;
    const text = store.textOf('a@a:1/1');
    const note = /\n\[hera\] (\d+) bytes are left out here, (\d+) to (\d+) of the output\n/.exec(text)!;
    const [, count, from, to] = note.map(Number);
    expect(to! - from!).toBe(count);
    expect(text.slice(0, note.index + 1)).toBe(whole.slice(0, from));
    expect(text.slice(note.index + note[0].length)).toBe(whole.slice(to));
    expect(text.length).toBeLessThan(200_200);
    expect(whole[from! - 1]).toBe('\n');
    expect(whole[to! - 1]).toBe('\n');
  });

  it('keeps all logs within the budget of the disk: shipped ones go first, then unshipped middles', async () => {
    const shim = findNativeShim(home);
    expect(shim).toHaveProperty('path');
    const store = new Store();
    const { carrier, shipper } = await ship(store, {
      bytesPerWorkerMax: 12 << 20,
      ...('path' in shim && { punch: shim.path }),
    });
    await shipper.start();
    carrier.listener!.onConnect(100_000_000);
    const names = ['a@a:1/1', 'b@a:1/1', 'c@a:1/1'];
    for (const attempt of names.slice(0, 2)) {
      shipper.begun(attempt, prepare(attempt), true);
      write(attempt, Buffer.alloc(5 << 20, 'x'));
      shipper.ended(attempt);
      carrier.deliver();
    }
    carrier.listener!.onDisconnect();
    shipper.begun('c@a:1/1', prepare('c@a:1/1'), true);
    write('c@a:1/1', Buffer.alloc(30 << 20, 'long line\n'));
    await pass(30_000);
    expect(existsSync(join(directoryOf('a@a:1/1'), 'output.log'))).toBe(false);
    expect(existsSync(join(directoryOf('b@a:1/1'), 'output.log'))).toBe(false);
    const blocks = () => statSync(join(directoryOf('c@a:1/1'), 'output.log')).blocks * 512;
    while (blocks() > 12 << 20) await new Promise<void>((wake) => void setImmediate(wake));
    shipper.ended('c@a:1/1');
    carrier.listener!.onConnect(100_000_000);
    carrier.deliver();
    const text = store.textOf('c@a:1/1');
    expect(text).toMatch(/\n\[hera\] \d+ bytes are left out here/);
    expect(text).not.toContain('\0');
    expect(store.logs.get('c@a:1/1')?.complete).toBe(true);
  });

  const SECRET = 'hunter2hunter';
  it('stores the exact masked bytes, whatever is lost, repeated, late, or dies', async () => {
    const action = fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom('x', '日', SECRET, 'hunter2', '\n', '🦉'.slice(0, 2)) },
      { weight: 4, arbitrary: fc.record({ take: fc.nat(20), again: fc.boolean() }) },
      { weight: 2, arbitrary: fc.constant('ack' as const) },
      { weight: 1, arbitrary: fc.constantFrom('lose' as const, 'die' as const, 'connect' as const) },
      { weight: 2, arbitrary: fc.record({ wait: fc.nat(6_000) }) },
    );
    const property = fc.asyncProperty(fc.array(action, { maxLength: 60 }), async (actions) => {
      rmSync(home, { recursive: true, force: true });
      mkdirSync(home);
      const store = new Store();
      let life = await ship(store);
      await life.shipper.start();
      const directory = prepare('a@a:1/1', [SECRET]);
      life.shipper.begun('a@a:1/1', directory, true);
      let written = '';
      for (const one of actions) {
        if (typeof one === 'object' && 'take' in one) life.carrier.take(one.take, one.again);
        else if (typeof one === 'object') await pass(one.wait);
        else if (one === 'ack') life.carrier.acknowledge(life.carrier.acks.splice(0).reverse());
        else if (one === 'lose') life.carrier.pieces = [];
        else if (one === 'connect') life.carrier.listener!.onConnect(1_000);
        else if (one === 'die') {
          await life.shipper.close();
          life = await ship(store);
          life.shipper.begun('a@a:1/1', directory, false);
          await life.shipper.start();
        } else {
          written += one;
          write('a@a:1/1', one);
        }
      }
      life.shipper.ended('a@a:1/1');
      life.carrier.listener!.onConnect(1_000);
      life.carrier.deliver();
      await pass(6_000);
      life.carrier.deliver();
      const masked = Buffer.from(written);
      new LogMasks([SECRET]).cover(masked);
      expect(store.logs.get('a@a:1/1')).toEqual({ bytes: masked, complete: true });
      expect(existsSync(join(directory, 'mask'))).toBe(false);
      await life.shipper.close();
    });
    await fc.assert(property, { numRuns: 150, seed: 20261124 });
  });
});

describe('masks', () => {
  const covered = (secret: string, text: string) => {
    const bytes = Buffer.from(text);
    new LogMasks([secret]).cover(bytes);
    return bytes.toString();
  };
  it.each([
    { secret: 'p@ss word', text: 'a p@ss word b', expected: 'a ********* b' },
    { secret: 'p@ss word', text: 'url p%40ss%20word!', expected: 'url *************!' },
    {
      secret: 'p@ss word',
      text: `b64 ${Buffer.from('p@ss word').toString('base64')}.`,
      expected: 'b64 ************.',
    },
    { secret: 'abab', text: 'xabababx', expected: 'x******x' },
    { secret: 'ab', text: 'ab is too short to be one', expected: 'ab is too short to be one' },
    { secret: '密码密码', text: '说密码密码。', expected: `说${'*'.repeat(12)}。` },
  ])('cover $secret in "$text"', ({ secret, text, expected }) => {
    expect(covered(secret, text)).toBe(expected);
  });
});
