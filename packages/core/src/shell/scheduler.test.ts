import { afterEach, describe, expect, it } from 'vitest';
import { createMemoryStore } from '../memory/memory-store.js';
import { createMemoryTransport } from '../memory/transport.js';
import type { Store } from '../ports/store.js';
import { aJob, aWorker } from '../testing/builders.js';
import { nextTurn, VirtualClock } from '../testing/virtual-clock.js';
import { readCommandAnswer } from './requests.js';
import { createScheduler } from './scheduler.js';
import type { Scheduler, SchedulerOptions } from './scheduler-types.js';

const START = Date.parse('2026-11-24T00:00Z');
const LI = { actor: 'li' };
const JOBS = {
  type: 'definitions.apply',
  definitions: { jobs: { orders: aJob() } },
  source: 'test',
  prune: false,
} as const;
const submission = (key: string) =>
  ({ type: 'graph.submit', jobs: ['orders'], submission: key, asOf: START, params: {} }) as never;

let schedulers: Scheduler[] = [];
let moving: { clock: VirtualClock } | null = null;
afterEach(async () => {
  for (const scheduler of schedulers) await scheduler.stop().catch(() => undefined);
  schedulers = [];
  moving = null;
});

/** One store, any number of schedulers, and a store that can be cut off from each of them. */
function world() {
  const clock = new VirtualClock(START);
  moving = { clock };
  const store = createMemoryStore({ now: () => clock.wallMs() });
  const isDown = new Set<string>();
  const isHung = new Set<string>();
  const scheduler = (name: string, options: Partial<SchedulerOptions> = {}) => {
    const made = createScheduler({
      store: cutOff(store, {
        isDown: () => isDown.has(name),
        isHung: () => isHung.has(name),
      }),
      transport: createMemoryTransport(),
      clock,
      name,
      ...options,
    });
    schedulers.push(made);
    return made;
  };
  return {
    clock,
    store,
    isDown,
    isHung,
    scheduler,
    pass: (ms: number) => clock.advanceTo(clock.wallMs() + ms),
  };
}

function cutOff(store: Store, state: { isDown: () => boolean; isHung: () => boolean }): Store {
  return new Proxy(store, {
    get(target, name: keyof Store) {
      const method = target[name] as (...args: unknown[]) => unknown;
      return (...args: unknown[]) => {
        if (state.isHung()) return new Promise(() => undefined);
        if (state.isDown()) return Promise.reject(new Error('connection refused'));
        return method.apply(target, args);
      };
    },
  });
}

describe('schedulers over one store', () => {
  it('have one leader; the next begins soon after it has stopped', async () => {
    const { store, scheduler, pass } = world();
    const [a, b] = [scheduler('a'), scheduler('b')];
    await a.start();
    await b.start();
    expect([a.role, b.role]).toEqual(['leading', 'standby']);
    expect(b.leader).toMatch(/^a\//);
    await a.request(JOBS, LI);
    await a.stop();
    await pass(2_000);
    expect([a.role, b.role]).toEqual(['stopped', 'leading']);
    expect((await store.readLease())?.epoch).toBe(2);
    expect(b.peek((state) => [...state.jobsByName.keys()])).toEqual(['orders']);
  });

  it('hear, when they begin to lead, of workers that were connected before', async () => {
    const { scheduler, pass } = world();
    const transports = [createMemoryTransport(), createMemoryTransport()];
    const [a, b] = transports.map((transport, n) => scheduler(n === 0 ? 'a' : 'b', { transport }));
    await a!.start();
    await b!.start();
    const heard: string[][] = [[], []];
    for (const [n, transport] of transports.entries()) {
      const end = transport.connect('w1');
      await end.connect({
        onConnect: () => end.send([{ type: 'hello', v: 1, session: 1, epoch: 0, profile: aWorker() }]),
        onMessage: (message) => void heard[n]!.push(message.type),
        onDisconnect: () => undefined,
      });
    }
    await nextTurn();
    expect(heard).toEqual([['welcome'], []]);
    await a!.stop();
    await pass(2_000);
    expect(heard[1]).toContain('welcome');
  });

  it('change leaders when one is cut off, and it comes back as the other', async () => {
    const { isDown, scheduler, pass } = world();
    const [a, b] = [scheduler('a'), scheduler('b')];
    await a.start();
    await b.start();
    isDown.add('a');
    await pass(9_999);
    expect([a.role, b.role]).toEqual(['standby', 'standby']);
    await pass(2_001);
    expect([a.role, b.role]).toEqual(['standby', 'leading']);
    isDown.delete('a');
    await pass(5_000);
    expect(a.leader).toMatch(/^b\//);
  });

  it('pass requests to the leader as rows, answered in the commit that carries them out', async () => {
    const { store, scheduler, pass } = world();
    const a = scheduler('a', { commandsEveryMs: 1_000 });
    await a.start();
    await a.request(JOBS, LI);
    const body = { type: 'job.state', job: 'orders', state: 'disabled' };
    await store.putCommand({
      id: 'c1',
      request: JSON.stringify({ actor: 'bo', key: null, body }),
      at: START,
    });
    await store.putCommand({
      id: 'c2',
      request: JSON.stringify({ actor: 'bo', key: null, body: { ...body, job: 'nobody' } }),
      at: START,
    });
    await store.putCommand({
      id: 'c3',
      request: '{"actor":"bo","key":null,"body":{"type":"dance"}}',
      at: START,
    });
    await pass(1_000);
    expect(await store.commands(10)).toEqual([]);
    const rows = await store.read('command', {});
    const answers = rows.map(({ value }) => String(value['answer']));
    expect(readCommandAnswer(answers[0]!)).toEqual({});
    expect(() => readCommandAnswer(answers[1]!)).toThrow(expect.objectContaining({ code: 'JOB_NOT_FOUND' }));
    expect(() => readCommandAnswer(answers[2]!)).toThrow(
      expect.objectContaining({ code: 'MESSAGE_INVALID' }),
    );
    expect(a.peek((state) => state.jobsByName.get('orders')?.state)).toBe('disabled');
  });

  it('leave what is asked of them for the leader, and give its answer', async () => {
    const { scheduler, pass } = world();
    const a = scheduler('a');
    await a.start();
    const nudged: string[] = [];
    const nudge = (leader: string) => {
      nudged.push(leader);
      a.nudge();
    };
    const b = scheduler('b', { pass: { nudge } });
    await b.start();
    const applied = b.request(JOBS, LI);
    const unknown = b.request({ type: 'job.state', job: 'nobody', state: 'disabled' }, LI);
    const refused = expect(unknown).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
    await pass(50);
    expect(await applied).toMatchObject({ changes: [{ name: 'orders' }] });
    await refused;
    expect(nudged).toEqual([expect.stringMatching(/^a\//), expect.stringMatching(/^a\//)]);
    expect(a.peek((state) => state.jobsByName.has('orders'))).toBe(true);
  });

  it('have what they left carried out by the next leader, once, when the one before is gone', async () => {
    const { isDown, scheduler, pass } = world();
    const a = scheduler('a');
    await a.start();
    await a.request(JOBS, LI);
    const b = scheduler('b', { pass: {}, commandsEveryMs: 1_000 });
    await b.start();
    isDown.add('a');
    const submitted = b.request(submission('s1'), LI);
    await pass(15_000);
    expect(await submitted).toMatchObject({ submission: 's1', runs: ['orders@a:s1'] });
    expect(b.role).toBe('leading');
  });

  it('say after a while that nobody has answered, and that it may still be done', async () => {
    const { isDown, store, scheduler, pass } = world();
    const a = scheduler('a', { leaseMs: 600_000 });
    await a.start();
    const b = scheduler('b', { pass: { patienceMs: 5_000 } });
    await b.start();
    isDown.add('a');
    const asked = b.request(JOBS, LI);
    const late = expect(asked).rejects.toMatchObject({ code: 'LEASE_LOST' });
    await pass(6_000);
    await late;
    expect(await store.commands(10)).toHaveLength(1);
  });

  it('look for such rows when nudged, and otherwise never', async () => {
    const { store, scheduler, pass } = world();
    const a = scheduler('a');
    await a.start();
    await store.putCommand({
      id: 'c1',
      request: JSON.stringify({ actor: 'bo', key: null, body: JOBS }),
      at: START,
    });
    await pass(60_000);
    expect(await store.commands(10)).toHaveLength(1);
    a.nudge();
    await nextTurn();
    expect(await store.commands(10)).toEqual([]);
  });
});

describe('requests', () => {
  it('to one who stands by are refused with the name of the leader, or wait for it to lead', async () => {
    const { scheduler, pass } = world();
    const [a, b] = [scheduler('a'), scheduler('b')];
    await a.start();
    await b.start();
    await expect(b.request(JOBS, LI)).rejects.toMatchObject({
      code: 'NOT_LEADING',
      details: { leader: expect.stringMatching(/^a\//) as string },
    });
    const patient = b.request(JOBS, { ...LI, whenLeading: true });
    await a.stop();
    await pass(2_000);
    expect((await patient).changes).toEqual([{ kind: 'job', name: 'orders', change: 'added' }]);
  });

  it('that were not committed when leadership is lost are refused as not done', async () => {
    const { store, scheduler } = world();
    const a = scheduler('a');
    await a.start();
    await a.request(JOBS, LI);
    const { epoch = 0, commitNo = 0 } = (await store.readLease()) ?? {};
    await store.commit({ epoch, commitNo: commitNo + 1, writes: [] });
    await expect(a.request(submission('k'), LI)).rejects.toMatchObject({ code: 'NOT_LEADING' });
  });

  it('whose commit the store left open may be done or not, and say so', async () => {
    const { isDown, scheduler, pass } = world();
    const a = scheduler('a');
    await a.start();
    await a.request(JOBS, LI);
    isDown.add('a');
    const asked = a.request(submission('k'), LI);
    const refused = expect(asked).rejects.toMatchObject({ code: 'LEASE_LOST', details: { epoch: 1 } });
    await pass(10_000);
    await refused;
    isDown.delete('a');
    await pass(10_000);
    expect(a.role).toBe('leading');
    expect(await a.request(submission('k'), LI)).toMatchObject({ runs: ['orders@a:k'] });
  });

  it('do not wait for ever on a store that never answers', async () => {
    const { isHung, scheduler, pass } = world();
    const a = scheduler('a');
    await a.start();
    await a.request(JOBS, LI);
    isHung.add('a');
    const asked = a.request(submission('k'), LI);
    const refused = expect(asked).rejects.toMatchObject({ code: 'LEASE_LOST' });
    await pass(20_000);
    await refused;
    expect(a.role).toBe('standby');
  });

  it('beyond the bound of the mailbox are refused', async () => {
    const { scheduler } = world();
    const a = scheduler('a', { mailbox: { requestsMax: 1 } });
    await a.start();
    const answers = await Promise.allSettled([a.request(JOBS, LI), a.request(JOBS, LI)]);
    expect(answers[0].status).toBe('fulfilled');
    expect(answers[1]).toMatchObject({ reason: { code: 'OVERLOADED', details: { retryAfterMs: 1_000 } } });
  });

  it('after the stop are refused', async () => {
    const { scheduler } = world();
    const a = scheduler('a');
    await a.start();
    await a.stop();
    await a.stop();
    await expect(a.request(JOBS, LI)).rejects.toMatchObject({ code: 'STOPPED' });
    await expect(a.closed).resolves.toBeUndefined();
  });
});

describe('a scheduler', () => {
  it('tells what became durable, and outlives listeners that throw', async () => {
    const { scheduler } = world();
    const a = scheduler('a');
    const heard: string[] = [];
    a.onCommit(() => {
      throw new Error('not my day');
    });
    const end = a.onCommit(({ commitNo, events }) =>
      heard.push(`${commitNo} ${events.map(({ type }) => type).join()}`),
    );
    await a.start();
    await a.request(JOBS, LI);
    end();
    await a.request(submission('k'), LI);
    expect(heard).toEqual(['1 leader.elected', '2 job.changed']);
  });

  it('ends on a bug of the kernel, and leaves the lease to others', async () => {
    const { store, scheduler, clock } = world();
    const a = scheduler('a', {
      stepFunctions: {
        step: () => {
          throw new Error('invariant violated: two and two');
        },
        nextDeadline: () => null,
      },
    });
    await a.start();
    const asked = a.request(JOBS, LI);
    await expect(a.closed).rejects.toThrow('two and two');
    await expect(asked).rejects.toMatchObject({ code: 'NOT_LEADING' });
    expect((await store.readLease())?.expiresAtMs).toBeLessThanOrEqual(clock.wallMs());
  });

  it('does not start over a store that does not answer', async () => {
    const { isDown, scheduler } = world();
    isDown.add('a');
    const a = scheduler('a');
    await expect(a.start()).rejects.toThrow('connection refused');
    expect(a.role).toBe('stopped');
  });

  it('asks nothing of the store but its lease while nothing happens', async () => {
    const { store, scheduler, pass } = world();
    const a = scheduler('a');
    await a.start();
    await a.request(JOBS, LI);
    const before = await store.readLease();
    await pass(3_600_000);
    expect((await store.readLease())?.commitNo).toBe(before?.commitNo);
    expect(a.role).toBe('leading');
    expect(moving?.clock.nextWakeAt).toBe(START + 3_602_000);
  });
});
