/**
 * The process that starts attempts. It exists because starting a process costs as much as its parent is big:
 * this one stays under 60 MB, so an agent may grow. It imports nothing but Node's own modules.
 *
 * When its agent dies it becomes a guard: it starts nothing more, but sees to timeouts and to the worker's
 * lease for the attempts it started, and leaves when the last of them has ended.
 */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { killTree } from './kill-tree.js';
import { identityOf, TICKS_PER_SECOND, uptimeMs } from './proc.js';
import type { ProcessIdentity } from './proc.js';
import type { SpawnerNews, SpawnerOrder } from './spawner-messages.js';

const GUARD_MS = 1_000;

/** `spawner.js SHIM HOME` */
const [, , shim = '', home = ''] = process.argv;

interface Guarded {
  readonly order: SpawnerOrder;
  readonly identity: ProcessIdentity | null;
  isKilled: boolean;
}

const running = new Map<string, Guarded>();

function tell(news: SpawnerNews): void {
  if (process.connected) process.send?.(news, undefined, undefined, () => undefined);
}

function start(order: SpawnerOrder): void {
  const { attempt, directory } = order;
  let log: number | null = null;
  try {
    log = openSync(join(directory, 'output.log'), 'a', 0o640);
    const child = spawn('/bin/sh', [shim, directory], {
      cwd: directory,
      // Its own session, and with it its own group.
      detached: true,
      env: { ...process.env, ...order.env },
      stdio: ['ignore', log, log],
    });
    child.once('error', (error) => fail(order, error));
    child.once('exit', (_code, signal) => {
      running.delete(attempt);
      tell({ type: 'ended', attempt, signal });
      leaveWhenDone();
    });
    if (child.pid === undefined) return;
    running.set(attempt, { order, identity: identityOf(child.pid), isKilled: false });
    tell({ type: 'spawned', attempt, pid: child.pid });
  } catch (error) {
    fail(order, error);
  } finally {
    if (log !== null) closeSync(log);
  }
}

function fail({ attempt }: SpawnerOrder, error: unknown): void {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN';
  tell({ type: 'failed', attempt, code, message: error instanceof Error ? error.message : String(error) });
}

function leaveWhenDone(): void {
  if (!process.connected && running.size === 0) process.exit(0);
}

function guard(): void {
  const lease = leaseEndsAt();
  for (const [attempt, guarded] of running) {
    const why = causeOfDeath(guarded, lease);
    if (why === null || guarded.isKilled) continue;
    guarded.isKilled = true;
    void end(attempt, guarded, why);
  }
}

function causeOfDeath({ order, identity }: Guarded, leaseEndsAtMs: number): 'timeout' | 'lease' | null {
  if (!identity) return null;
  const startedAtMs = (identity.startTicks * 1_000) / TICKS_PER_SECOND;
  if (uptimeMs() - startedAtMs >= order.timeoutMs) return 'timeout';
  return order.isFenced && uptimeMs() >= leaseEndsAtMs ? 'lease' : null;
}

async function end(attempt: string, { order, identity }: Guarded, why: 'timeout' | 'lease'): Promise<void> {
  // A cause that is on disk tells the next agent why the attempt died.
  writeWhole(join(order.directory, 'cause'), `${why}\n`);
  const { complete, pids } = await killTree({ attempt, leader: identity, graceMs: order.graceMs });
  if (!complete) writeWhole(join(order.directory, 'left'), `${pids.join(' ')}\n`);
}

function writeWhole(path: string, text: string): void {
  writeFileSync(`${path}.tmp`, text);
  renameSync(`${path}.tmp`, path);
}

/** When the lease ends, on the host's uptime; agents keep it in a file that the next agent keeps up. */
function leaseEndsAt(): number {
  const path = join(home, 'lease');
  if (!existsSync(path)) return Infinity;
  const endsAt = Number.parseFloat(readFileSync(path, 'utf8'));
  return Number.isNaN(endsAt) ? Infinity : endsAt;
}

process.on('message', (order: SpawnerOrder) => start(order));
process.on('disconnect', () => {
  leaveWhenDone();
  setInterval(guard, GUARD_MS);
});
// The agent decides when this ends; a signal to the whole group of a terminal is not meant for attempts.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => undefined);
