/** Incidents: what opens one, what joins it without a word, what closes it; and jobs that pause themselves. */
import { describe, expect, test } from 'vitest';
import type { JobDefinition } from '../../src/model/job.js';
import type { AttemptOutcome } from '../../src/model/run.js';
import { Drive, failed } from './drive.js';

const daily = '0 2 * * *';
const at = (job: string) => `${job}@20260302T020000Z`;

function day(jobs: Record<string, JobDefinition>): Drive {
  const drive = new Drive({ slots: 2_000 });
  drive.apply({ jobs });
  drive.until('2026-03-02T02:00:00Z');
  return drive;
}

const resume = (drive: Drive, job: string) =>
  drive.request({ type: 'run.resume', run: at(job), revision: 'newest', params: {} });
const incident = (drive: Drive, id = 1) => drive.row('incident', [id]);
const told = (drive: Drive) =>
  drive.effects
    .flatMap(({ events }) => events)
    .flatMap((event) => {
      switch (event.type) {
        case 'incident.opened':
          return [`${event.incident} opened by ${event.cause}`];
        case 'incident.joined':
          return [`${event.incident} joined by ${event.runs}, ${event.total} in all`];
        case 'incident.changed':
          return [`${event.incident} ${event.change} by ${event.actor}`];
        case 'incident.closed':
          return [`${event.incident} closed: ${event.why}`];
        default:
          return [];
      }
    });
const full: AttemptOutcome = { ...failed('outside'), pattern: 'hdfsFull' };

describe('one incident per first cause', () => {
  test('500 runs that wait below a failure are one incident, told once', () => {
    const downs = Array.from({ length: 499 }, (_, i) => [`d${i}`, { after: { up: {} } }] as const);
    const last = { after: { d0: {}, d1: {} } };
    const drive = day({ up: { schedule: daily }, ...Object.fromEntries(downs), last });
    drive.end('up', failed());
    expect(told(drive)).toEqual([`1 opened by ${at('up')}`, '1 joined by 501, 501 in all']);
    expect(incident(drive)).toMatchObject({ kind: 'run', failed: 1, blocked: 500, open: 1 });
  });

  test('failures of one pattern join while they come; a bug of each job does not', () => {
    const jobs = Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((name) => [name, { schedule: daily }]));
    const drive = day(jobs);
    drive.end('a', full);
    drive.end('b', full);
    drive.until('2026-03-02T03:00:00Z');
    drive.end('c', full);
    drive.end('d', { ...failed('user'), pattern: 'script' });
    drive.end('e', { ...failed('user'), pattern: 'script' });
    const causes = drive.all('incident').map(({ value }) => [value['joinKey'], value['failed']]);
    expect(causes).toEqual([
      ['pattern hdfsFull', 2],
      ['pattern hdfsFull', 1],
      [`job ${drive.state.jobsByName.get('d')?.id}`, 1],
      [`job ${drive.state.jobsByName.get('e')?.id}`, 1],
    ]);
  });

  test('a retry is no failure yet, and later slots of a failing job join', () => {
    const drive = day({ a: { schedule: '0 * * * *', retry: { attempts: 2 } } });
    drive.endAll();
    const slot = () => drive.until(new Date(Math.floor(drive.now / 3_600_000 + 1) * 3_600_000).toISOString());
    slot();
    drive.end('a', failed());
    expect(told(drive)).toEqual([]);
    drive.end('a', failed());
    slot();
    drive.end('a', failed());
    drive.end('a', failed());
    expect(told(drive).map((line) => line.split(' ')[0])).toEqual(['1', '1', '1']);
  });

  test('a run that fails because its upstream did joins that one', () => {
    const drive = day({ up: { schedule: daily }, a: { after: { up: { onUpstreamFailed: 'fail' } } } });
    drive.end('up', failed());
    expect(drive.phase(at('a'))).toBe('failed upstreamFailed');
    expect(incident(drive)).toMatchObject({ failed: 2, blocked: 0 });
    expect(drive.all('incident')).toHaveLength(1);
  });
});

describe('it is open exactly while its cause stands', () => {
  const pair = () => day({ up: { schedule: daily }, a: { after: { up: {} } } });

  test('a resume closes nothing, its success does', () => {
    const drive = pair();
    drive.end('up', failed());
    resume(drive, 'up');
    expect(incident(drive)?.['open']).toBe(1);
    drive.end('up');
    expect(incident(drive)).toMatchObject({ open: 0, why: 'succeeded' });
    expect(drive.all('incident_member').map(({ value }) => value['open'])).toEqual([0, 0]);
  });

  test('a canceled resume leaves it open, a forced success closes it', () => {
    const drive = pair();
    drive.end('up', failed());
    resume(drive, 'up');
    drive.request({ type: 'run.cancel', run: at('up'), reason: '' });
    drive.end('up', { state: 'canceled', exitCode: null });
    expect(incident(drive)?.['open']).toBe(1);
    const verdict = { verdict: 'succeeded', release: true, reason: 'known' } as const;
    drive.request({ type: 'run.force', run: at('up'), ...verdict });
    expect(incident(drive)?.['open']).toBe(0);
  });

  test('of several that failed, the last to be mended closes it', () => {
    const drive = day({ a: { schedule: daily }, b: { schedule: daily } });
    drive.end('a', full);
    drive.end('b', full);
    resume(drive, 'a');
    drive.end('a');
    expect(incident(drive)?.['open']).toBe(1);
    resume(drive, 'b');
    drive.end('b');
    expect(incident(drive)?.['open']).toBe(0);
  });

  test('what waits below two of them joins the other when the first is closed', () => {
    const drive = day({ x: { schedule: daily }, y: { schedule: daily }, a: { after: { x: {}, y: {} } } });
    drive.end('x', failed());
    drive.end('y', failed());
    expect([incident(drive, 1)?.['blocked'], incident(drive, 2)?.['blocked']]).toEqual([1, 0]);
    resume(drive, 'x');
    drive.end('x');
    expect([incident(drive, 1)?.['open'], incident(drive, 2)?.['blocked']]).toEqual([0, 1]);
  });

  test('a new leader goes on with it: it neither opens another nor forgets its number', () => {
    const drive = pair();
    drive.end('up', failed());
    drive.failover();
    drive.join('w1');
    expect(drive.all('incident')).toHaveLength(1);
    resume(drive, 'up');
    drive.end('up', failed());
    expect(drive.all('incident')).toHaveLength(1);
    resume(drive, 'up');
    drive.end('up');
    expect(incident(drive)?.['open']).toBe(0);
    drive.failover();
    drive.join('w1');
    drive.end('a', failed());
    expect(incident(drive, 2)).toMatchObject({ cause: at('a'), open: 1 });
  });

  test('a deleted job is nobody to mend', () => {
    const drive = day({ a: { schedule: daily } });
    drive.end('a', failed());
    drive.request({ type: 'job.delete', job: 'a' });
    expect(incident(drive)).toMatchObject({ open: 0, why: 'gone' });
  });
});

describe('what people say of it', () => {
  test('seen, whose, not before: recorded, told, the last word holds', () => {
    const drive = day({ a: { schedule: daily } });
    drive.end('a', failed());
    drive.request({ type: 'incident.acknowledge', incident: 1, note: 'looking' });
    drive.request({ type: 'incident.assign', incident: 1, assignee: 'wang' });
    drive.request({ type: 'incident.snooze', incident: 1, until: (drive.now + 60_000) as never });
    expect(incident(drive)).toMatchObject({ acknowledgedBy: 'li', note: 'looking', assignee: 'wang' });
    expect(told(drive).slice(2)).toEqual(['1 acknowledged by li', '1 assigned by li', '1 snoozed by li']);
  });

  test.each([
    [2, 'INCIDENT_NOT_FOUND'],
    [1, 'STATE_CONFLICT'],
  ])('of incident %d, which is not there or over: %s', (number, code) => {
    const drive = day({ a: { schedule: daily } });
    drive.end('a', failed());
    resume(drive, 'a');
    drive.end('a');
    const reply = drive.ask({ type: 'incident.acknowledge', incident: number, note: '' });
    expect(reply).toMatchObject({ ok: false, error: { code } });
  });
});

test('nothing is written for successes while nothing is open', () => {
  const drive = day({ a: { schedule: daily }, b: { after: { a: {} } } });
  drive.endAll();
  expect([...drive.rows.keys()].filter((table) => table.startsWith('incident'))).toEqual([]);
});

describe('a job that pauses itself', () => {
  const hourly = (pauseAfter: number) => {
    const drive = new Drive();
    drive.apply({ jobs: { a: { schedule: '0 * * * *', pauseAfter } } });
    return drive;
  };
  const slot = (drive: Drive, outcome?: AttemptOutcome) => {
    drive.until(new Date((Math.floor(drive.now / 3_600_000) + 1) * 3_600_000).toISOString());
    drive.end('a', outcome);
  };
  const job = (drive: Drive) => drive.row('job', [1]);

  test('after so many failures in a row, counted over a new leader, with an alarm', () => {
    const drive = hourly(3);
    slot(drive, failed());
    slot(drive, failed());
    drive.failover();
    drive.join('w1');
    slot(drive, failed());
    expect(job(drive)).toMatchObject({ state: 'disabled', paused: 3 });
    const alarm = { type: 'alarm', code: 'JOB_PAUSED', subject: 'a' };
    expect(drive.effects.at(-1)?.events).toContainEqual(expect.objectContaining(alarm));
  });

  test('a success between counts anew, and so does a person who enables it', () => {
    const drive = hourly(2);
    slot(drive, failed());
    slot(drive);
    slot(drive, failed());
    expect(job(drive)?.['state']).toBe('enabled');
    slot(drive, failed());
    expect(job(drive)?.['state']).toBe('disabled');
    drive.request({ type: 'job.state', job: 'a', state: 'enabled' });
    slot(drive, failed());
    expect(job(drive)).toMatchObject({ state: 'enabled', paused: null, failedInRow: 1 });
  });
});
