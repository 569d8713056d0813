/**
 * An executor whose attempts go as a test wrote it: how long each takes, in virtual time, and how it ends.
 * Functions without a fate are called for real and take no virtual time; scripts without one succeed at once.
 */
import { parseDuration } from '../calendar/duration.js';
import type { Json } from '../embed/types.js';
import type { FailureClass } from '../model/job.js';
import type { AttemptOutcome } from '../model/run.js';
import type { Duration } from '../model/schedule.js';
import type { Clock } from '../ports/clock.js';
import type { AttemptListener, Executor, RecoveredAttempt } from '../ports/executor.js';
import type { AttemptWork } from '../protocol/messages.js';
import { createFunctionExecutor } from '../shell/function-executor.js';
import type { AnyJobFunction } from '../shell/function-executor.js';

/** How one attempt goes. `after` is how long it takes; default no time at all. */
export type Fate<Value = Json> =
  | { readonly ok: Value; readonly after?: Duration }
  /** Fails with this exit code. */
  | {
      readonly fail: number;
      readonly after?: Duration;
      readonly failure?: FailureClass;
      readonly message?: string;
    }
  /** Goes on until it is canceled or timed out. */
  | { readonly hang: true };

/** What a fate executor is made of. */
export interface FateExecutorOptions {
  readonly clock: Clock;
  readonly kinds: readonly string[];
  readonly functions: ReadonlyMap<string, AnyJobFunction>;
}

interface Going {
  readonly work: AttemptWork;
  readonly out: AttemptListener;
  cancel: () => void;
}

/** An executor whose attempts have fates. */
export interface FateExecutor extends Executor {
  /** What the next attempts of a job come to, in order; the last fate is that of all further ones. */
  setFates(job: string, fates: readonly Fate<unknown>[]): void;
  /** Resolves when all real functions that are being called have settled. */
  settled(): Promise<void>;
}

/** Makes an executor of the given kinds, and of functions. */
export function createFateExecutor(options: FateExecutorOptions): FateExecutor {
  return new VirtualExecutor(options);
}

class VirtualExecutor implements FateExecutor {
  readonly kinds: readonly string[];
  readonly functions: readonly string[];
  readonly #clock: Clock;
  readonly #real: Executor;
  readonly #isFunction: (job: string) => boolean;
  readonly #fates = new Map<string, Fate<unknown>[]>();
  readonly #going = new Map<string, Going>();
  readonly #calls = new Set<Promise<unknown>>();

  constructor({ clock, kinds, functions }: FateExecutorOptions) {
    this.#clock = clock;
    this.kinds = [...new Set(['function', ...kinds])];
    this.functions = [...functions.keys()];
    this.#isFunction = (job) => functions.has(job);
    const followed = Array.from(functions, ([name, run]) => [name, this.#followed(run)] as const);
    this.#real = createFunctionExecutor({ functions: new Map(followed), clock });
  }

  setFates(job: string, fates: readonly Fate<unknown>[]): void {
    this.#fates.set(job, [...fates]);
  }

  async settled(): Promise<void> {
    while (this.#calls.size > 0) await Promise.allSettled([...this.#calls]);
  }

  start(work: AttemptWork, out: AttemptListener): void {
    const fate = this.#nextFate(work.job);
    if (!fate && this.#isFunction(work.job)) return this.#real.start(work, out);
    out.onStarted(work.attempt, this.#clock.wallMs());
    const going: Going = { work, out, cancel: () => undefined };
    this.#going.set(work.attempt, going);
    const takesMs = !fate ? 0 : 'hang' in fate ? Infinity : parseDuration(fate.after ?? 0);
    const isTimedOut = takesMs > work.timeoutMs;
    const outcome = isTimedOut ? timedOut(work.timeoutMs) : outcomeOf(fate ?? { ok: null });
    if (takesMs === 0) return this.#end(work.attempt, outcome);
    going.cancel = this.#clock.wakeAfter(isTimedOut ? work.timeoutMs : takesMs, () =>
      this.#end(work.attempt, outcome),
    );
  }

  kill(attempt: string, why: 'cancel' | 'timeout' | 'lease'): void {
    this.#real.kill(attempt, why);
    this.#end(attempt, { state: 'canceled', exitCode: null, killComplete: true });
  }

  recover(): Promise<readonly RecoveredAttempt[]> {
    return Promise.resolve([]);
  }

  forget(): void {
    // Nothing is kept of an attempt that has ended.
  }

  async close(options: { readonly kill: boolean }): Promise<void> {
    for (const attempt of [...this.#going.keys()]) this.kill(attempt, 'cancel');
    await this.#real.close(options);
  }

  #nextFate(job: string): Fate<unknown> | undefined {
    const fates = this.#fates.get(job);
    return fates && fates.length > 1 ? fates.shift() : fates?.[0];
  }

  #end(attempt: string, outcome: AttemptOutcome): void {
    const going = this.#going.get(attempt);
    if (!going) return;
    this.#going.delete(attempt);
    going.cancel();
    going.out.onEnded(attempt, this.#clock.wallMs(), outcome);
  }

  #followed(run: AnyJobFunction): AnyJobFunction {
    return (context) => {
      const value = run(context);
      if (!(value instanceof Promise)) return value;
      const call = value.finally(() => this.#calls.delete(call));
      this.#calls.add(call);
      return call;
    };
  }
}

function outcomeOf(fate: Fate<unknown>): AttemptOutcome {
  if ('ok' in fate) {
    return fate.ok === undefined
      ? { state: 'succeeded', exitCode: 0 }
      : { state: 'succeeded', exitCode: 0, result: JSON.stringify(fate.ok) };
  }
  const { failure = 'unknown', message } = 'fail' in fate ? fate : {};
  const exitCode = 'fail' in fate ? fate.fail : null;
  return { state: 'failed', exitCode, failure, ...(message !== undefined && { message }) };
}

function timedOut(timeoutMs: number): AttemptOutcome {
  const message = `Timed out after ${timeoutMs} ms.`;
  return { state: 'timedOut', exitCode: null, killComplete: true, message };
}
