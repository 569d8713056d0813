/**
 * What a worker in quarantine is asked for: whether its disk takes a file and gives it back, and whether each
 * of its kinds still has an interpreter that starts. Nothing here is spared because it worked at the start:
 * a disk fills up, a mount goes away.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { findInterpreter } from './kinds.js';
import type { ProcessKind } from './kinds.js';

const FREE_BYTES_MIN = 16 * 1024 * 1024;
const TRY_BYTES = 65_536;
const START_MS_MAX = 10_000;

/** What does not work on this host, a line each; nothing when all does. Never rejects. May be repeated. */
export async function selfTest(home: string, kinds: readonly ProcessKind[]): Promise<readonly string[]> {
  const found = await Promise.all([tryDisk(join(home, 'attempts')), ...kinds.map(tryKind)]);
  return found.filter((fault) => fault !== null);
}

async function tryDisk(folder: string): Promise<string | null> {
  const path = join(folder, `.self-test-${process.pid}-${randomBytes(4).toString('hex')}`);
  const bytes = randomBytes(TRY_BYTES);
  try {
    await mkdir(folder, { recursive: true, mode: 0o750 });
    const { bavail, bsize } = await statfs(folder);
    if (bavail * bsize < FREE_BYTES_MIN) return `${folder}: ${bavail * bsize} bytes are free`;
    const file = await open(path, 'wx', 0o600);
    try {
      await file.write(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    return bytes.equals(await readFile(path)) ? null : `${folder}: what was written was read otherwise`;
  } catch (error) {
    return `${folder}: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    await rm(path, { force: true }).catch(() => undefined);
  }
}

/** A kind without an interpreter is none this worker has: only one that was there can be missed. */
async function tryKind(kind: ProcessKind): Promise<string | null> {
  const interpreter = findInterpreter(kind);
  if (interpreter === null) return `${kind.name}: none of ${kind.interpreters.join(', ')} is on PATH`;
  return new Promise((resolve) => {
    execFile(interpreter, ['--version'], { timeout: START_MS_MAX }, (error) => {
      const started = error === null || typeof error.code === 'number';
      resolve(started ? null : `${kind.name}: ${interpreter} does not start: ${error.message}`);
    });
  });
}
