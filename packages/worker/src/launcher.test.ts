/**
 * The two shims keep one contract: from the same order they leave the same records, log and processes, also
 * when whoever gave the order is gone. The prebuilt programs are those that the sources make.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '@hera/core';
import { createLauncher } from './launcher.js';
import { findNativeShim } from './native-shim.js';
import { isAlive, processLine } from './proc.js';
import type { Launcher, SpawnerNews, SpawnerOrder } from './spawner-messages.js';

const NATIVE = fileURLToPath(new URL('../native/', import.meta.url));

let home: string;
let launchers: Launcher[];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'hera-launcher-'));
  launchers = [];
});
afterEach(() => {
  for (const launcher of launchers) launcher.close();
  rmSync(home, { recursive: true, force: true });
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise<void>((wake) => void systemClock.wakeAfter(5, wake));
}

/** A directory as the executor prepares one, and the order for it. */
function order(name: string, steps: Readonly<Record<string, string>>, changes: Partial<SpawnerOrder> = {}) {
  const directory = join(home, name);
  mkdirSync(directory);
  const lines = Object.entries(steps).map(([stage, script]) => {
    writeFileSync(join(directory, `${stage}.sh`), script);
    return `${stage} '/bin/sh' '${stage}.sh'\n`;
  });
  writeFileSync(join(directory, 'plan'), lines.join(''));
  const attempt = `${name}@a:1/1`;
  return {
    type: 'spawn',
    attempt,
    directory,
    env: { HERA_ATTEMPT: attempt },
    timeoutMs: 60_000,
    graceMs: 200,
    isFenced: false,
    ...changes,
  } satisfies SpawnerOrder;
}

function launch(shim: 'native' | 'sh') {
  const news: SpawnerNews[] = [];
  const launcher = createLauncher(
    { home, shim },
    { onNews: (one) => void news.push(one), onLost: () => undefined },
  );
  launchers.push(launcher);
  const has = (type: SpawnerNews['type'], attempt: string) =>
    news.some((one) => one.type === type && one.attempt === attempt);
  return { launcher, news, has };
}

const textIn = (directory: string, name: string) => {
  const path = join(directory, name);
  return existsSync(path) ? readFileSync(path, 'utf8') : null;
};
const recordIn = (directory: string, name: string) => JSON.parse(textIn(directory, name)!) as unknown;
/** Without what a shell says of the death of its child. */
const logOf = (directory: string) =>
  textIn(directory, 'output.log')!
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/, 'TIME')
    .replace(/^(Killed|Terminated)\n/m, '');

describe.each(['native', 'sh'] as const)('the %s shim', (shim) => {
  const ends: { name: string; steps: Record<string, string>; exit: object; log: string }[] = [
    {
      name: 'success',
      steps: { core: 'echo out; echo err >&2' },
      exit: { code: 0, stage: 'core', stopped: false },
      log: 'out\nerr\n[hera] core ended at TIME: exit code 0\n',
    },
    {
      name: 'steps up to the first that fails',
      steps: { 'pre-1': 'echo p', core: 'exit 9', 'post-1': 'echo q' },
      exit: { code: 9, stage: 'core', stopped: false },
      log: '[hera] pre-1\np\n[hera] core ended at TIME: exit code 9\n',
    },
    {
      name: 'death by a signal, as a shell counts',
      steps: { core: 'kill -9 $$' },
      exit: { code: 137, stage: 'core', stopped: false },
      log: '[hera] core ended at TIME: exit code 137\n',
    },
    {
      name: 'no input, its own group, and default signals',
      steps: {
        core: 'cat; read -r s </proc/$$/stat; set -- ${s##*) }; [ "$3" = "$2" ] && echo group; kill $$; echo on',
      },
      exit: { code: 143, stage: 'core', stopped: false },
      log: 'group\n[hera] core ended at TIME: exit code 143\n',
    },
    { name: 'nothing', steps: {}, exit: { code: 0, stage: 'none', stopped: false }, log: '' },
  ];
  it.each(ends)('leaves records of: $name', async ({ steps, exit, log }) => {
    const { launcher, news, has } = launch(shim);
    const one = order('job', steps);
    launcher.send(one);
    await until(() => has('ended', one.attempt));
    expect(recordIn(one.directory, 'exit')).toEqual(exit);
    if (log !== '') expect(logOf(one.directory)).toBe(log);
    const spawned = news.find((entry) => entry.type === 'spawned');
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const started = recordIn(one.directory, 'started') as { pid: number; startTicks: number };
    expect(started).toMatchObject({ pid: spawned?.type === 'spawned' && spawned.pid, boot });
    expect(started.startTicks).toBeGreaterThan(0);
    expect(textIn(one.directory, 'cause')).toBeNull();
  });

  it('names a program that is not there in the log, and ends with 127', async () => {
    const { launcher, has } = launch(shim);
    const one = order('job', {});
    writeFileSync(join(one.directory, 'plan'), "core '/no/such '\\''program'\\''' 'x'\n");
    launcher.send(one);
    await until(() => has('ended', one.attempt));
    expect(recordIn(one.directory, 'exit')).toEqual({ code: 127, stage: 'core', stopped: false });
    expect(logOf(one.directory)).toContain("/no/such 'program'");
  });

  it('starts nothing that was given up', async () => {
    const { launcher, has } = launch(shim);
    const one = order('job', { core: 'echo never' });
    writeFileSync(join(one.directory, 'void'), '');
    launcher.send(one);
    await until(() => has('ended', one.attempt));
    expect(recordIn(one.directory, 'exit')).toMatchObject({ code: 125, stage: 'void' });
    expect(textIn(one.directory, 'output.log')).toBe('');
  });

  it('tells a signal that killed it, and leaves no exit record then', async () => {
    const { launcher, news, has } = launch(shim);
    const one = order('job', { core: 'echo ready; sleep 1000' });
    launcher.send(one);
    await until(() => textIn(one.directory, 'output.log') === 'ready\n');
    const { pid } = recordIn(one.directory, 'started') as { pid: number };
    process.kill(-pid, 'SIGKILL');
    await until(() => has('ended', one.attempt));
    expect(news.at(-1)).toMatchObject({ type: 'ended', signal: 'SIGKILL' });
    expect(textIn(one.directory, 'exit')).toBeNull();
  });

  it('told to stop, begins no step more, and says that it was told', async () => {
    const { launcher, has } = launch(shim);
    const one = order('job', {
      'pre-1': 'trap "exit 0" TERM; echo ready; while :; do sleep 0.01; done',
      core: 'echo never',
    });
    launcher.send(one);
    await until(() => textIn(one.directory, 'output.log')?.includes('ready') === true);
    const { pid } = recordIn(one.directory, 'started') as { pid: number };
    process.kill(-pid, 'SIGTERM');
    await until(() => has('ended', one.attempt));
    expect(recordIn(one.directory, 'exit')).toEqual({ code: 0, stage: 'pre-1', stopped: true });
  });

  /** A child of another session that ignores TERM, beside a step that does too. */
  const STUBBORN =
    'trap "" TERM; setsid sh -c \'trap "" TERM; echo $$ > deep.pid; while :; do sleep 0.05; done\' & ' +
    'echo ready; while :; do sleep 0.05; done';

  it.each([
    { why: 'timeout', changes: { timeoutMs: 300 }, lease: null },
    { why: 'lease', changes: { isFenced: true }, lease: '0\n' },
  ])('ends the whole tree at the end of its $why, its agent dead', async ({ why, changes, lease }) => {
    const { launcher, has } = launch(shim);
    const one = order('job', { core: STUBBORN }, changes);
    const unfenced = order('other', { core: 'echo ready; while [ ! -e go ]; do sleep 0.05; done' });
    launcher.send(one);
    launcher.send(unfenced);
    await until(() => has('spawned', one.attempt) && has('spawned', unfenced.attempt));
    await until(() => textIn(one.directory, 'deep.pid')?.endsWith('\n') === true);
    const { pid } = recordIn(one.directory, 'started') as { pid: number };
    launcher.close();
    if (lease !== null) writeFileSync(join(home, 'lease'), lease);
    await until(() => !isAlive(processLine(pid)));
    expect(textIn(one.directory, 'cause')).toBe(`${why}\n`);
    expect(isAlive(processLine(Number(textIn(one.directory, 'deep.pid'))))).toBe(false);
    expect(textIn(one.directory, 'left')).toBeNull();
    await until(() => textIn(unfenced.directory, 'started') !== null);
    const other = (recordIn(unfenced.directory, 'started') as { pid: number }).pid;
    expect(isAlive(processLine(other))).toBe(true);
    writeFileSync(join(unfenced.directory, 'go'), '');
    await until(() => !isAlive(processLine(other)));
    expect(recordIn(unfenced.directory, 'exit')).toMatchObject({ code: 0, stopped: false });
  });
});

describe('the native shim', () => {
  it('adopts what hides its attempt: no environment, no session, no parent', async () => {
    const { launcher } = launch('native');
    const hidden = 'env -i setsid sh -c \'echo $$ > deep.pid; trap "" TERM; while :; do sleep 0.05; done\' &';
    const one = order('job', { core: `(${hidden})\nwhile :; do sleep 0.05; done` }, { timeoutMs: 400 });
    launcher.send(one);
    await until(() => textIn(one.directory, 'exit') !== null);
    expect(isAlive(processLine(Number(textIn(one.directory, 'deep.pid'))))).toBe(false);
  });

  it('is not used when it is not what was shipped', () => {
    const folder = join(home, 'bin');
    cpSync(join(NATIVE, 'bin'), folder, { recursive: true });
    const program = join(folder, `hera-shim-${process.platform}-${process.arch}`);
    writeFileSync(program, Buffer.concat([readFileSync(program), Buffer.from('x')]));
    expect(findNativeShim(home, folder)).toEqual({ missing: expect.stringContaining('checksum') });
    expect(findNativeShim(home, join(home, 'nowhere'))).toEqual({ missing: expect.any(String) });
  });

  it('gives the disk of a part of a file back, and leaves its size', () => {
    const found = findNativeShim(home);
    const path = join(home, 'file');
    writeFileSync(path, Buffer.alloc(1 << 20, 1));
    const { status } = spawnSync('path' in found ? found.path : '', ['punch', path, '0', String(1 << 19)]);
    expect(status).toBe(0);
    const bytes = readFileSync(path);
    expect(bytes.length).toBe(1 << 20);
    expect(bytes.indexOf(1)).toBe(1 << 19);
  });

  const compilers = ['musl-gcc', 'aarch64-linux-gnu-gcc'].map(
    (name) => spawnSync(name, ['--version'], { encoding: 'utf8' }).stdout?.split('\n')[0],
  );
  const builtWith = readFileSync(join(NATIVE, 'bin', 'COMPILERS'), 'utf8')
    .trim()
    .split('\n');
  // Other compilers make other bytes: both of build.sh are needed, in the versions that were used.
  it.skipIf(compilers.join('\n') !== builtWith.join('\n'))('is what its source makes', () => {
    const { status, stderr } = spawnSync(join(NATIVE, 'build.sh'), [home], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(readFileSync(join(home, 'SHA256SUMS'), 'utf8')).toBe(
      readFileSync(join(NATIVE, 'bin', 'SHA256SUMS'), 'utf8'),
    );
  });

  const emulator = process.arch === 'x64' && spawnSync('qemu-aarch64', ['--version']).status === 0;
  // The program of the other platform needs qemu-user; it emulates no adoption of orphans.
  it.skipIf(!emulator)('for arm64 runs an attempt', () => {
    const one = order('job', { core: 'echo hello; exit 3' });
    const program = join(NATIVE, 'bin', 'hera-shim-linux-arm64');
    const { stdout } = spawnSync('qemu-aarch64', [program, 'run', one.directory, '5000', '100', '-']);
    expect(stdout.toString()).toMatch(/^hello\n/);
    expect(recordIn(one.directory, 'exit')).toEqual({ code: 3, stage: 'core', stopped: false });
  });
});
