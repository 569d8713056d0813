/** Overlap is decided when a run becomes ready, whether or not a worker is free. */
import { expect, test } from 'vitest';
import { Drive } from './drive.js';

test.each([
  ['forbid', 'skipped overlap', false],
  ['replace', 'queued', true],
  ['queue', 'queued', false],
] as const)('on one busy worker, %s leaves the second slot %s', (overlap, phase, kills) => {
  const drive = new Drive({ at: '2026-03-02T00:30:00Z', slots: 1 });
  drive.apply({ jobs: { a: { schedule: '0 * * * *', overlap } } });
  drive.until('2026-03-02T02:00:00Z');
  expect(drive.phase('a@20260302T020000Z')).toBe(phase);
  expect(drive.killed.includes('a@20260302T010000Z/1')).toBe(kills);
});
