/** What /proc says, as the dispatcher wants it. */
import { expect, it } from 'vitest';
import { hostLoad, loadFrom } from './host-load.js';

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

it('is that of a real host', () => {
  const load = hostLoad();
  expect(load.memoryShare).toBeGreaterThan(0);
  expect(load.memoryShare).toBeLessThan(1);
  expect(load.memoryFreeBytes).toBeGreaterThan(1_000_000);
});
