/** A job says how long its runs take and by when they end; when it is otherwise, that is said once. */
import { expect, test } from 'vitest';
import { Drive } from './drive.js';

const alarms = (drive: Drive) =>
  drive.effects
    .flatMap(({ events }) => events)
    .flatMap((event) => (event.type === 'alarm' && event.code === 'EXPECTATION_MISSED' ? [event] : []));

test('a run that takes longer than expected is told, once, under a new leader too', () => {
  const drive = new Drive({ at: '2026-03-02T01:00:00Z' });
  drive.apply({ jobs: { a: { schedule: '0 2 * * *', expect: { duration: '40m' } } } });
  drive.until('2026-03-02T02:39:00Z');
  expect(alarms(drive)).toEqual([]);
  drive.failover();
  drive.join('w1', 1, [{ attempt: drive.ordered[0] ?? '', state: 'running', startedAt: drive.now }]);
  drive.until('2026-03-02T02:41:00Z');
  expect(alarms(drive)).toMatchObject([
    { subject: 'a@20260302T020000Z', message: 'it has run for longer than the expected 40 min' },
  ]);
  drive.failover();
  drive.join('w1', 1, [{ attempt: drive.ordered[0] ?? '', state: 'running', startedAt: drive.now }]);
  drive.until('2026-03-02T04:00:00Z');
  expect(alarms(drive)).toHaveLength(1);
});

test('one that has not ended by its time of the day is told, whatever it waits for', () => {
  const drive = new Drive({ at: '2026-03-02T01:00:00Z', zone: 'Asia/Shanghai' as never });
  drive.apply({
    jobs: {
      up: { schedule: '0 22 * * *' },
      a: { after: { up: 'same' }, expect: { end: '06:00' } },
      b: { schedule: '0 22 * * *', expect: { end: '06:00' } },
    },
  });
  drive.until('2026-03-02T14:00:00Z');
  drive.end('b');
  drive.until('2026-03-02T21:59:00Z');
  expect(alarms(drive)).toEqual([]);
  drive.until('2026-03-02T22:01:00Z');
  expect(alarms(drive)).toMatchObject([
    { subject: 'a@20260302T140000Z', message: 'it was expected to end by 20260302T220000Z' },
  ]);
});
