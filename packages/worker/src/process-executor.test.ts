/**
 * Real processes: what an attempt leaves on disk and in its log, how it ends, how its whole tree dies, and
 * what a second executor finds when the first is gone. Death is read from /proc, never assumed.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '@hera/core';
import type { AttemptListener, AttemptOutcome, Executor } from '@hera/core';
import type { AttemptWork } from '@hera/core/protocol';
import { executorContract } from '@hera/core/testing';
import { findAttemptDirectory } from './attempt-dir.js';
import { createFileJournal } from './file-journal.js';
import { PROCESS_KINDS } from './kinds.js';
import { isAlive, processLine, processTable, environmentValue } from './proc.js';
import { createProcessExecutor } from './process-executor.js';
import type { ProcessExecutorOptions } from './process-executor.js';

const clock = systemClock;

let home: string;
let open: Executor[];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'hera-worker-'));
  open = [];
});

afterEach(async () => {
  for (const executor of open) await executor.close({ kill: true });
  rmSync(home, { recursive: true, force: true });
});

function make(options: Partial<ProcessExecutorOptions> = {}): Executor {
  const executor = createProcessExecutor({ home, clock, ...options });
  open.push(executor);
  return executor;
}

let count = 0;
function work(script: string, changes: Partial<AttemptWork> = {}): AttemptWork {
  count += 1;
  return {
    attempt: `etl@20261123T020000Z/${count}`,
    job: 'etl',
    run: 'etl@20261123T020000Z',
    generation: 1,
    number: count,
    kind: 'shell',
    script,
    secrets: {},
    env: {},
    files: {},
    pre: [],
    post: [],
    timeoutMs: 60_000,
    graceMs: 5_000,
    onWorkerLost: 'hold',
    echo: false,
    encoding: 'utf-8',
    slot: {
      key: 't:20261123T020000Z',
      instant: 0,
      start: 0,
      end: 0,
      businessDate: '2026-11-22',
      day: '2026-11-23',
      zone: 'UTC',
    },
    params: {},
    config: {},
    upstream: {},
    ...changes,
  };
}

/** Hears one executor; waits by condition, woken by its calls and, for what nobody tells, by the clock. */
class Ear implements AttemptListener {
  readonly started = new Map<string, number>();
  readonly ended = new Map<string, AttemptOutcome>();
  onStarted(attempt: string, at: number): void {
    this.started.set(attempt, at);
  }
  onOutput(): void {
    throw new Error('processes write their own logs');
  }
  onEnded(attempt: string, at: number, outcome: AttemptOutcome): void {
    expect(at).toBeGreaterThanOrEqual(this.started.get(attempt) ?? 0);
    expect(this.ended.has(attempt)).toBe(false);
    this.ended.set(attempt, outcome);
  }
  async endOf({ attempt }: AttemptWork): Promise<AttemptOutcome> {
    await until(() => this.ended.has(attempt));
    return this.ended.get(attempt)!;
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise<void>((wake) => void clock.wakeAfter(5, wake));
}

async function run(order: AttemptWork, options: Partial<ProcessExecutorOptions> = {}) {
  const executor = make(options);
  const ear = new Ear();
  executor.start(order, ear);
  return { outcome: await ear.endOf(order), ear, executor };
}

const fileOf = (order: AttemptWork, name: string) =>
  readFileSync(join(findAttemptDirectory(home, order.attempt)!, name), 'utf8');
const hasFile = (order: AttemptWork, name: string) => {
  const directory = findAttemptDirectory(home, order.attempt);
  return directory !== null && statSync(join(directory, name), { throwIfNoEntry: false }) !== undefined;
};
/** What the job itself wrote, without our own lines. */
const outputOf = (order: AttemptWork) => fileOf(order, 'output.log').replace(/^\[hera\].*\n/gm, '');
const processesOf = (order: AttemptWork) =>
  processTable().filter((line) => environmentValue(line.pid, 'HERA_ATTEMPT') === order.attempt);

const FATES = {
  succeeds: 'echo \'{"rows":3}\' > "$HERA_RESULT"',
  fails: 'exit 3',
  waits: 'sleep 1000',
  unknownJob: 'true',
};

describe('the process executor', () => {
  it.each(executorContract)('$name', async ({ run: play }) => {
    const executor = make();
    await play({
      open: () => Promise.resolve({ executor, close: () => executor.close({ kill: true }) }),
      work: (fate, attempt, timeoutMs = 60_000) =>
        work(FATES[fate], { attempt, timeoutMs, kind: fate === 'unknownJob' ? 'cobol' : 'shell' }),
    });
  });
});

describe('an end', () => {
  /** One executor and one home for all: nothing here is about their lives. */
  let shared: Executor;
  const ear = new Ear();
  const sharedHome = mkdtempSync(join(tmpdir(), 'hera-worker-'));
  beforeAll(() => void (shared = createProcessExecutor({ home: sharedHome, clock })));
  afterAll(async () => {
    await shared.close({ kill: true });
    rmSync(sharedHome, { recursive: true, force: true });
  });
  const shareRun = (order: AttemptWork) => {
    shared.start(order, ear);
    return ear.endOf(order);
  };

  const cases: { name: string; script: string; kind?: string; expected: Partial<AttemptOutcome> }[] = [
    { name: 'success', script: 'exit 0', expected: { state: 'succeeded', exitCode: 0 } },
    {
      name: 'an exit code nobody knows',
      script: 'exit 42',
      expected: { state: 'failed', exitCode: 42, failure: 'unknown' },
    },
    {
      name: 'a command that is not there: the author',
      script: 'no-such-command-here',
      expected: { exitCode: 127, failure: 'user' },
    },
    {
      name: 'a syntax error: the author',
      script: 'if then fi',
      expected: { failure: 'user' },
    },
    {
      name: 'out of memory: resource',
      script: 'echo "java.lang.OutOfMemoryError: Java heap space" >&2; exit 1',
      expected: { exitCode: 1, failure: 'resource' },
    },
    {
      name: 'a service that is down: outside',
      script: 'echo "curl: (7) Failed to connect: Connection refused"; exit 7',
      expected: { exitCode: 7, failure: 'outside' },
    },
    {
      name: 'a full disk: the host',
      script: 'echo "write error: No space left on device" >&2; exit 1',
      expected: { exitCode: 1, failure: 'host' },
    },
    {
      name: 'KILL from the kernel, as the shell tells it: resource',
      script: 'kill -9 $$',
      expected: { state: 'failed', exitCode: 137, signal: 'SIGKILL', failure: 'resource' },
    },
    {
      name: 'python, with an error of its author',
      kind: 'python',
      script: 'import no_such_module_here',
      expected: { exitCode: 1, failure: 'user' },
    },
    { name: 'python', kind: 'python', script: 'print("你好")', expected: { state: 'succeeded' } },
    {
      name: 'a result, compacted',
      script: 'printf \'{ "a": [1, "二"] }\n\' > "$HERA_RESULT"',
      expected: { state: 'succeeded', result: '{"a":[1,"二"]}' },
    },
    {
      name: 'a result that is no JSON',
      script: 'echo nonsense > "$HERA_RESULT"',
      expected: { state: 'failed', failure: 'user', message: expect.stringContaining('RESULT_INVALID') },
    },
    {
      name: 'a result of more than 64 KiB',
      script: 'head -c 65537 /dev/zero | tr "\\0" 1 > "$HERA_RESULT"',
      expected: { state: 'failed', failure: 'user', message: expect.stringContaining('65537 bytes') },
    },
    {
      name: 'the result of a failure is not taken',
      script: 'echo 1 > "$HERA_RESULT"; exit 5',
      expected: { state: 'failed', exitCode: 5, message: 'Exit code 5.' },
    },
  ];
  it.each(cases)('$name', async ({ script, kind = 'shell', expected }) => {
    const outcome = await shareRun(work(script, { kind }));
    expect(outcome).toMatchObject(expected);
    expect(outcome.result).toBe(expected.result);
  });

  it('that its host cannot run names the missing interpreter, and never starts', async () => {
    const kinds = [{ ...PROCESS_KINDS[0]!, interpreters: ['no-such-shell', 'nor-this'] }];
    const { outcome, ear, executor } = await run(work('true'), { kinds });
    expect(executor.kinds).toEqual([]);
    expect(outcome).toMatchObject({ state: 'failed', failure: 'host', exitCode: null });
    expect(outcome.message).toContain('no-such-shell or nor-this');
    expect(ear.started.size).toBe(0);
  });

  it('that its disk does not allow says so', async () => {
    const order = work('true');
    const executor = make();
    const ear = new Ear();
    await executor.recover(ear);
    rmSync(join(home, 'attempts'), { recursive: true });
    // A file where a folder should be fails like a full disk does: on the first write.
    writeFileSync(join(home, 'attempts'), '');
    executor.start(order, ear);
    const outcome = await ear.endOf(order);
    expect(outcome).toMatchObject({ state: 'failed', failure: 'host', exitCode: null });
    expect(outcome.message).toContain('cannot prepare');
  });

  const refused: { name: string; changes: Partial<AttemptWork>; message: string }[] = [
    { name: 'an unknown encoding', changes: { encoding: 'gbk' }, message: 'encoding "gbk"' },
    {
      name: 'a character that the encoding lacks',
      changes: { encoding: 'latin1', script: '# 表' },
      message: 'does not have',
    },
    { name: 'a NUL in a parameter', changes: { params: { a: 'x\0y' } }, message: 'HERA_PARAM_A' },
    {
      name: 'two parameters of one variable',
      changes: { params: { a: '1', A: '2' } },
      message: 'HERA_PARAM_A',
    },
    {
      name: 'more environment than a process can hold',
      changes: { params: { a: 'x'.repeat(200_000) } },
      message: 'E2BIG',
    },
  ];
  it.each(refused)('is the fault of the author: $name', async ({ changes, message }) => {
    const outcome = await shareRun(work('true', changes));
    expect(outcome).toMatchObject({ state: 'failed', failure: 'user', exitCode: null });
    expect(outcome.message).toContain(message);
  });
});

describe('an attempt sees', () => {
  it('its run in the environment, and runs in its own directory', async () => {
    const order = work(
      'for name in ATTEMPT JOB RUN SLOT BUSINESS_DATE PARAM_REGION; do eval echo "$name=\\$HERA_$name"; done\n' +
        'echo "$EXTRA $PWD" "$(test "$PWD" = "$HERA_DIR" && echo same)" "${HERA_SERVER_TOKEN-unset}"',
      { params: { region: '欧 洲' }, env: { EXTRA: 'x y' } },
    );
    process.env['HERA_SERVER_TOKEN'] = 'not for jobs';
    await run(order);
    delete process.env['HERA_SERVER_TOKEN'];
    const directory = findAttemptDirectory(home, order.attempt);
    expect(outputOf(order)).toBe(
      [
        `ATTEMPT=${order.attempt}`,
        'JOB=etl',
        'RUN=etl@20261123T020000Z',
        'SLOT=t:20261123T020000Z',
        'BUSINESS_DATE=2026-11-22',
        'PARAM_REGION=欧 洲',
        `x y ${directory} same unset`,
        '',
      ].join('\n'),
    );
    expect(directory).toBe(
      join(home, 'attempts', new Date().toISOString().slice(0, 10), `etl@20261123T020000Z%2F${count}`),
    );
  });

  it('Unix line ends, whatever its author typed', async () => {
    const order = work('echo one\r\necho two\r\n');
    expect((await run(order)).outcome.state).toBe('succeeded');
    expect(outputOf(order)).toBe('one\ntwo\n');
    const bat = work('echo\r\n');
    await run(bat, { kinds: [{ ...PROCESS_KINDS[0]!, file: 'script.bat' }] });
    expect(fileOf(bat, 'script.bat')).toBe('echo\r\n');
  });

  it('its secrets, which neither the log nor the disk keeps', async () => {
    const order = work('echo "{{pw}}" | tr a-z A-Z\nstat -c %a script.sh', {
      secrets: { '{{pw}}': 'hunter{{x}}', '{{x}}': 'inner' },
      echo: true,
      env: { PASSWORD: '{{pw}}' },
      pre: ['test "$PASSWORD" = "{{pw}}" && echo same'],
    });
    expect((await run(order)).outcome.state).toBe('succeeded');
    const log = fileOf(order, 'output.log');
    expect(outputOf(order)).toContain('same\nHUNTER{{X}}\n600\n');
    expect(log).toContain('[hera] script:\necho "******" | tr a-z A-Z\n');
    expect(log).not.toContain('hunter');
    expect(hasFile(order, 'script.sh')).toBe(false);
    expect(hasFile(order, 'pre-1.sh')).toBe(false);
  });

  it('its whole log, with its path, marks and exit code', async () => {
    const order = work('echo out; echo err >&2; exit 4');
    await run(order);
    const iso = '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ';
    const directory = findAttemptDirectory(home, order.attempt);
    expect(fileOf(order, 'output.log')).toMatch(
      new RegExp(
        `^\\[hera\\] ${order.attempt} starts at ${iso}\n\\[hera\\] log: ${directory}/output.log\nout\nerr\n` +
          `\\[hera\\] core ended at ${iso}: exit code 4\n$`,
      ),
    );
  });

  it('its steps in order, up to the first that fails', async () => {
    const whole = work('echo core', { pre: ['echo p1', 'echo p2'], post: ['echo q1'] });
    await run(whole);
    expect(outputOf(whole)).toBe('p1\np2\ncore\nq1\n');
    const broken = work('echo core', { pre: ['echo p1; exit 9', 'echo p2'], post: ['echo q1'] });
    const { outcome } = await run(broken);
    expect(outputOf(broken)).toBe('p1\n');
    expect(outcome).toMatchObject({ exitCode: 9, message: 'Exit code 9 in step pre-1.' });
  });

  it('no step more once it is canceled, even if a step swallows the signal', async () => {
    const order = work('echo core', {
      pre: ["trap 'exit 0' TERM; echo ready; while :; do sleep 0.01; done"],
    });
    const executor = make();
    const ear = new Ear();
    executor.start(order, ear);
    await until(() => hasFile(order, 'output.log') && outputOf(order).includes('ready'));
    executor.kill(order.attempt, 'cancel');
    expect((await ear.endOf(order)).state).toBe('canceled');
    expect(outputOf(order)).not.toContain('core');
  });
});

/** Grandchildren in sessions of their own, a child that ignores TERM, a zombie, and the script itself. */
const TREE = `
setsid sh -c 'echo $$ > escaped.pid; exec sleep 1000' &
setsid sh -c '(setsid sh -c "trap \\"\\" TERM; echo \\$\\$ > deep.pid; while :; do sleep 0.05; done" &) ; exit 0' &
sh -c 'trap "" TERM; echo $$ > stubborn.pid; while :; do sleep 0.05; done' &
echo ready
wait
`;

const pidIn = (order: AttemptWork, name: string) => Number(fileOf(order, name));
const TREE_FILES = ['escaped.pid', 'deep.pid', 'stubborn.pid'];
const isTreeUp = (order: AttemptWork) =>
  TREE_FILES.every((name) => hasFile(order, name) && fileOf(order, name).endsWith('\n'));

describe('the whole tree dies', () => {
  it.each([
    { why: 'timeout' as const, state: 'timedOut' },
    { why: 'cancel' as const, state: 'canceled' },
    { why: 'lease' as const, state: 'failed' },
  ])('for $why', async ({ why, state }) => {
    const order = work(TREE, { timeoutMs: why === 'timeout' ? 1_000 : 60_000, graceMs: 300 });
    const executor = make();
    const ear = new Ear();
    executor.start(order, ear);
    await until(() => isTreeUp(order));
    const pids = TREE_FILES.map((name) => pidIn(order, name));
    expect(pids.every((pid) => isAlive(processLine(pid)))).toBe(true);
    if (why !== 'timeout') executor.kill(order.attempt, why);
    const outcome = await ear.endOf(order);
    expect(outcome).toMatchObject({ state, killComplete: true });
    expect(processesOf(order)).toEqual([]);
    expect(pids.filter((pid) => isAlive(processLine(pid)))).toEqual([]);
  });

  it('after a failure too, as far as it is in the group: a retry finds nobody', async () => {
    const order = work('sh -c "while :; do sleep 0.05; done" & echo $! > left.pid; exit 3', { graceMs: 300 });
    const { outcome } = await run(order);
    expect(outcome).toMatchObject({ state: 'failed', exitCode: 3, killComplete: true });
    expect(isAlive(processLine(pidIn(order, 'left.pid')))).toBe(false);
  });

  it('and a success that came before the signal stands', async () => {
    const order = work('echo 1 > "$HERA_RESULT"');
    const { outcome, executor, ear } = await run(order);
    executor.kill(order.attempt, 'cancel');
    expect(outcome.state).toBe('succeeded');
    expect(ear.ended.size).toBe(1);
  });

  it('even if it was killed before it was started', async () => {
    const order = work('echo never');
    const executor = make();
    const ear = new Ear();
    executor.start(order, ear);
    executor.kill(order.attempt, 'cancel');
    expect(await ear.endOf(order)).toMatchObject({ state: 'canceled', exitCode: null, killComplete: true });
    expect(ear.started.size).toBe(0);
  });
});

describe('another life of the worker finds', () => {
  /** Lets go without killing, as a dead agent does. */
  async function abandon(executor: Executor): Promise<void> {
    await executor.close({ kill: false });
  }

  it('what runs, follows it to its exact end, and misses no byte of its log', async () => {
    const order = work('echo one; while [ ! -e go ]; do sleep 0.02; done; echo two; exit 7');
    const first = make();
    const ear = new Ear();
    first.start(order, ear);
    await until(() => hasFile(order, 'output.log') && outputOf(order) === 'one\n');
    await abandon(first);

    const second = make();
    const later = new Ear();
    expect(await second.recover(later)).toMatchObject([
      { attempt: order.attempt, state: 'running', onWorkerLost: 'hold' },
    ]);
    writeFileSync(join(findAttemptDirectory(home, order.attempt)!, 'go'), '');
    expect(await later.endOf(order)).toMatchObject({ state: 'failed', exitCode: 7 });
    expect(outputOf(order)).toBe('one\ntwo\n');
    expect(ear.ended.size).toBe(0);
  });

  it('what ended meanwhile, with its result, until it is forgotten', async () => {
    const order = work('while [ ! -e go ]; do sleep 0.02; done; echo 5 > "$HERA_RESULT"');
    const first = make();
    first.start(order, new Ear());
    await until(() => hasFile(order, 'started'));
    await abandon(first);
    writeFileSync(join(findAttemptDirectory(home, order.attempt)!, 'go'), '');
    await until(() => hasFile(order, 'exit'));
    await until(() => processesOf(order).length === 0);

    const ear = new Ear();
    const second = make();
    expect(await second.recover(ear)).toMatchObject([{ attempt: order.attempt, state: 'ended' }]);
    expect(ear.ended.get(order.attempt)).toMatchObject({ state: 'succeeded', result: '5' });
    second.forget(order.attempt);
    expect(await make().recover(new Ear())).toEqual([]);
  });

  it('what was killed with its shim: its end is unknown, and its processes are gone', async () => {
    const order = work(TREE, { graceMs: 200 });
    const first = make();
    first.start(order, new Ear());
    await until(() => isTreeUp(order));
    await abandon(first);
    const shim = Number(JSON.parse(fileOf(order, 'started')).pid);
    process.kill(shim, 'SIGKILL');
    await until(() => !isAlive(processLine(shim)));

    const ear = new Ear();
    expect(await make().recover(ear)).toMatchObject([{ state: 'ended' }]);
    const outcome = ear.ended.get(order.attempt);
    expect(outcome).toMatchObject({ state: 'failed', exitCode: null, failure: 'host', killComplete: true });
    expect(outcome?.message).toContain('EXIT_UNKNOWN');
    expect(processesOf(order)).toEqual([]);
  });

  it('what its spawner can no longer tell: the exact end of every attempt, by its records', async () => {
    const executor = make();
    const ear = new Ear();
    const orders = Array.from({ length: 5 }, (_, n) =>
      work(`while [ ! -e go ]; do sleep 0.02; done; exit ${n}`),
    );
    for (const order of orders) executor.start(order, ear);
    await until(() => orders.every((order) => hasFile(order, 'started')));
    const shim = Number(JSON.parse(fileOf(orders[0]!, 'started')).pid);
    const parent = Number(readFileSync(`/proc/${shim}/stat`, 'latin1').split(') ')[1]!.split(' ')[1]);
    process.kill(parent, 'SIGKILL');
    await until(() => !isAlive(processLine(parent)));
    for (const order of orders) writeFileSync(join(findAttemptDirectory(home, order.attempt)!, 'go'), '');
    const outcomes = await Promise.all(orders.map((order) => ear.endOf(order)));
    expect(outcomes.map((outcome) => outcome.exitCode)).toEqual([0, 1, 2, 3, 4]);
    const next = work('echo next');
    executor.start(next, ear);
    expect((await ear.endOf(next)).state).toBe('succeeded');
  });

  it('its timeout: time spent unwatched counts', async () => {
    const order = work('sleep 1000', { timeoutMs: 700, graceMs: 100 });
    const first = make();
    first.start(order, new Ear());
    await until(() => hasFile(order, 'started'));
    await abandon(first);
    const ear = new Ear();
    await make().recover(ear);
    await until(() => ear.ended.has(order.attempt));
    expect(ear.ended.get(order.attempt)).toMatchObject({ state: 'timedOut', killComplete: true });
  });

  it('and may kill it', async () => {
    const order = work('sleep 1000', { graceMs: 200 });
    const first = make();
    first.start(order, new Ear());
    await until(() => hasFile(order, 'started'));
    await abandon(first);
    const ear = new Ear();
    const second = make();
    await second.recover(ear);
    second.kill(order.attempt, 'cancel');
    expect(await ear.endOf(order)).toMatchObject({ state: 'canceled', killComplete: true });
    expect(processesOf(order)).toEqual([]);
  });

  it('no records of an attempt that had the same name in another store', async () => {
    const order = work('exit 3');
    const { executor, ear } = await run(order);
    expect(ear.ended.get(order.attempt)?.exitCode).toBe(3);
    const again = { ...order, script: 'exit 4' };
    const later = new Ear();
    executor.start(again, later);
    expect(await later.endOf(again)).toMatchObject({ state: 'failed', exitCode: 4 });
    expect(outputOf(again)).toBe('');
  });

  it('nothing of what never started, and that stays so', async () => {
    const order = work('echo started > witness');
    const executor = make({ kinds: [{ ...PROCESS_KINDS[0]! }] });
    executor.start(order, new Ear());
    await until(() => hasFile(order, 'exit'));
    const directory = findAttemptDirectory(home, order.attempt)!;
    // As if the spawner had not come to it yet.
    for (const name of ['started', 'exit', 'witness']) rmSync(join(directory, name));
    expect(await make().recover(new Ear())).toEqual([]);
    expect(hasFile(order, 'void')).toBe(true);
  });
});

/** A disk of one mebibyte; only root may mount one. */
const CAN_MOUNT = (() => {
  const place = mkdtempSync(join(tmpdir(), 'hera-mount-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', place]).status === 0;
  if (mounted) spawnSync('umount', [place]);
  rmSync(place, { recursive: true });
  return mounted;
})();

// Without the right to mount there is no full disk to be had; runs as root do this.
it.skipIf(!CAN_MOUNT)(
  'survives a full disk: refuses clearly, journals nothing false, goes on after',
  async () => {
    const disk = join(home, 'disk');
    mkdirSync(disk);
    expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]).status).toBe(0);
    try {
      const executor = make({ home: disk });
      const ear = new Ear();
      const journal = createFileJournal({ dir: disk });
      await journal.load();
      await journal.accept(['before/1']);
      const ballast = join(disk, 'ballast');
      expect(() => writeFileSync(ballast, Buffer.alloc(2_000_000))).toThrow('ENOSPC');
      const refused = work('true');
      executor.start(refused, ear);
      const outcome = await ear.endOf(refused);
      expect(outcome).toMatchObject({ state: 'failed', failure: 'host', exitCode: null });
      expect(outcome.message).toContain('No space left on this host');
      await expect(journal.accept(['x'.repeat(10_000)])).rejects.toThrow('ENOSPC');
      rmSync(ballast);
      await journal.accept(['after/1']);
      const order = work('true');
      executor.start(order, ear);
      expect((await ear.endOf(order)).state).toBe('succeeded');
      await executor.close({ kill: true });
      await journal.close();
      const later = createFileJournal({ dir: disk });
      expect((await later.load()).open.map((entry) => entry.attempt)).toEqual(['before/1', 'after/1']);
      await later.close();
    } finally {
      spawnSync('umount', [disk]);
    }
  },
);

it('runs two hundred attempts at once, and each ends as it should', async () => {
  const executor = make();
  const ear = new Ear();
  const orders = Array.from({ length: 200 }, (_, n) => work(`echo line ${n}; exit ${n % 7}`));
  for (const order of orders) executor.start(order, ear);
  const outcomes = await Promise.all(orders.map((order) => ear.endOf(order)));
  expect(outcomes.map((outcome) => outcome.exitCode)).toEqual(orders.map((_, n) => n % 7));
  expect(orders.filter((order, n) => outputOf(order) !== `line ${n}\n`)).toEqual([]);
});
