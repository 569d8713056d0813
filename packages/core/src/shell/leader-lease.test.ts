import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../memory/memory-store.js';
import { VirtualClock } from '../testing/virtual-clock.js';
import { LeaderLease } from './leader-lease.js';

const START = Date.parse('2026-11-24T00:00Z');
const LEASE_MS = 10_000;

/** A lease over a store whose clock may be set apart from that of the leader's machine. */
async function hold() {
  const clock = new VirtualClock(START);
  let skewMs = 0;
  const store = createMemoryStore({ now: () => clock.wallMs() + skewMs });
  const jumps: number[] = [];
  const leaps: number[] = [];
  const options = {
    store,
    clock,
    leaseMs: LEASE_MS,
    onJump: (byMs: number) => jumps.push(byMs),
    onLeap: (byMs: number) => leaps.push(byMs),
  };
  const lease = new LeaderLease(await store.acquireLease('a', LEASE_MS), clock.monotonicMs(), options);
  return {
    clock,
    store,
    lease,
    jumps,
    leaps,
    setStore: (byMs: number) => {
      skewMs += byMs;
    },
    pass: (ms: number) => clock.advanceTo(clock.wallMs() + ms),
  };
}

describe('a held lease', () => {
  it('lets its leader act until a tenth before its end, counted from when it was asked for', async () => {
    const { clock, lease, pass } = await hold();
    await pass(8_999);
    expect(lease.holds()).toBe(true);
    await pass(1);
    expect(lease.holds()).toBe(false);
    const renewed = lease.renew();
    await pass(3_000);
    expect(await renewed).toBe(true);
    expect(clock.monotonicMs()).toBe(12_000);
    await pass(5_999);
    expect(lease.holds()).toBe(true);
    await pass(1);
    expect(lease.holds()).toBe(false);
  });

  it('is lost for good once somebody else has it', async () => {
    const { store, lease, pass } = await hold();
    await pass(10_001);
    expect((await store.acquireLease('b', LEASE_MS)).holder).toBe('b');
    expect(await lease.renew()).toBe(false);
  });

  it('tells the time of the store, wherever the clock of this machine stands', async () => {
    const { clock, lease, pass } = await hold();
    clock.setWall(START - 86_400_000);
    await pass(1_500);
    expect(lease.now()).toBe(START + 1_500);
  });

  it('follows the clock of the store forward in small steps', async () => {
    const { lease, leaps, setStore, pass } = await hold();
    setStore(500);
    expect(lease.now()).toBe(START);
    expect(await lease.renew()).toBe(true);
    await pass(5);
    expect(lease.now()).toBe(START + 505);
    expect(leaps).toEqual([]);
  });

  it('ends when the clock of the store leaps ahead: that is no silence of any worker', async () => {
    const { lease, leaps, setStore } = await hold();
    setStore(501);
    expect(await lease.renew()).toBe(false);
    expect(lease.now()).toBe(START);
    expect(leaps).toEqual([501]);
  });

  it('tells of a store that is set back once more before it has caught up', async () => {
    const { lease, jumps, setStore, pass } = await hold();
    setStore(-100_000);
    await lease.renew();
    await pass(2_000);
    await lease.renew();
    setStore(-30_000);
    await lease.renew();
    expect(jumps).toEqual([100_000, 129_000]);
  });

  it('stands still until a store that was set back a little has caught up', async () => {
    const { lease, jumps, setStore, pass } = await hold();
    await pass(1_000);
    setStore(-400);
    await lease.renew();
    await pass(300);
    expect(lease.now()).toBe(START + 1_000);
    expect(lease.delayUntil(START + 1_050)).toBe(150);
    await pass(150);
    expect(lease.now()).toBe(START + 1_050);
    expect(jumps).toEqual([]);
  });

  it('keeps no time that it only guessed while it could not ask', async () => {
    const { lease, jumps, setStore, pass } = await hold();
    await pass(1_000);
    expect(lease.now()).toBe(START + 1_000);
    setStore(-5_000);
    await pass(8_500);
    expect(lease.delayUntil(START + 9_600)).toBe(100);
    await pass(500);
    expect(lease.holds()).toBe(false);
    expect(await lease.renew()).toBe(true);
    expect(lease.now()).toBe(START + 5_000);
    expect(jumps).toEqual([]);
  });

  it('goes on at half speed, and says so, when the store was set back a lot', async () => {
    const { lease, jumps, setStore, pass } = await hold();
    setStore(-100_000);
    await lease.renew();
    expect(jumps).toEqual([100_000]);
    await pass(60_000);
    expect(lease.now()).toBe(START + 30_000);
    await lease.renew();
    await pass(140_000);
    expect(lease.now()).toBe(START + 100_000);
    await pass(1_000);
    expect(lease.now()).toBe(START + 101_000);
    expect(jumps).toEqual([100_000]);
  });
});
