/**
 * Puts an attempt on disk: script, steps, environment and the head of its log. Secrets are filled in last,
 * into files that only the worker's user can read; what is echoed shows stars in their place.
 */
import { mkdir, open, readdir, rm } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { insertSecrets, isSchedulerError, paramEnvironment } from '@hera/core';
import type { FailureClass } from '@hera/core';
import type { AttemptWork } from '@hera/core/protocol';
import { attemptDirectory, markOpen, openDirectories, writeWhole } from './attempt-dir.js';
import type { AttemptRecord } from './attempt-dir.js';
import { findInterpreter } from './kinds.js';
import type { ProcessKind } from './kinds.js';

/** An attempt that is ready to be spawned. */
export interface PreparedAttempt {
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  readonly record: AttemptRecord;
}

/** Why an attempt cannot be put on disk. */
export class PrepareError extends Error {
  override readonly name = 'PrepareError';
  readonly failure: FailureClass;

  constructor(failure: FailureClass, message: string, options?: ErrorOptions) {
    super(message, options);
    this.failure = failure;
  }
}

/** What `prepareAttempt` needs besides the work. */
export interface PrepareOptions {
  readonly home: string;
  readonly kind: ProcessKind;
  /** Extensions of script files whose line ends are left as they are, `.bat`. */
  readonly crlfExtensions: readonly string[];
  /** Epoch ms. */
  readonly now: number;
}

const SECRET_STARS = '******';

/** Writes everything; rejects with a `PrepareError`. Repeatable for an attempt that never started. */
export async function prepareAttempt(work: AttemptWork, options: PrepareOptions): Promise<PreparedAttempt> {
  const interpreter = findInterpreter(options.kind);
  if (interpreter === null) {
    const names = options.kind.interpreters.join(' or ');
    const message = `Jobs of kind "${options.kind.name}" need ${names}, which PATH here does not have.`;
    throw new PrepareError('host', message);
  }
  const directory = attemptDirectory(options.home, work.attempt, options.now);
  try {
    return await writeAttempt(work, options, { interpreter, directory });
  } catch (error) {
    if (error instanceof PrepareError) throw error;
    if (isSchedulerError(error)) throw new PrepareError('user', error.message, { cause: error });
    throw new PrepareError('host', diskMessage(error, directory), { cause: error });
  }
}

interface Place {
  readonly interpreter: string;
  readonly directory: string;
}

async function writeAttempt(
  work: AttemptWork,
  { home, kind, crlfExtensions, now }: PrepareOptions,
  { interpreter, directory }: Place,
): Promise<PreparedAttempt> {
  const unmasked = (text: string) => insertSecrets(text, work.secrets);
  const env = environmentOf(work, kind, directory);
  const script = withLineEnds(unmasked(work.script), extname(kind.file), crlfExtensions);
  const bytes = encodeText(script, work.encoding);
  await makeEmpty(directory);
  const files = [
    ...stepFiles('pre', work.pre.map(unmasked)),
    { name: kind.file, bytes },
    ...stepFiles('post', work.post.map(unmasked)),
  ];
  for (const { name, bytes: content } of files) await writePrivate(join(directory, name), content);
  const hasSecrets = Object.keys(work.secrets).length > 0;
  const record: AttemptRecord = {
    v: 1,
    attempt: work.attempt,
    kind: work.kind,
    timeoutMs: work.timeoutMs,
    graceMs: work.graceMs,
    onWorkerLost: work.onWorkerLost,
    secretFiles: hasSecrets ? files.map((file) => file.name) : [],
    ...(work.failures && { failures: work.failures }),
  };
  const core = [interpreter, ...kind.args, kind.file].map(shellQuoted).join(' ');
  writeWhole(join(directory, 'plan'), planOf(work, core));
  writeWhole(join(directory, 'attempt.json'), `${JSON.stringify(record)}\n`);
  await writePrivate(join(directory, 'output.log'), Buffer.from(logHead(work, directory, now)), 0o640);
  markOpen(home, work.attempt, directory);
  return { directory, env: mapValues(env, unmasked), record };
}

/** Records of an attempt of the same name, from another store, would be taken for those of this one. */
async function makeEmpty(directory: string): Promise<void> {
  const made = await mkdir(directory, { recursive: true, mode: 0o750 });
  if (made !== undefined) return;
  await rm(directory, { recursive: true });
  await mkdir(directory, { mode: 0o750 });
}

/** Steps around the script run under sh, each from a file of its own. */
function stepFiles(stage: 'pre' | 'post', commands: readonly string[]) {
  return commands.map((command, index) => ({
    name: `${stage}-${index + 1}.sh`,
    bytes: Buffer.from(`${command.replaceAll('\r\n', '\n')}\n`),
  }));
}

function planOf(work: AttemptWork, core: string): string {
  const steps = (stage: 'pre' | 'post', count: number) =>
    Array.from({ length: count }, (_, index) => {
      const name = `${stage}-${index + 1}`;
      return `${name} '/bin/sh' '${name}.sh'`;
    });
  return [...steps('pre', work.pre.length), `core ${core}`, ...steps('post', work.post.length), ''].join(
    '\n',
  );
}

/** What a job sees of its run, beside the worker's own environment. */
function environmentOf(work: AttemptWork, kind: ProcessKind, directory: string): Record<string, string> {
  const env: Record<string, string> = {
    LANG: process.env['LANG'] ?? 'C.UTF-8',
    ...kind.env,
    ...paramEnvironment(work.params),
    ...work.env,
    HERA_ATTEMPT: work.attempt,
    HERA_JOB: work.job,
    HERA_RUN: work.run,
    HERA_SLOT: work.slot.key,
    HERA_BUSINESS_DATE: work.slot.businessDate,
    HERA_DIR: directory,
    HERA_RESULT: join(directory, 'result.json'),
  };
  for (const [name, value] of Object.entries(env)) {
    if (!/[\0=]/.test(name) && !value.includes('\0')) continue;
    throw new PrepareError('user', `The environment variable "${name}" holds what none can: "=" or a NUL.`);
  }
  return env;
}

function logHead(work: AttemptWork, directory: string, now: number): string {
  const at = `${new Date(now).toISOString().slice(0, 19)}Z`;
  const head = `[hera] ${work.attempt} starts at ${at}\n[hera] log: ${join(directory, 'output.log')}\n`;
  if (!work.echo) return head;
  const stars = mapValues(work.secrets, () => SECRET_STARS);
  const script = insertSecrets(work.script, stars).replaceAll('\r\n', '\n');
  const end = script.endsWith('\n') ? '' : '\n';
  return `${head}[hera] script:\n${script}${end}[hera] end of script\n`;
}

function withLineEnds(script: string, extension: string, keep: readonly string[]): string {
  return keep.includes(extension) ? script : script.replaceAll('\r\n', '\n');
}

/** Names of encodings as people write them, without case, `-` and `_`. */
const ENCODINGS: Readonly<Record<string, BufferEncoding>> = {
  utf8: 'utf8',
  utf16le: 'utf16le',
  latin1: 'latin1',
  iso88591: 'latin1',
};

/** Bytes of a script file; a character that the encoding does not have is an error, never a question mark. */
export function encodeText(text: string, encoding: string): Uint8Array {
  const known = ENCODINGS[encoding.toLowerCase().replace(/[-_]/g, '')];
  if (known === undefined) {
    const choice = 'utf-8, utf-16le, latin1';
    throw new PrepareError('user', `Scripts cannot be written in encoding "${encoding}"; choose ${choice}.`);
  }
  const bytes = Buffer.from(text, known);
  if (known === 'latin1' && bytes.toString(known) !== text) {
    throw new PrepareError('user', `The script holds characters that encoding "${encoding}" does not have.`);
  }
  return bytes;
}

/** One word for a POSIX shell. */
export const shellQuoted = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`;

async function writePrivate(path: string, bytes: Uint8Array, mode = 0o600): Promise<void> {
  const file = await open(path, 'w', mode);
  try {
    await file.writeFile(bytes);
  } finally {
    await file.close();
  }
}

function mapValues(record: Readonly<Record<string, string>>, change: (value: string) => string) {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

const DISK_TEXTS: Readonly<Record<string, string>> = {
  ENOSPC: 'No space left on this host',
  EDQUOT: 'The disk quota of this host is used up',
  EROFS: 'The disk of this host is read-only',
  EIO: 'The disk of this host fails',
  EACCES: 'The worker may not write',
  EMFILE: 'The worker has too many files open',
};

function diskMessage(error: unknown, directory: string): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const text = DISK_TEXTS[code] ?? (error instanceof Error ? error.message : String(error));
  return `${text}: cannot prepare ${directory}${code && ` (${code})`}.`;
}

/**
 * Removes the directories of days before `keepDays` days ago; returns how many. Attempts whose results are
 * not stored are kept with their whole day.
 */
export async function removeOldDays(home: string, keepDays: number, now: number): Promise<number> {
  const oldest = new Date(now - keepDays * 86_400_000).toISOString().slice(0, 10);
  const kept = new Set(openDirectories(home).map((directory) => basename(dirname(directory))));
  const days = await readdir(join(home, 'attempts')).catch(() => []);
  const old = days.filter((day) => /^\d{4}-\d\d-\d\d$/.test(day) && day < oldest && !kept.has(day));
  for (const day of old) await rm(join(home, 'attempts', day), { recursive: true, force: true });
  return old.length;
}
