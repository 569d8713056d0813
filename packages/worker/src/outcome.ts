/**
 * What an attempt came to, from what it left on disk: the shim's exit record, the result file, the end of
 * the log, and why it was killed if it was.
 */
import { closeSync, fstatSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import type { AttemptOutcome } from '@hera/core';
import { readText } from './attempt-dir.js';
import type { AttemptRecord, ExitRecord } from './attempt-dir.js';
import { classifyFailure } from './kinds.js';
import type { ProcessKind } from './kinds.js';
import type { KillReport } from './kill-tree.js';

/** Why an attempt was ended from outside. */
export type StopCause = 'cancel' | 'timeout' | 'lease';

/** All that is known when an attempt is over. */
export interface AttemptEnd {
  readonly directory: string;
  readonly record: AttemptRecord;
  readonly kind: ProcessKind;
  /** Null when the shim could not write one. */
  readonly exit: ExitRecord | null;
  readonly cause: StopCause | null;
  readonly killed: KillReport | null;
  /** That ended the shim, when its parent saw it. */
  readonly signal: string | null;
}

const RESULT_BYTES_MAX = 65_536;
const TAIL_BYTES = 65_536;
const SIGNAL_BASE = 128;

/** The outcome to report; removes the files that hold secrets. */
export function judge(end: AttemptEnd): AttemptOutcome {
  for (const name of end.record.secretFiles) rmSync(join(end.directory, name), { force: true });
  const left = end.killed && !end.killed.complete ? end.killed.pids : [];
  const outcome = end.cause === null ? ownEnd(end) : stoppedEnd(end, end.cause);
  if (end.killed === null) return outcome;
  if (left.length === 0) return { ...outcome, killComplete: true };
  const message = [outcome.message, `Processes are left: ${left.join(', ')}.`].filter(Boolean).join(' ');
  return { ...outcome, killComplete: false, message };
}

function stoppedEnd({ exit, record, kind }: AttemptEnd, cause: StopCause): AttemptOutcome {
  // It ended before the signal reached it: that end stands.
  if (exit && exit.code === 0 && !exit.stopped) return succeeded(null);
  const exitCode = exit?.code ?? null;
  const signal = exit ? signalOf(exit.code) : 'SIGKILL';
  const facts = { exitCode, ...(signal !== null && { signal }) };
  switch (cause) {
    case 'cancel':
      return { state: 'canceled', ...facts };
    case 'timeout':
      return { state: 'timedOut', ...facts, message: `Timed out after ${record.timeoutMs} ms.` };
    case 'lease': {
      const message = `The worker's lease ended: its ${kind.name} job was killed.`;
      return { state: 'failed', ...facts, failure: 'host', pattern: 'lease', message };
    }
  }
}

function ownEnd(end: AttemptEnd): AttemptOutcome {
  const { exit, kind, directory } = end;
  if (!exit) return vanished(end.signal);
  if (exit.stage === 'void') return hostFailure('lease', 'It was given up before it was started.');
  if (exit.code === 0 && exit.stopped) {
    return { state: 'failed', exitCode: 0, failure: 'unknown', message: 'A signal from outside stopped it.' };
  }
  if (exit.code === 0) return succeeded(readResult(directory));
  const signal = signalOf(exit.code);
  const tail = logTail(join(directory, 'output.log'));
  const told = classifyFailure(kind, { exitCode: exit.code, tail, rules: end.record.failures ?? [] });
  const where = exit.stage === 'core' ? '' : ` in step ${exit.stage}`;
  return {
    state: 'failed',
    exitCode: exit.code,
    ...(signal !== null && { signal }),
    failure: told.failure,
    ...(told.pattern !== undefined && { pattern: told.pattern }),
    // A line of a script that has secrets may hold one.
    message: [`Exit code ${exit.code}${where}.`, end.record.secretFiles.length === 0 ? told.line : '']
      .filter(Boolean)
      .join(' '),
  };
}

/** Shim and record are both gone: the host restarted, or somebody killed the shim. */
function vanished(signal: string | null): AttemptOutcome {
  const failure = signal === 'SIGKILL' ? 'resource' : 'host';
  // With the whole host gone for a while, nothing is known of how it is now.
  const pattern = signal === null ? 'restart' : 'killed';
  const message = signal
    ? `EXIT_UNKNOWN: ${signal} ended it from outside; the kernel does so when memory runs out.`
    : 'EXIT_UNKNOWN: its process is gone and left no exit record; the host may have restarted.';
  return { state: 'failed', exitCode: null, ...(signal !== null && { signal }), failure, pattern, message };
}

/** The end of an attempt that its host could not run. */
export function hostFailure(pattern: string, message: string): AttemptOutcome {
  return { state: 'failed', exitCode: null, failure: 'host', pattern, message };
}

function succeeded(result: ResultFile | null): AttemptOutcome {
  if (result === null) return { state: 'succeeded', exitCode: 0 };
  if ('error' in result) {
    return { state: 'failed', exitCode: 0, failure: 'user', message: result.error };
  }
  return { state: 'succeeded', exitCode: 0, result: result.json };
}

type ResultFile = { readonly json: string } | { readonly error: string };

function readResult(directory: string): ResultFile | null {
  const path = join(directory, 'result.json');
  const bytes = sizeOf(path);
  if (bytes === 0) return null;
  if (bytes > RESULT_BYTES_MAX) {
    return { error: `RESULT_TOO_LARGE: $HERA_RESULT has ${bytes} bytes; at most ${RESULT_BYTES_MAX}.` };
  }
  try {
    return { json: JSON.stringify(JSON.parse(readText(path) ?? '')) };
  } catch (error) {
    return { error: `RESULT_INVALID: $HERA_RESULT is not JSON: ${String(error)}` };
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** A shell reports the death of its child by signal n as 128 + n; a program may also just exit so. */
function signalOf(code: number): string | null {
  if (code <= SIGNAL_BASE) return null;
  const found = Object.entries(constants.signals).find(([, number]) => number === code - SIGNAL_BASE);
  return found ? found[0] : null;
}

/** The last part of a log, without what could not be read. */
function logTail(path: string): string {
  try {
    const file = openSync(path, 'r');
    try {
      const { size } = fstatSync(file);
      const bytes = Buffer.alloc(Math.min(size, TAIL_BYTES));
      const read = readSync(file, bytes, 0, bytes.length, size - bytes.length);
      return bytes.toString('utf8', 0, read);
    } finally {
      closeSync(file);
    }
  } catch {
    return '';
  }
}
