/** Workers that fail what others can do: slowed down, taken out, probed, let back in. */
import { describe, expect, test } from 'vitest';
import type { JobDefinition } from '../../src/model/job.js';
import type { AttemptOutcome } from '../../src/model/run.js';
import { Drive, failed } from './drive.js';
import type { DriveOptions } from './drive.js';

const TEN = Array.from({ length: 10 }, (_, i) => `w${i + 1}`);
const HOST = failed('host');

/** Many jobs that are due at 02:00, on some workers. */
function night(jobs: number, options: DriveOptions, job: JobDefinition = {}): Drive {
  const drive = new Drive({ workers: TEN, slots: 2, ...options });
  const names = Array.from({ length: jobs }, (_, i) => `j${String(i + 1).padStart(2, '0')}`);
  drive.apply({
    jobs: Object.fromEntries(names.map((name) => [name, { schedule: '0 2 * * *', ...job }])),
  });
  drive.until('2026-03-02T02:00:00Z');
  return drive;
}

const pass = (drive: Drive, ms: number) => drive.until(new Date(drive.now + ms).toISOString());
const on = (drive: Drive, worker: string) => [...(drive.state.workers.get(worker)?.attempts ?? [])];
const isOut = (drive: Drive, worker: string) =>
  (drive.state.workers.get(worker)?.quarantine ?? null) !== null;
const alarms = (drive: Drive) =>
  drive.effects
    .flatMap(({ events }) => events)
    .flatMap((event) => (event.type === 'alarm' ? [`${event.code} ${event.subject}`] : []));
const probes = (drive: Drive) =>
  drive.effects
    .flatMap(({ commands }) => commands)
    .flatMap((command) => (command.type === 'worker.probe' ? [command.probe] : []));
const answer = (drive: Drive, epoch: number, faults: readonly string[] = []) =>
  drive.say('w1', { type: 'probed', epoch, session: 1, probe: probes(drive).at(-1) ?? 0, faults });

/** Ends what runs until nothing is left: on `bad` after 2 s with that outcome, elsewhere well after a minute. */
function playOut(drive: Drive, bad: string, outcome: AttemptOutcome): Set<string> {
  const seen = new Set<string>();
  for (let round = 0; round < 400 && drive.state.attempts.size > 0; round++) {
    pass(drive, 2_000);
    const due = [...drive.state.attempts.values()].filter(
      (live) => live.worker.name === bad || drive.now - live.claimedAt >= 60_000,
    );
    for (const live of due) {
      if (live.worker.name === bad) seen.add(live.id.split('@')[0] ?? '');
      drive.end(live.id, live.worker.name === bad ? outcome : undefined);
    }
  }
  return seen;
}

describe('a worker that fails everything in two seconds, among ten', () => {
  test('is taken out before a fourth job sees it, and no run fails for it', () => {
    const drive = night(100, {});
    const seen = playOut(drive, 'w1', HOST);
    expect(seen.size).toBeLessThanOrEqual(3);
    expect(isOut(drive, 'w1')).toBe(true);
    expect(alarms(drive)).toEqual(['WORKER_QUARANTINED w1']);
    expect(drive.all('run').every(({ value }) => value['phase'] === 'succeeded')).toBe(true);
  });

  test('also when nothing names the host: others do well, and it has failed five of several jobs', () => {
    const drive = night(100, { slots: 1 }, { retry: { attempts: 2 } });
    const seen = playOut(drive, 'w1', failed('unknown'));
    expect(seen.size).toBeLessThanOrEqual(6);
    expect(isOut(drive, 'w1')).toBe(true);
    expect(drive.all('run').every(({ value }) => value['phase'] === 'succeeded')).toBe(true);
  });

  test('after its first failure it gets one attempt at a time', () => {
    const drive = night(200, { slots: 8 });
    expect(on(drive, 'w1')).toHaveLength(8);
    drive.end(on(drive, 'w1')[0]?.id ?? '', HOST);
    expect(on(drive, 'w1')).toHaveLength(7);
    for (const live of on(drive, 'w1').slice(1)) drive.end(live.id, undefined);
    // The first success says that it is well again.
    expect(on(drive, 'w1').length).toBeGreaterThan(1);
  });
});

describe('who is not to blame', () => {
  test('one broken job, however often it fails', () => {
    const drive = night(1, { workers: TEN.slice(0, 3) }, { retry: { attempts: 30 } });
    for (let i = 0; i < 30; i++) drive.end('j01', failed('unknown'));
    expect(TEN.slice(0, 3).filter((name) => isOut(drive, name))).toEqual([]);
  });

  test('a worker of many when all fail alike', () => {
    const drive = night(60, {}, { retry: { attempts: 1 } });
    while (drive.ordered.length > 0) drive.end(drive.ordered[0] ?? '', failed('outside'));
    expect(TEN.filter((name) => isOut(drive, name))).toEqual([]);
  });

  test('a worker whose lease ended under its attempts', () => {
    const drive = night(60, {});
    for (const live of on(drive, 'w1')) drive.end(live.id, { ...HOST, pattern: 'lease' });
    expect(drive.state.workers.get('w1')?.health.hostFailures).toEqual([]);
  });

  test.each([1, 2])('the only ones there are: a pool of %d keeps them all', (count) => {
    const drive = night(20, { workers: TEN.slice(0, count) });
    for (let i = 0; i < 12; i++) drive.end(drive.ordered[0] ?? '', HOST);
    expect(TEN.filter((name) => isOut(drive, name))).toEqual([]);
  });
});

test('never more than a third of a pool is out', () => {
  const drive = night(200, { workers: TEN.slice(0, 7), slots: 1 });
  for (let i = 0; i < 60 && drive.ordered.length > 0; i++) drive.end(drive.ordered[0] ?? '', HOST);
  expect(TEN.filter((name) => isOut(drive, name))).toHaveLength(2);
  expect(alarms(drive).filter((alarm) => alarm.startsWith('WORKER_FAILING')).length).toBeGreaterThan(0);
});

describe('the way back', () => {
  function out(): Drive {
    const drive = night(100, {});
    playOut(drive, 'w1', HOST);
    return drive;
  }

  test('a probe every five minutes; a bad one keeps it, a good one lets it back', () => {
    const drive = out();
    const before = probes(drive).length;
    pass(drive, 300_000);
    expect(probes(drive).length).toBe(before + 1);
    answer(drive, 1, ['/var/hera: no space']);
    expect(drive.state.workers.get('w1')?.quarantine?.message).toBe('/var/hera: no space');
    pass(drive, 300_000);
    answer(drive, 1);
    expect(isOut(drive, 'w1')).toBe(false);
  });

  test('it survives a new leader, and the answer to an old probe means nothing', () => {
    const drive = out();
    pass(drive, 300_000);
    const old = probes(drive).at(-1) ?? 0;
    drive.failover();
    expect(isOut(drive, 'w1')).toBe(true);
    for (const name of TEN) drive.join(name);
    pass(drive, 300_000);
    drive.say('w1', { type: 'probed', epoch: 2, session: 1, probe: old, faults: [] });
    expect(isOut(drive, 'w1')).toBe(true);
    answer(drive, 2);
    expect(isOut(drive, 'w1')).toBe(false);
  });

  test('one that comes back bad needs one good probe more each time', () => {
    const drive = out();
    pass(drive, 300_000);
    answer(drive, 1);
    drive.until('2026-03-03T02:00:00Z');
    drive.until('2026-03-03T02:00:01Z');
    playOut(drive, 'w1', HOST);
    pass(drive, 300_000);
    answer(drive, 1);
    expect(drive.state.workers.get('w1')?.quarantine?.good).toBe(1);
    answer(drive, 1);
    expect(isOut(drive, 'w1')).toBe(true);
    pass(drive, 300_000);
    answer(drive, 1);
    expect(isOut(drive, 'w1')).toBe(false);
  });

  test('a person releases it, once', () => {
    const drive = out();
    drive.request({ type: 'worker.release', worker: 'w1' });
    expect(isOut(drive, 'w1')).toBe(false);
    const again = drive.ask({ type: 'worker.release', worker: 'w1' });
    expect(again).toMatchObject({ ok: false, error: { code: 'STATE_CONFLICT' } });
  });
});

test('a worker that only succeeds is never written for its health', () => {
  const drive = night(100, {});
  const before = drive.all('worker').map(({ value }) => value['health'] ?? null);
  drive.endAll();
  expect(drive.all('worker').map(({ value }) => value['health'] ?? null)).toEqual(before);
  expect(new Set(before)).toEqual(new Set([null]));
});
