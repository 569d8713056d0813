import { afterEach, describe, expect, it } from 'vitest';
import { defineJob } from '../embed/define.js';
import { createState } from '../kernel/index.js';
import type { Command } from '../kernel/index.js';
import { createMemoryStore } from '../memory/memory-store.js';
import { timeSlotKey } from '../model/ids.js';
import type { Instant } from '../model/ids.js';
import { silentObserver } from '../ports/observer.js';
import type { SchedulerMessage } from '../protocol/messages.js';
import { createTestHera } from '../testing/create-test-hera.js';
import type { TestHera, TestHeraOptions } from '../testing/create-test-hera.js';
import { nextTurn, VirtualClock } from '../testing/virtual-clock.js';
import { Forecaster } from './forecaster.js';
import { Dispatcher } from './dispatcher.js';
import { LeaderLease } from './leader-lease.js';
import { Mailbox } from './mailbox.js';
import { Renderer } from './render.js';
import { ResultCache } from './results.js';

const START = Date.parse('2026-11-24T00:00Z');
const LEASE_MS = 10_000;

async function harness() {
  const clock = new VirtualClock(START);
  const store = createMemoryStore({ now: () => clock.wallMs() });
  const held = await store.acquireLease('me', LEASE_MS);
  const lease = new LeaderLease(held, clock.monotonicMs(), {
    store,
    clock,
    leaseMs: LEASE_MS,
    onJump: () => undefined,
    onLeap: () => undefined,
  });
  const frames: { worker: string; messages: readonly SchedulerMessage[] }[] = [];
  const mailbox = new Mailbox();
  const state = createState();
  const dispatcher = new Dispatcher({
    state,
    forecaster: new Forecaster({ state, mailbox, clock }),
    store,
    lease,
    mailbox,
    observer: silentObserver,
    renderer: new Renderer({ store, clock, results: new ResultCache(store) }),
    transport: {
      listen: () => Promise.resolve(),
      send: (worker, messages) => void frames.push({ worker, messages }),
      close: () => Promise.resolve(),
    },
  });
  return { clock, store, lease, frames, mailbox, dispatcher };
}

describe('commands', () => {
  const commands: readonly Command[] = [
    { type: 'worker.welcome', worker: 'w1' },
    { type: 'attempt.fin', worker: 'w1', attempt: 'a@a:k/1' },
    { type: 'worker.ack', worker: 'w2', session: 4, seq: 9 },
    { type: 'attempt.kill', worker: 'w1', attempt: 'b@a:k/1' },
    { type: 'attempt.fin', worker: 'w1', attempt: 'c@a:k/1' },
  ];

  it('become one frame for each worker', async () => {
    const { dispatcher, frames } = await harness();
    dispatcher.send(commands);
    expect(frames).toEqual([
      {
        worker: 'w1',
        messages: [
          { type: 'welcome', v: 1, epoch: 1, leader: 'me', leaseMs: 600_000 },
          { type: 'fin', epoch: 1, attempts: ['a@a:k/1', 'c@a:k/1'] },
          { type: 'kill', epoch: 1, attempts: ['b@a:k/1'] },
        ],
      },
      { worker: 'w2', messages: [{ type: 'ack', epoch: 1, session: 4, seq: 9 }] },
    ]);
  });

  it('do not leave once the lease is over, or leadership is', async () => {
    const { clock, dispatcher, lease, frames } = await harness();
    await clock.advanceTo(START + 9_000);
    dispatcher.send(commands);
    expect(frames).toEqual([]);
    await lease.renew();
    dispatcher.close();
    dispatcher.send(commands);
    expect(frames).toEqual([]);
  });

  it('to read finished slots are answered by an event', async () => {
    const { dispatcher, mailbox, store, lease } = await harness();
    const hour = (n: number) => (START + n * 3_600_000) as Instant;
    const writes = [0, 1, 2, 3, 4].map(
      (n) =>
        ({
          op: 'put',
          table: 'run',
          key: [7, timeSlotKey(hour(n)), ''],
          value: { instant: hour(n), phase: 'succeeded' },
        }) as const,
    );
    await store.commit({ epoch: lease.epoch, commitNo: 1, writes });
    dispatcher.send([{ type: 'verdicts.read', job: 7, from: hour(1), to: hour(3) }]);
    await mailbox.filled();
    const [event] = mailbox.take(START as Instant, 10);
    expect(event).toMatchObject({
      type: 'verdicts.read',
      job: 7,
      from: hour(1),
      rows: [1, 2, 3].map((n) => ({ table: 'run', key: [7, timeSlotKey(hour(n)), ''] })),
    });
  });
});

describe('orders', () => {
  let started: TestHera | null = null;
  const start = async (options: Omit<TestHeraOptions, 'at'>) =>
    (started = await createTestHera({ at: '2026-11-24T00:00Z', ...options }));
  afterEach(async () => {
    await started?.stop();
    started = null;
  });

  const sealed = defineJob('sealed', { script: 'login ${password}', config: { password: { secret: 'pw' } } });
  const plain = defineJob('plain', { script: 'true' });

  it('for a script that cannot be rendered fail its run, and no other', async () => {
    const looped = defineJob('looped', { script: '${a}', config: { a: '${b}', b: '${a}' } });
    const t = await start({ jobs: [looped, plain] });
    const results = await Promise.all([t.hera.runGraph('looped'), t.hera.runGraph('plain')]);
    expect(results[0]).toMatchObject({ phase: 'failed', runs: [{ reason: 'render' }] });
    expect(results[1]).toMatchObject({ phase: 'succeeded' });
    const detail = await t.hera.get(results[0].runs[0]!.run);
    expect(detail?.attemptList.at(-1)?.message).toMatch(/stand for each other/);
  });

  it('are not held up by a secret that takes its time', async () => {
    let unseal: (text: string) => void = () => undefined;
    const secrets = () => new Promise<string>((resolve) => (unseal = resolve));
    const t = await start({ jobs: [sealed, plain], secrets });
    const waiting = await t.hera.submit('sealed');
    expect(await t.hera.runGraph('plain')).toMatchObject({ phase: 'succeeded' });
    expect((await t.hera.get(waiting.runs[0]!))?.attemptList).toMatchObject([{ state: 'dispatched' }]);
    unseal('hush');
    expect(await waiting.result()).toMatchObject({ phase: 'succeeded' });
  });

  it('that were canceled while they were rendered start nothing', async () => {
    let unseal: (text: string) => void = () => undefined;
    const secrets = () => new Promise<string>((resolve) => (unseal = resolve));
    const t = await start({ jobs: [sealed], secrets });
    const submission = await t.hera.submit('sealed');
    await t.hera.cancel(submission.runs[0]!);
    await nextTurn();
    unseal('hush');
    await t.advance('1m');
    expect(await submission.result()).toMatchObject({ phase: 'canceled' });
    const states = t.events.flatMap(({ event }) => (event.type === 'attempt.state' ? [event.state] : []));
    expect(states).not.toContain('running');
  });
});
