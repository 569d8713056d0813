import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { PROCESS_KINDS } from './kinds.js';
import type { ProcessKind } from './kinds.js';
import { selfTest } from './self-test.js';

let home = '';
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'hera-self-test-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const shell = PROCESS_KINDS.find((kind) => kind.name === 'shell')!;
const withInterpreter = (interpreter: string): ProcessKind => ({
  ...shell,
  name: 'own',
  interpreters: [interpreter],
});

it('finds nothing wrong with a sound host, every time', async () => {
  expect(await selfTest(home, [shell])).toEqual([]);
  expect(await selfTest(home, [shell])).toEqual([]);
});

it('finds a folder that takes no file', async () => {
  await writeFile(join(home, 'attempts'), 'not a folder');
  expect(await selfTest(home, [])).toEqual([expect.stringContaining('attempts')]);
});

it('finds an interpreter that is gone, and one that does not start', async () => {
  const broken = join(home, 'broken');
  await writeFile(broken, '#!/nowhere/at/all\n');
  await chmod(broken, 0o755);
  const faults = await selfTest(home, [withInterpreter('/nowhere/gone'), withInterpreter(broken)]);
  expect(faults).toEqual([
    expect.stringContaining('/nowhere/gone is on PATH'),
    expect.stringContaining('does not start'),
  ]);
});
