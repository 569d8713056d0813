/** Every example runs as its README says, and prints what it says there. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const EXAMPLES = ['embed-minimal', 'typed-definitions', 'virtual-time', 'own-store', 'own-executor'];

/** Runs a line of a README in the root of the repository. */
function run(line: string) {
  const [command = '', ...args] = line.split(' ');
  const isNode = command === 'node';
  const { status, stdout, stderr } = spawnSync(isNode ? process.execPath : command, args, {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1' },
  });
  return { status, stdout, stderr };
}

/** Commands of a README, each with the lines that follow it. */
function sessionsOf(example: string): { line: string; output: string }[] {
  const text = readFileSync(new URL(`../examples/${example}/README.md`, import.meta.url), 'utf8');
  const blocks = Array.from(text.matchAll(/```\n([\s\S]*?)```/g), ([, block = '']) => block);
  return blocks
    .flatMap((block) => block.split(/^\$ /m).slice(1))
    .map((session) => {
      const [line = '', ...output] = session.split('\n');
      return { line, output: output.join('\n') };
    });
}

describe.each(EXAMPLES)('examples/%s', (example) => {
  it.each(sessionsOf(example))('$line', ({ line, output }) => {
    const { status, stdout, stderr } = run(line);
    expect({ status, stderr }).toMatchObject({ status: 0 });
    if (output !== '') expect(stdout).toBe(output);
    if (line.includes('vitest')) expect(stdout).toMatch(/Tests +[1-9]\d* passed/);
  });
});

it('the first example is that of the README, but for where lines break', () => {
  const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
  const [, shown = ''] = /```js\n([\s\S]*?)```/.exec(read('README.md')) ?? [];
  const words = (code: string) => code.replace(/\s/g, '').replace(/,(?=[}\])])/g, '');
  expect(words(read('examples/embed-minimal/main.mjs'))).toBe(words(shown));
});
