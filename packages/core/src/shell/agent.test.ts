/**
 * The agent against a hand-driven carrier, clock, disk and executor: each test plays one sequence of
 * messages, with losses, repetitions and reorderings, and states what was said, started and killed.
 */
import { describe, expect, test } from 'vitest';
import { createMemoryJournal } from '../memory/journal.js';
import type { AttemptOutcome } from '../model/run.js';
import type { Clock } from '../ports/clock.js';
import type { AttemptListener, Executor, Journal, RecoveredAttempt } from '../ports/executor.js';
import type { WorkerListener, WorkerTransport } from '../ports/transport.js';
import type { AttemptWork, SchedulerMessage, WorkerMessage, WorkerProfile } from '../protocol/messages.js';
import { createAgent } from './agent.js';
import type { Agent } from './agent.js';

const LEASE_MS = 40_000;
const PULSE_MS = 4_000;
const SUCCESS: AttemptOutcome = { state: 'succeeded', exitCode: 0 };

class ManualClock implements Clock {
  now = 1_000;
  #wakes: { at: number; wake: () => void }[] = [];
  wallMs = () => 1_700_000_000_000 + this.now;
  monotonicMs = () => this.now;
  wakeAfter(delayMs: number, wake: () => void): () => void {
    const entry = { at: this.now + delayMs, wake };
    this.#wakes.push(entry);
    return () => void (this.#wakes = this.#wakes.filter((other) => other !== entry));
  }
  get wakes(): number {
    return this.#wakes.length;
  }
  async advance(ms: number): Promise<void> {
    await turn();
    const end = this.now + ms;
    for (;;) {
      const next = this.#wakes.reduce<{ at: number; wake: () => void } | null>(
        (first, entry) => (entry.at <= end && (!first || entry.at < first.at) ? entry : first),
        null,
      );
      if (!next) break;
      this.now = Math.max(this.now, next.at);
      this.#wakes = this.#wakes.filter((entry) => entry !== next);
      next.wake();
      await turn();
    }
    this.now = end;
  }
}

/** Lets everything that is ready happen. */
const turn = () => new Promise<void>((resolve) => void setImmediate(resolve));

class HandTransport implements WorkerTransport {
  listener: WorkerListener | null = null;
  sent: WorkerMessage[] = [];
  connect(listener: WorkerListener): Promise<void> {
    this.listener = listener;
    return Promise.resolve();
  }
  send(messages: readonly WorkerMessage[]): void {
    this.sent.push(...messages);
  }
  close = () => Promise.resolve();
}

class HandExecutor implements Executor {
  kinds = ['shell'];
  functions = [];
  log: string[] = [];
  leasedTo: number | null = null;
  found: RecoveredAttempt[] = [];
  foundEnds: [string, AttemptOutcome][] = [];
  out: AttemptListener | null = null;
  start(work: AttemptWork, out: AttemptListener): void {
    this.out = out;
    this.log.push(`start ${work.attempt}`);
  }
  kill(attempt: string, why: string): void {
    this.log.push(`kill ${attempt} ${why}`);
  }
  recover(out: AttemptListener): Promise<readonly RecoveredAttempt[]> {
    this.out = out;
    for (const [attempt, outcome] of this.foundEnds) out.onEnded(attempt, 500, outcome);
    return Promise.resolve(this.found);
  }
  leased(endsAtMs: number): void {
    this.leasedTo = endsAtMs;
  }
  forget(attempt: string): void {
    this.log.push(`forget ${attempt}`);
  }
  close = () => Promise.resolve();
}

/** A disk whose writes can be held back or refused. */
class HandJournal implements Journal {
  readonly inner: Journal;
  held: (() => void)[] | null = null;
  refuse: Error | null = null;
  log: string[] = [];
  constructor(inner: Journal) {
    this.inner = inner;
  }
  load = () => this.inner.load();
  setSession(session: number, epoch: number) {
    return this.#write(`session ${session}.${epoch}`, () => this.inner.setSession(session, epoch));
  }
  accept(attempts: readonly string[]) {
    return this.#write(`accept ${attempts.join(' ')}`, () => this.inner.accept(attempts));
  }
  end(ends: Parameters<Journal['end']>[0]) {
    return this.#write(`end ${ends.map((end) => end.attempt).join(' ')}`, () => this.inner.end(ends));
  }
  forget(attempts: readonly string[]) {
    return this.#write(`forget ${attempts.join(' ')}`, () => this.inner.forget(attempts));
  }
  async release(): Promise<void> {
    const held = this.held ?? [];
    this.held = null;
    for (const go of held) go();
    await turn();
  }
  async #write(what: string, apply: () => Promise<void>): Promise<void> {
    if (this.held) await new Promise<void>((go) => this.held?.push(go));
    if (this.refuse) throw this.refuse;
    this.log.push(what);
    await apply();
  }
}

const PROFILE: WorkerProfile = {
  worker: 'w1',
  boot: 'b1',
  slots: 4,
  pools: [],
  labels: {},
  kinds: ['shell'],
  functions: [],
  enrolled: false,
  pid: 1,
  version: '0.1.0',
};

function work(attempt: string, changes: Partial<AttemptWork> = {}): AttemptWork {
  return {
    attempt,
    job: 'j',
    run: 'j@a:1',
    generation: 1,
    number: 1,
    kind: 'shell',
    script: 'true',
    secrets: {},
    env: {},
    files: {},
    pre: [],
    post: [],
    timeoutMs: 60_000,
    graceMs: 10_000,
    onWorkerLost: 'fence',
    echo: false,
    encoding: 'utf-8',
    slot: { key: 'a:1', instant: 0, start: 0, end: 0, businessDate: '', day: '', zone: 'UTC' },
    params: {},
    config: {},
    upstream: {},
    ...changes,
  };
}

interface World {
  agent: Agent;
  clock: ManualClock;
  transport: HandTransport;
  executor: HandExecutor;
  journal: HandJournal;
  /** Delivers in this order and lets the agent react. */
  say(...messages: SchedulerMessage[]): Promise<void>;
  /** What was said since the last time, one line per message; `pulse` lists its journal. */
  heard(): string[];
  pulseSeq(): number;
}

function world(journal: Journal = createMemoryJournal(), executor = new HandExecutor()): World {
  const clock = new ManualClock();
  const transport = new HandTransport();
  const disk = new HandJournal(journal);
  let lastSeq = 0;
  const agent = createAgent({
    profile: PROFILE,
    transport,
    executors: [executor],
    journal: disk,
    clock,
    pulseMs: PULSE_MS,
  });
  return {
    agent,
    clock,
    transport,
    executor,
    journal: disk,
    async say(...messages) {
      for (const message of messages) transport.listener?.onMessage(message);
      await turn();
    },
    heard() {
      return transport.sent.splice(0).map((message) => {
        if (message.type === 'pulse') lastSeq = message.seq;
        return textOf(message);
      });
    },
    pulseSeq: () => {
      const pulse = transport.sent.findLast((message) => message.type === 'pulse');
      return pulse ? pulse.seq : lastSeq;
    },
  };
}

function textOf(message: WorkerMessage): string {
  switch (message.type) {
    case 'hello':
      return `hello ${message.session}.${message.epoch}`;
    case 'bye':
      return `bye ${message.session}`;
    case 'pulse':
      return `pulse ${message.session}.${message.epoch} [${message.journal.map(entryText).join(' ')}]`;
    case 'probed':
      return `probed ${message.session}.${message.epoch} ${message.probe} [${message.faults.join(' ')}]`;
    case 'report':
      return `report ${message.session}.${message.epoch} [${message.entries.map(entryText).join(' ')}]`;
  }
}

const entryText = (entry: { attempt: string; state: string; outcome?: AttemptOutcome }) =>
  `${entry.attempt}:${entry.outcome ? [entry.outcome.state, entry.outcome.failure].filter(Boolean).join('/') : entry.state}`;

const welcome = (epoch: number, leaseMs = LEASE_MS): SchedulerMessage => ({
  type: 'welcome',
  v: 1,
  epoch,
  leader: 's1',
  leaseMs,
});
const exec = (epoch: number, session: number, ...works: AttemptWork[]): SchedulerMessage => ({
  type: 'exec',
  epoch,
  session,
  work: works,
});
const ack = (epoch: number, session: number, seq: number): SchedulerMessage => ({
  type: 'ack',
  epoch,
  session,
  seq,
});
const kill = (epoch: number, ...attempts: string[]): SchedulerMessage => ({ type: 'kill', epoch, attempts });
const fin = (epoch: number, ...attempts: string[]): SchedulerMessage => ({ type: 'fin', epoch, attempts });

/** Connected, welcomed under epoch 1, and holding a lease; session 1. */
async function leased(journal?: Journal, executor?: HandExecutor): Promise<World> {
  const w = world(journal, executor);
  await w.agent.start();
  w.transport.listener?.onConnect();
  await w.say(welcome(1));
  const pulse = w.transport.sent.findLast((message) => message.type === 'pulse');
  await w.say(ack(1, pulse?.session ?? 0, w.pulseSeq()));
  w.heard();
  w.journal.log = [];
  return w;
}

describe('a worker introduces itself', () => {
  test('with a session that is on disk, one higher than its last', async () => {
    const journal = createMemoryJournal();
    await journal.setSession(7, 3);
    const w = world(journal);
    await w.agent.start();
    expect(w.journal.log).toEqual(['session 8.3']);
    w.transport.listener?.onConnect();
    expect(w.heard()).toEqual(['hello 8.3', 'pulse 8.3 []']);
  });

  test('again under a new epoch, which is on disk first, and only once', async () => {
    const w = world();
    await w.agent.start();
    w.transport.listener?.onConnect();
    w.heard();
    w.journal.held = [];
    await w.say(welcome(5));
    expect(w.heard()).toEqual([]);
    await w.journal.release();
    expect(w.journal.log.at(-1)).toBe('session 1.5');
    expect(w.heard().slice(0, 2)).toEqual(['hello 1.5', 'pulse 1.5 []']);
    await w.say(welcome(5));
    await w.say(ack(5, 1, w.pulseSeq()));
    w.heard();
    await w.say(welcome(5));
    expect(w.heard()).toEqual([]);
  });

  test('again when it is welcomed again, since the hello was lost, but not without end', async () => {
    const w = await leased();
    await w.say(welcome(1), welcome(1));
    expect(w.heard()).toEqual([]);
    await w.clock.advance(1_000);
    await w.say(welcome(1));
    expect(w.heard()).toEqual(['hello 1.1', 'pulse 1.1 []']);
    // The answer, and copies of it that the carrier made.
    await w.say(welcome(1), welcome(1), welcome(1));
    expect(w.heard()).toEqual(['pulse 1.1 []']);
  });

  test('with every pulse until one is acknowledged, since a hello may be lost', async () => {
    const w = world();
    await w.agent.start();
    w.transport.listener?.onConnect();
    await w.say(welcome(1));
    w.heard();
    await w.clock.advance(PULSE_MS);
    expect(w.heard()).toEqual(['hello 1.1', 'pulse 1.1 []']);
    await w.say(ack(1, 1, w.pulseSeq()));
    await w.clock.advance(PULSE_MS);
    expect(w.heard()).toEqual(['pulse 1.1 []']);
  });

  test('to each new leader until that one has acknowledged it', async () => {
    const w = await leased();
    await w.say(welcome(2), welcome(2));
    expect(w.heard()).toEqual(['hello 1.2', 'pulse 1.2 []', 'pulse 1.2 []']);
    await w.clock.advance(PULSE_MS);
    expect(w.heard()).toEqual(['hello 1.2', 'pulse 1.2 []']);
  });

  test('and says nothing to a scheduler of a newer protocol', async () => {
    const w = world();
    await w.agent.start();
    w.transport.listener?.onConnect();
    await w.say({ type: 'welcome', v: 99, epoch: 1, leader: 's', leaseMs: LEASE_MS });
    await w.say(ack(1, 1, w.pulseSeq()), exec(1, 1, work('j@a:1/1')));
    expect(w.executor.log).toEqual([]);
  });
});

describe('an order is started', () => {
  const cases: { name: string; messages: SchedulerMessage[]; started: string[] }[] = [
    { name: 'under its epoch and session', messages: [exec(1, 1, work('a/1'))], started: ['start a/1'] },
    {
      name: 'once, though it comes twice',
      messages: [exec(1, 1, work('a/1')), exec(1, 1, work('a/1'), work('b/1'))],
      started: ['start a/1', 'start b/1'],
    },
    { name: 'not under an older epoch', messages: [exec(0, 1, work('a/1'))], started: [] },
    { name: 'not for an earlier session', messages: [exec(1, 0, work('a/1'))], started: [] },
    { name: 'not for a later session', messages: [exec(1, 2, work('a/1'))], started: [] },
    {
      name: 'under a newer epoch that comes with it',
      messages: [exec(2, 1, work('a/1'))],
      started: ['start a/1'],
    },
    {
      name: 'not under the epoch that has just been replaced',
      messages: [welcome(2), exec(1, 1, work('a/1'))],
      started: [],
    },
    { name: 'not after its kill', messages: [kill(1, 'a/1'), exec(1, 1, work('a/1'))], started: [] },
    {
      name: 'not when its kill comes while it is being journaled',
      messages: [exec(1, 1, work('a/1')), kill(1, 'a/1')],
      started: [],
    },
  ];
  test.each(cases)('$name', async ({ messages, started }) => {
    const w = await leased();
    await w.say(...messages);
    expect(w.executor.log).toEqual(started);
    // What is refused leaves no trace: a journaled refusal would be told as an end.
    const named = messages.some((message) => message.type === 'kill' || started.length > 0);
    expect(w.journal.log.some((line) => line.startsWith('accept'))).toBe(named);
    expect(w.agent.running).toBe(started.length);
  });

  test('under a new epoch only when that is on disk', async () => {
    const w = await leased();
    w.journal.held = [];
    await w.say(welcome(2));
    await w.say(exec(2, 1, work('a/1')), kill(2, 'b/1'));
    expect(w.journal.held).toHaveLength(1);
    expect(w.heard()).toEqual([]);
    await w.journal.release();
    expect(w.executor.log).toEqual(['start a/1']);
    expect(w.heard().at(-1)).toBe('report 1.2 [b/1:canceled]');
  });

  test('only when its acceptance is on disk', async () => {
    const w = await leased();
    w.journal.held = [];
    await w.say(exec(1, 1, work('a/1')));
    expect(w.executor.log).toEqual([]);
    await w.clock.advance(PULSE_MS);
    expect(w.heard()).toEqual(['pulse 1.1 [a/1:accepted]']);
    await w.journal.release();
    expect(w.executor.log).toEqual(['start a/1']);
  });

  test('not without a lease: before the first ack, and after the last one has run out', async () => {
    const w = world();
    await w.agent.start();
    w.transport.listener?.onConnect();
    await w.say(welcome(1), exec(1, 1, work('a/1')));
    expect(w.executor.log).toEqual([]);

    const late = await leased();
    late.clock.now += LEASE_MS;
    await late.say(exec(1, 1, work('a/1')));
    expect(late.executor.log).toEqual([]);
    expect(late.heard()).toEqual(['hello 2.1', 'pulse 2.1 []']);
  });

  test('not when the lease ends while its acceptance is being written', async () => {
    const w = await leased();
    w.journal.held = [];
    await w.say(exec(1, 1, work('a/1', { onWorkerLost: 'hold' })));
    await w.clock.advance(LEASE_MS + 1);
    await w.journal.release();
    expect(w.executor.log).toEqual([]);
    expect(w.heard().at(-1)).toContain('a/1:failed/host');
  });

  test('not once the worker is being stopped, though it was accepted before', async () => {
    const w = await leased();
    w.journal.held = [];
    await w.say(exec(1, 1, work('a/1')));
    const stopped = w.agent.stop({ kill: true });
    await w.journal.release();
    await stopped;
    expect(w.executor.log).toEqual([]);
  });

  test('not again by another life of the worker', async () => {
    const journal = createMemoryJournal();
    await journal.accept(['open/1', 'old/1']);
    await journal.forget(['old/1']);
    const w = await leased(journal);
    await w.say(exec(1, 1, work('open/1'), work('old/1'), work('new/1')));
    expect(w.executor.log).toEqual(['start new/1']);
  });

  test('not again after it was forgotten', async () => {
    const w = await leased();
    await w.say(exec(1, 1, work('a/1')));
    w.executor.out?.onEnded('a/1', 9, SUCCESS);
    await turn();
    await w.say(fin(1, 'a/1'), exec(1, 1, work('a/1')));
    expect(w.executor.log).toEqual(['start a/1', 'forget a/1']);
  });

  test('or fails as the host does when nobody here runs its kind, or the journal is full', async () => {
    const w = await leased();
    await w.say(exec(1, 1, work('a/1', { kind: 'hive' })));
    expect(w.heard()).toEqual(['report 1.1 [a/1:failed/host]']);
    w.journal.refuse = new Error('ENOSPC');
    await w.say(exec(1, 1, work('b/1')));
    expect(w.executor.log).toEqual([]);
    expect(w.heard()).toEqual(['report 1.1 [b/1:failed/host]']);
  });
});

describe('an end', () => {
  test('is told once it is on disk, in every pulse until it is stored, then never again', async () => {
    const w = await leased();
    await w.say(exec(1, 1, work('a/1')));
    w.executor.out?.onStarted('a/1', 5);
    await w.clock.advance(1);
    w.journal.held = [];
    w.executor.out?.onEnded('a/1', 9, SUCCESS);
    w.executor.out?.onEnded('a/1', 9, { state: 'failed', exitCode: 1 });
    await w.clock.advance(PULSE_MS);
    expect(w.heard()).toEqual(['report 1.1 [a/1:running]', 'pulse 1.1 [a/1:running]']);
    await w.journal.release();
    expect(w.heard()).toEqual(['report 1.1 [a/1:succeeded]']);
    expect(w.agent.running).toBe(0);
    await w.clock.advance(2 * PULSE_MS);
    expect(w.heard()).toEqual(['pulse 1.1 [a/1:succeeded]', 'pulse 1.1 [a/1:succeeded]']);
    await w.say(fin(1, 'a/1'), fin(1, 'a/1'));
    await w.clock.advance(PULSE_MS);
    expect(w.heard()).toEqual(['pulse 1.1 []']);
    expect(w.journal.log.filter((line) => line.startsWith('forget'))).toEqual(['forget a/1']);
  });

  test('waits for a journal that refuses it', async () => {
    const w = await leased();
    await w.say(exec(1, 1, work('a/1')));
    w.executor.out?.onStarted('a/1', 5);
    await w.clock.advance(1);
    w.journal.refuse = new Error('EIO');
    w.executor.out?.onEnded('a/1', 9, SUCCESS);
    await w.clock.advance(1_500);
    expect(w.heard()).toEqual(['report 1.1 [a/1:running]']);
    w.journal.refuse = null;
    await w.clock.advance(1_000);
    expect(w.heard()).toEqual(['report 1.1 [a/1:succeeded]']);
  });

  test('that follows its start at once is told alone, and many share one write and one report', async () => {
    const w = await leased();
    await w.say(exec(1, 1, work('a/1'), work('b/1'), work('c/1')));
    for (const attempt of ['a/1', 'b/1', 'c/1']) {
      w.executor.out?.onStarted(attempt, 5);
      w.executor.out?.onEnded(attempt, 6, SUCCESS);
    }
    await w.clock.advance(10);
    expect(w.heard()).toEqual(['report 1.1 [a/1:succeeded b/1:succeeded c/1:succeeded]']);
    expect(w.journal.log).toEqual(['accept a/1 b/1 c/1', 'end a/1 b/1 c/1']);
  });

  test('is not forgotten before it came', async () => {
    const w = await leased();
    await w.say(exec(1, 1, work('a/1')), fin(1, 'a/1'));
    await w.clock.advance(PULSE_MS);
    expect(w.heard()).toEqual(['pulse 1.1 [a/1:accepted]']);
  });

  test('of an order that never came is its kill, told as canceled', async () => {
    const w = await leased();
    await w.say(kill(1, 'a/1'));
    expect(w.heard()).toEqual(['report 1.1 [a/1:canceled]']);
    await w.say(fin(1, 'a/1'), kill(1, 'a/1'));
    expect(w.heard()).toEqual([]);
  });
});

describe('a kill', () => {
  test('reaches the executor, as often as it is said, and not after the end', async () => {
    const w = await leased();
    await w.say(exec(1, 1, work('a/1')));
    await w.say(kill(1, 'a/1'), kill(1, 'a/1'), kill(0, 'a/1'));
    expect(w.executor.log).toEqual(['start a/1', 'kill a/1 cancel', 'kill a/1 cancel']);
    w.executor.out?.onEnded('a/1', 9, { state: 'canceled', exitCode: null });
    await w.say(kill(1, 'a/1'));
    expect(w.executor.log).toHaveLength(3);
  });

  test('is obeyed without a lease', async () => {
    const w = await leased();
    await w.say(exec(1, 1, work('a/1', { onWorkerLost: 'hold' })));
    await w.clock.advance(LEASE_MS);
    await w.say(kill(1, 'a/1'));
    expect(w.executor.log).toEqual(['start a/1', 'kill a/1 cancel']);
  });
});

describe('a lease', () => {
  test('counts from when the acknowledged pulse was sent, not from its answer', async () => {
    const w = await leased();
    await w.say(exec(1, 1, work('a/1')));
    await w.clock.advance(PULSE_MS);
    const sentAt = w.clock.now;
    const seq = w.pulseSeq();
    await w.clock.advance(30_000);
    await w.say(ack(1, 1, seq));
    expect(w.executor.leasedTo).toBe(sentAt + LEASE_MS);
    await w.clock.advance(sentAt + LEASE_MS - w.clock.now - 1);
    expect(w.executor.log).toEqual(['start a/1']);
    await w.clock.advance(1);
    expect(w.executor.log).toEqual(['start a/1', 'kill a/1 lease']);
  });

  const stale: { name: string; message: (seq: number) => SchedulerMessage }[] = [
    { name: 'an ack of a pulse that was answered before', message: (seq) => ack(1, 1, seq - 1) },
    { name: 'an ack of a pulse never sent', message: (seq) => ack(1, 1, seq + 9) },
    { name: 'an ack for another session', message: (seq) => ack(1, 0, seq) },
    { name: 'an ack of a replaced leader', message: (seq) => ack(0, 1, seq) },
  ];
  test.each(stale)('is not extended by $name', async ({ message }) => {
    const w = await leased();
    const endsAt = w.executor.leasedTo;
    await w.clock.advance(PULSE_MS);
    await w.say(message(w.pulseSeq()));
    expect(w.executor.leasedTo).toBe(endsAt);
  });

  test('that ends raises the session on disk, kills what is fenced, and leaves the rest', async () => {
    const w = await leased();
    await w.say(
      exec(1, 1, work('f/1'), work('h/1', { onWorkerLost: 'hold' }), work('r/1', { onWorkerLost: 'rerun' })),
    );
    for (const attempt of ['f/1', 'h/1', 'r/1']) w.executor.out?.onStarted(attempt, 5);
    await w.clock.advance(LEASE_MS - 1_000);
    w.heard();
    w.journal.held = [];
    await w.clock.advance(1_000);
    expect(w.executor.log.slice(3)).toEqual(['kill f/1 lease']);
    await w.clock.advance(PULSE_MS);
    w.transport.listener?.onDisconnect();
    w.transport.listener?.onConnect();
    expect(w.heard()).toEqual([]);
    await w.journal.release();
    expect(w.journal.log.at(-1)).toBe('session 2.1');
    expect(w.heard()).toEqual(['hello 2.1', 'pulse 2.1 [f/1:running h/1:running r/1:running]']);
  });

  test('that ends is not revived by a late ack, and the next session gets its own', async () => {
    const w = await leased();
    await w.clock.advance(LEASE_MS - 1);
    const seq = w.pulseSeq();
    await w.clock.advance(1);
    await w.say(ack(1, 1, seq), exec(1, 1, work('a/1')), exec(1, 2, work('b/1')));
    expect(w.executor.log).toEqual([]);
    await w.say(ack(1, 2, w.pulseSeq()), exec(1, 1, work('a/1')), exec(1, 2, work('b/1')));
    expect(w.executor.log).toEqual(['start b/1']);
  });

  test('survives a new epoch, since the new leader waits that long too', async () => {
    const w = await leased();
    await w.say(exec(1, 1, work('a/1')));
    await w.clock.advance(1_000);
    await w.say(welcome(2));
    await w.clock.advance(LEASE_MS - 1_001);
    expect(w.executor.log).toEqual(['start a/1']);
    await w.clock.advance(1);
    expect(w.executor.log).toEqual(['start a/1', 'kill a/1 lease']);
  });

  test('needs one wake-up, however long the worker is idle', async () => {
    const w = await leased();
    for (let n = 0; n < 20; n += 1) {
      await w.clock.advance(PULSE_MS);
      await w.say(ack(1, 1, w.pulseSeq()));
      expect(w.clock.wakes).toBe(1);
    }
  });
});

describe('after a restart', () => {
  test('what runs goes on, what ended is told, what never started has failed, the rest stays', async () => {
    const journal = createMemoryJournal();
    await journal.setSession(1, 4);
    await journal.accept(['runs/1', 'ended/1', 'gone/1', 'told/1', 'old/1']);
    await journal.end([{ attempt: 'told/1', startedAt: 1, endedAt: 2, outcome: SUCCESS }]);
    await journal.forget(['old/1']);
    const executor = new HandExecutor();
    executor.found = [
      { attempt: 'runs/1', state: 'running', startedAt: 3 },
      { attempt: 'ended/1', state: 'ended', startedAt: 3 },
      { attempt: 'old/1', state: 'ended', startedAt: 3 },
    ];
    executor.foundEnds = [['ended/1', { state: 'failed', exitCode: 7, failure: 'user' }]];
    const w = world(journal, executor);
    await w.agent.start();
    w.transport.listener?.onConnect();
    expect(w.heard()).toEqual([
      'hello 2.4',
      'pulse 2.4 [runs/1:running ended/1:failed/user gone/1:failed/host told/1:succeeded]',
    ]);
    expect(w.agent.running).toBe(1);
    expect(executor.log).toEqual(['forget old/1']);
  });

  test('a re-attached attempt keeps its policy: hold is not killed when the lease ends', async () => {
    const executor = new HandExecutor();
    const journal = createMemoryJournal();
    await journal.accept(['h/1', 'f/1']);
    executor.found = [
      { attempt: 'h/1', state: 'running', startedAt: 3, onWorkerLost: 'hold' },
      { attempt: 'f/1', state: 'running', startedAt: 3 },
    ];
    const w = await leased(journal, executor);
    await w.clock.advance(LEASE_MS);
    expect(executor.log).toEqual(['kill f/1 lease']);
  });

  test('an attempt that runs although the journal does not name it is told', async () => {
    const executor = new HandExecutor();
    executor.found = [{ attempt: 'x/1', state: 'running', startedAt: 3 }];
    const w = world(createMemoryJournal(), executor);
    await w.agent.start();
    w.transport.listener?.onConnect();
    expect(w.heard()).toEqual(['hello 1.0', 'pulse 1.0 [x/1:running]']);
  });
});

describe('draining and stopping', () => {
  test('drain is said at once, and what was ordered before is still run', async () => {
    const w = await leased();
    w.agent.drain(true);
    const pulse = w.transport.sent.at(-1);
    expect(pulse?.type === 'pulse' && pulse.draining).toBe(true);
    await w.say(exec(1, 1, work('a/1')));
    expect(w.executor.log).toEqual(['start a/1']);
  });

  test('idle resolves when the last end is durable', async () => {
    const w = await leased();
    await w.say(exec(1, 1, work('a/1')));
    let isIdle = false;
    void w.agent.idle().then(() => (isIdle = true));
    w.journal.held = [];
    w.executor.out?.onEnded('a/1', 9, SUCCESS);
    await turn();
    expect(isIdle).toBe(false);
    await w.journal.release();
    expect(isIdle).toBe(true);
  });

  test('stop tells ends that come of it, says bye, starts nothing more and leaves no wake-up', async () => {
    const w = await leased();
    await w.say(exec(1, 1, work('a/1')));
    w.heard();
    w.executor.close = () => {
      w.executor.out?.onEnded('a/1', 9, { state: 'canceled', exitCode: null });
      return Promise.resolve();
    };
    await w.agent.stop({ kill: true });
    expect(w.heard()).toEqual(['report 1.1 [a/1:canceled]', 'bye 1']);
    await w.say(exec(1, 1, work('b/1')));
    await w.clock.advance(10 * PULSE_MS);
    expect(w.executor.log).toEqual(['start a/1']);
    expect(w.clock.wakes).toBe(0);
  });
});

test('without a connection nothing is said, and the next connection hears it all', async () => {
  const w = await leased();
  await w.say(exec(1, 1, work('a/1')));
  w.transport.listener?.onDisconnect();
  w.executor.out?.onEnded('a/1', 9, SUCCESS);
  await w.clock.advance(2 * PULSE_MS);
  expect(w.heard()).toEqual([]);
  w.transport.listener?.onConnect();
  expect(w.heard()).toEqual(['hello 1.1', 'pulse 1.1 [a/1:succeeded]']);
});
