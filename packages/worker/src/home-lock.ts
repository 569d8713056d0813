/**
 * One agent per home: two would write one journal. The lock names its holder by pid, start time and boot, so
 * that of a dead agent is known as such, whatever runs under its number now.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identityOf, isRunning } from './proc.js';
import type { ProcessIdentity } from './proc.js';

const TRY_MS = 50;
/** An agent whose scheduler died needs a moment to leave. */
const WAIT_MS_MAX = 15_000;

/** Resolves when the home is this process's; the function gives it back. Rejects if another keeps it. */
export async function lockHome(home: string): Promise<() => void> {
  const path = join(home, 'agent.lock');
  const own = `${JSON.stringify(identityOf(process.pid))}\n`;
  const triedAt = performance.now();
  while (!tryLock(path, own)) {
    if (performance.now() - triedAt > WAIT_MS_MAX) {
      throw new Error(`Another agent (pid ${holderOf(path)?.pid ?? 'unknown'}) uses ${home}.`);
    }
    await new Promise<void>((wake) => void setTimeout(wake, TRY_MS));
  }
  return () => rmSync(path, { force: true });
}

function tryLock(path: string, own: string): boolean {
  try {
    writeFileSync(path, own, { flag: 'wx', mode: 0o640 });
    return true;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  const holder = holderOf(path);
  if (holder && isRunning(holder)) return false;
  rmSync(path, { force: true });
  return false;
}

function holderOf(path: string): ProcessIdentity | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ProcessIdentity;
  } catch {
    return null;
  }
}
