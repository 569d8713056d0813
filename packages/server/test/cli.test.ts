/** The command as people run it: the committed stub, in a process of its own. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const BIN = fileURLToPath(new URL('../bin/hera.js', import.meta.url));
const EXAMPLES = fileURLToPath(new URL('../../../examples', import.meta.url));
const cwd = mkdtempSync(join(tmpdir(), 'hera-cli-'));

const FILES = {
  'good/shop.hera.yaml': `hera: 1
groups: { shop: { zone: Asia/Shanghai, config: { db: shop } } }
jobs:
  orders: { group: shop, schedule: "0 2 * * *", script: "load \${db} \${bizdate}" }
  report: { group: shop, after: { orders: same }, params: { n: { type: integer, default: 3 } }, script: "top \${param.n}" }
`,
  'alias.hera.yaml': 'hera: 1\njobs:\n  a:\n    schedule: */5 * * * *\n',
  'cycle.hera.yaml': 'hera: 1\njobs:\n  a: { after: { b: same } }\n  b: { after: { a: same } }\n',
  'cron.hera.yaml': 'hera: 1\njobs:\n  a: { schedule: "0 25 * * *" }\n',
  'warn.hera.yaml': 'hera: 1\njobs:\n  a: { pool: etl }\n',
  'kind.hera.yaml': 'hera: 1\njobs:\n  a:\n    kind: nosuchkind\n    script: x\n',
  'parent.json': JSON.stringify({
    schemaVersion: '1.5',
    workflow: { specification: { tasks: [{ id: 'a', parents: ['b'] }] } },
  }),
  'text.json': '{ "a": ',
} as const;

beforeAll(() => {
  mkdirSync(join(cwd, 'good'));
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(cwd, name), text);
});
afterAll(() => rmSync(cwd, { recursive: true }));

/** Runs `hera` with no language and no server of the person who tests. */
function hera(...args: readonly string[]): Promise<{ exit: number; out: string; err: string }> {
  const env = { PATH: process.env['PATH'], HERA_HOME: join(cwd, '.hera') };
  return new Promise((resolve) => {
    execFile(process.execPath, [BIN, ...args], { cwd, env }, (error, out, err) => {
      resolve({ exit: error === null ? 0 : Number(error.code), out, err });
    });
  });
}

/** One row per way to fail: what is called, the exit code, and what stderr or stdout must say. */
const FAILURES: readonly (readonly [name: string, args: readonly string[], exit: number, says: RegExp])[] = [
  ['an unknown command', ['valdate'], 2, /unknown command 'valdate'\n\(Did you mean validate\?\)/],
  ['an unknown flag', ['validate', '.', '--strickt'], 2, /unknown option '--strickt'/],
  ['a missing argument', ['render'], 2, /missing required argument 'job'/],
  ['a number that is none', ['cron', 'next', '* * * * *', '-n', 'x'], 2, /whole number from 1/],
  ['a parameter without =', ['render', 'report', '-p', 'n'], 2, /key=value/],
  ['no such file', ['validate', 'none'], 3, /no such file or folder: none/],
  ['an alias', ['validate', 'alias.hera.yaml'], 2, /alias\.hera\.yaml:4: line 4: .*"\*\/5 \* \* \* \*"/],
  ['a cycle', ['validate', 'cycle.hera.yaml'], 2, /cycle\.hera\.yaml:4: .*a -> b -> a/],
  ['a cycle, run', ['run', 'cycle.hera.yaml'], 2, /cycle\.hera\.yaml:4: .*a -> b -> a/],
  ['a bad cron expression, run', ['run', 'cron.hera.yaml'], 2, /cron\.hera\.yaml:3: .*hour/],
  ['an unknown parent, run', ['run', 'parent.json'], 2, /parent\.json:1: .*"a" names the parent "b"/],
  ['broken JSON, run', ['run', 'text.json'], 2, /text\.json:1: is not valid JSON/],
  ['a kind without interpreter, run', ['run', 'kind.hera.yaml'], 2, /kind\.hera\.yaml:4: .*"nosuchkind"/],
  ['a selection of nothing, run', ['run', 'good', 'nothing'], 3, /nothing/],
  ['nothing to resume', ['run', 'good', '--resume'], 3, /no unfinished submission/],
  [
    'a warning, strictly',
    ['validate', 'warn.hera.yaml', '--strict'],
    2,
    /warning warn\.hera\.yaml:3: .*pool "etl"/,
  ],
  ['a bad expression', ['cron', 'next', '61 * * * *'], 2, /minute must be 0–59/],
  ['an unknown zone', ['cron', 'next', '* * * * *', '--zone', 'Mars'], 2, /time zone "Mars"/],
  [
    'a time without offset',
    ['cron', 'next', '* * * * *', '--after', '2026-11-24T08:00'],
    2,
    /with its offset/,
  ],
  ['an unknown job', ['render', 'orderz', '-f', 'good'], 3, /no job "orderz"; did you mean "orders"\?/],
  ['a parameter out of its rules', ['render', 'report', '-f', 'good', '-p', 'n=x'], 2, /"x" is no integer/],
  ['a hold without a reason', ['hold', 'a'], 2, /hera hold needs --reason/],
  ['a waive of nothing', ['waive', 'a@a:x'], 2, /needs a run and an upstream, or --end/],
  ['an override without effect', ['override', 'a', '--reason', 'r'], 2, /needs --effect or --param/],
  ['an effect that is none', ['override', 'a', '--effect', 'priority=x'], 2, /"priority=x" is none of skip/],
  [
    'a range of two kinds',
    ['override', 'a', '--effect', 'skip', '--from', '2026-11-24', '--to', 'now'],
    2,
    /both/,
  ],
  ['a hold that is no number', ['release', 'x'], 2, /"x" is no number of a hold/],
  ['no server', ['why', 'orders@20261124T000000Z'], 7, /no server runs on .*\nstart one with `hera up`/],
  ['a server that does not answer', ['why', 'a@a:x', '--server', 'http://127.0.0.1:9'], 7, /No answer from/],
];

describe('hera', () => {
  test.concurrent.each(FAILURES)('%s', async (_name, args, exit, says) => {
    const result = await hera(...args);
    expect(result.out + result.err).toMatch(says);
    expect(result.exit).toBe(exit);
    // One clear error, never the inside of the program.
    expect(result.err).not.toMatch(/\n +at /);
  });

  test('validate says what it has read, in both languages', async () => {
    expect(await hera('validate', 'good')).toEqual({ exit: 0, out: '2 jobs in 1 file: valid\n', err: '' });
    expect((await hera('validate', 'good', '--lang', 'zh')).out).toBe('1 个文件，2 个任务：有效\n');
  });

  test('validate --json is data, and its exit code the same', async () => {
    const { exit, out, err } = await hera('validate', 'alias.hera.yaml', '--json');
    expect({ exit, err }).toEqual({ exit: 2, err: '' });
    expect(JSON.parse(out)).toMatchObject({ valid: false, problems: [{ rule: 'alias', line: 4 }] });
  });

  test('the shipped examples are valid, without a warning', async () => {
    expect(await hera('validate', join(EXAMPLES, 'living'), '--strict')).toMatchObject({ exit: 0 });
    expect(await hera('validate', join(EXAMPLES, 'wfformat/mosaic.json'))).toMatchObject({ exit: 0 });
  });

  test('cron next and explain', async () => {
    const next = await hera(
      ...['cron', 'next', '30 2 * * *', '-n', '2', '--zone', 'Asia/Shanghai'],
      ...['--after', '2026-11-24', '-o', 'jsonl'],
    );
    expect(
      next.out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      { at: '2026-11-23T18:30:00.000Z', local: '2026-11-24 02:30:00', zone: 'Asia/Shanghai' },
      { at: '2026-11-24T18:30:00.000Z', local: '2026-11-25 02:30:00', zone: 'Asia/Shanghai' },
    ]);
    expect((await hera('cron', 'explain', '30 2 * * *')).out).toMatch(/02:30/);
    const never = await hera('cron', 'next', '0 0 0 30 2 ?');
    expect(never).toMatchObject({ exit: 0, out: '', err: expect.stringMatching(/fires never/) as string });
  });

  test('render gives the script alone on stdout', async () => {
    const { out } = await hera('render', 'orders', '-f', 'good', '--for', '2026-11-24');
    expect(out).toBe('load shop 20261123\n');
    const explained = await hera(
      'render',
      'report',
      '-f',
      'good',
      '--for',
      '2026-11-24',
      '-p',
      'n=5',
      '--explain',
    );
    expect(explained.out).toBe('top 5\n');
    expect(explained.err).toMatch(/\$\{param\.n\} = 5 {2}\(param/);
  });

  test('schema is the draft-07 schema of the files', async () => {
    const { out } = await hera('schema');
    expect(JSON.parse(out)).toMatchObject({
      $schema: 'http://json-schema.org/draft-07/schema#',
      required: ['hera'],
    });
  });

  test('doctor checks the machine and leaves a usable home', async () => {
    const { exit, out } = await hera('doctor', '--json');
    const findings = JSON.parse(out) as readonly { name: string; ok: boolean; optional: boolean }[];
    expect(findings.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['node', 'HERA_HOME', 'disk', 'sqlite', 'port', 'bash', 'python3']),
    );
    expect(exit).toBe(findings.every(({ ok, optional }) => ok || optional) ? 0 : 1);
  });

  test('simulate plays a day: the report runs after the orders', async () => {
    const { out } = await hera(
      'simulate',
      'good',
      '--from',
      '2026-11-24',
      '--zone',
      'Asia/Shanghai',
      '--json',
    );
    const runs = JSON.parse(out) as readonly { job: string; start: number; end: number; phase: string }[];
    expect(runs.map(({ job, phase }) => [job, phase])).toEqual([
      ['orders', 'succeeded'],
      ['report', 'succeeded'],
    ]);
    expect(runs[1]!.start).toBeGreaterThanOrEqual(runs[0]!.end);
  });

  test('--help shows every command and the exit codes', async () => {
    const { exit, out } = await hera('--help');
    expect(exit).toBe(0);
    expect(out).toMatch(/validate[\s\S]*simulate[\s\S]*render[\s\S]*cron[\s\S]*up[\s\S]*Exit codes: 0 done/);
  });
});
