// @ts-check
import { expect, test } from 'vitest';
import { applyExceptions } from './check.mjs';

const long = { file: 'a.ts', line: 1, message: '500 lines', limit: /** @type {const} */ ('file') };
const exception = { file: 'a.ts', limit: /** @type {const} */ ('file'), because: 'a table' };

test('an exception covers its limit in its file, and no other', () => {
  expect(applyExceptions([long], [exception])).toEqual([]);
  expect(applyExceptions([{ ...long, file: 'b.ts' }, long], [exception])).toHaveLength(1);
  expect(applyExceptions([{ ...long, limit: 'line' }, long], [exception])).toHaveLength(1);
});

test('an exception that covers nothing is a problem itself', () => {
  expect(applyExceptions([], [exception])).toEqual([
    { file: 'a.ts', line: 1, message: expect.stringContaining('needs no exception for file') },
  ]);
});
