// @ts-check
import { describe, expect, test } from 'vitest';
import { checkSizes, LIMITS } from './sizes.mjs';
import { complaints } from './temporary-tree.mjs';

const FILE = 'packages/core/src/shell/a.ts';
const lines = (/** @type {number} */ count, text = 'f();') =>
  Array.from({ length: count }, () => text).join('\n');
const file = (/** @type {number} */ count) => `/** Why it exists. */\n${lines(count - 1)}`;
const fn = (/** @type {string} */ body) => `/** Why it exists. */\nfunction a() {\n${body}\n}\n`;

/** @type {readonly { name: string, text: string, complaint: string | null, file?: string }[]} */
const ROWS = [
  { name: 'a file at the limit', text: file(LIMITS.file), complaint: null },
  { name: 'a file over it', text: file(LIMITS.file + 1), complaint: '401 lines; a file has at most 400' },
  { name: 'a file that needs no header yet', text: lines(LIMITS.header), complaint: null },
  {
    name: 'a file without a header',
    text: `// @ts-check\n${lines(LIMITS.header)}`,
    complaint: 'opens with a comment that says why',
  },
  {
    name: 'a test over it',
    text: file(LIMITS.file + 1),
    complaint: null,
    file: 'packages/core/src/shell/a.test.ts',
  },
  {
    name: 'a catalogue over it',
    text: file(LIMITS.file + 1),
    complaint: null,
    file: 'packages/web-components/src/strings/en.ts',
  },
  { name: 'a line over the limit', text: `// ${'x'.repeat(LIMITS.line)}`, complaint: '113 columns' },
  { name: 'a function at the limit', text: fn(lines(LIMITS.function - 2)), complaint: null },
  { name: 'a function over it', text: fn(lines(LIMITS.function - 1)), complaint: 'a has 61 lines' },
  {
    name: 'an arrow function over it',
    text: `/** Why it exists. */\nconst a = () => {\n${lines(LIMITS.function)}\n};`,
    complaint: 'a function has 62 lines',
  },
  { name: 'a long switch', text: fn(`switch (x) {\n${lines(80, 'case 1:')}\n}`), complaint: null },
  { name: 'a long table', text: fn(`return [\n${lines(80, '{ a: 1 },')}\n];`), complaint: null },
  {
    name: 'a long object of functions, which is no table',
    text: fn(`return {\n${lines(80, 'a() { f(); },')}\n};`),
    complaint: 'a has 84 lines',
  },
  { name: 'four parameters', text: 'const a = (b, c, d, e) => b;', complaint: null },
  { name: 'five parameters', text: 'function a(b, c, d, e, f) {}', complaint: 'a has 5 parameters' },
  { name: 'nesting at the limit', text: fn('if (b) for (;;) { while (c) { d(); } }'), complaint: null },
  {
    name: 'nesting over it',
    text: fn('if (b) for (;;) { while (c) { try { d(); } finally {} } }'),
    complaint: 'a nests deeper than 3',
  },
  {
    name: 'a chain of else if, which is flat',
    text: fn('if (b) {} else if (c) {} else if (d) {} else if (e) {} else if (f) {}'),
    complaint: null,
  },
  {
    name: 'a function inside, counted for itself',
    text: fn('if (b) for (;;) { while (c) { run(() => { if (d) e(); }); } }'),
    complaint: null,
  },
];

describe('limits', () => {
  test.each(ROWS)('$name', ({ text, complaint, file = FILE }) => {
    const said = complaints(checkSizes, { [file]: text });
    if (complaint === null) expect(said).toEqual([]);
    else expect(said).toEqual([expect.stringContaining(complaint)]);
  });
});
