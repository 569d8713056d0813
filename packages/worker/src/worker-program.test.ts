/**
 * `hera-worker` as it is run: a process of its own, over real sockets, against the server's end of the
 * transport and a few lines that play the scheduler. It enrols, runs, ships logs, is killed the hard way and
 * stopped the soft way, and what it ran comes to its exact end all the same.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AttemptOutcome } from '@hera/core';
import type { AttemptWork, JournalEntry, WorkerMessage, WorkerProfile } from '@hera/core/protocol';
import { createEnrollmentToken, createFileKeyStore, createKeyPair } from '@hera/transport-zmq';
import { createZmqServerTransport } from '@hera/transport-zmq';
import type { KeyStore, ZmqServerTransport } from '@hera/transport-zmq';
import { findAttemptDirectory } from './attempt-dir.js';
import { createLocalLogStore } from './local-log-store.js';
import type { LocalLogStore } from './local-log-store.js';
import { readWorkerConfig } from './worker-config.js';

const PROGRAM = fileURLToPath(new URL('../bin/hera-worker.js', import.meta.url));
/** More than a few only where somebody has the time: each kills twenty attempts' agent. */
const KILLS = Number(process.env['HERA_TEST_KILLS'] ?? '3');

let folder: string;
let home: string;
let children: ChildProcess[];
let server: ZmqServerTransport;
let logs: LocalLogStore;
let keyStore: KeyStore;
let scheduler: Scheduler;
const keys = createKeyPair();

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hera-worker-program-'));
  home = join(folder, 'worker');
  children = [];
  logs = createLocalLogStore({ dir: folder });
  keyStore = createFileKeyStore({ file: join(folder, 'keys.json') });
  server = createZmqServerTransport({
    server: 's1',
    listen: ['tcp://127.0.0.1:0'],
    listenLogs: ['tcp://127.0.0.1:0'],
    keys,
    keyStore,
    logs,
    beatMs: 200,
  });
  scheduler = new Scheduler(server);
  await scheduler.listen();
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Plays the leader: welcomes, acknowledges, remembers the newest line of each attempt. */
class Scheduler {
  readonly lines = new Map<string, JournalEntry>();
  profile: WorkerProfile | null = null;
  session = 0;
  isDraining = false;
  readonly #transport: ZmqServerTransport;
  #waiters: (() => void)[] = [];

  constructor(transport: ZmqServerTransport) {
    this.#transport = transport;
  }

  async listen(): Promise<void> {
    await this.#transport.listen({
      onMessage: (worker, message) => this.#onMessage(worker, message),
      onDisconnect: () => undefined,
    });
    this.#transport.announce({ leads: true, epoch: 1 });
  }

  order(...works: AttemptWork[]): void {
    this.#transport.send('w1', [{ type: 'exec', epoch: 1, session: this.session, work: works }]);
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((wake) => void this.#waiters.push(wake));
  }

  async endOf(attempt: string): Promise<AttemptOutcome> {
    await this.until(() => this.lines.get(attempt)?.state === 'ended');
    const line = this.lines.get(attempt)!;
    if (line.state !== 'ended') throw new Error('not ended');
    return line.outcome;
  }

  #onMessage(worker: string, message: WorkerMessage): void {
    if (message.type === 'hello') {
      this.profile = message.profile;
      this.#transport.send(worker, [{ type: 'welcome', v: 1, epoch: 1, leader: 's1', leaseMs: 600_000 }]);
    } else if (message.type === 'pulse') {
      const { session, seq, epoch } = message;
      if (epoch === 1) {
        for (const line of message.journal) this.lines.set(line.attempt, line);
        this.session = session;
        this.isDraining = message.draining;
      }
      this.#transport.send(worker, [{ type: 'ack', epoch: 1, session, seq }]);
    } else if (message.type === 'report') {
      for (const line of message.entries) this.lines.set(line.attempt, line);
    }
    for (const wake of this.#waiters.splice(0)) wake();
  }
}

function run(...args: string[]): ChildProcess {
  const child = spawn(process.execPath, [PROGRAM, '--home', home, '--pulse-ms', '200', ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { PATH: process.env['PATH'] },
  });
  children.push(child);
  return child;
}

const ended = (child: ChildProcess) =>
  new Promise<number | null>((resolve) => void child.once('exit', (code) => resolve(code)));

/** Starts a worker that is new to this server, and waits until it may be given work. */
async function enrol(...args: string[]): Promise<ChildProcess> {
  const token = createEnrollmentToken({
    serverKey: keys.publicKey,
    now: Date.now(),
    pools: ['etl'],
    labels: { zone: 'a' },
  });
  await keyStore.addToken(token.key);
  const child = run('--name', 'w1', '--servers', server.addresses[0]!, '--token', token.text, ...args);
  await scheduler.until(() => scheduler.session > 0);
  return child;
}

const SLOT = { key: 'a:1', instant: 0, start: 0, end: 0, businessDate: '', day: '', zone: 'UTC' };
function work(attempt: string, script: string): AttemptWork {
  return {
    attempt,
    job: 'etl',
    run: 'etl@a:1',
    generation: 1,
    number: 1,
    kind: 'shell',
    script,
    secrets: {},
    env: {},
    files: {},
    pre: [],
    post: [],
    timeoutMs: 600_000,
    graceMs: 1_000,
    onWorkerLost: 'hold',
    echo: false,
    encoding: 'utf-8',
    slot: SLOT,
    params: {},
    config: {},
    upstream: {},
    failures: [],
  };
}

const fileOf = (attempt: string, name: string) =>
  readFileSync(join(findAttemptDirectory(home, attempt)!, name), 'utf8');
const letGo = (attempt: string) => writeFileSync(join(findAttemptDirectory(home, attempt)!, 'go'), '');
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise<void>((wake) => void setImmediate(wake));
}
const isUp = (attempt: string) => {
  const directory = findAttemptDirectory(home, attempt);
  return directory !== null && existsSync(join(directory, 'started'));
};
async function storedLog(attempt: string): Promise<string> {
  for (;;) {
    const changed = new Promise<void>((wake) => {
      const stop = logs.watch(attempt, () => {
        stop();
        wake();
      });
    });
    const { bytes, complete } = await logs.read(attempt, 0, 10_000_000);
    if (complete) return Buffer.from(bytes).toString();
    await changed;
  }
}

describe('hera-worker', () => {
  it('enrols, runs what it is ordered, and its logs lie in the store of its server', async () => {
    await enrol('--slots', '3', '--labels', 'disk=ssd');
    expect(scheduler.profile).toMatchObject({
      worker: 'w1',
      slots: 3,
      pools: ['etl'],
      labels: { zone: 'a', disk: 'ssd' },
      enrolled: true,
    });
    scheduler.order(work('etl@a:1/1', 'echo 你好; exit 3'));
    expect(await scheduler.endOf('etl@a:1/1')).toMatchObject({ state: 'failed', exitCode: 3 });
    expect(await storedLog('etl@a:1/1')).toBe(fileOf('etl@a:1/1', 'output.log'));
    expect(await storedLog('etl@a:1/1')).toContain('\n你好\n');
  });

  it('told to stop, leaves what runs to its next start; told to wait, waits for it', async () => {
    const first = await enrol();
    scheduler.order(work('etl@a:1/1', 'while [ ! -e go ]; do sleep 0.05; done; echo end; exit 5'));
    await scheduler.until(() => scheduler.lines.get('etl@a:1/1')?.state === 'running');
    await until(() => isUp('etl@a:1/1'));
    const session = scheduler.session;
    first.kill('SIGTERM');
    expect(await ended(first)).toBe(0);
    // What it is called and whom it serves, it knows by now.
    const second = run('--wait');
    await scheduler.until(() => scheduler.session > session);
    expect(scheduler.lines.get('etl@a:1/1')?.state).toBe('running');
    second.kill('SIGTERM');
    await scheduler.until(() => scheduler.isDraining);
    const code = ended(second);
    letGo('etl@a:1/1');
    expect(await scheduler.endOf('etl@a:1/1')).toMatchObject({ exitCode: 5 });
    expect(await code).toBe(0);
    expect((await logs.read('etl@a:1/1', 0, 1)).complete).toBe(true);
  });

  it(
    `killed ${KILLS} times with twenty attempts running, brings each to its exact end, byte for byte`,
    async () => {
      await enrol('--slots', '20');
      for (let kill = 0; kill < KILLS; kill += 1) {
        const attempts = Array.from({ length: 20 }, (_, n) => `etl@a:${kill}-${n}/1`);
        const script = (n: number) =>
          `seq 1 ${n * 50}; while [ ! -e go ]; do echo wait; sleep 0.05; done; echo 完 ${n}; exit ${n}`;
        scheduler.order(...attempts.map((attempt, n) => work(attempt, script(n))));
        await scheduler.until(() => attempts.every((attempt) => scheduler.lines.has(attempt)));
        await until(() => attempts.every(isUp));
        const session = scheduler.session;
        const old = children.at(-1)!;
        old.kill('SIGKILL');
        await ended(old);
        // Some end while nobody is there to see it.
        for (const attempt of attempts.slice(0, 7)) letGo(attempt);
        run();
        await scheduler.until(() => scheduler.session > session);
        for (const attempt of attempts.slice(7)) letGo(attempt);
        const outcomes = await Promise.all(attempts.map((attempt) => scheduler.endOf(attempt)));
        expect(outcomes.map((outcome) => outcome.exitCode)).toEqual(attempts.map((_, n) => n));
        for (const [n, attempt] of attempts.entries()) {
          const stored = await storedLog(attempt);
          expect(stored).toBe(fileOf(attempt, 'output.log'));
          expect(stored.split('\n').filter((line) => /^\d+$/.test(line))).toHaveLength(n * 50);
          expect(stored).toContain(`完 ${n}\n`);
        }
      }
    },
    60_000 + KILLS * 10_000,
  );

  it('that has never enrolled says what it needs', async () => {
    const child = run('--name', 'w1', '--servers', 'tcp://127.0.0.1:1');
    expect(await ended(child)).toBe(2);
  });
});

describe('settings of hera-worker', () => {
  it('are flags before variables before the file', () => {
    const file = join(folder, 'config.json');
    writeFileSync(file, JSON.stringify({ slots: 3, pools: ['a', 'b'], labels: { x: 'y' }, name: 'file' }));
    const config = readWorkerConfig(['--name', 'flag', '--wait'], {
      HERA_WORKER_CONFIG: file,
      HERA_WORKER_NAME: 'variable',
      HERA_WORKER_SLOTS: '4',
    });
    expect(config).toMatchObject({
      worker: 'flag',
      slots: 4,
      pools: ['a', 'b'],
      labels: { x: 'y' },
      wait: true,
      logMib: 256,
    });
  });

  it.each([
    { args: ['--slots', '0'], message: '--slots is "0"; it must be a whole number from 1' },
    { args: ['--speed', '1'], message: '"--speed" is no setting' },
    { args: ['--name'], message: '--name needs a value' },
    { args: ['--labels', 'a=b,c'], message: '--labels has "c"; a label is key=value' },
    { args: ['--config', '/no/such/file'], message: '/no/such/file cannot be read' },
  ])('refuse $args and say why', ({ args, message }) => {
    expect(() => readWorkerConfig(args, {})).toThrow(message);
  });
});
