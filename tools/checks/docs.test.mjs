// @ts-check
import { describe, expect, test } from 'vitest';
import { checkDocs } from './docs.mjs';
import { checkDocstrings } from './docstrings.mjs';
import { complaints } from './temporary-tree.mjs';

const ERRORS = 'packages/core/src/model/errors.ts';

describe('pages', () => {
  /** @type {readonly { name: string, text: string, complaint: string | null }[]} */
  const rows = [
    { name: 'one title', text: '# A\n\ntext', complaint: null },
    { name: 'no title', text: 'text', complaint: 'docs/a.md:1: 0 titles' },
    { name: 'two titles', text: '# A\n\n# B', complaint: 'docs/a.md:3: 2 titles' },
    { name: 'a comment in a fence', text: '# A\n```sh\n# no title\n```', complaint: null },
    { name: 'a link', text: '# A\n[b](b.md#part)', complaint: null },
    { name: 'a dead link', text: '# A\n[c](../c.md)', complaint: 'docs/a.md:2: links to ../c.md' },
    { name: 'a web address', text: '# A\n[c](https://example.org/c.md)', complaint: null },
    { name: 'a path', text: '# A\nsee `docs/b.md` and `docs/`', complaint: null },
    {
      name: 'a lost path',
      text: '# A\nsee `tools/lost.mjs`',
      complaint: 'docs/a.md:2: names tools/lost.mjs',
    },
    { name: 'a path of the build', text: '# A\n`packages/core/dist/index.js`', complaint: null },
    { name: 'a script', text: '# A\n`npm run check`', complaint: null },
    { name: 'a lost script', text: '# A\n`npm run chekc`', complaint: 'docs/a.md:2: names npm run chekc' },
  ];
  test.each(rows)('$name', ({ text, complaint }) => {
    const manifest = JSON.stringify({ scripts: { check: '' } });
    const said = complaints(checkDocs, { 'package.json': manifest, 'docs/a.md': text, 'docs/b.md': '# B' });
    if (complaint === null) expect(said).toEqual([]);
    else expect(said).toEqual([expect.stringContaining(complaint)]);
  });
});

test('a decision record without its consequences', () => {
  const text = '# 0001: A\n\n## Status\n\n## Context\n\n## Decision\n';
  expect(complaints(checkDocs, { 'docs/decisions/0001-a.md': text })).toEqual([
    'docs/decisions/0001-a.md:1: a decision record without "## Consequences"',
  ]);
});

test('a reference page that fell behind the code', () => {
  const errors = 'export interface ErrorDetails {\n/** It is gone. */ GONE: { readonly job: string };\n}';
  const said = complaints(checkDocs, { [ERRORS]: errors, 'docs/reference/errors.md': '# Errors\n' });
  expect(said).toEqual([expect.stringContaining('docs/reference/errors.md:1: differs from')]);
});

test('exported symbols of entry points without a docstring', () => {
  const exports = { '.': { default: './dist/index.js' } };
  const said = complaints(checkDocstrings, {
    'packages/core/package.json': JSON.stringify({ exports }),
    'packages/core/src/index.ts': `export { a, b as c } from './ab.js';\nexport * from './d.js';`,
    'packages/core/src/ab.ts':
      '/** Said. */\nexport const a = 1;\nexport const b = 2;\nexport const hidden = 3;',
    'packages/core/src/d.ts': 'export interface D {}\n/** Said. */\nexport type E = 1;',
  });
  expect(said).toEqual([
    'packages/core/src/ab.ts:3: b has no docstring',
    'packages/core/src/d.ts:1: D has no docstring',
  ]);
});
