import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadDefinitions, SourceNotFound } from './load.js';

const root = mkdtempSync(join(tmpdir(), 'hera-load-'));
afterAll(() => rmSync(root, { recursive: true }));
let folders = 0;

/** Writes files into a folder of their own and loads that, or one of them. */
async function load(files: Readonly<Record<string, string>>, source = '.') {
  folders += 1;
  const folder = join(root, String(folders));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return loadDefinitions([join(folder, source)], { cwd: folder });
}

/** One row per fault: the files, and the one problem they must give. */
const WRONG: readonly (readonly [
  name: string,
  files: Readonly<Record<string, string>>,
  problem: { file: string; line?: number; rule: string; message: RegExp },
])[] = [
  [
    'an unquoted cron expression that begins with *',
    { 'a.hera.yaml': 'hera: 1\njobs:\n  a:\n    schedule: */5 * * * *\n' },
    {
      file: 'a.hera.yaml',
      line: 4,
      rule: 'alias',
      message: /unquoted \*\/5 \* \* \* \* as an alias.*"\*\/5 \* \* \* \*"/,
    },
  ],
  [
    'the same within braces',
    { 'a.hera.yaml': 'hera: 1\njobs:\n  a: { schedule: { cron: */5 * * * *, misfire: none } }\n' },
    { file: 'a.hera.yaml', line: 3, rule: 'alias', message: /quotes: "\*\/5 \* \* \* \*"/ },
  ],
  [
    'nothing but stars',
    { 'a.hera.yaml': 'hera: 1\njobs: { a: { schedule: * * * * * } }\n' },
    { file: 'a.hera.yaml', line: 2, rule: 'alias', message: /"\* \* \* \* \*"/ },
  ],
  [
    'a tab',
    { 'a.hera.yaml': 'hera: 1\njobs:\n\ta: {}\n' },
    { file: 'a.hera.yaml', line: 3, rule: 'yaml', message: /a tab indents it; use spaces/ },
  ],
  [
    'a key twice',
    { 'a.hera.yaml': 'hera: 1\njobs:\n  a: {}\n  a: {}\n' },
    { file: 'a.hera.yaml', line: 4, rule: 'yaml', message: /stands twice/ },
  ],
  [
    'text that is not closed',
    { 'a.hera.yaml': 'hera: 1\njobs:\n  a: { script: "x }\n' },
    { file: 'a.hera.yaml', rule: 'yaml', message: /not valid YAML/ },
  ],
  [
    'no version',
    { 'a.hera.yaml': 'jobs: { a: {} }\n' },
    { file: 'a.hera.yaml', line: 1, rule: 'required', message: /needs the key "hera"/ },
  ],
  [
    'another version',
    { 'a.hera.yaml': 'hera: 2\n' },
    { file: 'a.hera.yaml', line: 1, rule: 'const', message: /hera is 2; it must be 1/ },
  ],
  [
    'an unknown key, deep within',
    { 'a.hera.yaml': 'hera: 1\njobs:\n  a:\n    retry:\n      attemps: 3\n' },
    { file: 'a.hera.yaml', line: 5, rule: 'unknownKey', message: /did you mean "attempts"/ },
  ],
  [
    'a list item',
    { 'a.hera.yaml': 'hera: 1\njobs:\n  a:\n    retry:\n      on:\n        - user\n        - nobody\n' },
    { file: 'a.hera.yaml', line: 7, rule: 'enum', message: /"nobody"/ },
  ],
  [
    'a rule between files, at the line of the edge',
    {
      'a.hera.yaml': 'hera: 1\njobs: { a: {} }\n',
      'b.hera.yaml': 'hera: 1\njobs:\n  b:\n    after:\n      aa: same\n',
    },
    { file: 'b.hera.yaml', line: 5, rule: 'upstream', message: /did you mean "a"/ },
  ],
  [
    'a cycle through two files',
    {
      'a.hera.yaml': 'hera: 1\njobs: { a: { after: { b: same } } }\n',
      'b.hera.yaml': 'hera: 1\njobs:\n  b:\n    after:\n      a: same\n',
    },
    { file: 'b.hera.yaml', line: 5, rule: 'cycle', message: /a -> b -> a/ },
  ],
  [
    'a name in two files, both named',
    { 'a.hera.yaml': 'hera: 1\njobs: { a: {} }\n', 'sub/b.hera.yaml': 'hera: 1\njobs:\n  a: {}\n' },
    {
      file: 'sub/b.hera.yaml',
      line: 3,
      rule: 'twice',
      message: /in a\.hera\.yaml and in sub\/b\.hera\.yaml/,
    },
  ],
  [
    'a bad cron expression',
    { 'a.hera.yaml': 'hera: 1\njobs:\n  a:\n    schedule: "0 25 * * *"\n' },
    { file: 'a.hera.yaml', line: 4, rule: 'cron', message: /hour/ },
  ],
  [
    'a script file that is not there',
    { 'a.hera.yaml': 'hera: 1\njobs:\n  a:\n    script: { file: a.sh }\n' },
    { file: 'a.hera.yaml', line: 4, rule: 'script', message: /"a\.sh", which does not exist/ },
  ],
  [
    'a script file outside the folder',
    { 'a.hera.yaml': 'hera: 1\njobs:\n  a:\n    script: { file: ../../secret.sh }\n' },
    { file: 'a.hera.yaml', line: 4, rule: 'script', message: /which lies outside/ },
  ],
  [
    'a module that throws',
    { 'a.hera.ts': 'throw new Error("no database");\n' },
    { file: 'a.hera.ts', rule: 'module', message: /cannot be loaded: no database/ },
  ],
  [
    'a module without jobs',
    { 'a.hera.ts': 'export const a = 1;\n' },
    { file: 'a.hera.ts', rule: 'module', message: /exports no job/ },
  ],
];

describe('loadDefinitions', () => {
  test.each(WRONG)('refuses %s', async (_name, files, problem) => {
    const loaded = await load(files);
    expect(loaded.problems).toHaveLength(1);
    const { message, ...place } = problem;
    expect(loaded.problems[0]).toMatchObject(place);
    expect(loaded.problems[0]!.message).toMatch(message);
    expect(loaded.definitions).toEqual({});
  });

  test('joins a folder, puts script files in their place, and leaves other files alone', async () => {
    const loaded = await load({
      'a.hera.yaml': 'hera: 1\njobs:\n  a:\n    script: { file: sql/a.sql }\n',
      'sql/a.sql': 'select 1;\n',
      'deep/er/b.hera.yml': 'hera: 1\ngroups: { g: {} }\njobs: { b: { group: g, after: { a: same } } }\n',
      'notes.yaml': 'not: ours',
      'node_modules/x/c.hera.yaml': 'broken: [',
    });
    expect(loaded.problems).toEqual([]);
    expect(loaded.files).toEqual(['a.hera.yaml', 'deep/er/b.hera.yml']);
    expect(loaded.definitions).toEqual({
      groups: { g: {} },
      jobs: { a: { script: 'select 1;\n' }, b: { group: 'g', after: { a: 'same' } } },
    });
  });

  test('the digest changes with every byte, that of a script file included', async () => {
    const files = { 'a.hera.yaml': 'hera: 1\njobs: { a: { script: { file: a.sh } } }\n', 'a.sh': 'true' };
    const first = await load(files);
    expect((await load(files)).digest).toBe(first.digest);
    expect((await load({ ...files, 'a.sh': 'false' })).digest).not.toBe(first.digest);
  });

  test('anchors and their aliases are YAML and stay', async () => {
    const loaded = await load({ 'a.hera.yaml': 'hera: 1\njobs:\n  a: &x { kind: shell }\n  b: *x\n' });
    expect(loaded.problems).toEqual([]);
    expect(loaded.definitions.jobs).toEqual({ a: { kind: 'shell' }, b: { kind: 'shell' } });
  });

  test('a module gives its jobs with their functions and groups', async () => {
    const loaded = await load(
      {
        'jobs.ts': `import { defineGroup, defineJob } from '@hera/core';
          const shop = defineGroup('shop', { title: 'Shop' });
          export const a = defineJob('a', { group: shop, run: () => 1 as number });
          export const b = defineJob('b', { after: { a }, script: 'echo b' });`,
      },
      'jobs.ts',
    );
    expect(loaded.problems).toEqual([]);
    expect(Object.keys(loaded.definitions.jobs ?? {})).toEqual(['a', 'b']);
    expect(loaded.definitions.groups).toHaveProperty('shop');
    expect(loaded.functions.map(({ name }) => name)).toEqual(['a']);
    expect(loaded.modules).toHaveLength(1);
  });

  test('what is not there is said in one line', async () => {
    await expect(loadDefinitions([join(root, 'none')])).rejects.toThrow(SourceNotFound);
    await expect(load({ 'notes.txt': '' })).rejects.toThrow(/no \*\.hera\.yaml file/);
  });
});
