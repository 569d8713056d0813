/** The store of one server's logs keeps the contract of all stores of logs, and forgets what is old. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { logSinkContract } from '@hera/core/testing';
import { createLocalLogStore } from './local-log-store.js';

let dir: string;
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'hera-logs-'))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

it.each(logSinkContract)('$name', async ({ run }) => {
  const open = () => Promise.resolve(createLocalLogStore({ dir }));
  await run({ open, reopen: open });
});

it('removes what nothing was added to for long', async () => {
  const store = createLocalLogStore({ dir });
  await store.append([{ attempt: 'a@a:1/1', offset: 0, bytes: Buffer.from('x'), last: true }]);
  expect(await store.removeOlderThan(3_600_000)).toBe(0);
  expect(await store.removeOlderThan(-1_000)).toBe(1);
  expect((await store.read('a@a:1/1', 0, 10)).size).toBe(0);
});
