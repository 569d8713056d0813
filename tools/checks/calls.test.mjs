// @ts-check
import { describe, expect, test } from 'vitest';
import { checkCalls } from './calls.mjs';
import { complaints } from './temporary-tree.mjs';

const PURE = 'packages/core/src/kernel/a.ts';
const SHELL = 'packages/core/src/shell/a.ts';
const TEST = 'packages/core/src/shell/a.test.ts';

/** @type {readonly { name: string, file: string, text: string, complaint: string | null }[]} */
const ROWS = [
  { name: 'the wall clock', file: PURE, text: 'Date.now();', complaint: 'Date.now in a pure folder' },
  { name: 'the wall clock, passed on', file: PURE, text: 'f(Date.now);', complaint: 'Date.now in a pure' },
  { name: 'the wall clock by its host', file: PURE, text: 'globalThis.Date.now();', complaint: 'Date.now' },
  { name: 'now as a date', file: PURE, text: 'new Date();', complaint: 'new Date() without an argument' },
  { name: 'a date from a number', file: PURE, text: 'new Date(at);', complaint: null },
  { name: 'a monotonic clock', file: PURE, text: 'performance.now();', complaint: 'performance.now' },
  { name: 'randomness', file: PURE, text: 'Math.random();', complaint: 'Math.random in a pure folder' },
  { name: 'async', file: PURE, text: 'async function a() {}', complaint: 'async in a pure folder' },
  { name: 'await', file: PURE, text: 'await a;', complaint: 'await in a pure folder' },
  { name: 'a promise type', file: PURE, text: 'type A = Promise<1>;', complaint: 'Promise in a pure' },
  { name: 'a comment about them', file: PURE, text: '// never Date.now()', complaint: null },
  { name: 'the shell', file: SHELL, text: 'async () => Date.now();', complaint: null },
  { name: 'a sleep', file: TEST, text: 'setTimeout(done, 10);', complaint: 'setTimeout() in a test' },
  { name: 'a sleep by name', file: TEST, text: 'sleep(10);', complaint: 'sleep() in a test' },
  { name: 'a wait in a journey', file: 'e2e/a.test.ts', text: 'setTimeout(poll, 50);', complaint: null },
  { name: 'a timer of the product', file: SHELL, text: 'setTimeout(wake, 10);', complaint: null },
  { name: 'only', file: TEST, text: `it.only('a', f);`, complaint: '.only in a test' },
  {
    name: 'only of a table',
    file: TEST,
    text: `test.concurrent.only('a', f);`,
    complaint: '.only in a test',
  },
  { name: 'todo', file: TEST, text: `test.todo('a');`, complaint: '.todo in a test' },
  { name: 'skip', file: TEST, text: `test.skip('a', f);`, complaint: '.skip without a comment' },
  {
    name: 'skip with a reason',
    file: TEST,
    text: `// No cgroups there.\ntest.skip('a', f);`,
    complaint: null,
  },
  { name: 'skip under a condition', file: TEST, text: `test.skipIf(!root)('a', f);`, complaint: null },
  { name: 'a leftover mark', file: SHELL, text: '// FIXME later', complaint: 'a leftover mark' },
  { name: 'a loose TODO', file: SHELL, text: '// TODO later', complaint: 'TODO without an issue' },
  { name: 'a TODO with its issue', file: SHELL, text: '// TODO(#12) later', complaint: null },
];

describe('calls and marks', () => {
  test.each(ROWS)('$name', ({ file, text, complaint }) => {
    const said = complaints(checkCalls, { [file]: text });
    if (complaint === null) expect(said).toEqual([]);
    else expect(said).toEqual([expect.stringContaining(complaint)]);
  });
});
