/** One agent per home, and the dead hold nothing. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { lockHome } from './home-lock.js';
import { bootId, identityOf } from './proc.js';

let home: string;
beforeEach(() => void (home = mkdtempSync(join(tmpdir(), 'hera-lock-'))));
afterEach(() => rmSync(home, { recursive: true, force: true }));

const holder = () => JSON.parse(readFileSync(join(home, 'agent.lock'), 'utf8')) as unknown;

it('a second one waits until the first leaves', async () => {
  const unlock = await lockHome(home);
  expect(holder()).toEqual(identityOf(process.pid));
  let hasSecond = false;
  const second = lockHome(home).then((release) => {
    hasSecond = true;
    return release;
  });
  await Promise.resolve();
  expect(hasSecond).toBe(false);
  unlock();
  (await second)();
});

const dead = spawnSync('true').pid;
it.each([
  { name: 'a process that is gone', text: JSON.stringify({ pid: dead, startTicks: 1, boot: bootId() }) },
  {
    name: 'a process whose number another one has now',
    text: JSON.stringify({ ...identityOf(process.pid), startTicks: 1 }),
  },
  { name: 'an earlier boot', text: JSON.stringify({ ...identityOf(process.pid), boot: 'before' }) },
  { name: 'nobody readable', text: 'garbage' },
])('the lock of $name is taken', async ({ text }) => {
  writeFileSync(join(home, 'agent.lock'), text);
  const unlock = await lockHome(home);
  expect(holder()).toEqual(identityOf(process.pid));
  unlock();
});
