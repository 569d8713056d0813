import { afterEach, describe, expect, it, vi } from 'vitest';
import { createMemoryStore } from '../memory/memory-store.js';
import type { Store } from '../ports/store.js';
import { createTestHera } from '../testing/create-test-hera.js';
import type { TestHera, TestHeraOptions } from '../testing/create-test-hera.js';
import { nextTurn, VirtualClock } from '../testing/virtual-clock.js';
import { createHera } from './create-hera.js';
import { defineGroup, defineJob } from './define.js';
import type { Hera } from './types.js';

const NOON = '2026-11-24T12:00Z';
const running: TestHera[] = [];
const start = async (options: Omit<TestHeraOptions, 'at'> & { at?: string }) => {
  const t = await createTestHera({ at: NOON, ...options });
  running.push(t);
  return t;
};
afterEach(async () => {
  for (const t of running.splice(0)) await t.stop();
});

const orders = defineJob('orders', {
  schedule: '0 2 * * *',
  params: { rows: { type: 'integer', default: 42 }, region: { type: 'string' } },
  run: ({ params }) => ({ rows: params.rows, region: params.region ?? 'all' }),
});
const report = defineJob('report', {
  after: { orders },
  run: ({ upstream }) => `${upstream.orders.value.rows} rows`,
});
const mail = defineJob('mail', { after: { report }, script: 'mail' });
const jobs = [orders, report, mail];

describe('the first example', () => {
  it('does what its comments say, in virtual time', async () => {
    const clock = new VirtualClock(Date.parse(NOON));
    const log = vi.fn();
    const shop = defineGroup('shop', {
      zone: 'Asia/Shanghai',
      defaults: { retry: { attempts: 3, delay: '1s' } },
    });
    const orders = defineJob('orders', {
      group: shop,
      schedule: '0 2 * * *', // 02:00 in Shanghai, every day
      run: async ({ slot, attempt, signal: _signal }) => {
        if (attempt === 1) throw new Error('the network blinked'); // tried again after 1 s
        return { day: slot.day, rows: 42 };
      },
    });
    const report = defineJob('report', {
      group: shop,
      after: { orders }, // runs once the orders of the same day are in
      run: ({ upstream }) => log(`${upstream.orders.value.rows} rows`),
    });
    const hera = createHera({ jobs: [orders, report], clock });
    await hera.start(); // from now on 02:00 comes by itself ...
    const graph = hera.runGraph('+report'); // ... or run the graph once, now
    await clock.advanceTo(clock.wallMs() + 999);
    expect(log).not.toHaveBeenCalled();
    await clock.advanceTo(clock.wallMs() + 1);
    expect((await graph).phase).toBe('succeeded');
    expect(log.mock.calls).toEqual([['42 rows']]);
    await clock.advanceTo(Date.parse('2026-11-25T02:00:01+08:00'));
    expect(log).toHaveBeenCalledTimes(2);
    await hera.stop();
    expect(clock.nextWakeAt).toBeNull();
    await expect(hera.closed).resolves.toBeUndefined();
  });
});

describe('a submission', () => {
  it('resolves once durable, and its result when every run has ended', async () => {
    const t = await start({ jobs });
    t.fate(mail, [{ ok: null, after: '5m' }]);
    const submission = await t.hera.submit('+mail', { key: 'k1' });
    expect(submission).toMatchObject({ key: 'k1', runs: ['orders@a:k1', 'report@a:k1', 'mail@a:k1'] });
    const result = submission.result();
    await t.advance('5m');
    expect(await result).toEqual({
      submission: 'k1',
      phase: 'succeeded',
      runs: [
        { run: 'orders@a:k1', phase: 'succeeded', reason: null, value: { rows: 42, region: 'all' } },
        { run: 'report@a:k1', phase: 'succeeded', reason: null, value: '42 rows' },
        { run: 'mail@a:k1', phase: 'succeeded', reason: null, value: null },
      ],
      blocked: [],
    });
    expect(await submission.result()).toEqual(await result);
  });

  it('of the same key is the same submission, also when it is over', async () => {
    const t = await start({ jobs });
    const first = await t.hera.submit('orders', { key: 'k1' });
    await first.result();
    await t.advance('1h');
    const second = await t.hera.submit('orders', { key: 'k1' });
    expect(second.runs).toEqual(first.runs);
    expect(await second.result()).toEqual(await first.result());
    await expect(t.hera.submit('report', { key: 'k1' })).rejects.toMatchObject({
      code: 'REQUEST_KEY_REUSED',
    });
  });

  it('hands parameters to those who declare them, in their types', async () => {
    const t = await start({ jobs });
    const result = await t.hera.runGraph('+report', { params: { rows: 7, region: 'eu' } });
    expect(result.runs.map(({ value }) => value)).toEqual([{ rows: 7, region: 'eu' }, '7 rows']);
    await expect(t.hera.runGraph('report', { params: { rows: 7 } })).rejects.toMatchObject({
      code: 'PARAMETER_INVALID',
      details: { parameter: 'rows', rule: 'declared' },
    });
  });

  it('is over when what is left can never start', async () => {
    const t = await start({ jobs });
    t.fate(orders, [{ fail: 3, after: '1m', failure: 'user' }]);
    const submission = await t.hera.submit('+mail', { key: 'k1' });
    const result = submission.result();
    await t.advance('1m');
    expect(await result).toMatchObject({
      phase: 'failed',
      runs: [{ run: 'orders@a:k1', phase: 'failed', reason: 'exit', value: null }],
      blocked: ['report@a:k1', 'mail@a:k1'],
    });
    t.fate(orders, [{ ok: { rows: 1, region: 'all' } }]);
    expect(await (await t.hera.resume('orders@a:k1')).result()).toMatchObject({ phase: 'succeeded' });
    await t.advance(1);
    expect(await submission.result()).toMatchObject({ phase: 'succeeded', blocked: [] });
  });

  it('takes any number at once', async () => {
    const t = await start({ jobs });
    const submissions = await Promise.all(Array.from({ length: 500 }, () => t.hera.submit('+report')));
    const results = await Promise.all(submissions.map((submission) => submission.result()));
    expect(new Set(submissions.map(({ key }) => key)).size).toBe(500);
    expect(results.every(({ phase }) => phase === 'succeeded')).toBe(true);
  });

  it.each([
    { select: '(orders', code: 'SELECTION_INVALID' },
    { select: 'nobody', code: 'SELECTION_EMPTY' },
  ])('of $select is refused', async ({ select, code }) => {
    const t = await start({ jobs });
    await expect(t.hera.submit(select)).rejects.toMatchObject({ code });
    await expect(t.hera.submit('orders', { at: '2026-11-24T12:00' })).rejects.toMatchObject({
      code: 'TIME_INVALID',
    });
  });
});

describe('single runs', () => {
  it('run now, beside everything else, and give their value', async () => {
    const t = await start({ jobs });
    const handle = await t.hera.run(orders, { params: { rows: 5 } });
    expect(await handle.result()).toEqual({
      run: handle.run,
      phase: 'succeeded',
      reason: null,
      value: { rows: 5, region: 'all' },
    });
    await t.advance(1);
    expect(t.runs(report)).toEqual([]);
  });

  it('can be canceled', async () => {
    const t = await start({ jobs });
    t.fate(orders, [{ hang: true }]);
    const { runs, result } = await t.hera
      .submit('orders')
      .then((s) => ({ runs: s.runs, result: s.result() }));
    await t.advance('1m');
    await t.hera.cancel(runs[0]!, { reason: 'not today' });
    expect((await result).phase).toBe('canceled');
  });

  it('can be forced, and downstream goes on', async () => {
    const t = await start({ jobs: [orders, report] });
    t.fate(orders, [{ fail: 1, failure: 'user' }]);
    t.fate(report, [{ ok: 'none' }]);
    await t.advanceTo('2026-11-25T02:01Z');
    const [run] = t.runs(orders);
    expect(run?.phase).toBe('failed');
    await t.hera.force(run!.id, { reason: 'the data is there' });
    await t.advance(1);
    expect(t.runs(report)).toMatchObject([{ phase: 'succeeded' }]);
  });

  it('of a disabled job do not come by themselves', async () => {
    const t = await start({ jobs });
    await t.hera.disable(orders);
    await t.advanceTo('2026-11-26T00:00Z');
    expect(t.runs(orders)).toEqual([]);
    await t.hera.enable('orders');
    await t.advanceTo('2026-11-27T00:00Z');
    expect(t.runs(orders).map(({ slot }) => slot.day)).toEqual(['2026-11-26']);
  });

  it('are read one by one, page by page, and before they exist', async () => {
    const t = await start({ jobs });
    await Promise.all(Array.from({ length: 250 }, () => t.hera.runGraph('orders')));
    const found: string[] = [];
    for await (const run of t.hera.runs({ job: 'orders' })) found.push(run.id);
    expect(new Set(found).size).toBe(250);
    expect((await t.hera.get(found[0]!))?.attemptList).toHaveLength(1);
    expect(await t.hera.get('orders@a:nobody')).toBeUndefined();
    expect(t.hera.upcoming(orders, 2).map(({ day }) => day)).toEqual(['2026-11-25', '2026-11-26']);
    expect(t.hera.counts().succeeded).toBeGreaterThan(0);
    await expect(t.hera.why('nobody')).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
  });
});

describe('plans', () => {
  it('run a chain again in order, once they are started', async () => {
    const t = await start({ jobs: [orders, report] });
    await t.advanceTo('2026-11-25T03:00Z');
    const [before] = t.runs(report);
    const plan = await t.hera.rerunChain(t.runs(orders)[0]!.id, { reason: 'late data' });
    expect(await plan.preview()).toEqual({
      total: 2,
      runs: ['orders@20261125T020000Z', 'report@20261125T020000Z'],
      dates: [{ date: '2026-11-25', count: 2 }],
      excluded: 0,
      estimate: { workMs: 0, spanMs: 0, unknown: 2 },
    });
    expect((await plan.view()).state).toBe('draft');
    await plan.start();
    expect(await plan.result()).toMatchObject({ state: 'succeeded', succeeded: 2, failed: 0 });
    await t.advance(1);
    expect(t.runs(report)[0]!.generation).toBe(before!.generation + 1);
  });

  it('fill the past, and name what failed there', async () => {
    const t = await start({ jobs: [orders] });
    t.fate(orders, [{ ok: { rows: 1, region: 'all' } }, { fail: 1, failure: 'user' }]);
    const plan = await t.hera.backfill(orders, {
      from: '2026-11-22T00:00Z',
      to: '2026-11-24T00:00Z',
      start: true,
    });
    const result = plan.result();
    await t.advance('1h');
    expect(await result).toMatchObject({ state: 'failed', succeeded: 1 });
    expect(await plan.failed()).toEqual(['orders@20261123T020000Z']);
  });
});

describe('definitions', () => {
  it('that are wrong keep the engine from starting, with every problem named', async () => {
    const wrong = defineJob('wrong', { schedule: '61 * * * *', after: { nobody: 'same' }, script: 'true' });
    const started = createTestHera({ at: NOON, jobs: [wrong] });
    await expect(started).rejects.toMatchObject({
      code: 'DEFINITION_INVALID',
      details: {
        problems: [
          expect.objectContaining({ path: 'jobs.wrong.schedule' }),
          expect.objectContaining({ path: 'jobs.wrong.after.nobody' }),
        ],
      },
    });
  });

  it('are applied whole, after a look at what would change', async () => {
    const t = await start({ jobs: [orders] });
    const more = {
      jobs: { weekly: { after: { orders: { allIn: 'week' } }, schedule: '0 5 * * 1', script: 'true' } },
    } as const;
    const changes = [{ kind: 'job', name: 'weekly', change: 'added' }];
    expect(await t.hera.diff(more)).toEqual({ changes });
    expect(await t.hera.apply(more, { source: 'files' })).toEqual({ changes });
    expect(await t.hera.diff(more)).toEqual({ changes: [] });
    await expect(
      t.hera.apply({ jobs: { x: { after: { y: 'same' }, script: 'true' } } }),
    ).rejects.toMatchObject({
      code: 'DEFINITION_INVALID',
    });
  });

  it('may wait for jobs that only the store knows', async () => {
    const store = createMemoryStore({ now: () => Date.parse(NOON) });
    const first = await createTestHera({ at: NOON, store, jobs: [orders] });
    await first.stop();
    const audit = defineJob('audit', { after: { orders: { latestSucceeded: true } }, script: 'true' });
    const second = await start({ store, jobs: [audit] });
    expect(second.hera.upcoming(audit, 1)).toMatchObject([{ day: '2026-11-25' }]);
    const typo = defineJob('typo', { after: { oders: 'same' }, script: 'true' });
    await second.stop();
    await expect(createTestHera({ at: NOON, store, jobs: [typo] })).rejects.toMatchObject({
      code: 'DEFINITION_INVALID',
      message: expect.stringContaining('orders') as string,
    });
  });

  it.each([
    { onMissing: 'keep', state: 'enabled' },
    { onMissing: 'retire', state: 'retired' },
  ] as const)('that the code no longer has: $onMissing', async ({ onMissing, state }) => {
    const store = createMemoryStore({ now: () => Date.parse(NOON) });
    const first = await createTestHera({ at: NOON, store, jobs: [orders, mailed] });
    await first.stop();
    const second = await start({ store, jobs: [orders], onMissing });
    const { jobs: known } = { jobs: await second.hera.diff({ jobs: {} }) };
    expect(known.changes).toEqual([]);
    expect(second.events.map(({ event }) => event)).toEqual(
      state === 'retired'
        ? expect.arrayContaining([
            expect.objectContaining({ type: 'job.changed', job: 'mailed', change: 'retired' }),
          ])
        : expect.not.arrayContaining([expect.objectContaining({ job: 'mailed' })]),
    );
  });
  const mailed = defineJob('mailed', { schedule: '0 3 * * *', script: 'mail' });
});

describe('listeners', () => {
  it('hear events after they are stored, until they have enough, and may throw', async () => {
    const log = vi.fn();
    const t = await start({ jobs, log: { log } });
    const heard: string[] = [];
    const end = t.hera.on('generation.phase', ({ run, phase }, { cursor }) => {
      heard.push(`${run} ${phase}`);
      expect(cursor.commitNo).toBeGreaterThan(0);
    });
    t.hera.on('run.created', () => {
      throw new Error('not my day');
    });
    t.hera.on('run.created', () => Promise.reject(new Error('nor mine')) as unknown as void);
    await t.hera.runGraph('orders', { key: 'k1' });
    expect(heard).toEqual(['orders@a:k1 running', 'orders@a:k1 succeeded']);
    expect(log.mock.calls.filter(([, message]) => message === 'a listener failed')).toHaveLength(2);
    end();
    end();
    await t.hera.runGraph('orders', { key: 'k2' });
    expect(heard).toHaveLength(2);
  });
});

describe('the end', () => {
  it('lets what runs come to its end, and stores it', async () => {
    const clock = new VirtualClock(Date.parse(NOON));
    const store = createMemoryStore({ now: () => clock.wallMs() });
    let finish: (value: string) => void = () => undefined;
    const slow = defineJob('slow', { run: () => new Promise<string>((resolve) => (finish = resolve)) });
    const hera = createHera({ jobs: [slow], store, clock });
    await hera.start();
    await hera.submit('slow', { key: 'k1' });
    await nextTurn();
    const stopped = hera.stop();
    await nextTurn();
    finish('done');
    await stopped;
    expect(await phaseOf(hera, 'slow@a:k1')).toBe('succeeded');
  });

  it('aborts what does not end in time, and rejects what is waited for', async () => {
    const clock = new VirtualClock(Date.parse(NOON));
    const aborted = vi.fn();
    const stuck = defineJob('stuck', {
      run: ({ signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            aborted();
            reject(new Error('aborted'));
          });
        }),
    });
    const other = defineJob('other', { after: { stuck }, script: 'true' });
    const hera = createHera({ jobs: [stuck, other], clock });
    await hera.start();
    const submission = await hera.submit('+other');
    await nextTurn();
    const waits = expect(submission.result()).rejects.toMatchObject({ code: 'STOPPED' });
    const stopped = hera.stop({ deadlineMs: 1_000 });
    await clock.advanceTo(clock.wallMs() + 1_000);
    await stopped;
    await hera.stop();
    await waits;
    expect(aborted).toHaveBeenCalledOnce();
    await expect(hera.submit('stuck')).rejects.toMatchObject({ code: 'STOPPED' });
  });

  it('comes with the block that declared the engine', async () => {
    let closed: Promise<void> | null = null;
    {
      await using hera = createHera({ jobs: [orders], clock: new VirtualClock(Date.parse(NOON)) });
      await hera.start();
      closed = hera.closed;
    }
    await expect(closed).resolves.toBeUndefined();
  });

  it('comes at once for an engine that was never started', async () => {
    const hera = createHera({ jobs });
    await hera.stop();
    await expect(hera.closed).resolves.toBeUndefined();
    await expect(hera.start()).rejects.toMatchObject({ code: 'STOPPED' });
  });

  it.each([-1, 1.5])('is not what %s slots mean', (slots) => {
    expect(() => createHera({ slots })).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
  });
});

async function phaseOf(hera: Hera, run: string): Promise<string | undefined> {
  return (await hera.get(run))?.phase;
}

describe('an engine whose store goes away', () => {
  /** An engine over a store that can be cut off. */
  async function engine() {
    const clock = new VirtualClock(Date.parse(NOON));
    const memory = createMemoryStore({ now: () => clock.wallMs() });
    const state = { isDown: false };
    const store = new Proxy(memory, {
      get(target, name: keyof Store) {
        const method = target[name] as (...args: unknown[]) => unknown;
        return (...args: unknown[]) =>
          state.isDown ? Promise.reject(new Error('connection refused')) : method.apply(target, args);
      },
    });
    let finish: (value: string) => void = () => undefined;
    const calls = vi.fn();
    const slow = defineJob('slow', {
      run: () => {
        calls();
        return new Promise<string>((resolve) => (finish = resolve));
      },
    });
    const after = defineJob('after', {
      after: { slow },
      run: ({ upstream }) => `after ${upstream.slow.value}`,
    });
    const hera = createHera({ jobs: [slow, after], store, clock, leaseMs: 10_000 });
    await hera.start();
    const pass = (ms: number) => clock.advanceTo(clock.wallMs() + ms);
    return { memory, clock, hera, pass, state, calls, finish: (value: string) => finish(value) };
  }

  it('refuses what it cannot do, leads again, and doubles nothing', async () => {
    const { hera, pass, state, calls, finish } = await engine();
    const submission = await hera.submit('+after', { key: 'k1' });
    const result = submission.result();
    await nextTurn();
    state.isDown = true;
    await pass(15_000);
    await expect(hera.submit('slow')).rejects.toMatchObject({ code: 'NOT_LEADING' });
    finish('all');
    await pass(1_000);
    state.isDown = false;
    await pass(20_000);
    expect(await result).toMatchObject({
      phase: 'succeeded',
      runs: [{ value: 'all' }, { value: 'after all' }],
    });
    expect(calls).toHaveBeenCalledOnce();
    await hera.stop({ deadlineMs: 0 });
  });

  it('leaves its runs to the next process, which knows that their attempts are gone', async () => {
    const { memory, clock, hera, pass, state } = await engine();
    await hera.submit('slow', { key: 'k1' });
    await nextTurn();
    state.isDown = true;
    await pass(30_000);
    const slow = defineJob('slow', { run: () => 'by the next' });
    const next = createHera({ jobs: [slow], store: memory, clock, leaseMs: 10_000 });
    await next.start();
    await pass(60_000);
    const run = await next.get('slow@a:k1');
    expect(run).toMatchObject({ phase: 'succeeded', attempts: 2 });
    expect(run?.attemptList.map(({ state: end }) => end)).toEqual(['lost', 'succeeded']);
    await next.stop();
    const stopped = hera.stop({ deadlineMs: 0 });
    await pass(60_000);
    await stopped;
  });

  it('ends all the same', async () => {
    const { hera, pass, state } = await engine();
    const submission = await hera.submit('slow');
    const result = expect(submission.result()).rejects.toMatchObject({ code: 'STOPPED' });
    state.isDown = true;
    await pass(15_000);
    const stopped = hera.stop();
    await pass(60_000);
    await stopped;
    await result;
  });
});
