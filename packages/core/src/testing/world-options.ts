/**
 * What a seed stands for: the size of the world and which faults happen in it. Swarm testing: each kind of
 * fault is on with probability one half, so that each seed is a world of its own and rare combinations come.
 */
import { createRandom } from '../model/random.js';
import type { Random } from '../model/random.js';

export const FAULT_KINDS = [
  'messageLoss',
  'messageDuplication',
  'messageDelay',
  'partition',
  'swizzleClog',
  'reconnect',
  'serverCrash',
  'serverCrashAtPort',
  'serverPause',
  'serverPauseAtPort',
  'serverSuspend',
  'serverRestart',
  'agentCrash',
  'agentCrashAtPort',
  'agentPause',
  'powerLoss',
  'diskFull',
  'diskSlow',
  'diskErrors',
  'spawnFails',
  'badDisk',
  'storeDown',
  'storeSlow',
  'storeFails',
  'storeFull',
  'commitUnknown',
  'serverWallJump',
  'workerWallJump',
  'storeClockJump',
  'clockDrift',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** Everything that is decided before a world begins; printed with each failure. */
export interface WorldOptions {
  readonly seed: number;
  /** When it begins, epoch ms, and the default zone of its jobs. */
  readonly startMs: number;
  readonly zone: string;
  readonly servers: number;
  readonly workers: number;
  readonly jobs: number;
  readonly faults: readonly FaultKind[];
  /** Mean time between two faults of a kind, ms. */
  readonly faultEveryMs: number;
  /** Mean time between two requests of people, ms. */
  readonly requestEveryMs: number;
  readonly leaseMs: number;
  readonly workerLeaseMs: number;
  readonly pulseMs: number;
  readonly chaosMs: number;
  readonly healMs: number;
  readonly quietMs: number;
}

const MINUTE_MS = 60_000;
/** Nights of daylight saving, an ordinary one, and the end of a leap day. */
const STARTS: readonly (readonly [string, string])[] = [
  ['2026-03-29T00:20:00Z', 'Europe/Berlin'],
  ['2026-10-25T00:10:00Z', 'Europe/Berlin'],
  ['2026-11-23T15:30:00Z', 'Asia/Shanghai'],
  ['2028-02-29T22:50:00Z', 'UTC'],
];

/** The options of a seed; the same ones each time. */
export function optionsOfSeed(seed: number): WorldOptions {
  const random = createRandom(seed * 7_919 + 1);
  const [start, zone] = pick(random, STARTS);
  return {
    seed,
    startMs: Date.parse(start) + random.integer(10) * MINUTE_MS,
    zone,
    servers: 1 + random.integer(3),
    workers: 1 + random.integer(4),
    jobs: 4 + random.integer(9),
    faults: FAULT_KINDS.filter(() => random.next() < 0.5),
    faultEveryMs: pick(random, [2, 4, 8]) * MINUTE_MS,
    requestEveryMs: pick(random, [1, 2, 6]) * MINUTE_MS,
    leaseMs: 10_000,
    workerLeaseMs: 60_000,
    pulseMs: 6_000,
    chaosMs: 50 * MINUTE_MS,
    healMs: 5 * MINUTE_MS,
    quietMs: 25 * MINUTE_MS,
  };
}

/** One of them; there must be one. */
export function pick<T>(random: Random, list: readonly T[]): T {
  return list[random.integer(list.length)] as T;
}

/** A time that comes on average after `meanMs`, as unrelated events do. */
export const waitMs = (random: Random, meanMs: number) => -Math.log(1 - random.next()) * meanMs;
