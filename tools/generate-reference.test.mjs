// @ts-check
import ts from 'typescript';
import { expect, test } from 'vitest';
import { renderErrors } from './generate-reference.mjs';

test('a row per code: its meaning on one line, and its facts', () => {
  const text = `export interface ErrorDetails {
    /**
     * The request is well formed,
     * but comes too late.
     */
    TOO_LATE: { readonly by: number; readonly leader: string | null };
    STOPPED: {};
  }`;
  const page = renderErrors(ts.createSourceFile('errors.ts', text, ts.ScriptTarget.ES2023, true));
  expect(page).toContain(
    '| `TOO_LATE` | The request is well formed, but comes too late. | `by: number`, `leader: string \\| null` |',
  );
  expect(page).toContain('| `STOPPED` | – | – |');
});
