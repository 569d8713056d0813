/** `hera run`, with real processes: to its end, killed half way and resumed, interrupted, and failing. */
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Place, processesOf, until } from './command.js';

const MOSAIC = fileURLToPath(new URL('../examples/wfformat/mosaic.json', import.meta.url));

interface Report {
  readonly phase: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly attempts: number;
  readonly makespanMs: number;
  readonly criticalMs: number;
  readonly criticalPath: readonly { readonly job: string }[];
  readonly failed: readonly { readonly run: string; readonly reason: string }[];
  readonly blocked: readonly string[];
}

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.close());

/** A chain of jobs that each leave a file for every attempt of theirs: the witness of what really ran. */
function chain(length: number, seconds: number): string {
  const jobs = Array.from({ length }, (_, index) => {
    const after = index === 0 ? '' : `\n    after: { j${index - 1}: same }`;
    return `  j${index}:${after}\n    script: echo x >> ${place.folder}/witness-j${index}; sleep ${seconds}`;
  });
  return place.write('chain.hera.yaml', `hera: 1\njobs:\n${jobs.join('\n')}\n`);
}

describe('hera run', () => {
  test('runs a recorded workflow and tells makespan and critical path', async () => {
    const { exit, out } = await place.run('run', MOSAIC, '--scale', '0.02', '-w', '4', '--json');
    const report = JSON.parse(out) as Report;
    expect(exit).toBe(0);
    expect(report).toMatchObject({
      phase: 'succeeded',
      counts: { succeeded: 26 },
      attempts: 26,
      blocked: [],
    });
    expect(report.criticalPath.map(({ job }) => job).slice(-3)).toEqual(['table', 'mosaic', 'preview']);
    expect(report.criticalMs).toBeLessThanOrEqual(report.makespanMs);
    expect(processesOf(place.folder)).toEqual([]);
  });

  test('killed half way, it goes on and repeats nothing that has succeeded', async () => {
    const file = chain(8, 0.2);
    const first = place.start('run', file);
    await until(() => place.names('witness').length >= 3);
    first.child.kill('SIGKILL');
    expect(await first.exited).toBe('SIGKILL');
    const done = place.names('witness').length;
    expect(done).toBeLessThan(8);

    const second = await place.run('run', file, '--resume', '--json');
    expect(second.exit).toBe(0);
    expect((JSON.parse(second.out) as Report).counts).toEqual({ succeeded: 8 });
    // Also the job that ran while its scheduler was killed ran once: it was found alive, not started again.
    const tries = place.names('witness').map((name) => place.read(name).split('\n').length - 1);
    expect(tries).toEqual(Array.from({ length: 8 }, () => 1));

    expect((await place.run('run', file, '--resume')).exit).toBe(3);
  });

  test('a file that has changed is not the one to resume', async () => {
    const file = place.write('a.hera.yaml', 'hera: 1\njobs: { a: { script: "exit 1" } }\n');
    expect((await place.run('run', file)).exit).toBe(10);
    place.write('a.hera.yaml', 'hera: 1\njobs: { a: { script: "exit 0" } }\n');
    expect((await place.run('run', file, '--resume')).exit).toBe(3);
  });

  test('what has failed is tried again by --resume, what has succeeded is not', async () => {
    const witness = `${place.folder}/witness`;
    const file = place.write(
      'a.hera.yaml',
      `hera: 1
jobs:
  good: { script: echo x >> ${witness}-good }
  flaky: { after: { good: same }, script: "echo x >> ${witness}-flaky; test -e ${place.folder}/mended" }
  last: { after: { flaky: same }, script: echo x >> ${witness}-last }
`,
    );
    const first = await place.run('run', file, '--json');
    expect(first.exit).toBe(10);
    expect(JSON.parse(first.out)).toMatchObject({
      failed: [{ run: expect.stringMatching(/^flaky@a:/) as string, reason: 'exit code 1' }],
      blocked: [expect.stringMatching(/^last@a:/)],
    });
    place.write('mended', '');
    expect((await place.run('run', file, '--resume')).exit).toBe(0);
    const tries = ['good', 'flaky', 'last'].map(
      (name) => place.read(`witness-${name}`).trim().split('\n').length,
    );
    expect(tries).toEqual([1, 2, 1]);
  });

  test('Ctrl-C cancels, and leaves no process', async () => {
    const command = place.start('run', chain(3, 30));
    await until(() => place.names('witness').length > 0);
    command.child.kill('SIGINT');
    expect(await command.ended).toBe(130);
    expect(command.out()).toMatch(/canceled/);
    expect(processesOf(place.folder)).toEqual([]);
  });

  test('a second run of the same file at the same time is refused', async () => {
    const file = chain(1, 30);
    const first = place.start('run', file);
    await until(() => place.names('witness').length > 0);
    const second = await place.run('run', file);
    expect({ exit: second.exit, err: second.err }).toEqual({
      exit: 5,
      err: `another \`hera run\` of ${file} is going on\n`,
    });
    first.child.kill('SIGINT');
    expect(await first.ended).toBe(130);
  });

  test('a selection and parameters reach only the jobs that ask for them', async () => {
    const file = place.write(
      'a.hera.yaml',
      `hera: 1
jobs:
  a: { params: { day: { type: date, required: true } }, script: "echo \${param.day} $HERA_PARAM_DAY > ${place.folder}/witness-a" }
  b: { script: "touch ${place.folder}/witness-b" }
`,
    );
    expect((await place.run('run', file, 'a', '-p', 'day=2026-11-24')).exit).toBe(0);
    expect(place.read('witness-a')).toBe('2026-11-24 2026-11-24\n');
    expect(place.names('witness-b')).toEqual([]);
    expect((await place.run('run', file, 'a', '-p', 'other=1')).exit).toBe(2);
    expect((await place.run('run', file, 'a', '-p', 'day=tomorrow')).exit).toBe(2);
  });

  test('a script whose program is missing fails, and its output says so', async () => {
    const file = place.write('a.hera.yaml', 'hera: 1\njobs: { a: { script: no-such-program } }\n');
    const { exit, out } = await place.run('run', file);
    expect(exit).toBe(10);
    expect(out).toMatch(/failed: a@a:/);
  });

  test('functions of a TypeScript module run in the agent, and hand their values on', async () => {
    const file = place.write(
      'jobs.ts',
      `import { writeFileSync } from 'node:fs';
import { defineJob } from '@hera/core';
interface Rows { readonly count: number }
export const rows = defineJob('rows', { run: (): Rows => ({ count: 42 }) });
export const report = defineJob('report', {
  after: { rows },
  run: ({ upstream }) => writeFileSync(${JSON.stringify(`${place.folder}/witness`)}, String(upstream.rows.value.count)),
});
`,
    );
    const { exit, err } = await place.run('run', file);
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
    expect(place.read('witness')).toBe('42');
  });
});
