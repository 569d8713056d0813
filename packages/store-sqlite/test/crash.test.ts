/**
 * A leader is killed at random points, over and over. Whatever it said was applied is there afterwards, and no
 * commit is there in part. The operating system lives on, so this shows atomicity and order, not that the disk
 * keeps its word.
 */
import type { SqliteStore } from '../dist/index.js';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { openDatabase } from '../src/thread/driver.js';
import { withFile } from './files.js';

const KILLS = 20;
const CHILD = fileURLToPath(new URL('crash-child.mjs', import.meta.url));

interface KillPoint {
  /** Commits that the child has said. */
  readonly count: number;
  /** How long into the commit after them, ms. */
  readonly laterMs: number;
}

/** Kills the child at a point, and gives the last commit that it said. */
async function killAt(child: ChildProcess, { count, laterMs }: KillPoint): Promise<number> {
  if (!child.stdout || !child.stderr) throw new Error('the child has no output');
  const exit = once(child, 'exit');
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  let said = 0;
  let last = 0;
  for await (const line of createInterface(child.stdout)) {
    last = Number(line);
    said += 1;
    if (said !== count) continue;
    const end = performance.now() + laterMs;
    while (performance.now() < end) continue;
    child.kill('SIGKILL');
  }
  const [, signal] = (await exit) as [number | null, string | null];
  expect({ signal, errors }).toEqual({ signal: 'SIGKILL', errors: '' });
  return last;
}

async function checkWhole(store: SqliteStore, acknowledged: number): Promise<void> {
  const commitNo = (await store.readLease())?.commitNo ?? 0;
  // The last commit may have been applied without the child living to say so.
  expect(commitNo).toBeGreaterThanOrEqual(acknowledged);
  expect(commitNo).toBeLessThanOrEqual(acknowledged + 1);
  const runs = await store.read('run', {});
  expect(new Set(runs.map(({ value }) => value['attempts']))).toEqual(new Set([commitNo]));
  const [count] = await store.read('day_count', {});
  expect(count?.value['runs']).toBe(commitNo);
  const events = await store.read('event', { limit: 100_000 });
  expect(events.map(({ key }) => key[0])).toEqual(Array.from({ length: commitNo }, (_, i) => i + 1));
  for (const { key } of runs) {
    const generations = await store.read('generation', { prefix: key, limit: 100_000 });
    expect(generations.length).toBe(commitNo);
  }
}

it(`loses no acknowledged commit and keeps none in part, over ${KILLS} kills`, async () => {
  await withFile(async ({ path, open }) => {
    for (let kill = 0; kill < KILLS; kill += 1) {
      const child = spawn(process.execPath, [CHILD, path], { stdio: ['ignore', 'pipe', 'pipe'] });
      const acknowledged = await killAt(child, { count: 1 + ((kill * 7) % 13), laterMs: (kill % 8) / 2 });
      const store = open();
      await checkWhole(store, acknowledged);
      await store.close();
    }
    const database = openDatabase(path, {});
    expect(database.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }]);
    database.close();
  });
});

it('hands the lease over at once when its holder was killed, and not while it lives', async () => {
  await withFile(async ({ path, open }) => {
    const child = spawn(process.execPath, [CHILD, path], { stdio: ['ignore', 'pipe', 'pipe'] });
    if (!child.stdout) throw new Error('the child has no output');
    await once(child.stdout, 'data');
    const store = open();
    expect((await store.acquireLease('next', 60_000)).holder).toBe(`child-${child.pid}`);
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
    const lease = await store.acquireLease('next', 60_000);
    expect(lease).toMatchObject({ holder: 'next', epoch: 2 });
    await store.close();
  });
});
