/**
 * Kinds of jobs that run as processes: one row each. A row says which interpreter runs the script, and how
 * its exit codes and the end of its log are read. A kind more is a row more.
 */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { FailureClass } from '@hera/core';
import type { FailureRule } from '@hera/core/protocol';

/** Lines at the end of the output that are looked at, and how much of one is reported. */
const LINES_MAX = 2_000;
const LINE_SHOWN_MAX = 300;

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
  /** Under which the failure is counted, shown and grouped with others. */
  readonly name: string;
  readonly pattern: RegExp;
  readonly failure: FailureClass;
}

/** What any program may meet. */
const EVERYWHERE: readonly FailurePattern[] = [
  { name: 'diskFull', pattern: /No space left on device|ENOSPC|Disk quota exceeded|EDQUOT/, failure: 'host' },
  { name: 'readOnly', pattern: /Read-only file system|EROFS/, failure: 'host' },
  { name: 'diskError', pattern: /Input\/output error|\bEIO\b/, failure: 'host' },
  { name: 'kinit', pattern: /^kinit: /, failure: 'host' },
  { name: 'sudo', pattern: /^sudo: /, failure: 'host' },
  { name: 'hdfsFull', pattern: /DSQuotaExceededException|NSQuotaExceededException/, failure: 'outside' },
  {
    name: 'hdfsSafeMode',
    pattern: /SafeModeException|could only be (written|replicated) to 0/,
    failure: 'outside',
  },
  {
    name: 'memory',
    pattern: /OutOfMemoryError|MemoryError|Cannot allocate memory|ENOMEM/,
    failure: 'resource',
  },
  {
    name: 'handles',
    pattern: /Too many open files|EMFILE|Resource temporarily unavailable/,
    failure: 'resource',
  },
  {
    name: 'connection',
    pattern: /Connection (refused|reset|timed out)|ECONNREFUSED|ECONNRESET|ETIMEDOUT/,
    failure: 'outside',
  },
  {
    name: 'network',
    pattern: /No route to host|Could not resolve host|Temporary failure in name resolution/,
    failure: 'outside',
  },
  {
    name: 'gateway',
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
      { name: 'script', pattern: /syntax error|unbound variable|bad substitution/i, failure: 'user' },
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
      {
        name: 'script',
        pattern: /^(Syntax|Indentation|Tab|Name|Import|ModuleNotFound)Error:/,
        failure: 'user',
      },
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

/** What the end of an attempt tells about its failure. */
export interface FailureSigns {
  readonly exitCode: number;
  /** The last part of its output. */
  readonly tail: string;
  /** The job's own rules, in the order in which they are asked. */
  readonly rules: readonly FailureRule[];
}

/** A failure with its class and, where a rule told it, that rule's name and the line. */
export interface Failure {
  readonly failure: FailureClass;
  readonly pattern?: string;
  readonly line?: string;
}

/**
 * Class of a failure: by the job's own rules, then the kind's exit codes, then its patterns, each asked of
 * the last lines first.
 */
export function classifyFailure(kind: ProcessKind, { exitCode, tail, rules }: FailureSigns): Failure {
  const lines = tail.split('\n').slice(-LINES_MAX).reverse();
  for (const { name, class: failure, match, exit } of rules) {
    if (exit !== undefined && exit !== exitCode) continue;
    if (match === undefined) return { failure, pattern: name };
    const line = lines.find((each) => holdsText(each, match));
    if (line !== undefined) return { failure, pattern: name, line: shown(line) };
  }
  const byCode = kind.exitClasses[exitCode];
  if (byCode !== undefined) return { failure: byCode };
  for (const { name, pattern, failure } of kind.patterns) {
    const line = lines.find((each) => pattern.test(each));
    if (line !== undefined) return { failure, pattern: name, line: shown(line) };
  }
  return { failure: 'unknown' };
}

/**
 * Whether the line holds the parts between the stars, in that order. No regular expression: one that an
 * author writes may keep the worker busy for years.
 */
function holdsText(line: string, match: string): boolean {
  let from = 0;
  for (const part of match.split('*')) {
    const at = line.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return true;
}

const shown = (line: string) => line.trim().slice(0, LINE_SHOWN_MAX);
