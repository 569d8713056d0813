// @ts-check
import { describe, expect, test } from 'vitest';
import { addCounts, countReport, countsLine } from './counts.mjs';
import { countChunk, seedsOf, splitSeeds } from './sim-seeds.mjs';

const NONE = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] };
const broken = { status: 'failed', assertionResults: [] };
const passing = { status: 'passed', assertionResults: [{ status: 'passed' }] };
const failing = { status: 'failed', assertionResults: [{ status: 'failed' }] };

describe('counts of a vitest run', () => {
  const rows = [
    { name: 'no files', report: NONE, exit: 0, line: '0 passed, 0 failed, 1 skipped' },
    { name: 'no report', report: null, exit: 1, line: '0 passed, 1 failed, 0 skipped' },
    {
      name: 'all kinds',
      report: { ...NONE, numPassedTests: 5, numFailedTests: 1, numPendingTests: 2, testResults: [failing] },
      exit: 1,
      line: '5 passed, 1 failed, 2 skipped',
    },
    {
      name: 'a file that cannot be loaded',
      report: { ...NONE, numPassedTests: 5, testResults: [broken] },
      exit: 1,
      line: '5 passed, 1 failed, 0 skipped',
    },
    {
      name: 'an error outside any test',
      report: { ...NONE, numPassedTests: 5, testResults: [passing] },
      exit: 1,
      line: '5 passed, 1 failed, 0 skipped',
    },
  ];
  test.each(rows)('$name', ({ report, exit, line }) => {
    expect(countsLine(countReport(report, exit))).toBe(line);
  });
});

test('counts add up', () => {
  const sum = addCounts({ passed: 1, failed: 2, skipped: 3 }, { passed: 10, failed: 20, skipped: 30 });
  expect(sum).toEqual({ passed: 11, failed: 22, skipped: 33 });
});

test('seeds are split without gap, overlap or rest', () => {
  expect(splitSeeds({ from: 7, count: 120 }, 50)).toEqual([
    { from: 7, count: 50 },
    { from: 57, count: 50 },
    { from: 107, count: 20 },
  ]);
  expect(splitSeeds({ from: 1, count: 0 }, 50)).toEqual([]);
});

test('a failing seed is skipped only where the list of open faults names it', () => {
  const open = seedsOf('# Seeds\n7  a fault\n12 another\n');
  expect(open).toEqual(new Set([7, 12]));
  const report = { passed: 3, failed: 2, failures: [{ seed: 7 }, { seed: 8 }] };
  expect(countChunk(report, open)).toEqual({ passed: 3, failed: 1, skipped: 1 });
  const died = { passed: 0, failed: 50, failures: [{ seeds: '1..50', output: '' }] };
  expect(countChunk(died, open)).toEqual({ passed: 0, failed: 50, skipped: 0 });
});
