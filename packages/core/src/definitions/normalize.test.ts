import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Definitions } from '../model/job.js';
import { normalizeDefinitions, validateDefinitions } from './index.js';

/** What is written, and its canonical form. */
const FORMS: readonly (readonly [name: string, written: object, canonical: object])[] = [
  ['a schedule with nothing but cron', { schedule: { cron: '0 2 * * *' } }, { schedule: '0 2 * * *' }],
  [
    'defaults of a schedule',
    { schedule: { misfire: 'all', cron: '0 2 * * *', within: '24h', shift: -1, dst: 'standard' } },
    { schedule: '0 2 * * *' },
  ],
  [
    'a duration in the largest unit',
    { timeout: '120m', retry: { delay: 1500 } },
    { retry: { delay: '1500ms' }, timeout: '2h' },
  ],
  ['the state of most jobs', { state: 'enabled' }, {}],
  ['empty maps', { params: {}, labels: {}, config: {} }, {}],
  ['policy that may overrule a group', { priority: 50 }, { priority: 50 }],
  ['a bare selector', { after: { a: { same: true } } }, { after: { a: 'same' } }],
  ['a bare selector written as a map', { after: { a: { same: {} } } }, { after: { a: 'same' } }],
  [
    'options that are defaults',
    { after: { a: { allIn: 'day', rule: 'success' } } },
    { after: { a: { allIn: 'day' } } },
  ],
  ['no selector and no options', { after: { a: {} } }, { after: { a: 'default' } }],
  [
    'a window with nothing but a period',
    { after: { a: { anyIn: { period: 'day' } } } },
    { after: { a: { anyIn: 'day' } } },
  ],
  [
    'a selector with options',
    { after: { a: { same: {}, timeout: '60m' } } },
    { after: { a: { same: true, timeout: '1h' } } },
  ],
];

test.each(FORMS)('normalizeDefinitions: %s', (_name, written, canonical) => {
  const definitions = { jobs: { a: {}, j: written } } as Definitions;
  expect(normalizeDefinitions(definitions)).toEqual({ jobs: { a: {}, j: canonical } });
});

test('keys come in the order of the schema, names in order of their letters', () => {
  const text = JSON.stringify(
    normalizeDefinitions({
      jobs: { b: { script: 'x', kind: 'shell', group: 'g' }, a: {} },
      groups: { g: {} },
    }),
  );
  expect(text).toBe('{"groups":{"g":{}},"jobs":{"a":{},"b":{"group":"g","kind":"shell","script":"x"}}}');
});

test('doing it twice changes nothing, and what was valid stays valid', () => {
  fc.assert(
    fc.property(anyJob, (job) => {
      const definitions = { jobs: { up: {}, j: job } } as Definitions;
      expect(validateDefinitions(definitions)).toEqual([]);
      const once = normalizeDefinitions(definitions);
      expect(validateDefinitions(once)).toEqual([]);
      expect(JSON.stringify(normalizeDefinitions(once))).toBe(JSON.stringify(once));
    }),
    { numRuns: 200 },
  );
});

const duration = fc.oneof(
  fc.integer({ min: 1, max: 1e9 }),
  fc
    .tuple(fc.integer({ min: 1, max: 999 }), fc.constantFrom('ms', 's', 'm', 'h', 'd'))
    .map((part) => part.join('')),
);
const window = fc.oneof(
  fc.constantFrom('interval', 'day'),
  fc.record(
    { period: fc.constantFrom('day', 'hour'), shift: fc.integer({ min: -9, max: 9 }) },
    { requiredKeys: ['period'] },
  ),
  fc.record({ sliding: duration }),
);
const bare = fc.constantFrom(true, {});
const edge = fc
  .tuple(
    fc.oneof(
      fc.record({ same: bare }),
      fc.record({
        latestAtOrBefore: fc.oneof(fc.constant(true), fc.record({ maxAge: duration }, { requiredKeys: [] })),
      }),
      fc.record({ allIn: window }),
      fc.record({ atLeast: fc.record({ n: fc.integer({ min: 1, max: 9 }), in: window }) }),
      fc.record({
        overlap: fc.oneof(fc.constant(true), fc.record({ start: fc.integer() }, { requiredKeys: [] })),
      }),
      fc.constant({}),
    ),
    fc.record({ rule: fc.constantFrom('success', 'done'), timeout: duration }, { requiredKeys: [] }),
  )
  .map(([selector, options]) => ({ ...options, ...selector }));
const anyJob = fc.record(
  {
    state: fc.constantFrom('enabled', 'disabled'),
    timeout: duration,
    schedule: fc.oneof(
      fc.constant('0 2 * * *'),
      fc.record(
        { cron: fc.constant('0 2 * * *'), misfire: fc.constantFrom('all', 'latest') },
        { requiredKeys: ['cron'] },
      ),
      fc.record(
        { every: fc.integer({ min: 1000, max: 1e9 }), within: duration },
        { requiredKeys: ['every'] },
      ),
    ),
    after: fc.record({ up: edge }),
    config: fc.dictionary(
      fc.constantFrom('b', 'a', 'EU.a'),
      fc.oneof(fc.string(), fc.record({ secret: fc.string() })),
    ),
  },
  { requiredKeys: [] },
);
