/** Logs read and watched where attempts write them. */
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { attemptDirectory } from './attempt-dir.js';
import { createFileLogStore } from './file-log-store.js';

const ATTEMPT = 'etl@20261123T020000Z/1';
let dir: string;
let directory: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'hera-logs-'));
  directory = attemptDirectory(dir, ATTEMPT, Date.UTC(2026, 10, 23));
  mkdirSync(directory, { recursive: true });
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const log = (text: string) => appendFileSync(join(directory, 'output.log'), text);

it('reads any part, says how long the log is, and whether more can come', async () => {
  const store = createFileLogStore({ dir });
  const read = async (offset: number, bytesMax: number) => {
    const { bytes, size, complete } = await store.read(ATTEMPT, offset, bytesMax);
    return [Buffer.from(bytes).toString(), size, complete];
  };
  expect(await read(0, 10)).toEqual(['', 0, false]);
  log('hello\nworld\n');
  expect(await read(0, 100)).toEqual(['hello\nworld\n', 12, false]);
  expect(await read(6, 3)).toEqual(['wor', 12, false]);
  expect(await read(99, 3)).toEqual(['', 12, false]);
  writeFileSync(join(directory, 'exit'), '{}\n');
  expect(await read(12, 3)).toEqual(['', 12, true]);
  expect((await store.read('nobody@a:1/1', 0, 10)).size).toBe(0);
});

it('calls back when bytes come, and when the attempt ends, until it is told to stop', async () => {
  const store = createFileLogStore({ dir });
  let calls = 0;
  let wake: () => void = () => undefined;
  const next = async (count: number) => {
    while (calls < count) await new Promise<void>((resolve) => (wake = resolve));
  };
  const stop = store.watch(ATTEMPT, () => {
    calls += 1;
    wake();
  });
  await next(1);
  log('one\n');
  await next(2);
  writeFileSync(join(directory, 'exit'), '{}\n');
  await next(3);
  stop();
  stop();
  expect((await store.read(ATTEMPT, 0, 10)).complete).toBe(true);
});
