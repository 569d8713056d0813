import { tmpdir } from 'node:os';
import type { Lease } from '@hera/core';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { watchStore } from './store-watch.js';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const held: Lease = { name: 'hera', epoch: 1, holder: 'a', commitNo: 1, nowMs: 1_000, expiresAtMs: 3_000 };
const lost: Lease = { ...held, nowMs: 4_000 };

/** What the store answers all the time, and whether it is given up within a minute of a patience of 10 s. */
const ANSWERS: readonly (readonly [name: string, answer: () => Promise<Lease | null>, isGivenUp: boolean])[] =
  [
    ['a lease that is held', () => Promise.resolve(held), false],
    ['a lease that has run out', () => Promise.resolve(lost), true],
    ['no lease', () => Promise.resolve(null), true],
    ['an error', () => Promise.reject(new Error('disk I/O error')), true],
  ];

test.each(ANSWERS)('%s', async (_name, readLease, isGivenUp) => {
  const failed = vi.fn();
  const stop = watchStore({ readLease }, { folder: tmpdir(), patienceMs: 10_000, failed });
  await vi.advanceTimersByTimeAsync(9_000);
  expect(failed).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(51_000);
  vi.useRealTimers();
  // Whether the disk is full is asked of the real one.
  if (isGivenUp) await vi.waitFor(() => expect(failed).toHaveBeenCalledOnce());
  else expect(failed).not.toHaveBeenCalled();
  stop();
});
