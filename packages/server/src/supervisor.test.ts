import { createHera, createMemoryStore, createQueries, silentObserver } from '@hera/core';
import type { LogStore } from '@hera/core';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { LocalEngine } from './local-engine.js';
import { Supervisor } from './supervisor.js';

const logs: LogStore = {
  read: () => Promise.reject(new Error('no logs here')),
  watch: () => () => undefined,
};

/** A real engine over memory, whose end the test decides. */
async function engine(): Promise<{
  local: LocalEngine;
  fail: (error: Error) => void;
  isStopped: () => boolean;
}> {
  const memory = createMemoryStore();
  const inner = createHera({ store: memory });
  await inner.start();
  let fail: (error: Error) => void = () => undefined;
  const closed = new Promise<void>((_resolve, reject) => (fail = reject));
  const hera = new Proxy(inner, {
    get: (target, key) => {
      if (key === 'closed') return closed;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  let isStopped = false;
  const stop = async () => {
    isStopped = true;
    await inner.stop({ deadlineMs: 0 });
  };
  const store = Object.assign(memory, createQueries(memory));
  const local: LocalEngine = { hera, store, logs, abilities: { kinds: [], functions: [] }, stop };
  return { local, fail, isStopped: () => isStopped };
}

afterEach(() => {
  vi.useRealTimers();
});

describe('Supervisor', () => {
  test('replaces an engine that has ended by itself, and stops the old one', async () => {
    const [first, second] = [await engine(), await engine()];
    const engines = [first.local, second.local];
    const supervisor = await Supervisor.start({
      start: async () => engines.shift()!,
      log: silentObserver,
    });
    expect(supervisor.hera).toBe(first.local.hera);
    first.fail(new Error('the store has gone'));
    await vi.waitFor(() => expect(supervisor.hera).toBe(second.local.hera));
    expect(supervisor.trouble).toBeNull();
    expect(first.isStopped()).toBe(true);
    await supervisor.stop();
    expect(second.isStopped()).toBe(true);
  });

  test('says what is wrong while no start succeeds, and tries again', async () => {
    const [first, second] = [await engine(), await engine()];
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const starts = [
      () => Promise.resolve(first.local),
      () => Promise.reject(new Error('disk is full')),
      () => Promise.resolve(second.local),
    ];
    const supervisor = await Supervisor.start({
      start: () => starts.shift()!(),
      log: silentObserver,
    });
    first.fail(new Error('the store has gone'));
    await vi.waitFor(() => expect(supervisor.trouble).toBe('the scheduler cannot start: disk is full'));
    expect(supervisor.hera).toBeNull();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(supervisor.hera).toBe(second.local.hera);
    expect(supervisor.trouble).toBeNull();
    await supervisor.stop();
  });

  test('a first start that fails is the caller’s to tell', async () => {
    const start = () => Promise.reject(new Error('no'));
    await expect(Supervisor.start({ start, log: silentObserver })).rejects.toThrow('no');
  });
});
