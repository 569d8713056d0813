import { describe, expect, test } from 'vitest';
import type { Definitions } from '../model/job.js';
import { previewScript } from './index.js';

const ESTATE: Definitions = {
  calendars: { weekdays: {} },
  groups: {
    dw: {
      zone: 'Asia/Shanghai',
      config: { db: 'dw', 'EU.db': 'dw_eu', host: 'a' },
      defaults: { calendar: 'weekdays' },
    },
    'dw/dws': { config: { host: 'b' } },
  },
  jobs: {
    gmv: {
      group: 'dw/dws',
      schedule: '0 0 3 * * ?',
      config: { secret: { secret: 'pw' } },
      params: { region: { type: 'string', enum: ['cn', 'eu'], default: 'cn' } },
      script: '${db} ${host} ${secret} ${param.region} ${bizdate} ${yesterday} $HOME ${unknown}',
    },
    adhoc: { script: '${bizdate}' },
  },
};
const NOW = Date.UTC(2026, 10, 24);
const render = (job: string, slot: string, more = {}) =>
  previewScript(ESTATE, job, { slot, nowMs: NOW, ...more });

describe('previewScript', () => {
  test('inherits config from the nearest place, masks secrets, leaves what it does not know', () => {
    const preview = render('gmv', '2026-11-24');
    expect(preview.text).toBe('dw b <<secret:pw>> cn 20261123 20261123 $HOME ${unknown}');
    expect(preview.slot.instant).toBe(Date.UTC(2026, 10, 23, 19));
    expect(preview.unknown).toEqual(['unknown']);
    expect(preview.parts.find(({ key }) => key === 'db')).toMatchObject({ origin: 'group dw' });
  });

  test.each([
    ['a slot by its text', '20261123T190000Z', '2026-11-23'],
    ['a time with offset', '2026-11-24T03:00+08:00', '2026-11-23'],
    ['a date', '2026-11-24', '2026-11-23'],
  ])('takes %s', (_name, slot, businessDate) => {
    expect(render('gmv', slot).slot.businessDate).toBe(businessDate);
  });

  test('gives a job without a schedule the interval of the day before', () => {
    expect(render('adhoc', '2026-11-24').text).toBe('20261123');
  });

  test('takes parameters by their rules', () => {
    expect(render('gmv', '2026-11-24', { params: { region: 'eu' } }).text).toContain(' eu ');
    expect(() => render('gmv', '2026-11-24', { params: { region: 'us' } })).toThrow(/none of cn, eu/);
  });

  test('says when a day has no slot, and which job is missing', () => {
    expect(() => render('gmv', '2026-11-28')).toThrow(
      'gmv has no slot on 2026-11-28; its next one is on 2026-11-30',
    );
    expect(() => render('gvm', '2026-11-28')).toThrow('no job "gvm"; did you mean "gmv"?');
  });
});
