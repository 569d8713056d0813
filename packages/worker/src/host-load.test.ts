/** What /proc says, as the dispatcher wants it. */
import { expect, it } from 'vitest';
import { cpuShares, cpuTicksFrom, createHostLoad, loadFrom, swapShareFrom } from './host-load.js';

const MEMINFO =
  'MemTotal:       1000 kB\nMemFree:         100 kB\nMemAvailable:    250 kB\nBuffers: 5 kB\nCached: 50 kB\n';

it.each([
  { name: 'available memory is free', meminfo: MEMINFO, memoryShare: 0.75, memoryFreeBytes: 256_000 },
  {
    name: 'old kernels do not say what is available',
    meminfo: MEMINFO.replace(/MemAvailable.*\n/, ''),
    memoryShare: 0.845,
    memoryFreeBytes: 158_720,
  },
  { name: 'nothing readable is no load', meminfo: '', memoryShare: 0, memoryFreeBytes: 0 },
])('$name', ({ meminfo, memoryShare, memoryFreeBytes }) => {
  expect(loadFrom(meminfo, '3.00 2.00 1.00 1/200 77\n', 4)).toEqual({
    memoryShare,
    memoryFreeBytes,
    loadPerCore: 0.75,
  });
});

it('shares of processor time are those since the reading before', () => {
  const before = cpuTicksFrom('cpu  100 20 30 1000 50 5 5 0 0 0\ncpu0 1 1 1 1\n');
  const now = cpuTicksFrom('cpu  150 20 50 1020 60 5 5 0 0 0\n');
  expect(before).toEqual({ user: 120, system: 40, idle: 1_050 });
  expect(cpuShares(now, before)).toEqual({ user: 0.5, system: 0.2, idle: 0.3 });
  expect(cpuShares(now, now)).toEqual({ user: 0, system: 0, idle: 0 });
});

it('swap in use is a share, and none where there is none', () => {
  expect(swapShareFrom('SwapTotal: 1000 kB\nSwapFree: 750 kB\n')).toBe(0.25);
  expect(swapShareFrom('SwapTotal: 0 kB\nSwapFree: 0 kB\n')).toBe(0);
});

it('is that of a real host', () => {
  const load = createHostLoad('/tmp')();
  expect(load.memoryShare).toBeGreaterThan(0);
  expect(load.memoryShare).toBeLessThan(1);
  expect(load.memoryFreeBytes).toBeGreaterThan(1_000_000);
  const { cpu, disks, processes, memoryBytes } = load.host!;
  expect(cpu.user + cpu.system + cpu.idle).toBeCloseTo(1, 1);
  expect(disks.map((disk) => disk.path)).toEqual(['/', '/tmp']);
  const sizes = processes.map((entry) => entry.memoryBytes);
  expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
  expect(sizes[0]).toBeLessThan(memoryBytes);
});
