/** Sessions, epochs, pulses and loss: what the scheduler makes of what it hears of its workers, and of silence. */
import { describe, expect, test } from 'vitest';
import { explain } from '../../src/kernel/index.js';
import type { JobDefinition } from '../../src/model/job.js';
import type { AttemptOutcome } from '../../src/model/run.js';
import type { JournalEntry } from '../../src/protocol/messages.js';
import { Drive } from './drive.js';
import type { DriveOptions } from './drive.js';

const ID = 'a@20260302T020000Z/1';
const A = 'a@20260302T020000Z';

function running(a: JobDefinition = {}, options: DriveOptions = {}): Drive {
  const drive = new Drive(options);
  drive.apply({ jobs: { a: { schedule: '0 2 * * *', ...a } } });
  drive.until('2026-03-02T01:59:59Z');
  drive.until('2026-03-02T02:00:00Z', { silent: true });
  return drive;
}
const ended = (outcome: AttemptOutcome = { state: 'succeeded', exitCode: 0 }): JournalEntry => ({
  attempt: ID,
  state: 'ended',
  startedAt: 1,
  endedAt: 2,
  outcome,
});
const runs: JournalEntry = { attempt: ID, state: 'running', startedAt: 1 };
const attempt = (drive: Drive, n = 1) => drive.row('attempt', [1, 't:20260302T020000Z', '', n]);
const commands = (drive: Drive, type: string) =>
  drive.effects.at(-1)?.commands.filter((command) => command.type === type) ?? [];
const alarms = (drive: Drive) =>
  drive.effects
    .flatMap(({ events }) => events)
    .flatMap((event) => (event.type === 'alarm' ? [event.code] : []));
const orders = (drive: Drive) =>
  drive.effects.flatMap((effects) => effects.commands).filter(({ type }) => type === 'attempt.exec').length;

describe('loss of a worker', () => {
  test.each([
    ['rerun', 28, 'running', 'dispatched', 0],
    ['rerun', 31, 'queued', 'lost', 0],
    ['fence', 603, 'running', 'dispatched', 0],
    ['fence', 606, 'queued', 'lost', 1],
    ['hold', 606, 'running', 'unknown', 2],
    ['hold', 86_400, 'running', 'unknown', 2],
  ] as const)(
    '%s after %s s of silence: the run is %s, the attempt %s',
    (onWorkerLost, seconds, phase, state, count) => {
      const drive = running({ onWorkerLost, schedule: '0 2 2 3 *' });
      drive.until(new Date(drive.now + seconds * 1000).toISOString(), { silent: true });
      expect([drive.phase(A), attempt(drive)?.['state']]).toEqual([phase, state]);
      expect(alarms(drive)).toHaveLength(count);
    },
  );

  test('what is lost does not count as a try', () => {
    const drive = running({ onWorkerLost: 'rerun' });
    drive.until('2026-03-02T02:01:00Z', { silent: true });
    expect(drive.row('generation', [1, 't:20260302T020000Z', '', 1])?.['tries']).toBe(0);
  });

  test('unknown: the worker returns with it, and it goes on', () => {
    const drive = running({ onWorkerLost: 'hold' });
    drive.until('2026-03-02T02:30:00Z', { silent: true });
    drive.join('w1', 1, [runs]);
    expect(attempt(drive)?.['state']).toBe('running');
    drive.end('a');
    expect(drive.phase(A)).toBe('succeeded');
  });

  test('unknown: the worker returns without it under a newer session: it is gone, and tried again', () => {
    const drive = running({ onWorkerLost: 'hold' });
    drive.until('2026-03-02T02:30:00Z', { silent: true });
    drive.join('w1', 2);
    expect([attempt(drive)?.['state'], drive.phase(A)]).toEqual(['lost', 'running']);
    expect(drive.ordered).toContain('a@20260302T020000Z/2');
  });

  test.each([
    ['dead', 'queued'],
    ['succeeded', 'succeeded'],
    ['failed', 'failed exit'],
  ] as const)('unknown: a person says that it is %s', (as, phase) => {
    const drive = running({ onWorkerLost: 'hold' });
    drive.until('2026-03-02T02:30:00Z', { silent: true });
    drive.request({ type: 'attempt.resolve', attempt: ID, as, reason: 'r' });
    expect(drive.phase(A)).toBe(phase);
  });

  test('an attempt of which something is known cannot be resolved', () => {
    const drive = running();
    const asked = { type: 'attempt.resolve', attempt: ID, as: 'dead', reason: 'r' } as const;
    expect(drive.ask(asked)).toMatchObject({ ok: false, error: { code: 'STATE_CONFLICT' } });
  });

  test('a cancel of an unknown attempt ends the run when it is known to be dead', () => {
    const drive = running({ onWorkerLost: 'hold' });
    drive.until('2026-03-02T02:30:00Z', { silent: true });
    drive.request({ type: 'run.cancel', run: A, reason: 'r' });
    drive.failover();
    drive.join('w1', 2);
    expect(drive.phase(A)).toBe('canceled canceled');
  });

  test('under a new leader the silence of a drained worker counts from its election', () => {
    const drive = running({ onWorkerLost: 'fence' });
    drive.request({ type: 'worker.drain', worker: 'w1', draining: true });
    drive.failover();
    drive.until('2026-03-02T02:10:00Z', { silent: true });
    expect(attempt(drive)?.['state']).toBe('dispatched');
  });

  test('what a deleted job left running keeps its policy under a new leader', () => {
    const drive = running({ onWorkerLost: 'hold', pool: 'etl' });
    drive.request({ type: 'job.delete', job: 'a' });
    drive.failover();
    expect(drive.state.attempts.get(ID)?.pool.name).toBe('etl');
    drive.until('2026-03-02T02:30:00Z', { silent: true });
    expect(attempt(drive)?.['state']).toBe('unknown');
  });
});

describe('sessions', () => {
  test('a newer session that does not list an attempt: it is lost at once', () => {
    const drive = running();
    drive.join('w1', 2);
    expect(attempt(drive)?.['state']).toBe('lost');
  });

  test('a newer session that lists it: it runs on', () => {
    const drive = running();
    drive.join('w1', 2, [runs]);
    expect([attempt(drive)?.['state'], drive.phase(A)]).toEqual(['running', 'running']);
  });

  test('the same session that does not list it: the order was lost, and is sent again after a while', () => {
    const drive = running();
    drive.pulse('w1');
    expect(orders(drive)).toBe(1);
    drive.until('2026-03-02T02:00:06Z', { silent: true });
    drive.pulse('w1');
    expect([orders(drive), drive.phase(A)]).toEqual([2, 'running']);
  });

  test('an older session is not heard', () => {
    const drive = running();
    drive.join('w1', 2, [runs]);
    drive.say('w1', { type: 'report', epoch: 1, session: 1, entries: [ended()] });
    expect(drive.phase(A)).toBe('running');
  });

  test('nothing is sent to a worker before its list has come', () => {
    const drive = running({}, { workers: [] });
    const profile = {
      worker: 'w9',
      boot: 'b',
      slots: 1,
      pools: ['default'],
      labels: {},
      kinds: ['shell'],
      functions: [],
      enrolled: false,
      pid: 1,
      version: '0',
    };
    drive.say('w9', { type: 'hello', v: 1, session: 1, epoch: 0, profile });
    expect([drive.phase(A), orders(drive)]).toEqual(['queued', 0]);
    drive.pulse('w9');
    expect(drive.phase(A)).toBe('running');
  });

  test('a worker that the leader does not know is asked to say hello', () => {
    const drive = running();
    drive.pulse('stranger');
    expect(commands(drive, 'worker.welcome')).toEqual([{ type: 'worker.welcome', worker: 'stranger' }]);
  });

  test('a message of another epoch changes nothing, and its sender is told who leads', () => {
    const drive = running();
    drive.say('w1', { type: 'report', epoch: 7, session: 1, entries: [ended()] });
    expect(drive.phase(A)).toBe('running');
    expect(commands(drive, 'worker.welcome')).toHaveLength(1);
  });

  test('a worker that has obeyed a higher epoch: the store went back in time', () => {
    const drive = running();
    const profile = drive.state.workers.get('w1')?.profile;
    if (profile) drive.say('w1', { type: 'hello', v: 1, session: 1, epoch: 9, profile });
    expect(alarms(drive)).toEqual(['STORE_REGRESSED']);
  });
});

describe('pulses and reports', () => {
  test('one that was overtaken is acknowledged and says nothing', () => {
    const drive = running();
    const pulse = (seq: number, journal: readonly JournalEntry[]) =>
      drive.say('w1', {
        type: 'pulse',
        epoch: 1,
        session: 1,
        seq,
        draining: false,
        load: { memoryShare: 0, loadPerCore: 0, memoryFreeBytes: 0 },
        journal,
      });
    pulse(900, [runs]);
    pulse(800, [ended()]);
    expect(commands(drive, 'worker.ack')).toMatchObject([{ seq: 800 }]);
    expect(drive.phase(A)).toBe('running');
  });

  test('a result that is repeated is stored once and let go each time', () => {
    const drive = running();
    for (let n = 0; n < 2; n++) {
      drive.say('w1', { type: 'report', epoch: 1, session: 1, entries: [ended()] });
      expect(commands(drive, 'attempt.fin')).toHaveLength(1);
    }
    expect(drive.phase(A)).toBe('succeeded');
    const ends = drive.effects
      .flatMap(({ events }) => events)
      .filter((event) => event.type === 'attempt.state');
    expect(ends.filter((event) => event.state === 'succeeded')).toHaveLength(1);
  });

  test('a late result of an attempt that was given up has no effect', () => {
    const drive = running({ onWorkerLost: 'rerun' }, { workers: ['w1', 'w2'] });
    const first = String(attempt(drive)?.['worker']);
    const other = first === 'w1' ? 'w2' : 'w1';
    drive.post({ type: 'worker.disconnected', at: drive.state.now, worker: first });
    drive.until('2026-03-02T02:00:20Z');
    drive.pulse(other);
    drive.until('2026-03-02T02:00:40Z');
    drive.pulse(other);
    expect(attempt(drive, 2)?.['worker']).toBe(other);
    drive.join(first, 1, [ended()]);
    expect(drive.phase(A)).toBe('running');
    expect(commands(drive, 'attempt.fin')).toHaveLength(1);
  });

  test('an attempt that nobody wants is killed', () => {
    const drive = running();
    drive.pulse('w1', 1, [runs, { attempt: 'ghost@20260101T000000Z/1', state: 'running', startedAt: 1 }]);
    expect(drive.killed).toEqual(['ghost@20260101T000000Z/1']);
  });

  test('processes that are left after a kill: an alarm', () => {
    const drive = running();
    drive.request({ type: 'run.cancel', run: A, reason: 'r' });
    drive.end('a', { state: 'canceled', exitCode: null, killComplete: false, message: 'pid 7' });
    expect(alarms(drive)).toEqual(['KILL_INCOMPLETE']);
  });

  test('the order of an attempt that was to die before it started is refused by a repeated kill', () => {
    const drive = running();
    drive.request({ type: 'run.cancel', run: A, reason: 'r' });
    drive.pulse('w1');
    expect(drive.killed).toEqual([ID, ID]);
  });
});

test('a worker that says goodbye takes nothing new, and its attempts end by its lease', () => {
  const drive = running({ onWorkerLost: 'fence' });
  drive.say('w1', { type: 'bye', session: 1 });
  drive.until('2026-03-02T02:09:00Z', { silent: true });
  expect(drive.phase(A)).toBe('running');
  drive.until('2026-03-02T02:11:00Z', { silent: true });
  expect(drive.phase(A)).toBe('queued');
  expect(explain(drive.state, A).map(({ code }) => code)).toEqual(['POOL_NO_WORKER']);
});
