/**
 * Gives attempts that run inside the agent a log where those of processes have theirs. An attempt that
 * writes nothing costs no file.
 */
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { AttemptListener, AttemptOutcome, Clock, Executor } from '@hera/core';
import type { AttemptWork } from '@hera/core/protocol';
import { attemptDirectory, writeWhole } from './attempt-dir.js';
import type { LogKeeper } from './log-shipper.js';

const FLUSH_MS = 50;
const TEXT_MAX = 65_536;

/** An executor like `inner`, whose attempts' output goes to files below `home`. */
export function withLogFiles(
  inner: Executor,
  { home, clock, keeper }: { home: string; clock: Clock; keeper?: LogKeeper | undefined },
): Executor {
  const logs = new FunctionLogs(home, clock, keeper);
  return {
    get kinds() {
      return inner.kinds;
    },
    get functions() {
      return inner.functions;
    },
    start: (work: AttemptWork, out: AttemptListener) => inner.start(work, logs.listen(out)),
    kill: (attempt, why) => inner.kill(attempt, why),
    recover: (out) => inner.recover(logs.listen(out)),
    forget: (attempt) => inner.forget(attempt),
    close: (options) => inner.close(options),
  };
}

class FunctionLogs implements AttemptListener {
  readonly #home: string;
  readonly #clock: Clock;
  readonly #keeper: LogKeeper | undefined;
  readonly #directories = new Map<string, string>();
  readonly #texts = new Map<string, string>();
  #out: AttemptListener | null = null;
  #cancelFlush: (() => void) | null = null;

  constructor(home: string, clock: Clock, keeper: LogKeeper | undefined) {
    this.#home = home;
    this.#clock = clock;
    this.#keeper = keeper;
  }

  /** The agent has one listener for all attempts. */
  listen(out: AttemptListener): AttemptListener {
    this.#out = out;
    return this;
  }

  onStarted(attempt: string, at: number): void {
    this.#out?.onStarted(attempt, at);
  }

  onOutput(attempt: string, text: string): void {
    const all = (this.#texts.get(attempt) ?? '') + text;
    this.#texts.set(attempt, all);
    if (all.length >= TEXT_MAX) this.#write(attempt);
    this.#cancelFlush ??= this.#clock.wakeAfter(FLUSH_MS, () => {
      this.#cancelFlush = null;
      for (const waiting of [...this.#texts.keys()]) this.#write(waiting);
    });
  }

  onEnded(attempt: string, at: number, outcome: AttemptOutcome): void {
    this.#write(attempt);
    const directory = this.#directories.get(attempt);
    this.#directories.delete(attempt);
    if (directory !== undefined) {
      const record = { code: outcome.exitCode ?? 1, stage: 'function', stopped: false };
      this.#guarded(() => writeWhole(join(directory, 'exit'), `${JSON.stringify(record)}\n`));
    }
    this.#keeper?.ended(attempt);
    this.#out?.onEnded(attempt, at, outcome);
  }

  #write(attempt: string): void {
    const text = this.#texts.get(attempt);
    if (text === undefined) return;
    this.#texts.delete(attempt);
    this.#guarded(() =>
      appendFileSync(join(this.#directoryOf(attempt), 'output.log'), text, { mode: 0o640 }),
    );
  }

  #directoryOf(attempt: string): string {
    let directory = this.#directories.get(attempt);
    if (directory === undefined) {
      directory = attemptDirectory(this.#home, attempt, this.#clock.wallMs());
      mkdirSync(directory, { recursive: true, mode: 0o750 });
      this.#directories.set(attempt, directory);
      if (this.#keeper) {
        writeWhole(join(directory, 'attempt'), `${attempt}\n`);
        this.#keeper.begun(attempt, directory, true);
      }
    }
    return directory;
  }

  /** A disk that takes no more must not fail a function that needs none. */
  #guarded(write: () => void): void {
    try {
      write();
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error;
    }
  }
}
