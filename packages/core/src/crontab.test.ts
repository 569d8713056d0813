import { describe, expect, test } from 'vitest';
import { parseUnix } from './calendar/cron-unix.js';
import { parseCrontab, resolveHash } from './crontab.js';

const FILE = `
# nightly work
SHELL=/bin/bash
MAILTO = "ops@example.com"
30 1 * * *  /opt/etl/orders.sh --day yesterday
CRON_TZ=Asia/Shanghai
@daily /opt/etl/clean.sh
15 H(2-4) * * 1-5 /opt/etl/hashed.sh
0 8 * * 1 mail -s "100\\% done" boss%Hello,%all is well.
@reboot /opt/start.sh
61 * * * * /bin/true
0 2 * * *
CRON_TZ=Mars/Olympus
0 3 * * * /bin/true
`;

describe('parseCrontab', () => {
  const { entries, problems } = parseCrontab(FILE, { seed: 'test' });

  test('reads schedules, commands and the variables above them', () => {
    expect(entries[0]).toEqual({
      line: 5,
      schedule: { cron: '30 1 * * *', dialect: 'unix' },
      command: '/opt/etl/orders.sh --day yesterday',
      input: null,
      user: null,
      variables: { SHELL: '/bin/bash', MAILTO: 'ops@example.com' },
    });
  });

  test('takes the zone from CRON_TZ for the lines after it', () => {
    expect(entries.map(({ line, schedule }) => [line, schedule.zone])).toEqual([
      [5, undefined],
      [7, 'Asia/Shanghai'],
      [8, 'Asia/Shanghai'],
      [9, 'Asia/Shanghai'],
    ]);
  });

  test('parts the command from its input at %, and reads \\% as %', () => {
    expect(entries[3]).toMatchObject({ command: 'mail -s "100% done" boss', input: 'Hello,\nall is well.' });
  });

  test('reports each line it cannot import, with its number and the reason', () => {
    expect(problems.map(({ line, message }) => [line, message])).toEqual([
      [
        10,
        'cron expression "@reboot": alias must be one of @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly',
      ],
      [11, 'cron expression "61 * * * *": minute must be 0–59, got 61'],
      [12, 'cron expression "0 2 * * *": line must be 5 fields and a command'],
      [14, 'time zone "Mars/Olympus": must be an IANA name such as Asia/Shanghai or UTC'],
    ]);
  });

  test('reads the user of a system crontab', () => {
    const { entries: system } = parseCrontab('5 4 * * sun root run-parts /etc/weekly', { withUser: true });
    expect(system).toMatchObject([{ user: 'root', command: 'run-parts /etc/weekly' }]);
  });
});

describe('resolveHash', () => {
  test.each(['H H * * *', 'H/15 * * * *', 'H(0-29)/10 H(1-5) * * *', 'H H H * *', 'H H * * H'])(
    '%s',
    (text) => {
      const plain = resolveHash(text, 'orders');
      expect(plain).not.toContain('H');
      expect(() => parseUnix(plain)).not.toThrow();
      expect(resolveHash(text, 'orders')).toBe(plain);
    },
  );

  test('spreads jobs over the hour', () => {
    const minutes = Array.from({ length: 200 }, (_, n) => resolveHash('H 3 * * *', `job ${n}`).split(' ')[0]);
    expect(new Set(minutes).size).toBeGreaterThan(40);
  });

  test('leaves an expression without H alone', () => {
    expect(resolveHash('0 3 * * THU', 'x')).toBe('0 3 * * THU');
  });

  test('refuses what cron-parser cannot read', () => {
    expect(() => resolveHash('H 3 * * FOO', 'x')).toThrow(expect.objectContaining({ code: 'CRON_INVALID' }));
  });
});
