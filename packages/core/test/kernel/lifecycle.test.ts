/** Generations and attempts: retries, cancels, resumes, what people may ask for and when it is refused. */
import { describe, expect, test } from 'vitest';
import { explain, selectJobs } from '../../src/kernel/index.js';
import { instant } from '../../src/model/ids.js';
import type { JobDefinition } from '../../src/model/job.js';
import type { Request } from '../../src/kernel/index.js';
import { Drive, failed } from './drive.js';
import type { DriveOptions } from './drive.js';

const A = 'a@20260302T020000Z';
const daily = '0 2 * * *';
const AT = '2026-03-02T02:00:00Z';

function running(a: JobDefinition = {}, options: DriveOptions = {}): Drive {
  const drive = new Drive(options);
  drive.apply({ jobs: { a: { schedule: daily, ...a } } });
  drive.until(AT);
  return drive;
}

const codes = (drive: Drive, run = A) => explain(drive.state, run).map(({ code }) => code);
const resume = (run = A): Request => ({ type: 'run.resume', run, revision: 'newest', params: {} });
const cancel = (run = A): Request => ({ type: 'run.cancel', run, reason: 'r' });
const dead = { state: 'canceled', exitCode: null } as const;

describe('retry', () => {
  const delays = (retry: JobDefinition['retry'], options: DriveOptions = {}) => {
    const drive = running({ retry: retry ?? {} }, options);
    const found: number[] = [];
    for (let n = 0; n < 8 && drive.ordered.length > 0; n++) {
      drive.end('a', failed('outside'));
      const retryAt = drive.row('generation', [1, 't:20260302T020000Z', '', 1])?.['retryAt'];
      if (!drive.phase(A).startsWith('backoff')) break;
      found.push((Number(retryAt) - drive.now) / 60_000);
      drive.until(new Date(Number(retryAt)).toISOString());
    }
    return found;
  };
  test.each([
    ['none by default', {}, []],
    ['fixed', { attempts: 3, delay: '5m' }, [5, 5]],
    ['exponential', { attempts: 4, delay: '5m', backoff: 'exponential' }, [5, 10, 20]],
    [
      'exponential up to its ceiling',
      { attempts: 5, delay: '20m', backoff: 'exponential' },
      [20, 40, 60, 60],
    ],
    [
      'a ceiling of one’s own',
      { attempts: 4, delay: '5m', backoff: 'exponential', delayMax: '7m' },
      [5, 7, 7],
    ],
  ] as const)('%s', (_, retry, minutes) => {
    expect(delays(retry)).toEqual(minutes);
  });

  test('jitter takes a share off, the same for the same seed', () => {
    const retry = { attempts: 6, delay: '10m', jitter: 0.5 } as const;
    const found = delays(retry, { seed: 7 });
    expect(found).toHaveLength(5);
    for (const minutes of found) {
      expect(minutes).toBeGreaterThanOrEqual(5);
      expect(minutes).toBeLessThanOrEqual(10);
    }
    expect(new Set(found).size).toBeGreaterThan(1);
    expect(delays(retry, { seed: 7 })).toEqual(found);
  });

  test.each([
    ['user', 'failed exit'],
    ['resource', 'backoff'],
    ['outside', 'backoff'],
    ['unknown', 'backoff'],
  ] as const)('class %s', (failure, phase) => {
    const drive = running({ retry: { attempts: 2, delay: '1h' } });
    drive.end('a', failed(failure));
    expect(drive.phase(A)).toBe(phase);
  });

  test('only the classes that are named', () => {
    const drive = running({ retry: { attempts: 2, delay: '1h', on: ['user'] } });
    drive.end('a', failed('user'));
    expect(drive.phase(A)).toBe('backoff');
  });

  test('a retry takes the newest revision and avoids the worker that failed', () => {
    const drive = running({ retry: { attempts: 2, delay: '10m' } }, { workers: ['w1', 'w2'] });
    const first = drive.row('attempt', [1, 't:20260302T020000Z', '', 1]);
    drive.end('a', failed());
    drive.apply({ jobs: { a: { schedule: daily, script: 'mended', retry: { attempts: 2, delay: '10m' } } } });
    drive.failover();
    drive.join('w1');
    drive.join('w2');
    drive.until('2026-03-02T02:10:00Z');
    const second = drive.row('attempt', [1, 't:20260302T020000Z', '', 2]);
    expect(second?.['worker']).not.toBe(first?.['worker']);
    expect([first?.['revision'], second?.['revision']]).toEqual([1, 2]);
  });

  test('a timeout is a failure like another', () => {
    const drive = running({ retry: { attempts: 2, delay: '1h' } });
    drive.end('a', { state: 'timedOut', exitCode: null });
    expect(drive.phase(A)).toBe('backoff');
  });

  test('a worker that does not enforce the timeout is asked to kill', () => {
    const drive = running({ timeout: '1h' });
    drive.until('2026-03-02T03:00:30Z');
    expect(drive.killed).toEqual([]);
    drive.until('2026-03-02T03:10:00Z');
    expect(drive.killed).toContain(`${A}/1`);
    drive.end('a', dead);
    expect(drive.phase(A)).toBe('failed timeout');
  });

  test('an attempt that had its time counts, also when its host ended it before the kill came', () => {
    const drive = running({ timeout: '1h' }, { workers: ['w1', 'w2'] });
    drive.until('2026-03-02T03:10:00Z');
    drive.end('a', failed('host'));
    expect(drive.phase(A)).toBe('failed timeout');
  });
});

describe('a failure of the host', () => {
  test('is tried elsewhere at once, three times, without counting; then it is a failure', () => {
    const drive = running({}, { workers: ['w1', 'w2', 'w3', 'w4', 'w5'] });
    const used: string[] = [];
    for (let n = 1; n <= 4; n++) {
      used.push(String(drive.row('attempt', [1, 't:20260302T020000Z', '', n])?.['worker']));
      drive.end('a', failed('host'));
    }
    expect(new Set(used).size).toBe(4);
    expect(drive.phase(A)).toBe('failed exit');
    expect(drive.row('generation', [1, 't:20260302T020000Z', '', 1])?.['tries']).toBe(1);
  });

  test('under a new leader the count goes on, and the worker is still avoided', () => {
    const drive = running({}, { workers: ['w1', 'w2'] });
    const bad = drive.row('attempt', [1, 't:20260302T020000Z', '', 1])?.['worker'];
    drive.end('a', failed('host'));
    drive.end('a', failed('host'));
    drive.end('a', failed('host'));
    expect(drive.phase(A)).toBe('running');
    const names = ['w1', 'w2'];
    const live = [...drive.state.attempts.values()][0];
    drive.failover();
    for (const name of names) {
      const mine = live?.worker.name === name ? [{ attempt: live.id, state: 'accepted' as const }] : [];
      drive.join(name, 1, mine);
    }
    expect(bad).toBeDefined();
    drive.end('a', failed('host'));
    expect(drive.phase(A)).toBe('failed exit');
  });
});

describe('compat hera', () => {
  test('exit code 38 is "not now": no try is used, no alarm', () => {
    const drive = running({ compat: 'hera', retry: { attempts: 1 } });
    drive.end('a', failed('user', 38));
    drive.until('2026-03-02T02:01:00Z');
    expect(drive.ordered).toEqual([`${A}/2`]);
    drive.end('a');
    expect(drive.phase(A)).toBe('succeeded');
    const alarms = drive.effects.flatMap(({ events }) => events).filter(({ type }) => type === 'alarm');
    expect(alarms).toEqual([]);
  });

  test('every other exit code is tried again', () => {
    const drive = running({ compat: 'hera', retry: { attempts: 2, delay: '1h' } });
    drive.end('a', failed('user', 1));
    expect(drive.phase(A)).toBe('backoff');
  });

  test('elsewhere 38 is a failure', () => {
    const drive = running();
    drive.end('a', failed('user', 38));
    expect(drive.phase(A)).toBe('failed exit');
  });
});

describe('cancel', () => {
  test('waiting: at once', () => {
    const drive = new Drive();
    drive.apply({ jobs: { up: { schedule: daily }, a: { after: { up: {} } } } });
    drive.until(AT);
    drive.request(cancel());
    expect(drive.phase(A)).toBe('canceled canceled');
  });

  test('queued: at once', () => {
    const drive = running({}, { workers: [] });
    drive.request(cancel());
    expect(drive.phase(A)).toBe('canceled canceled');
    drive.join('w1');
    expect(drive.ordered).toEqual([]);
  });

  test('backing off: at once, and it is not tried again', () => {
    const drive = running({ retry: { attempts: 2, delay: '1h' } });
    drive.end('a', failed());
    drive.request(cancel());
    expect(drive.phase(A)).toBe('canceled canceled');
    drive.until('2026-03-02T04:00:00Z');
    expect(drive.ordered).toEqual([]);
  });

  test.each([false, true])('running: when death is verified (failover %s)', (failover) => {
    const drive = running({ retry: { attempts: 2 } });
    drive.request(cancel());
    expect([drive.phase(A), codes(drive)]).toEqual(['running', ['ATTEMPT_CANCELING']]);
    expect(drive.killed).toEqual([`${A}/1`]);
    if (failover) {
      drive.failover();
      drive.join('w1', 1, [{ attempt: `${A}/1`, state: 'running', startedAt: 1 }]);
      expect(drive.killed).toEqual([`${A}/1`, `${A}/1`]);
    }
    drive.end('a', dead);
    expect(drive.phase(A)).toBe('canceled canceled');
  });

  test('a success that arrives first stands', () => {
    const drive = running();
    drive.request(cancel());
    drive.end('a');
    expect(drive.phase(A)).toBe('succeeded');
  });

  test('a failure that arrives first is the cancel, and is not tried again', () => {
    const drive = running({ retry: { attempts: 3 } });
    drive.request(cancel());
    drive.end('a', failed());
    expect(drive.phase(A)).toBe('canceled canceled');
  });

  test('what has ended cannot be canceled', () => {
    const drive = running();
    drive.end('a');
    expect(drive.ask(cancel())).toMatchObject({ ok: false, error: { code: 'STATE_CONFLICT' } });
  });

  test('a generation by its number: the side run, not the main one', () => {
    const drive = running({ retry: { attempts: 2, delay: '1h' } });
    drive.end('a', failed());
    drive.request({
      type: 'run.now',
      job: 'a',
      slot: { by: 'instant', instant: instant(Date.parse(AT)) },
      params: {},
    });
    drive.request(cancel(`${A}#2`));
    drive.end('a', dead);
    expect(drive.phase(A)).toBe('backoff');
    expect(drive.row('generation', [1, 't:20260302T020000Z', '', 2])?.['phase']).toBe('canceled');
  });
});

describe('resume', () => {
  test('is refused while an attempt lives, unknown included', () => {
    const drive = running({ onWorkerLost: 'hold' });
    expect(drive.ask(resume())).toMatchObject({ ok: false, error: { code: 'STATE_CONFLICT' } });
    drive.until('2026-03-02T02:30:00Z', { silent: true });
    expect(codes(drive)).toEqual(['ATTEMPT_UNKNOWN']);
    expect(drive.ask(resume())).toMatchObject({ ok: false, error: { code: 'STATE_CONFLICT' } });
  });

  test('passes the gates of a waiting run, whose generation it supersedes', () => {
    const drive = new Drive();
    drive.apply({ jobs: { up: { schedule: daily }, a: { after: { up: {} } } } });
    drive.until(AT);
    expect(drive.request(resume())).toMatchObject({ run: A, generation: 2 });
    expect(drive.ordered).toContain(`${A}/1`);
    expect(drive.row('generation', [2, 't:20260302T020000Z', '', 1])).toMatchObject({
      phase: 'canceled',
      reason: 'superseded',
    });
  });

  test('of a success runs it again; attempts count on', () => {
    const drive = running();
    drive.end('a');
    drive.request(resume());
    expect(drive.ordered).toEqual([`${A}/2`]);
    drive.end('a', failed('user'));
    expect(drive.row('run', [1, 't:20260302T020000Z', ''])).toMatchObject({
      generation: 2,
      phase: 'failed',
      attempts: 2,
    });
  });

  test('has its own tries', () => {
    const drive = running({ retry: { attempts: 2 } });
    drive.end('a', failed());
    drive.end('a', failed());
    expect(drive.phase(A)).toBe('failed exit');
    drive.request(resume());
    drive.end('a', failed());
    expect(drive.ordered).toEqual([`${A}/4`]);
  });

  test('a run that is not there', () => {
    const drive = running();
    expect(drive.ask(resume('a@20260301T020000Z'))).toMatchObject({
      ok: false,
      error: { code: 'RUN_NOT_FOUND' },
    });
  });
});

describe('run now', () => {
  const now = (at: string | null = AT, key: string | null = null): Request => ({
    type: 'run.now',
    job: 'a',
    slot:
      at === null
        ? { by: 'adHoc', key, asOf: instant(Date.parse(AT)) }
        : { by: 'instant', instant: instant(Date.parse(at)) },
    params: {},
  });

  test('runs beside the main generation; a second one is refused until it has ended', () => {
    const drive = running({ overlap: 'queue' });
    drive.request(now());
    expect(drive.ordered).toEqual([`${A}/1`, `${A}/2`]);
    expect(drive.ask(now())).toMatchObject({ ok: false, error: { code: 'STATE_CONFLICT' } });
    drive.end(`${A}/2`, failed());
    expect(drive.phase(A)).toBe('running');
    drive.request(now());
    drive.end(`${A}/3`);
    drive.end(`${A}/1`);
    expect(drive.phase(A)).toBe('succeeded');
  });

  test('is not tried again, whatever the policy', () => {
    const drive = running({ retry: { attempts: 3 } });
    drive.request(now());
    drive.end(`${A}/2`, failed());
    expect(drive.row('generation', [1, 't:20260302T020000Z', '', 2])?.['phase']).toBe('failed');
  });

  test('of a future slot: the run shows no phase, and is open only while it runs', () => {
    const drive = running();
    drive.request(now('2026-03-03T02:00:00Z'));
    const row = () => drive.row('run', [1, 't:20260303T020000Z', '']);
    expect(row()).toMatchObject({ phase: 'none', open: 1, counts: 0 });
    drive.end('a@20260303T020000Z/1');
    expect(row()).toMatchObject({ phase: 'none', open: 0, counts: 0 });
    drive.end('a');
    drive.until('2026-03-03T02:00:00Z');
    expect(drive.phase('a@20260303T020000Z')).toBe('running');
    expect(drive.ordered).toEqual(['a@20260303T020000Z/2']);
  });

  test('of a disabled job runs; at no slot of the job it is refused', () => {
    const drive = running();
    drive.end('a');
    drive.request({ type: 'job.state', job: 'a', state: 'disabled' });
    drive.request(now());
    expect(drive.ordered).toEqual([`${A}/2`]);
    expect(drive.ask(now('2026-03-02T02:30:00Z'))).toMatchObject({
      ok: false,
      error: { code: 'SLOT_INVALID' },
    });
  });

  test('without a slot: a run of its own, named by its key', () => {
    const drive = running();
    expect(drive.request(now(null, 'k1'))).toMatchObject({ run: 'a@a:k1', generation: 1 });
    drive.end('a@a:k1/1');
    expect(drive.request(now(null, 'k1'))).toMatchObject({ run: 'a@a:k1', generation: 2 });
    const first = drive.request(now(null)).run;
    expect(drive.request(now(null)).run).not.toBe(first);
  });
});

describe('force', () => {
  const force = (verdict: 'succeeded' | 'failed'): Request => ({
    type: 'run.force',
    run: A,
    verdict,
    release: true,
    reason: 'known good',
  });
  test('is refused while an attempt lives', () => {
    expect(running().ask(force('succeeded'))).toMatchObject({ ok: false, error: { code: 'STATE_CONFLICT' } });
  });
  test('gives a verdict without an attempt', () => {
    const drive = running();
    drive.end('a', failed());
    drive.request(force('succeeded'));
    expect([drive.phase(A), drive.ordered]).toEqual(['succeeded forced', []]);
    expect(drive.row('run', [1, 't:20260302T020000Z', ''])?.['attempts']).toBe(1);
  });
});

describe('requests', () => {
  test('the same key gets the first answer, under a new leader too; another request under it is refused', () => {
    const drive = running();
    drive.end('a', failed());
    const first = drive.request(resume(), { key: 'k' });
    expect(drive.request(resume(), { key: 'k' })).toEqual(first);
    drive.failover();
    expect(drive.request(resume(), { key: 'k' })).toEqual(first);
    expect(drive.ask(cancel(), { key: 'k' })).toMatchObject({
      ok: false,
      error: { code: 'REQUEST_KEY_REUSED' },
    });
    expect(drive.ask(cancel(), { key: 'k', actor: 'other' })).toMatchObject({ ok: true });
  });

  test('what is refused has changed nothing', () => {
    const drive = running();
    const before = drive.effects.length;
    drive.ask(resume());
    expect(drive.effects[before]?.writes).toEqual([]);
  });
});

test('a script that does not render fails the attempt, without a retry', () => {
  const drive = running({ retry: { attempts: 3 } });
  drive.post({ type: 'render.failed', at: drive.state.now, attempt: `${A}/1`, message: 'no key x' });
  expect(drive.phase(A)).toBe('failed render');
  expect(drive.row('attempt', [1, 't:20260302T020000Z', '', 1])).toMatchObject({
    state: 'failed',
    failure: 'user',
    message: 'no key x',
  });
});

test('a renamed job’s attempt keeps its id, under a new leader too', () => {
  const drive = running();
  drive.apply({ jobs: { b: { schedule: daily, was: 'a' } } });
  drive.failover();
  drive.join('w1', 1, [{ attempt: `${A}/1`, state: 'running', startedAt: 1 }]);
  expect(drive.killed).toEqual([]);
  drive.end('a');
  expect(drive.phase('b@20260302T020000Z')).toBe('succeeded');
});

test('a name that was a deleted job’s is selected as the job that has it now', () => {
  const drive = new Drive();
  drive.apply({ jobs: { a: { schedule: '0 2 * * *' }, b: { after: { a: {} } } } });
  drive.request({ type: 'job.delete', job: 'b' });
  drive.apply({ jobs: { b: { after: { a: {} } } } });
  expect(selectJobs(drive.state, 'a+')).toEqual(['a', 'b']);
  expect(selectJobs(drive.state, 'b')).toEqual(['b']);
});
