/** Logs as rows keep the contract of all stores of logs, whoever of several servers writes them. */
import { logSinkContract } from '@hera/core/testing';
import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hasMariadb, makeDatabase } from './databases.js';
import type { TestDatabase } from './databases.js';

const SEGMENT_BYTES = 256 * 1024;
const PIECE_BYTES = 65_536;

describe.skipIf(!hasMariadb)('logs as rows', () => {
  let database: TestDatabase;
  let count = 0;
  beforeAll(async () => {
    database = await makeDatabase();
    await database.open().readLease();
  });
  beforeEach(async () => {
    await database.admin.query('DELETE FROM hera_log_segment');
    await database.admin.query('DELETE FROM hera_log');
  });
  afterAll(() => database.drop());

  const open = () => Promise.resolve(database.open({ readConnections: 2 }).logs);
  const segments = async () => {
    const [rows] = await database.admin.query('SELECT start, size FROM hera_log_segment ORDER BY log, start');
    return rows as unknown as [number, number][];
  };
  const name = () => `j@a:${(count += 1)}/1`;

  it.each(logSinkContract)('$name', async ({ run }) => {
    await run({ open, reopen: open });
  });

  it('puts small additions together into segments of 256 KiB, and the rest once the log has ended', async () => {
    const logs = await open();
    const attempt = name();
    const line = Buffer.from(`${'x'.repeat(9_999)}\n`);
    for (let i = 0; i < 60; i += 1) {
      await logs.append([{ attempt, offset: i * line.length, bytes: line, last: false }]);
    }
    const whole = await segments();
    expect(whole.filter(([, size]) => size === SEGMENT_BYTES)).toEqual([
      [0, SEGMENT_BYTES],
      [SEGMENT_BYTES, SEGMENT_BYTES],
    ]);
    expect(whole.length).toBeLessThan(12);
    await logs.append([{ attempt, offset: 600_000, bytes: Buffer.alloc(0), last: true }]);
    expect(await segments()).toEqual([
      [0, SEGMENT_BYTES],
      [SEGMENT_BYTES, SEGMENT_BYTES],
      [2 * SEGMENT_BYTES, 600_000 - 2 * SEGMENT_BYTES],
    ]);
    const { bytes, complete } = await logs.read(attempt, 0, 1_000_000);
    expect(complete).toBe(true);
    expect(Buffer.from(bytes).equals(Buffer.concat(Array.from({ length: 60 }, () => line)))).toBe(true);
  });

  it('keeps bytes that do not shrink, and reads any part of them', async () => {
    const logs = await open();
    const attempt = name();
    const all = randomBytes(700_000);
    for (let at = 0; at < all.length; at += PIECE_BYTES) {
      const bytes = all.subarray(at, at + PIECE_BYTES);
      await logs.append([{ attempt, offset: at, bytes, last: at + bytes.length === all.length }]);
    }
    const other = await open();
    for (const [offset, length] of [
      [0, 700_000],
      [262_143, 2],
      [262_144, 1],
      [100_000, 400_000],
      [699_999, 10],
    ] as const) {
      const { bytes, size } = await other.read(attempt, offset, length);
      expect(size).toBe(700_000);
      const wanted = all.subarray(offset, offset + length);
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(
        createHash('sha256').update(wanted).digest('hex'),
      );
    }
  });

  it('two servers that store the same pieces at once store them once', async () => {
    const [one, two] = [await open(), await open()];
    const attempts = Array.from({ length: 5 }, name);
    for (let at = 0; at < 20; at += 1) {
      const pieces = attempts.map((attempt) => ({
        attempt,
        offset: at * 3,
        bytes: Buffer.from(String(100 + at)),
        last: at === 19,
      }));
      await Promise.all([one.append(pieces), two.append([...pieces].reverse())]);
    }
    const wanted = Array.from({ length: 20 }, (_, at) => String(100 + at)).join('');
    for (const attempt of attempts) {
      const { bytes, complete } = await one.read(attempt, 0, 1_000);
      expect([Buffer.from(bytes).toString(), complete]).toEqual([wanted, true]);
    }
  });

  it('tells a watcher of what another server stores', async () => {
    const [one, two] = [await open(), await open()];
    const attempt = name();
    const told = new Promise<void>((resolve) => void one.watch(attempt, resolve));
    await two.append([{ attempt, offset: 0, bytes: Buffer.from('abc'), last: false }]);
    await told;
    expect((await one.read(attempt, 0, 10)).size).toBe(3);
  });

  it('removes what nothing was added to for long', async () => {
    const logs = await open();
    const attempts = Array.from({ length: 120 }, name);
    await logs.append(
      attempts.map((attempt) => ({ attempt, offset: 0, bytes: Buffer.from('x'), last: true })),
    );
    expect(await logs.removeOlderThan(3_600_000)).toBe(0);
    expect(await logs.removeOlderThan(-1_000)).toBe(120);
    expect(await segments()).toEqual([]);
    expect((await logs.read(attempts[0] ?? '', 0, 10)).size).toBe(0);
  });
});
