/**
 * Where attempts live on a worker's disk, and their records there.
 *
 *   HOME/attempts/2026-11-23/<attempt>/
 *       attempt.json   what is needed to follow it and judge its end; written before it is started
 *       script.sh      the script, with its secrets, readable by the worker's user only
 *       plan           its steps, for the shim
 *       output.log     all it writes
 *       result.json    $HERA_RESULT
 *       started, exit  written by the shim
 *       cause, left    why the guard killed it, and what survived that
 *       void           it was given up before it started: the shim starts nothing
 *   HOME/open/<attempt>  names the directory of each attempt whose result is not stored yet
 *   HOME/lease           when the worker's lease ends, ms of uptime
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FailureRule } from '@hera/core/protocol';
import type { ProcessIdentity } from './proc.js';

/** What a later life of the agent must know of an attempt. No secrets. */
export interface AttemptRecord {
  readonly v: 1;
  readonly attempt: string;
  readonly kind: string;
  readonly timeoutMs: number;
  readonly graceMs: number;
  readonly onWorkerLost: 'fence' | 'hold' | 'rerun';
  /** Files that hold secrets, removed at the end. */
  readonly secretFiles: readonly string[];
  /** The job's own rules for failures; absent when it has none. */
  readonly failures?: readonly FailureRule[];
}

/** The shim's last words. */
export interface ExitRecord {
  /** As a shell counts: 128 + n for signal n. */
  readonly code: number;
  /** `core`, `pre-1`, `post-2` …: the last step it began. */
  readonly stage: string;
  /** A signal to stop had come. */
  readonly stopped: boolean;
  /** Epoch ms. */
  readonly at: number;
}

const NAME_BYTES_MAX = 200;

/**
 * The attempt as a file name: letters and digits of any script and `_.-@:+` as they are, all else as %XX; a
 * long one is cut and ends in a digest. Two attempts never share a name.
 */
export function attemptFileName(attempt: string): string {
  const name = attempt.replace(/^\.|[^\p{L}\p{N}_.@:+-]/gu, (character) =>
    [...Buffer.from(character)]
      .map((byte) => `%${byte.toString(16).padStart(2, '0').toUpperCase()}`)
      .join(''),
  );
  if (Buffer.byteLength(name) <= NAME_BYTES_MAX) return name;
  const digest = createHash('sha256').update(attempt).digest('hex').slice(0, 32);
  let head = '';
  for (const [part] of name.matchAll(/%[0-9A-F]{2}|./gsu)) {
    if (Buffer.byteLength(head + part) > NAME_BYTES_MAX - digest.length - 1) break;
    head += part;
  }
  return `${head}~${digest}`;
}

/** Directory of an attempt that begins at `at`, epoch ms. */
export function attemptDirectory(home: string, attempt: string, at: number): string {
  return join(home, 'attempts', new Date(at).toISOString().slice(0, 10), attemptFileName(attempt));
}

/** Directory of an attempt of any day; null when there is none. */
export function findAttemptDirectory(home: string, attempt: string): string | null {
  const name = attemptFileName(attempt);
  const open = readText(join(home, 'open', name))?.trim();
  if (open && existsSync(open)) return open;
  const days = namesIn(join(home, 'attempts')).sort().reverse();
  for (const day of days) {
    const directory = join(home, 'attempts', day, name);
    if (existsSync(directory)) return directory;
  }
  return null;
}

/** Notes that the result of the attempt is not stored yet. */
export function markOpen(home: string, attempt: string, directory: string): void {
  mkdirSync(join(home, 'open'), { recursive: true, mode: 0o750 });
  writeWhole(join(home, 'open', attemptFileName(attempt)), `${directory}\n`);
}

/** Its result is stored; repeatable. */
export function clearOpen(home: string, attempt: string): void {
  rmSync(join(home, 'open', attemptFileName(attempt)), { force: true });
}

/** Directories of all attempts whose results are not stored yet. */
export function openDirectories(home: string): string[] {
  return namesIn(join(home, 'open'))
    .filter((name) => !name.endsWith('.tmp'))
    .map((name) => readText(join(home, 'open', name))?.trim() ?? '')
    .filter((directory) => directory !== '');
}

/** Null when it is missing, torn or of another version. */
export function readAttemptRecord(directory: string): AttemptRecord | null {
  const record = readJson(join(directory, 'attempt.json'));
  return record?.['v'] === 1 ? (record as unknown as AttemptRecord) : null;
}

/** Identity of the shim, and when it began; null when it has not, as far as the disk tells. */
export function readStarted(directory: string): { identity: ProcessIdentity; at: number } | null {
  const path = join(directory, 'started');
  const record = readJson(path);
  if (!record) return null;
  const identity = {
    pid: Number(record['pid']),
    startTicks: Number(record['startTicks']),
    boot: String(record['boot']),
  };
  return { identity, at: modifiedAt(path) };
}

/** Null when the attempt has not ended by itself, or only half of that reached the disk. */
export function readExit(directory: string): ExitRecord | null {
  const path = join(directory, 'exit');
  const record = readJson(path);
  if (!record) return null;
  return {
    code: Number(record['code']),
    stage: String(record['stage']),
    stopped: record['stopped'] === true,
    at: modifiedAt(path),
  };
}

/** Why the guard of the attempt ended it; null when it did not. */
export function readCause(directory: string): 'timeout' | 'lease' | null {
  const cause = readText(join(directory, 'cause'))?.trim();
  return cause === 'timeout' || cause === 'lease' ? cause : null;
}

/** What became of its processes when the guard ended it; null when it did not. */
export function readLeft(directory: string): { complete: boolean; pids: readonly number[] } | null {
  if (readCause(directory) === null) return null;
  const pids = (readText(join(directory, 'left')) ?? '')
    .split(' ')
    .map(Number)
    .filter((pid) => pid > 0);
  return { complete: pids.length === 0, pids };
}

/** Writes a file so that it is there whole or not at all. */
export function writeWhole(path: string, text: string | Uint8Array, mode = 0o640): void {
  writeFileSync(`${path}.tmp`, text, { mode });
  renameSync(`${path}.tmp`, path);
}

/** Null when there is no such file. */
export function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function readJson(path: string): Readonly<Record<string, unknown>> | null {
  const text = readText(path);
  if (!text?.endsWith('\n')) return null;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function modifiedAt(path: string): number {
  try {
    return Math.round(statSync(path).mtimeMs);
  } catch {
    return 0;
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
