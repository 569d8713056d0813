/**
 * An agent as its server has it: a process of its own, driven over its channel by a few lines that play the
 * scheduler. It is killed the hard way, and what it was running must come to its exact end all the same.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { AttemptOutcome } from '@hera/core';
import type { AttemptWork, JournalEntry, WorkerMessage } from '@hera/core/protocol';
import { findAttemptDirectory } from './attempt-dir.js';
import { createFileLogStore } from './file-log-store.js';
import { createLocalLogStore } from './local-log-store.js';
import { startLocalAgent } from './local-agent.js';
import type { LocalAgent, LocalAgentOptions } from './local-agent.js';
import { environmentValue, isAlive, processLine, processTable } from './proc.js';

let home: string;
let agents: LocalAgent[];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'hera-agent-'));
  agents = [];
});
afterEach(async () => {
  for (const agent of agents) await agent.stop({ kill: true });
  rmSync(home, { recursive: true, force: true });
});

const SLOT = { key: 'a:1', instant: 0, start: 0, end: 0, businessDate: '', day: '', zone: 'UTC' };

function work(attempt: string, script: string, changes: Partial<AttemptWork> = {}): AttemptWork {
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
    timeoutMs: 60_000,
    graceMs: 1_000,
    onWorkerLost: 'hold',
    echo: false,
    encoding: 'utf-8',
    slot: SLOT,
    params: {},
    config: {},
    upstream: {},
    ...changes,
  };
}

/** Plays the scheduler: welcomes, acknowledges, remembers the newest line of each attempt. */
class Scheduler {
  readonly lines = new Map<string, JournalEntry>();
  session = 0;
  disconnects = 0;
  acks = 0;
  readonly #agent: LocalAgent;
  #waiters: (() => void)[] = [];

  constructor(agent: LocalAgent) {
    this.#agent = agent;
    void agent.transport.listen({
      onMessage: (worker, message) => this.#onMessage(worker, message),
      onDisconnect: () => {
        this.disconnects += 1;
        this.#wake();
      },
    });
  }

  order(...works: AttemptWork[]): void {
    const exec = { type: 'exec', epoch: 1, session: this.session, work: works } as const;
    this.#agent.transport.send('local', [exec]);
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
      this.#agent.transport.send(worker, [
        { type: 'welcome', v: 1, epoch: 1, leader: 's', leaseMs: 600_000 },
      ]);
    } else if (message.type === 'pulse') {
      for (const line of message.journal) this.lines.set(line.attempt, line);
      const { session, seq } = message;
      this.#agent.transport.send(worker, [{ type: 'ack', epoch: 1, session, seq }]);
      if (message.epoch === 1) this.acks += 1;
      this.session = session;
    } else if (message.type === 'report') {
      for (const line of message.entries) this.lines.set(line.attempt, line);
    }
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiters.splice(0)) wake();
  }
}

async function start(options: Partial<LocalAgentOptions> = {}) {
  const agent = await startLocalAgent({ home, slots: 8, pulseMs: 200, ...options });
  agents.push(agent);
  const scheduler = new Scheduler(agent);
  await scheduler.until(() => scheduler.acks > 0);
  return { agent, scheduler };
}

const fileOf = (attempt: string, name: string) =>
  readFileSync(join(findAttemptDirectory(home, attempt)!, name), 'utf8');
const hasFile = (attempt: string, name: string) => {
  const directory = findAttemptDirectory(home, attempt);
  return directory !== null && existsSync(join(directory, name));
};
const outputOf = (attempt: string) => fileOf(attempt, 'output.log').replace(/^\[hera\].*\n/gm, '');

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise<void>((wake) => void setImmediate(wake));
}

it('runs what it is ordered, and says who it is', async () => {
  const { agent, scheduler } = await start({ labels: { zone: 'a' } });
  expect(agent.profile).toMatchObject({ worker: 'local', slots: 8, enrolled: false, labels: { zone: 'a' } });
  expect(agent.profile.kinds).toContain('shell');
  scheduler.order(work('etl@a:1/1', 'echo hello; exit 3'));
  expect(await scheduler.endOf('etl@a:1/1')).toMatchObject({ state: 'failed', exitCode: 3 });
  const { bytes, complete } = await createFileLogStore({ dir: home }).read('etl@a:1/1', 0, 10_000);
  expect(complete).toBe(true);
  expect(Buffer.from(bytes).toString()).toContain('\nhello\n');
});

it('ships logs to the store of its server, with stars over secrets, also those that ended without it', async () => {
  const logs = createLocalLogStore({ dir: join(home, 'server') });
  const { agent, scheduler } = await start({ logs });
  const script = 'echo "password={{pw}}"; while [ ! -e go ]; do sleep 0.05; done; printf "end 日"';
  scheduler.order(
    work('etl@a:1/1', script, { secrets: { '{{pw}}': 'hunter2' } }),
    work('etl@a:2/1', 'echo "x{{pw}}x"', { secrets: { '{{pw}}': 'hunter2' } }),
  );
  const textOf = async (attempt: string) => {
    const { bytes, complete } = await logs.read(attempt, 0, 100_000);
    return { text: Buffer.from(bytes).toString(), complete };
  };
  const changed = (attempt: string) =>
    new Promise<void>((wake) => {
      const stop = logs.watch(attempt, () => {
        stop();
        wake();
      });
    });
  while (!(await textOf('etl@a:1/1')).text.includes('password')) await changed('etl@a:1/1');
  process.kill(agent.profile.pid, 'SIGKILL');
  writeFileSync(join(findAttemptDirectory(home, 'etl@a:1/1')!, 'go'), '');
  for (const attempt of ['etl@a:1/1', 'etl@a:2/1']) {
    while (!(await textOf(attempt)).complete) await changed(attempt);
  }
  const { text } = await textOf('etl@a:1/1');
  expect(text).toContain('\npassword=*******\nend 日[hera] core ended');
  expect((await textOf('etl@a:2/1')).text).toContain('\nx*******x\n');
  const raw = fileOf('etl@a:1/1', 'output.log');
  expect(text).toBe(raw.replaceAll('hunter2', '*******'));
  expect(hasFile('etl@a:1/1', 'mask')).toBe(false);
});

it('killed with twenty attempts running, is started again and brings each to its exact end', async () => {
  const { agent, scheduler } = await start({ slots: 20 });
  const attempts = Array.from({ length: 20 }, (_, n) => `etl@a:${n}/1`);
  const script = (n: number) =>
    `echo begin ${n}; while [ ! -e go ]; do sleep 0.05; done; echo end ${n}; exit ${n}`;
  scheduler.order(...attempts.map((attempt, n) => work(attempt, script(n))));
  await scheduler.until(() => attempts.every((attempt) => scheduler.lines.get(attempt)?.state === 'running'));
  await until(() => attempts.every((attempt) => hasFile(attempt, 'started')));
  const pid = agent.profile.pid;
  const session = scheduler.session;
  process.kill(pid, 'SIGKILL');
  await scheduler.until(() => scheduler.disconnects === 1);
  // Half of them end while nobody is there to see it.
  for (const attempt of attempts.slice(0, 10)) {
    writeFileSync(join(findAttemptDirectory(home, attempt)!, 'go'), '');
  }
  await scheduler.until(() => scheduler.session > session);
  expect(agent.profile.pid).not.toBe(pid);
  for (const attempt of attempts.slice(10)) {
    writeFileSync(join(findAttemptDirectory(home, attempt)!, 'go'), '');
  }
  const ends = await Promise.all(attempts.map((attempt) => scheduler.endOf(attempt)));
  expect(ends.map((end) => [end.state, end.exitCode])).toEqual(
    attempts.map((_, n) => [n === 0 ? 'succeeded' : 'failed', n]),
  );
  expect(attempts.map(outputOf)).toEqual(attempts.map((_, n) => `begin ${n}\nend ${n}\n`));
});

it('told to stop without a kill, leaves what runs to the next one on the same home', async () => {
  const first = await start();
  first.scheduler.order(work('etl@a:1/1', 'while [ ! -e go ]; do sleep 0.05; done; exit 5'));
  await first.scheduler.until(() => first.scheduler.lines.get('etl@a:1/1')?.state === 'running');
  await until(() => hasFile('etl@a:1/1', 'started'));
  await first.agent.stop();
  const second = await start();
  expect(second.scheduler.lines.get('etl@a:1/1')?.state).toBe('running');
  writeFileSync(join(findAttemptDirectory(home, 'etl@a:1/1')!, 'go'), '');
  expect((await second.scheduler.endOf('etl@a:1/1')).exitCode).toBe(5);
});

it('told to stop with a kill, leaves no process', async () => {
  const { agent, scheduler } = await start();
  scheduler.order(work('etl@a:1/1', 'sleep 1000'));
  await scheduler.until(() => scheduler.lines.get('etl@a:1/1')?.state === 'running');
  await agent.stop({ kill: true });
  expect((await scheduler.endOf('etl@a:1/1')).state).toBe('canceled');
  expect(processTable().filter((line) => environmentValue(line.pid, 'HERA_ATTEMPT') === 'etl@a:1/1')).toEqual(
    [],
  );
});

it('runs the function jobs of a module, with their logs in files', async () => {
  const module = join(home, 'jobs.mjs');
  writeFileSync(
    module,
    `export const sum = { name: 'sum', run: async ({ upstream, log }) => { log('adding'); return upstream.a.values.reduce((x, y) => x + y, 0); } };
     export const more = [{ name: 'other', run: () => 1 }, { name: 'shell-job' }];`,
  );
  const { agent, scheduler } = await start({ module });
  expect(agent.profile.functions.toSorted()).toEqual(['other', 'sum']);
  scheduler.order(
    work('sum@a:1/1', '', {
      kind: 'function',
      job: 'sum',
      upstream: { a: { value: '2', values: ['1', '2'] } },
    }),
  );
  expect(await scheduler.endOf('sum@a:1/1')).toMatchObject({ state: 'succeeded', result: '3' });
  expect(fileOf('sum@a:1/1', 'output.log')).toBe('adding\n');
});

it('whose module cannot be read does not start, and says why', async () => {
  await expect(startLocalAgent({ home, slots: 1, module: join(home, 'missing.mjs') })).rejects.toThrow(
    'missing.mjs',
  );
});

it('dead for good, is guarded: its fenced attempts die when the lease ends, others at their timeout', async () => {
  const { agent, scheduler } = await start();
  const sleep = 'echo ready; sleep 1000';
  scheduler.order(
    work('f@a:1/1', sleep, { onWorkerLost: 'fence', graceMs: 100 }),
    work('h@a:1/1', sleep, { onWorkerLost: 'hold', graceMs: 100 }),
    work('t@a:1/1', sleep, { onWorkerLost: 'hold', graceMs: 100, timeoutMs: 3_000 }),
  );
  const attempts = ['f@a:1/1', 'h@a:1/1', 't@a:1/1'];
  await scheduler.until(() => attempts.every((attempt) => scheduler.lines.get(attempt)?.state === 'running'));
  await until(() => attempts.every((attempt) => hasFile(attempt, 'started')));
  await agent.stop();
  const shims = attempts.map((attempt) => Number(JSON.parse(fileOf(attempt, 'started')).pid));
  // The lease as its agent would have left it, but over.
  writeFileSync(join(home, 'lease'), '0\n');
  await until(() => !isAlive(processLine(shims[0]!)) && !isAlive(processLine(shims[2]!)));
  expect(isAlive(processLine(shims[1]!))).toBe(true);

  writeFileSync(join(home, 'lease'), `${Number.MAX_SAFE_INTEGER}\n`);
  const later = await start();
  expect(await later.scheduler.endOf('f@a:1/1')).toMatchObject({ state: 'failed', failure: 'host' });
  expect(await later.scheduler.endOf('t@a:1/1')).toMatchObject({ state: 'timedOut' });
  expect(later.scheduler.lines.get('h@a:1/1')?.state).toBe('running');
});
