/**
 * Kinds of jobs that run as processes: one row each. A row says which interpreter runs the script, and how
 * its exit codes and the end of its log are read. A kind more is a row more.
 */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { FailureClass } from '@hera/core';

/** One row. */
export interface ProcessKind {
  readonly name: string;
  /** Name of the script in the attempt's directory. */
  readonly file: string;
  /** The first that this host has is used. */
  readonly interpreters: readonly string[];
  /** Before the script's name. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Asked first. */
  readonly exitClasses: Readonly<Record<number, FailureClass>>;
  /** Asked in this order, on the end of the log, when the exit code says nothing. */
  readonly patterns: readonly FailurePattern[];
}

/** What a line of the log tells about a failure. */
export interface FailurePattern {
  readonly pattern: RegExp;
  readonly failure: FailureClass;
}

/** What any program may meet. */
const EVERYWHERE: readonly FailurePattern[] = [
  { pattern: /No space left on device|ENOSPC|Disk quota exceeded|EDQUOT/, failure: 'host' },
  { pattern: /Read-only file system|EROFS|Input\/output error|\bEIO\b/, failure: 'host' },
  { pattern: /OutOfMemoryError|MemoryError|Cannot allocate memory|ENOMEM/, failure: 'resource' },
  { pattern: /Too many open files|EMFILE|Resource temporarily unavailable/, failure: 'resource' },
  { pattern: /Connection (refused|reset|timed out)|ECONNREFUSED|ECONNRESET|ETIMEDOUT/, failure: 'outside' },
  {
    pattern: /No route to host|Could not resolve host|Temporary failure in name resolution/,
    failure: 'outside',
  },
  {
    pattern: /\b50[234] (Bad Gateway|Service (Temporarily )?Unavailable|Gateway Time-?out)/i,
    failure: 'outside',
  },
];

/** Killed by the kernel's out-of-memory killer, as a shell reports it. */
const KILLED: Readonly<Record<number, FailureClass>> = { 137: 'resource' };

/** The kinds of a fresh worker. */
export const PROCESS_KINDS: readonly ProcessKind[] = [
  {
    name: 'shell',
    file: 'script.sh',
    interpreters: ['bash', 'sh'],
    args: [],
    env: {},
    // Not executable, not found, not a shell program.
    exitClasses: { ...KILLED, 126: 'user', 127: 'user' },
    patterns: [
      ...EVERYWHERE,
      { pattern: /syntax error|unbound variable|bad substitution/i, failure: 'user' },
    ],
  },
  {
    name: 'python',
    file: 'script.py',
    interpreters: ['python3', 'python'],
    args: ['-u'],
    env: { PYTHONIOENCODING: 'utf-8' },
    exitClasses: KILLED,
    patterns: [
      ...EVERYWHERE,
      { pattern: /^(Syntax|Indentation|Tab|Name|Import|ModuleNotFound)Error:/m, failure: 'user' },
    ],
  },
];

/** Full path of a program on PATH; null when this host has none of that name. */
export function findProgram(name: string, path = process.env['PATH'] ?? ''): string | null {
  const candidates = name.includes('/') ? [name] : path.split(delimiter).map((folder) => join(folder, name));
  return candidates.find(isProgram) ?? null;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** The interpreter that runs a kind here; null when the host has none of them. */
export function findInterpreter(kind: ProcessKind): string | null {
  for (const name of kind.interpreters) {
    const program = findProgram(name);
    if (program !== null) return program;
  }
  return null;
}

/** Class of a failure, from the exit code and the last part of the log. */
export function classifyFailure(kind: ProcessKind, exitCode: number, tail: string): FailureClass {
  const byCode = kind.exitClasses[exitCode];
  if (byCode !== undefined) return byCode;
  return kind.patterns.find(({ pattern }) => pattern.test(tail))?.failure ?? 'unknown';
}
