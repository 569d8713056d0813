/**
 * Runs attempts as processes of this host, and finds them again after its own death. Each attempt has a
 * directory with all that is known of it (attempt-dir.ts), a shim that outlives everybody, and a process
 * group; starting is the spawner's, so this process may be as big as it likes.
 */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import PQueue from 'p-queue';
import type {
  AttemptListener,
  AttemptOutcome,
  Clock,
  Executor,
  Observer,
  RecoveredAttempt,
} from '@hera/core';
import type { AttemptWork } from '@hera/core/protocol';
import {
  clearOpen,
  openDirectories,
  readCause,
  readExit,
  readLeft,
  readText,
  writeWhole,
} from './attempt-dir.js';
import { PrepareError, prepareAttempt, removeOldDays } from './attempt-files.js';
import { findInterpreter, PROCESS_KINDS } from './kinds.js';
import type { ProcessKind } from './kinds.js';
import { findProcesses, killTree } from './kill-tree.js';
import { hostFailure, judge } from './outcome.js';
import { selfTest } from './self-test.js';
import type { StopCause } from './outcome.js';
import { identityOf, isRunning, TICKS_PER_SECOND, uptimeMs } from './proc.js';
import type { LogKeeper } from './log-shipper.js';
import { liveAttempt, reattach } from './live-attempt.js';
import type { LiveAttempt } from './live-attempt.js';
import { createLauncher } from './launcher.js';
import type { Launcher, SpawnerNews } from './spawner-messages.js';

/** How a process executor is made. */
export interface ProcessExecutorOptions {
  /** Everything it writes lies below. One agent per home. */
  readonly home: string;
  readonly clock: Clock;
  readonly observer?: Observer;
  /** Rows of kinds; default shell and python. Rows whose interpreter this host lacks are not offered. */
  readonly kinds?: readonly ProcessKind[];
  /** Extensions of script files that keep their CRLF line ends; default `.bat`, `.cmd`. */
  readonly crlfExtensions?: readonly string[];
  /** Days that attempts' directories are kept; default 14. */
  readonly keepDays?: number;
  /** Told of every log that is begun and ended; default nobody ships them. */
  readonly logs?: LogKeeper;
  /** Which shim runs attempts; default the native one where it works here, else `shim.sh`. */
  readonly shim?: 'native' | 'sh';
}

/** Attempts that are written to disk at once; more only wait for each other there. */
const PREPARING_MAX = 8;
/** Between looks at attempts that are not children of our spawner. */
const FOLLOW_MS = 200;
const CLEAN_MS = 6 * 3_600_000;
const WAKE_MS_MAX = 2_000_000_000;

/** Makes the executor; call `recover` before the first `start`. */
export function createProcessExecutor(options: ProcessExecutorOptions): Executor {
  return new ProcessExecutor(options);
}

class ProcessExecutor implements Executor {
  readonly kinds: readonly string[];
  readonly functions = [];
  readonly #home: string;
  readonly #options: ProcessExecutorOptions;
  readonly #clock: Clock;
  readonly #rows: ReadonlyMap<string, ProcessKind>;
  readonly #preparing = new PQueue({ concurrency: PREPARING_MAX });
  readonly #spawner: Launcher;
  readonly #live = new Map<string, LiveAttempt>();
  /** When the lease ends, ms of uptime. */
  #leaseEndsAt = Infinity;
  #isLeaseWritten = true;
  #deadlineAt = Infinity;
  #cancelDeadline: (() => void) | null = null;
  #cancelFollow: (() => void) | null = null;
  #cleanedAt = -Infinity;
  #isClosed = false;
  #emptied: (() => void)[] = [];

  constructor(options: ProcessExecutorOptions) {
    const rows = options.kinds ?? PROCESS_KINDS;
    this.#options = options;
    this.#home = resolve(options.home);
    this.#clock = options.clock;
    this.#rows = new Map(rows.map((row) => [row.name, row]));
    this.kinds = rows.filter((row) => findInterpreter(row) !== null).map((row) => row.name);
    this.#spawner = createLauncher(options, {
      onNews: (news) => this.#onNews(news),
      onLost: () => this.#onSpawnerLost(),
    });
  }

  start(work: AttemptWork, out: AttemptListener): void {
    const kind = this.#rows.get(work.kind);
    if (!kind) {
      const message = `This worker runs no processes of kind "${work.kind}".`;
      out.onEnded(work.attempt, this.#clock.wallMs(), hostFailure('kind', message));
      return;
    }
    const live = liveAttempt(work, kind, out);
    this.#live.set(work.attempt, live);
    this.#clean();
    void this.#preparing.add(() => this.#prepare(live, work));
  }

  selfTest(): Promise<readonly string[]> {
    const kinds = this.kinds.flatMap((name) => this.#rows.get(name) ?? []);
    return selfTest(this.#home, kinds);
  }

  kill(attempt: string, why: StopCause): void {
    const live = this.#live.get(attempt);
    if (!live || live.cause !== null) return;
    live.cause = why;
    if (live.state === 'running') this.#beginKill(live);
  }

  async recover(out: AttemptListener): Promise<readonly RecoveredAttempt[]> {
    for (const folder of ['attempts', 'open']) {
      mkdirSync(join(this.#home, folder), { recursive: true, mode: 0o750 });
    }
    const lease = Number.parseFloat(readText(join(this.#home, 'lease')) ?? '');
    this.#leaseEndsAt = Number.isNaN(lease) ? Infinity : lease;
    const found: RecoveredAttempt[] = [];
    const ends: Promise<void>[] = [];
    for (const directory of openDirectories(this.#home)) {
      const live = reattach(directory, this.#rows, out);
      if (!live) continue;
      const { attempt, startedAt, record } = live;
      this.#live.set(attempt, live);
      this.#options.logs?.begun(attempt, directory, false);
      const state = live.identity && isRunning(live.identity) ? 'running' : 'ended';
      found.push({ attempt, state, startedAt, onWorkerLost: record.onWorkerLost });
      if (state === 'ended') ends.push(this.#finish(live));
      else this.#follow(live);
    }
    await Promise.all(ends);
    this.#clean();
    return found;
  }

  leased(endsAtMs: number): void {
    this.#leaseEndsAt = uptimeMs() + endsAtMs - this.#clock.monotonicMs();
    try {
      writeWhole(join(this.#home, 'lease'), `${Math.round(this.#leaseEndsAt)}\n`);
      this.#isLeaseWritten = true;
    } catch (error) {
      // Guards then hold on to the lease before this one: they kill too early, never too late.
      // A full disk stays full for many pulses: it is said once.
      if (this.#isLeaseWritten) this.#complain('the lease cannot be written', error);
      this.#isLeaseWritten = false;
    }
  }

  forget(attempt: string): void {
    try {
      clearOpen(this.#home, attempt);
    } catch (error) {
      // It is found as ended at the next start, and forgotten then.
      this.#complain('an attempt cannot be forgotten', error);
    }
  }

  async close({ kill }: { readonly kill: boolean }): Promise<void> {
    this.#isClosed = true;
    if (kill) {
      for (const live of this.#live.values()) this.kill(live.attempt, 'cancel');
      if (this.#live.size > 0) await new Promise<void>((done) => void this.#emptied.push(done));
    }
    this.#preparing.clear();
    await this.#preparing.onIdle();
    this.#cancelDeadline?.();
    this.#cancelFollow?.();
    this.#live.clear();
    this.#spawner.close();
  }

  async #prepare(live: LiveAttempt, work: AttemptWork): Promise<void> {
    if (live.cause !== null) return this.#neverStarted(live);
    try {
      const prepared = await prepareAttempt(work, {
        home: this.#home,
        kind: live.kind,
        crlfExtensions: this.#options.crlfExtensions ?? ['.bat', '.cmd'],
        now: this.#clock.wallMs(),
      });
      if (live.cause !== null) return this.#neverStarted(live);
      if (this.#isClosed) return;
      live.directory = prepared.directory;
      live.record = prepared.record;
      live.state = 'spawning';
      this.#beginLog(work, prepared.directory);
      const { attempt, timeoutMs, graceMs, onWorkerLost } = work;
      const { directory, env } = prepared;
      const isFenced = onWorkerLost === 'fence';
      this.#spawner.send({ type: 'spawn', attempt, directory, env, timeoutMs, graceMs, isFenced });
    } catch (error) {
      const failure = error instanceof PrepareError ? error.failure : 'host';
      const message = error instanceof Error ? error.message : String(error);
      this.#ended(live, { state: 'failed', exitCode: null, failure, message });
    }
  }

  /** What must be masked outlives this agent as the attempt does, and goes when the log is stored. */
  #beginLog({ attempt, secrets }: AttemptWork, directory: string): void {
    if (!this.#options.logs) return;
    const values = Object.values(secrets);
    if (values.length > 0) writeWhole(join(directory, 'mask'), JSON.stringify(values), 0o600);
    this.#options.logs.begun(attempt, directory, true);
  }

  #onNews(news: SpawnerNews): void {
    const live = this.#live.get(news.attempt);
    if (!live) return;
    switch (news.type) {
      case 'spawned':
        live.state = 'running';
        live.identity = identityOf(news.pid, news.startTicks);
        live.startedAt = this.#clock.wallMs();
        live.deadline = this.#clock.monotonicMs() + live.record.timeoutMs;
        live.out.onStarted(live.attempt, live.startedAt);
        if (live.cause !== null) this.#beginKill(live);
        else this.#armDeadline(live.deadline);
        return;
      case 'failed': {
        // The environment of a process has a limit, and parameters may exceed it: no other host would help.
        const failure = news.code === 'E2BIG' ? 'user' : 'host';
        const message = `The attempt cannot be started: ${news.message}`;
        this.#ended(live, { state: 'failed', exitCode: null, failure, message });
        return;
      }
      case 'ended':
        live.signal = news.signal;
        void this.#finish(live);
    }
  }

  /** What it had been told may or may not have happened; the records say what did. */
  #onSpawnerLost(): void {
    this.#options.observer?.log('warn', 'the spawner died; attempts are followed by their records');
    for (const live of this.#live.values()) {
      if (live.state === 'spawning') this.#settleSpawning(live);
      else if (live.state === 'running') this.#follow(live);
    }
  }

  #settleSpawning(live: LiveAttempt): void {
    const found = reattach(live.directory, this.#rows, live.out);
    if (!found?.identity) {
      this.#ended(live, hostFailure('spawn', 'The spawner died before it started the attempt.'));
      return;
    }
    found.cause = live.cause;
    this.#live.set(live.attempt, found);
    found.out.onStarted(found.attempt, found.startedAt ?? this.#clock.wallMs());
    this.#follow(found);
  }

  #beginKill(live: LiveAttempt): void {
    const { attempt, identity, record } = live;
    live.killing ??= killTree({ attempt, leader: identity, graceMs: record.graceMs });
    // Whether or not its parent tells that the shim has ended: when the tree is dead, the attempt is over.
    void live.killing.then(() => this.#finish(live));
  }

  /** Its shim has ended, or its tree is as dead as it can be made. */
  async #finish(live: LiveAttempt): Promise<void> {
    if (live.state === 'ending') return;
    live.state = 'ending';
    const { attempt, identity, record, directory, kind, signal } = live;
    if (!live.killing && findLeftovers(live)) {
      live.killing = killTree({ attempt, leader: identity, graceMs: record.graceMs });
    }
    const killed = (await live.killing) ?? null;
    const exit = readExit(directory);
    // The shim itself may have ended it, while the agent was dead or late.
    const cause = live.cause ?? readCause(directory);
    const outcome = judge({
      directory,
      record,
      kind,
      exit,
      cause,
      killed: killed ?? readLeft(directory),
      signal,
    });
    const endedAt = Math.max(exit?.at ?? this.#clock.wallMs(), live.startedAt ?? 0);
    this.#ended(live, outcome, endedAt);
  }

  #neverStarted(live: LiveAttempt): void {
    const isLease = live.cause === 'lease';
    this.#ended(
      live,
      isLease
        ? {
            ...hostFailure('lease', "The worker's lease ended before the attempt was started."),
            killComplete: true,
          }
        : { state: 'canceled', exitCode: null, killComplete: true },
    );
  }

  #ended(live: LiveAttempt, outcome: AttemptOutcome, at = this.#clock.wallMs()): void {
    this.#live.delete(live.attempt);
    this.#options.logs?.ended(live.attempt);
    live.out.onEnded(live.attempt, at, outcome);
    if (this.#live.size === 0) for (const done of this.#emptied.splice(0)) done();
  }

  #armDeadline(deadline: number): void {
    if (deadline >= this.#deadlineAt) return;
    this.#cancelDeadline?.();
    this.#deadlineAt = deadline;
    const delayMs = Math.min(Math.max(0, deadline - this.#clock.monotonicMs()), WAKE_MS_MAX);
    this.#cancelDeadline = this.#clock.wakeAfter(delayMs, () => {
      this.#deadlineAt = Infinity;
      this.#expire(this.#clock.monotonicMs());
    });
  }

  #expire(now: number): void {
    let next = Infinity;
    for (const { attempt, deadline, cause } of this.#live.values()) {
      if (cause !== null) continue;
      if (deadline <= now) this.kill(attempt, 'timeout');
      else next = Math.min(next, deadline);
    }
    if (next < Infinity) this.#armDeadline(next);
  }

  /** From now on its end is seen in /proc, not told by a parent. */
  #follow(live: LiveAttempt): void {
    live.isFollowed = true;
    if (live.identity) {
      const elapsedMs = uptimeMs() - (live.identity.startTicks * 1_000) / TICKS_PER_SECOND;
      live.deadline = this.#clock.monotonicMs() + live.record.timeoutMs - elapsedMs;
      this.#armDeadline(live.deadline);
    }
    this.#cancelFollow ??= this.#clock.wakeAfter(FOLLOW_MS, () => this.#lookAtFollowed());
  }

  #lookAtFollowed(): void {
    this.#cancelFollow = null;
    const hasLease = uptimeMs() < this.#leaseEndsAt;
    let isAnyLeft = false;
    for (const live of this.#live.values()) {
      if (!live.isFollowed || live.state !== 'running') continue;
      if (!live.identity || !isRunning(live.identity)) void this.#finish(live);
      else isAnyLeft = true;
      if (!hasLease && live.record.onWorkerLost === 'fence') this.kill(live.attempt, 'lease');
    }
    if (isAnyLeft) this.#cancelFollow = this.#clock.wakeAfter(FOLLOW_MS, () => this.#lookAtFollowed());
  }

  #clean(): void {
    const now = this.#clock.monotonicMs();
    if (now - this.#cleanedAt < CLEAN_MS) return;
    this.#cleanedAt = now;
    removeOldDays(this.#home, this.#options.keepDays ?? 14, this.#clock.wallMs()).catch((error: unknown) =>
      this.#complain('old attempts cannot be removed', error),
    );
  }

  #complain(what: string, error: unknown): void {
    this.#options.observer?.log('error', what, { error: String(error) });
  }
}

/** Whether processes of its group outlive its shim; the table is read only if the group has any member. */
function findLeftovers({ attempt, identity, record }: LiveAttempt): boolean {
  if (!identity) return false;
  try {
    process.kill(-identity.pid, 0);
  } catch {
    return false;
  }
  return findProcesses({ attempt, leader: identity, graceMs: record.graceMs }).length > 0;
}
