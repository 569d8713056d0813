/** Gates: checks, events and approvals, together with time and upstreams, over failovers and edits. */
import { describe, expect, test } from 'vitest';
import { explain } from '../../src/kernel/index.js';
import { isSchedulerError } from '../../src/model/errors.js';
import type { GateDefinition } from '../../src/model/gate.js';
import type { JobDefinition } from '../../src/model/job.js';
import { Drive } from './drive.js';
import type { DriveOptions } from './drive.js';
import { snapshot } from './snapshot.js';

const A = 'a@20260302T020000Z';
const AT = '2026-03-02T02:00:00Z';
const daily = '0 2 * * *';
const no = { state: 'failed', exitCode: 1, failure: 'unknown' } as const;

function gated(
  gates: Record<string, GateDefinition>,
  more: JobDefinition = {},
  options: DriveOptions = {},
): Drive {
  const drive = new Drive(options);
  drive.apply({ jobs: { a: { schedule: daily, gates, ...more } } });
  drive.until(AT);
  return drive;
}
const codes = (drive: Drive, run = A) => explain(drive.state, run).map(({ code }) => code);
const alarms = (drive: Drive) =>
  drive.effects.flatMap(({ events }) => events.flatMap((e) => (e.type === 'alarm' ? [e.code] : [])));
const approve = (drive: Drive, options: { gate?: string; actor?: string; run?: string } = {}) =>
  drive.request(
    { type: 'run.approve', run: options.run ?? A, gate: options.gate ?? null, reason: 'seen' },
    { actor: options.actor ?? 'li' },
  );
const post = (drive: Drive, name: string, facts: { instant?: string; businessDate?: string } = {}) =>
  drive.request({
    type: 'event.post',
    name,
    instant: facts.instant === undefined ? null : (Date.parse(facts.instant) as never),
    businessDate: facts.businessDate ?? null,
    payload: '{"rows":1}',
    keepMs: 3 * 86_400_000,
  });
const refusal = (ask: () => unknown) => {
  try {
    ask();
  } catch (error) {
    return isSchedulerError(error) ? error.code : String(error);
  }
  return 'granted';
};

describe('a check', () => {
  const landed = { command: 'test -e /x', every: '10m' } as const;

  test('is asked at the slot, again after a while, and opens by its answer', () => {
    const drive = gated({ landed });
    expect(drive.ordered).toEqual([`${A}/landed.1.1`]);
    expect(codes(drive)).toEqual(['GATE_CHECK']);
    drive.end(`${A}/landed.1.1`, no);
    expect(explain(drive.state, A)).toMatchObject([
      {
        until: Date.parse('2026-03-02T02:10:00Z'),
        details: { gate: 'landed', asks: 1, answer: 'no: exit 1' },
      },
    ]);
    drive.until('2026-03-02T02:10:00Z');
    expect(drive.ordered).toEqual([`${A}/landed.1.2`]);
    drive.end(`${A}/landed.1.2`);
    expect(drive.ordered).toEqual([`${A}/1`]);
    drive.end('a');
    expect(drive.phase(A)).toBe('succeeded');
    expect(drive.row('gate', [1, 't:20260302T020000Z', '', 'landed'])).toMatchObject({ state: 'open' });
  });

  test('holds no slot of a worker', () => {
    const drive = gated({ landed }, {}, { slots: 1 });
    drive.apply({ jobs: { b: { schedule: '5 2 * * *' } } });
    drive.until('2026-03-02T02:05:00Z');
    expect(drive.ordered).toContain('b@20260302T020500Z/1');
  });

  test('goes on under a new leader, by what is stored', () => {
    const drive = gated({ landed, word: { approval: true } });
    approve(drive);
    drive.end(`${A}/landed.1.1`, no);
    drive.until('2026-03-02T02:10:00Z');
    const before = snapshot(drive.state);
    drive.failover();
    expect(snapshot(drive.state)).toEqual(before);
    drive.join('w1', 1, [{ attempt: `${A}/landed.1.2`, state: 'running', startedAt: drive.now }]);
    // Nobody waits for that answer any more.
    expect(drive.killed).toEqual([`${A}/landed.1.2`]);
    for (let s = 10; s <= 120; s += 10)
      drive.until(new Date(Date.parse('2026-03-02T02:10:00Z') + s * 1_000).toISOString());
    expect(drive.ordered.at(-1)).toBe(`${A}/landed.1.3`);
    drive.end(`${A}/landed.1.3`);
    expect(drive.ordered).toContain(`${A}/1`);
  });

  test('whose answer does not come is asked again', () => {
    const drive = gated({ landed: { ...landed, timeout: '10s' } });
    drive.until('2026-03-02T02:00:40Z');
    expect([drive.killed, drive.ordered.at(-1)]).toEqual([[`${A}/landed.1.1`], `${A}/landed.1.2`]);
  });

  test('that no worker can ask says so', () => {
    const drive = gated({ landed }, { pool: 'nowhere' });
    expect(explain(drive.state, A)).toMatchObject([
      { code: 'GATE_CHECK', details: { answer: 'no worker of pool nowhere can be asked' } },
    ]);
  });

  test.each([
    ['wait', 'waiting', ['GATE_LATE']],
    ['fail', 'failed gateTimeout', []],
    ['skip', 'skipped gateTimeout', []],
    ['proceed', 'running', []],
  ] as const)('at its deadline: %s', (onDeadline, phase, told) => {
    const drive = gated({ landed: { ...landed, every: '1h', deadline: '30m', onDeadline } });
    drive.end(`${A}/landed.1.1`, no);
    drive.until('2026-03-02T02:29:00Z');
    expect(drive.phase(A)).toBe('waiting');
    drive.failover();
    drive.join('w1');
    drive.until('2026-03-02T02:50:00Z');
    expect(drive.phase(A)).toBe(phase);
    drive.failover();
    drive.join('w1');
    expect(alarms(drive)).toEqual(told);
  });

  test('opens with its time, its upstreams and the other gates together', () => {
    const drive = new Drive();
    const gates = { landed, word: { approval: true }, sent: { event: 'sent' } } as const;
    drive.apply({ jobs: { up: { schedule: daily }, a: { schedule: daily, after: { up: {} }, gates } } });
    drive.until(AT);
    expect(codes(drive)).toEqual(['GATE_CHECK', 'GATE_APPROVAL', 'GATE_EVENT', 'UPSTREAM_RUNNING']);
    drive.end(`${A}/landed.1.1`);
    approve(drive);
    post(drive, 'sent');
    expect(codes(drive)).toEqual(['UPSTREAM_RUNNING']);
    drive.end('up');
    expect(codes(drive)).toEqual([]);
  });

  test('of an edit: a gate that stays keeps its answer, others are new or gone', () => {
    const drive = gated({ landed, word: { approval: true } });
    drive.end(`${A}/landed.1.1`);
    drive.apply({ jobs: { a: { schedule: daily, gates: { landed, sent: { event: 'sent' } } } } });
    expect(codes(drive)).toEqual(['GATE_EVENT']);
    const before = snapshot(drive.state);
    drive.failover();
    expect(snapshot(drive.state)).toEqual(before);
    drive.apply({ jobs: { a: { schedule: daily } } });
    drive.join('w1');
    expect(drive.phase(A)).toBe('running');
  });

  test('is not asked of a run that is resumed', () => {
    const drive = gated({ landed });
    drive.request({ type: 'run.resume', run: A, revision: 'newest', params: {} });
    expect(drive.ordered).toContain(`${A}/1`);
  });

  test('a function answers by what it returns', () => {
    const drive = gated(
      { ready: { function: true } },
      {},
      {
        profile: { kinds: ['shell', 'function'], functions: ['a/ready'] },
      },
    );
    drive.end(`${A}/ready.1.1`, { state: 'succeeded', exitCode: 0, result: 'false' });
    expect(codes(drive)).toEqual(['GATE_CHECK']);
    drive.until('2026-03-02T02:05:00Z');
    drive.end(`${A}/ready.1.2`, { state: 'succeeded', exitCode: 0, result: 'true' });
    expect(codes(drive)).toEqual([]);
  });
});

describe('an approval', () => {
  test('is given by those who may, once', () => {
    const drive = gated({ word: { approval: ['wang'] } });
    expect(codes(drive)).toEqual(['GATE_APPROVAL']);
    expect(refusal(() => approve(drive, { actor: 'li' }))).toBe('STATE_CONFLICT');
    expect(refusal(() => approve(drive, { gate: 'other', actor: 'wang' }))).toBe('STATE_CONFLICT');
    expect(approve(drive, { actor: 'wang' })).toEqual({ run: A, gates: ['word'] });
    expect(refusal(() => approve(drive, { actor: 'wang' }))).toBe('STATE_CONFLICT');
    expect(drive.phase(A)).toBe('running');
  });
});

describe('an event', () => {
  const gates = { sent: { event: 'sent' } } as const;
  test.each([
    ['for the slot', { instant: AT }, true],
    ['for another slot', { instant: '2026-03-03T02:00:00Z' }, false],
    ['for the business date', { businessDate: '2026-03-01' }, true],
    ['for another business date', { businessDate: '2026-03-02' }, false],
    ['for nothing by name', {}, true],
  ] as const)('%s, posted before the run is there', (_, facts, opens) => {
    const drive = new Drive();
    drive.apply({ jobs: { a: { schedule: daily, gates } } });
    post(drive, 'sent', facts);
    drive.failover();
    drive.join('w1');
    drive.until(AT);
    expect(codes(drive)).toEqual(opens ? [] : ['GATE_EVENT']);
  });

  test('opens what waits for it, and is forgotten when its days are over', () => {
    const drive = gated(gates);
    expect(post(drive, 'other')).toEqual({ runs: [] });
    expect(post(drive, 'sent')).toEqual({ runs: [A] });
    expect(drive.all('posted_event')).toHaveLength(2);
    drive.until('2026-03-05T04:00:00Z');
    expect([drive.all('posted_event'), drive.state.postedEvents.size]).toEqual([[], 0]);
  });
});

describe('the queue', () => {
  test.each([
    ['alarm', 'queued'],
    ['fail', 'failed queueTimeout'],
  ] as const)('too long: %s, told once', (onQueueTimeout, phase) => {
    const drive = gated({}, { queueTimeout: '20m', onQueueTimeout }, { workers: [] });
    drive.until('2026-03-02T02:10:00Z');
    drive.failover();
    drive.until('2026-03-02T02:20:00Z');
    drive.failover();
    drive.until('2026-03-02T03:00:00Z');
    expect([drive.phase(A), alarms(drive)]).toEqual([phase, ['QUEUE_TIMEOUT']]);
  });
});

test('jitter spreads starts after the slot, each job at its own place, over a failover too', () => {
  const drive = new Drive();
  const schedule = { cron: daily, jitter: '10m' } as const;
  drive.apply({ jobs: { a: { schedule }, b: { schedule } } });
  drive.until(AT);
  const [a, b] = ['a', 'b'].map((job) => explain(drive.state, `${job}@20260302T020000Z`)[0]?.until ?? 0);
  expect(a).not.toBe(b);
  expect(Math.min(a ?? 0, b ?? 0)).toBeGreaterThan(Date.parse(AT));
  drive.failover();
  drive.join('w1');
  drive.until(new Date((a ?? 0) - 1).toISOString());
  expect(drive.phase(A)).toBe('waiting');
  drive.until(new Date(a ?? 0).toISOString());
  expect(drive.phase(A)).toBe('running');
  expect(a).toBeLessThan(Date.parse(AT) + 600_000);
});
