/**
 * What every Executor does. A list of cases without a test framework: feed each to your own
 * `test(name, run)`. The harness writes work with a known fate for the kind it tests.
 */
import type { AttemptOutcome } from '../model/run.js';
import type { AttemptListener, Executor } from '../ports/executor.js';
import type { AttemptWork } from '../protocol/messages.js';
import { expectEqual } from './expect.js';

/** `succeeds` with the result `{"rows":3}`; `fails` by its own fault; `waits` until it is killed. */
export type WorkFate = 'succeeds' | 'fails' | 'waits' | 'unknownJob';

/** Makes executors and work for them. */
export interface ExecutorHarness {
  open(): Promise<{ readonly executor: Executor; close(): Promise<void> }>;
  /** Work of that fate; `unknownJob` is work this host cannot start at all. */
  work(fate: WorkFate, attempt: string, timeoutMs?: number): AttemptWork;
}

/** One rule of the port. */
export interface ExecutorCase {
  readonly name: string;
  run(harness: ExecutorHarness): Promise<void>;
}

/** Hears an executor and lets a case wait; what never comes is the test runner's time-out. */
class Ear implements AttemptListener {
  readonly started = new Map<string, number>();
  readonly ended = new Map<string, AttemptOutcome>();
  readonly faults: string[] = [];
  #waiters: (() => void)[] = [];

  onStarted(attempt: string, at: number): void {
    if (this.started.has(attempt) || this.ended.has(attempt)) this.faults.push(`${attempt} started late`);
    this.started.set(attempt, at);
    this.#wake();
  }

  onOutput(): void {
    // Output is tested where it is kept.
  }

  onEnded(attempt: string, at: number, outcome: AttemptOutcome): void {
    if (this.ended.has(attempt)) this.faults.push(`${attempt} ended twice`);
    if (at < (this.started.get(attempt) ?? at)) this.faults.push(`${attempt} ended before it started`);
    this.ended.set(attempt, outcome);
    this.#wake();
  }

  async startOf(attempt: string): Promise<void> {
    while (!this.started.has(attempt)) await this.#next();
  }

  async endOf(attempt: string): Promise<AttemptOutcome> {
    for (;;) {
      const outcome = this.ended.get(attempt);
      if (outcome) return outcome;
      await this.#next();
    }
  }

  #next(): Promise<void> {
    return new Promise((wake) => void this.#waiters.push(wake));
  }

  #wake(): void {
    for (const wake of this.#waiters.splice(0)) wake();
  }
}

async function play(
  harness: ExecutorHarness,
  body: (executor: Executor, ear: Ear) => Promise<void>,
): Promise<void> {
  const { executor, close } = await harness.open();
  const ear = new Ear();
  try {
    await executor.recover(ear);
    await body(executor, ear);
    expectEqual(ear.faults, []);
  } finally {
    await close();
  }
}

/** The rules of `Executor`, each on an executor of its own. */
export const executorContract: readonly ExecutorCase[] = [
  {
    name: 'a success is told once, after its start, with its result',
    run: (harness) =>
      play(harness, async (executor, ear) => {
        executor.start(harness.work('succeeds', 'j@a:1/1'), ear);
        const outcome = await ear.endOf('j@a:1/1');
        expectEqual([outcome.state, outcome.exitCode, outcome.result], ['succeeded', 0, '{"rows":3}']);
        expectEqual([...ear.started.keys()], ['j@a:1/1']);
      }),
  },
  {
    name: 'a failure of the job has a class that is not the host',
    run: (harness) =>
      play(harness, async (executor, ear) => {
        executor.start(harness.work('fails', 'j@a:1/1'), ear);
        const outcome = await ear.endOf('j@a:1/1');
        expectEqual(outcome.state, 'failed');
        expectEqual(outcome.failure !== undefined && outcome.failure !== 'host', true);
      }),
  },
  {
    name: 'what cannot be started fails as the host, and never starts',
    run: (harness) =>
      play(harness, async (executor, ear) => {
        executor.start(harness.work('unknownJob', 'j@a:1/1'), ear);
        const outcome = await ear.endOf('j@a:1/1');
        expectEqual([outcome.state, outcome.failure, outcome.exitCode], ['failed', 'host', null]);
      }),
  },
  ...(['cancel', 'lease'] as const).map((why): ExecutorCase => ({
    name: `a kill for ${why} ends it, verified; repeated and unknown kills are harmless`,
    run: (harness) =>
      play(harness, async (executor, ear) => {
        executor.start(harness.work('waits', 'j@a:1/1'), ear);
        await ear.startOf('j@a:1/1');
        executor.kill('nobody@a:1/1', why);
        executor.kill('j@a:1/1', why);
        executor.kill('j@a:1/1', why);
        const outcome = await ear.endOf('j@a:1/1');
        const expected = why === 'cancel' ? ['canceled', undefined] : ['failed', 'host'];
        expectEqual([outcome.state, outcome.failure], expected);
        expectEqual(outcome.killComplete, true);
        executor.kill('j@a:1/1', why);
      }),
  })),
  {
    name: 'a timeout is enforced',
    run: (harness) =>
      play(harness, async (executor, ear) => {
        executor.start(harness.work('waits', 'j@a:1/1', 150), ear);
        expectEqual((await ear.endOf('j@a:1/1')).state, 'timedOut');
      }),
  },
  {
    name: 'many run side by side and each ends once',
    run: (harness) =>
      play(harness, async (executor, ear) => {
        const fates = Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? 'succeeds' : 'fails') as WorkFate);
        for (const [n, fate] of fates.entries()) executor.start(harness.work(fate, `j@a:${n}/1`), ear);
        const states = await Promise.all(fates.map(async (_, n) => (await ear.endOf(`j@a:${n}/1`)).state));
        expectEqual(
          states,
          fates.map((fate) => (fate === 'succeeds' ? 'succeeded' : 'failed')),
        );
      }),
  },
  {
    name: 'closing with kill ends what runs',
    run: (harness) =>
      play(harness, async (executor, ear) => {
        executor.start(harness.work('waits', 'j@a:1/1'), ear);
        await ear.startOf('j@a:1/1');
        await executor.close({ kill: true });
        expectEqual(ear.ended.get('j@a:1/1')?.state, 'canceled');
      }),
  },
  {
    name: 'an attempt that has ended is forgotten without a word',
    run: (harness) =>
      play(harness, async (executor, ear) => {
        executor.start(harness.work('succeeds', 'j@a:1/1'), ear);
        await ear.endOf('j@a:1/1');
        executor.forget('j@a:1/1');
        executor.forget('nobody@a:1/1');
        expectEqual(ear.ended.size, 1);
      }),
  },
];
