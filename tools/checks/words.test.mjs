// @ts-check
import { describe, expect, test } from 'vitest';
import { complaints } from './temporary-tree.mjs';
import { BANNED_WORDS, checkWords } from './words.mjs';

const FILE = 'packages/core/src/shell/a.ts';
const TABLES = 'packages/core/src/model/tables.ts';

test.each([...BANNED_WORDS])('%s is banned, and the message says what to say', (word, instead) => {
  const name = `old${word[0]?.toUpperCase()}${word.slice(1)}Table`;
  expect(complaints(checkWords, { [FILE]: `export const ${name} = 1;` })).toEqual([
    `${FILE}:1: exported name "${word}" in "${name}": say ${instead}`,
  ]);
});

describe('where words count', () => {
  /** @type {readonly { name: string, file: string, text: string, found: number }[]} */
  const rows = [
    { name: 'a plural', file: FILE, text: 'export type Tasks = 1;', found: 1 },
    { name: 'an irregular plural', file: FILE, text: 'export function listHistories() {}', found: 1 },
    { name: 'a member', file: FILE, text: 'export interface A { taskId: 1 }', found: 1 },
    { name: 'a re-export', file: FILE, text: `export { a as taskList } from './b.js';`, found: 1 },
    {
      name: 'a word inside another',
      file: FILE,
      text: 'export const transaction = 1, multitasking = 2;',
      found: 0,
    },
    { name: 'recovery, which is our word', file: FILE, text: 'export const recovery = 1;', found: 0 },
    { name: 'a local name', file: FILE, text: 'const task = 1;', found: 0 },
    {
      name: 'a private member',
      file: FILE,
      text: 'export class A { #task = 1; private task = 2; }',
      found: 0,
    },
    { name: 'a text elsewhere', file: FILE, text: `const a = 'the task';`, found: 0 },
    {
      name: 'an importer',
      file: 'packages/server/src/import/hera.ts',
      text: 'export type Action = 1;',
      found: 0,
    },
    { name: 'a route', file: 'packages/api/src/routes.ts', text: `const a = '/api/tasks/:id';`, found: 1 },
    { name: 'a column', file: TABLES, text: `const t = { task_id: 'text' };`, found: 1 },
    {
      name: 'a column in SQL, but no comment',
      file: 'packages/store-mysql/migrations/0001_init.sql',
      text: 'CREATE TABLE run (\n  action_id INT -- the task\n);',
      found: 1,
    },
    {
      name: 'a page text',
      file: 'packages/web-components/src/strings/en.ts',
      text: `const a = { title: 'All tasks' };`,
      found: 1,
    },
  ];
  test.each(rows)('$name', ({ file, text, found }) => {
    expect(complaints(checkWords, { [file]: text })).toHaveLength(found);
  });
});
