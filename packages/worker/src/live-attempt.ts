/**
 * An attempt as the executor follows it, whether it started it or found it. Finding one settles a race: an
 * earlier spawner may be about to start what the records say never started. Whoever gives an attempt up
 * writes `void` and then looks at `started` again; the shim writes `started` and then looks for `void`. One
 * of them sees the other.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AttemptListener } from '@hera/core';
import type { AttemptWork } from '@hera/core/protocol';
import { readAttemptRecord, readCause, readStarted } from './attempt-dir.js';
import type { AttemptRecord } from './attempt-dir.js';
import type { ProcessKind } from './kinds.js';
import type { KillReport } from './kill-tree.js';
import type { StopCause } from './outcome.js';
import type { ProcessIdentity } from './proc.js';

/** What the executor keeps of an attempt that has not ended. */
export interface LiveAttempt {
  readonly attempt: string;
  readonly out: AttemptListener;
  readonly kind: ProcessKind;
  record: AttemptRecord;
  directory: string;
  state: 'preparing' | 'spawning' | 'running' | 'ending';
  /** Of the shim. */
  identity: ProcessIdentity | null;
  startedAt: number | null;
  /** Monotonic ms. */
  deadline: number;
  cause: StopCause | null;
  killing: Promise<KillReport> | null;
  /** That ended the shim. */
  signal: string | null;
  /** Nobody tells when its shim ends. */
  isFollowed: boolean;
}

/** One that is about to be put on disk. */
export function liveAttempt(work: AttemptWork, kind: ProcessKind, out: AttemptListener): LiveAttempt {
  const { attempt, timeoutMs, graceMs, onWorkerLost } = work;
  return {
    attempt,
    out,
    kind,
    record: { v: 1, attempt, kind: work.kind, timeoutMs, graceMs, onWorkerLost, secretFiles: [] },
    directory: '',
    state: 'preparing',
    identity: null,
    startedAt: null,
    deadline: Infinity,
    cause: null,
    killing: null,
    signal: null,
    isFollowed: false,
  };
}

/** One that lies in a directory; null when it never started, and now never will. */
export function reattach(
  directory: string,
  kinds: ReadonlyMap<string, ProcessKind>,
  out: AttemptListener,
): LiveAttempt | null {
  const record = readAttemptRecord(directory);
  if (!record) return null;
  let started = readStarted(directory);
  if (!started) {
    writeFileSync(join(directory, 'void'), '');
    started = readStarted(directory);
    if (!started) return null;
  }
  return {
    attempt: record.attempt,
    out,
    kind: kinds.get(record.kind) ?? foreignKind(record.kind),
    record,
    directory,
    state: 'running',
    identity: started.identity,
    startedAt: started.at,
    deadline: Infinity,
    cause: readCause(directory),
    killing: null,
    signal: null,
    isFollowed: true,
  };
}

/** A kind that this life of the worker was not told about; its attempts still end. */
function foreignKind(name: string): ProcessKind {
  return { name, file: '', interpreters: [], args: [], env: {}, exitClasses: {}, patterns: [] };
}
