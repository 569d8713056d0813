/**
 * Runs function jobs inside this process. A function cannot be killed: on cancel and timeout its signal is
 * aborted, and its attempt ends, its slot with it, when its promise settles. Nothing is made for an attempt
 * that it does not ask for: signal, dates and upstream values come into being when they are read.
 */
import type { FailureClass } from '../model/job.js';
import { RESULT_BYTES_MAX } from '../model/run.js';
import type { AttemptOutcome } from '../model/run.js';
import type { Clock } from '../ports/clock.js';
import type { AttemptListener, Executor, RecoveredAttempt } from '../ports/executor.js';
import type { AttemptWork } from '../protocol/messages.js';

/** What a function sees; `JobContext` of the embedding API is this, typed by the job's upstreams. */
export interface FunctionContext {
  readonly slot: {
    readonly key: string;
    readonly instant: Date;
    readonly interval: { readonly start: Date; readonly end: Date };
    readonly businessDate: string;
    readonly day: string;
    readonly zone: string;
  };
  readonly params: Readonly<Record<string, string>>;
  readonly config: Readonly<Record<string, string>>;
  readonly upstream: Readonly<
    Record<string, { readonly value: unknown; readonly values: readonly unknown[] }>
  >;
  readonly attempt: number;
  readonly signal: AbortSignal;
  log(line: string): void;
}

/** A function job's code as it looks from here: what it takes and gives is its author's business. */
export type AnyJobFunction = (context: FunctionContext) => unknown;

/** Functions by job name; read at each start, so the map may grow and change. */
export interface FunctionExecutorOptions {
  readonly functions: ReadonlyMap<string, AnyJobFunction>;
  readonly clock: Clock;
}

/** Makes the executor of kind `function`. */
export function createFunctionExecutor(options: FunctionExecutorOptions): Executor {
  return new FunctionExecutor(options);
}

type StopCause = 'cancel' | 'timeout' | 'lease';

const FAILURE_CLASSES: readonly string[] = ['user', 'resource', 'outside', 'host', 'unknown'];
/** A character takes at most three bytes in UTF-8; most results are known to fit by that alone. */
const CHARS_SURE = Math.floor(RESULT_BYTES_MAX / 3);
/** Timers of most platforms hold 31 bits; a later deadline is looked at again then. */
const WAKE_MS_MAX = 2_000_000_000;
const NO_RESULT: AttemptOutcome = { state: 'succeeded', exitCode: 0 };

class FunctionExecutor implements Executor {
  readonly kinds = ['function'];
  readonly #functions: ReadonlyMap<string, AnyJobFunction>;
  readonly #clock: Clock;
  readonly #running = new Map<string, FunctionRun>();
  #wakeAt = Infinity;
  #cancelWake: (() => void) | null = null;
  #closing: (() => void) | null = null;

  constructor(options: FunctionExecutorOptions) {
    this.#functions = options.functions;
    this.#clock = options.clock;
  }

  get functions(): readonly string[] {
    return [...this.#functions.keys()];
  }

  start(work: AttemptWork, out: AttemptListener): void {
    const call = this.#functions.get(work.job);
    if (!call) {
      const message = `This process has no function for job "${work.job}".`;
      out.onEnded(work.attempt, this.#clock.wallMs(), {
        state: 'failed',
        exitCode: null,
        failure: 'host',
        message,
      });
      return;
    }
    const run = new FunctionRun(work, out, this.#clock.monotonicMs() + work.timeoutMs);
    out.onStarted(work.attempt, this.#clock.wallMs());
    let value: unknown;
    try {
      value = call(run);
    } catch (error) {
      this.#ended(run, failureOf(error));
      return;
    }
    if (!isThenable(value)) {
      this.#ended(run, successOf(value));
      return;
    }
    this.#running.set(work.attempt, run);
    this.#arm(run.deadline);
    void this.#settle(run, value);
  }

  kill(attempt: string, why: StopCause): void {
    this.#running.get(attempt)?.stop(why);
  }

  recover(): Promise<readonly RecoveredAttempt[]> {
    return Promise.resolve([]);
  }

  forget(): void {
    // Nothing is kept of an attempt that has ended.
  }

  async close({ kill }: { readonly kill: boolean }): Promise<void> {
    this.#cancelWake?.();
    this.#cancelWake = null;
    if (!kill || this.#running.size === 0) return;
    let graceMs = 0;
    for (const run of this.#running.values()) {
      run.stop('cancel');
      graceMs = Math.max(graceMs, run.graceMs);
    }
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.wakeAfter(graceMs, resolve);
      this.#closing = () => {
        cancel();
        resolve();
      };
    });
    for (const run of this.#running.values()) this.#giveUp(run);
  }

  async #settle(run: FunctionRun, value: PromiseLike<unknown>): Promise<void> {
    let outcome: AttemptOutcome;
    try {
      outcome = successOf(await value);
    } catch (error) {
      outcome = failureOf(error);
    }
    if (!this.#running.delete(run.attemptText)) return;
    this.#ended(run, outcome);
    if (this.#running.size === 0) this.#closing?.();
  }

  #ended(run: FunctionRun, outcome: AttemptOutcome): void {
    const end = run.stopped === null ? outcome : stoppedOutcome(run.stopped, run.timeoutMs, outcome);
    run.out.onEnded(run.attemptText, this.#clock.wallMs(), end);
  }

  /** Its process is about to end and the promise has not settled. */
  #giveUp(run: FunctionRun): void {
    this.#running.delete(run.attemptText);
    const message = 'The function did not react to its signal.';
    const outcome: AttemptOutcome = { state: 'canceled', exitCode: null, killComplete: false, message };
    run.out.onEnded(run.attemptText, this.#clock.wallMs(), outcome);
  }

  /** One wake-up serves the earliest deadline; it is looked for only when it comes. */
  #arm(deadline: number): void {
    if (deadline >= this.#wakeAt) return;
    this.#cancelWake?.();
    this.#wakeAt = deadline;
    const delayMs = Math.min(Math.max(0, deadline - this.#clock.monotonicMs()), WAKE_MS_MAX);
    this.#cancelWake = this.#clock.wakeAfter(delayMs, () => {
      this.#cancelWake = null;
      this.#wakeAt = Infinity;
      this.#expire(this.#clock.monotonicMs());
    });
  }

  #expire(now: number): void {
    let next = Infinity;
    for (const run of this.#running.values()) {
      if (run.stopped !== null) continue;
      if (run.deadline <= now) run.stop('timeout');
      else next = Math.min(next, run.deadline);
    }
    if (next < Infinity) this.#arm(next);
  }
}

/** One call of a function, and the context it sees; what is costly is made when it is read. */
class FunctionRun implements FunctionContext {
  readonly attemptText: string;
  readonly out: AttemptListener;
  /** Monotonic ms. */
  readonly deadline: number;
  readonly timeoutMs: number;
  readonly graceMs: number;
  stopped: StopCause | null = null;
  readonly #work: AttemptWork;
  #controller: AbortController | null = null;
  #log: ((line: string) => void) | null = null;

  constructor(work: AttemptWork, out: AttemptListener, deadline: number) {
    this.attemptText = work.attempt;
    this.out = out;
    this.deadline = deadline;
    this.timeoutMs = work.timeoutMs;
    this.graceMs = work.graceMs;
    this.#work = work;
  }

  get attempt(): number {
    return this.#work.number;
  }

  get params(): Readonly<Record<string, string>> {
    return this.#work.params;
  }

  get config(): Readonly<Record<string, string>> {
    return this.#work.config;
  }

  get slot(): FunctionContext['slot'] {
    const { key, instant, start, end, businessDate, day, zone } = this.#work.slot;
    const interval = { start: new Date(start), end: new Date(end) };
    return { key, instant: new Date(instant), interval, businessDate, day, zone };
  }

  get upstream(): FunctionContext['upstream'] {
    return Object.fromEntries(
      Object.entries(this.#work.upstream).map(([name, { value, values }]) => [
        name,
        { value: parsed(value), values: values.map(parsed) },
      ]),
    );
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.stopped !== null) this.#controller.abort(stopError(this.stopped));
    }
    return this.#controller.signal;
  }

  get log(): (line: string) => void {
    this.#log ??= (line) => this.out.onOutput(this.attemptText, `${line}\n`);
    return this.#log;
  }

  stop(why: StopCause): void {
    if (this.stopped !== null) return;
    this.stopped = why;
    this.#controller?.abort(stopError(why));
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

function parsed(json: string | null): unknown {
  return json === null ? null : (JSON.parse(json) as unknown);
}

function successOf(value: unknown): AttemptOutcome {
  if (value === undefined) return NO_RESULT;
  let result: string | undefined;
  try {
    result = JSON.stringify(value);
  } catch (error) {
    return failed('user', `RESULT_INVALID: JSON cannot hold what the function returned: ${textOf(error)}`);
  }
  // A function or a symbol is no value for JSON either.
  if (result === undefined) return NO_RESULT;
  if (result.length > CHARS_SURE) {
    const bytes = new TextEncoder().encode(result).length;
    if (bytes > RESULT_BYTES_MAX) {
      return failed('user', `RESULT_TOO_LARGE: the result has ${bytes} bytes; at most ${RESULT_BYTES_MAX}`);
    }
  }
  return { state: 'succeeded', exitCode: 0, result };
}

/** An error may carry the class of its failure as `failure`; one that does not is retried as unknown. */
function failureOf(error: unknown): AttemptOutcome {
  const named = typeof error === 'object' && error !== null && 'failure' in error ? error.failure : null;
  const failure = typeof named === 'string' && FAILURE_CLASSES.includes(named) ? named : 'unknown';
  return failed(failure as FailureClass, textOf(error));
}

function failed(failure: FailureClass, message: string): AttemptOutcome {
  return { state: 'failed', exitCode: 1, failure, message };
}

/** The end of a call that was asked to stop: whatever it made of that, it has settled. */
function stoppedOutcome(why: StopCause, timeoutMs: number, outcome: AttemptOutcome): AttemptOutcome {
  const exitCode = outcome.exitCode;
  switch (why) {
    case 'cancel':
      return { state: 'canceled', exitCode, killComplete: true };
    case 'timeout':
      return { state: 'timedOut', exitCode, killComplete: true, message: `Timed out after ${timeoutMs} ms.` };
    case 'lease':
      return { state: 'failed', exitCode, failure: 'host', killComplete: true, message: LEASE_MESSAGE };
  }
}

const LEASE_MESSAGE = "The worker's lease ended: it had no word from the scheduler.";

function stopError(why: StopCause): Error {
  const error = new Error(why === 'timeout' ? 'The attempt has timed out.' : 'The attempt was canceled.');
  error.name = why === 'timeout' ? 'TimeoutError' : 'AbortError';
  return error;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
