/** Functions as jobs: the executor contract, then what a function is given and how its result is judged. */
import { describe, expect, it } from 'vitest';
import type { JobContext } from '../embed/types.js';
import type { AttemptOutcome } from '../model/run.js';
import type { AttemptWork } from '../protocol/messages.js';
import { executorContract } from '../testing/executor-contract.js';
import { createFunctionExecutor } from './function-executor.js';
import type { AnyJobFunction } from './function-executor.js';
import { systemClock } from './system-clock.js';

const untilAborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve());
  });

const FUNCTIONS = new Map<string, AnyJobFunction>([
  ['succeeds', async () => ({ rows: 3 })],
  ['fails', () => Promise.reject(new Error('no rows'))],
  ['waits', ({ signal }) => untilAborted(signal)],
]);

function work(job: string, changes: Partial<AttemptWork> = {}): AttemptWork {
  return {
    attempt: 'j@a:1/1',
    job,
    run: 'j@a:1',
    generation: 1,
    number: 2,
    kind: 'function',
    script: '',
    secrets: {},
    env: {},
    files: {},
    pre: [],
    post: [],
    timeoutMs: 60_000,
    graceMs: 1_000,
    onWorkerLost: 'fence',
    echo: false,
    encoding: 'utf-8',
    slot: {
      key: 't:20261123T020000Z',
      instant: Date.UTC(2026, 10, 23, 2),
      start: Date.UTC(2026, 10, 22),
      end: Date.UTC(2026, 10, 23),
      businessDate: '2026-11-22',
      day: '2026-11-23',
      zone: 'UTC',
    },
    params: { region: 'EU' },
    config: { table: 't1' },
    upstream: { orders: { value: '{"n":2}', values: ['{"n":1}', null, '{"n":2}'] } },
    ...changes,
  };
}

describe('the function executor', () => {
  it.each(executorContract)('$name', async ({ run }) => {
    await run({
      open: () => {
        const executor = createFunctionExecutor({ functions: FUNCTIONS, clock: systemClock });
        return Promise.resolve({ executor, close: () => executor.close({ kill: true }) });
      },
      work: (fate, attempt, timeoutMs = 60_000) => work(fate, { attempt, timeoutMs }),
    });
  });
});

/** Runs one function to its end and returns that end and what it logged. */
async function call(fn: AnyJobFunction, changes: Partial<AttemptWork> = {}) {
  const executor = createFunctionExecutor({ functions: new Map([['j', fn]]), clock: systemClock });
  let output = '';
  const outcome = await new Promise<AttemptOutcome>((resolve) => {
    executor.start(work('j', changes), {
      onStarted: () => undefined,
      onOutput: (_attempt, text) => void (output += text),
      onEnded: (_attempt, _at, end) => resolve(end),
    });
  });
  await executor.close({ kill: false });
  return { outcome, output };
}

const userError = Object.assign(new Error('bad input'), { failure: 'user' });
const cycle: { self?: unknown } = {};
cycle.self = cycle;

describe('what a function returns', () => {
  const cases: { name: string; fn: AnyJobFunction; expected: Partial<AttemptOutcome> }[] = [
    { name: 'nothing: no result', fn: () => undefined, expected: { state: 'succeeded', exitCode: 0 } },
    { name: 'a value, without a promise', fn: () => [1, '二'], expected: { result: '[1,"二"]' } },
    { name: 'null is a result', fn: async () => null, expected: { result: 'null' } },
    {
      name: '64 KiB of JSON',
      fn: () => 'x'.repeat(65_534),
      expected: { state: 'succeeded', result: JSON.stringify('x'.repeat(65_534)) },
    },
    {
      name: 'one byte more',
      fn: () => 'x'.repeat(65_535),
      expected: { state: 'failed', failure: 'user', message: expect.stringContaining('RESULT_TOO_LARGE') },
    },
    {
      name: 'few characters of many bytes',
      fn: () => '表'.repeat(21_846),
      expected: { failure: 'user', message: expect.stringContaining('65540 bytes') },
    },
    {
      name: 'what JSON cannot hold',
      fn: () => cycle,
      expected: { failure: 'user', message: expect.stringContaining('RESULT_INVALID') },
    },
    {
      name: 'an error, thrown at once: tried again as unknown',
      fn: () => {
        throw new Error('boom');
      },
      expected: { state: 'failed', exitCode: 1, failure: 'unknown', message: 'boom' },
    },
    {
      name: 'an error that names its class',
      fn: () => Promise.reject(userError),
      expected: { state: 'failed', failure: 'user', message: 'bad input' },
    },
  ];
  it.each(cases)('$name', async ({ fn, expected }) => {
    expect((await call(fn)).outcome).toMatchObject(expected);
  });
});

describe('what a function is given', () => {
  it('is its slot, parameters, config, upstream results and attempt number', async () => {
    let seen: JobContext | null = null;
    await call((context) => void (seen = context));
    const { slot, params, config, upstream, attempt } = seen as unknown as JobContext;
    expect({ slot, params, config, upstream, attempt }).toEqual({
      slot: {
        key: 't:20261123T020000Z',
        instant: new Date('2026-11-23T02:00:00Z'),
        interval: { start: new Date('2026-11-22T00:00:00Z'), end: new Date('2026-11-23T00:00:00Z') },
        businessDate: '2026-11-22',
        day: '2026-11-23',
        zone: 'UTC',
      },
      params: { region: 'EU' },
      config: { table: 't1' },
      upstream: { orders: { value: { n: 2 }, values: [{ n: 1 }, null, { n: 2 }] } },
      attempt: 2,
    });
  });

  it('is a log, which may be taken out of its context', async () => {
    const { output } = await call(({ log }) => {
      log('one');
      log('二');
    });
    expect(output).toBe('one\n二\n');
  });

  it('is a signal that is already aborted when it is asked for after the cancel', async () => {
    let context: JobContext | null = null;
    let finish: (value: string) => void = () => undefined;
    const executor = createFunctionExecutor({
      functions: new Map([
        [
          'j',
          (given: JobContext) => {
            context = given;
            return new Promise<string>((resolve) => (finish = resolve));
          },
        ],
      ]),
      clock: systemClock,
    });
    const ended = new Promise<AttemptOutcome>((resolve) => {
      executor.start(work('j'), {
        onStarted: () => undefined,
        onOutput: () => undefined,
        onEnded: (_attempt, _at, outcome) => resolve(outcome),
      });
    });
    executor.kill('j@a:1/1', 'cancel');
    expect((context as unknown as JobContext).signal.aborted).toBe(true);
    finish('it was asked to stop: what it still returns is no result');
    expect(await ended).toEqual({ state: 'canceled', exitCode: 0, killComplete: true });
    await executor.close({ kill: false });
  });

  it('keeps its slot until it settles; a close that cannot wait says that it is left', async () => {
    const executor = createFunctionExecutor({
      functions: new Map([['j', () => new Promise<never>(() => undefined)]]),
      clock: systemClock,
    });
    const ends: AttemptOutcome[] = [];
    executor.start(work('j', { graceMs: 20 }), {
      onStarted: () => undefined,
      onOutput: () => undefined,
      onEnded: (_attempt, _at, outcome) => void ends.push(outcome),
    });
    executor.kill('j@a:1/1', 'cancel');
    expect(ends).toEqual([]);
    await executor.close({ kill: true });
    expect(ends).toMatchObject([{ state: 'canceled', killComplete: false }]);
  });
});
