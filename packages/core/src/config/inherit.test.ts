import { describe, expect, test } from 'vitest';
import type { PolicyDefinition } from '../model/job.js';
import { configLayer, inheritConfig, inheritPolicy } from './inherit.js';
import type { ConfigLayer } from './inherit.js';

const layer = (origin: string, config: ConfigLayer['config']): ConfigLayer => ({ origin, config });
const shown = (layers: readonly ConfigLayer[], area?: string) =>
  Object.fromEntries(
    [...inheritConfig(layers, area).entries].map(([key, { value, origin }]) => [key, [value, origin]]),
  );

describe('inheritConfig', () => {
  const job = layer('job a', { db: 'job_db' });
  const group = layer('group dw', { db: 'dw_db', queue: 'etl' });
  const root = layer('group ', { db: 'root_db', owner: 'li' });

  test('the nearest wins, key by key, with its origin', () => {
    expect(shown([job, group, root])).toEqual({
      db: ['job_db', 'job a'],
      queue: ['etl', 'group dw'],
      owner: ['li', 'group '],
    });
  });

  test('an empty value is a value', () => {
    expect(shown([layer('job a', { db: '' }), group])['db']).toEqual(['', 'job a']);
  });

  test('a secret is carried as its name', () => {
    expect(shown([layer('job a', { password: { secret: 'dw-password' } })])).toEqual({
      password: [{ secret: 'dw-password' }, 'job a'],
    });
  });

  test.each([
    ['own area defines the plain key', 'EU', { 'EU.db': 'dw_eu' }, {}, 'dw_eu', 'job a'],
    ['a plain key wins, however far', 'EU', { 'EU.db': 'dw_eu' }, { db: 'dw' }, 'dw', 'group '],
    ['of another area defines nothing', 'EU', { 'CN.db': 'dw_cn' }, {}, undefined, undefined],
    ['the nearest of the area', 'EU', { 'EU.db': 'near' }, { 'EU.db': 'far' }, 'near', 'job a'],
    ['an area in the name of another', 'EU', { 'EUX.db': 'x' }, {}, undefined, undefined],
    ['no area', undefined, { 'EU.db': 'dw_eu' }, {}, undefined, undefined],
    ['an area without a name', '', { '.db': 'x' }, {}, undefined, undefined],
  ])('%s', (_, area, near, far, value, origin) => {
    const { entries } = inheritConfig([layer('job a', near), layer('group ', far)], area);
    expect(entries.get('db')).toEqual(value === undefined ? undefined : { value, origin });
    for (const key of Object.keys(near)) expect(entries.has(key)).toBe(true);
  });

  test('a prefix alone names no key', () => {
    expect([...inheritConfig([layer('job a', { 'EU.': 'x' })], 'EU').entries.keys()]).toEqual(['EU.']);
  });

  test('nothing is found that was not set', () => {
    const { entries } = inheritConfig([job]);
    expect(entries.get('constructor')).toBeUndefined();
  });
});

test('configLayer makes text of numbers and truth values', () => {
  expect(configLayer('job a', { n: 3, on: false, text: 'x', password: { secret: 's' } })).toEqual({
    origin: 'job a',
    config: { n: '3', on: 'false', text: 'x', password: { secret: 's' } },
  });
});

describe('inheritPolicy', () => {
  const of = (...layers: [string, PolicyDefinition][]) =>
    inheritPolicy<PolicyDefinition>(layers.map(([origin, policy]) => ({ origin, policy })));

  test('setting by setting, whole settings, with origins', () => {
    expect(
      of(
        ['job a', { retry: { attempts: 2 }, priority: 0 }],
        ['group dw', { retry: { attempts: 5, delay: '10m' }, pool: 'etl', priority: 70 }],
      ),
    ).toEqual({
      policy: { retry: { attempts: 2 }, priority: 0, pool: 'etl' },
      origins: { retry: 'job a', priority: 'job a', pool: 'group dw' },
    });
  });

  test('undefined says nothing', () => {
    const job = { pool: undefined } as unknown as PolicyDefinition;
    expect(of(['job a', job], ['group dw', { pool: 'etl' }]).origins).toEqual({ pool: 'group dw' });
  });

  test('no layer, no policy', () => expect(of()).toEqual({ policy: {}, origins: {} }));
});
