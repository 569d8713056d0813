import fc from 'fast-check';
import { PHASES } from '@hera/api';
import { describe, expect, it } from 'vitest';
import type { Route } from './navigate.js';
import { parseRoute, routeHref } from './navigate.js';

const subject = fc.string({ minLength: 1, unit: 'grapheme' });
const route: fc.Arbitrary<Route> = fc.oneof(
  fc.constantFrom<Route>({ page: 'now' }, { page: 'jobs' }, { page: 'graph' }),
  subject.map((run): Route => ({ page: 'run', run })),
  subject.map((token): Route => ({ page: 'sign-in', token })),
  fc.record({
    page: fc.constant('runs' as const),
    job: fc.string({ unit: 'grapheme' }),
    phases: fc.subarray([...PHASES]),
  }),
);

describe('routes', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(route, (one) => {
        expect(parseRoute(routeHref(one))).toEqual(one);
      }),
    );
  });

  it.each<[string, Route]>([
    ['', { page: 'now' }],
    ['#/', { page: 'now' }],
    ['#/runs', { page: 'runs', job: '', phases: [] }],
    ['#/runs?phase=failed&phase=nonsense', { page: 'runs', job: '', phases: ['failed'] }],
    ['#/runs/a@20261123T020000Z', { page: 'run', run: 'a@20261123T020000Z' }],
    ['#/runs/a@a:k/2', { page: 'run', run: 'a@a:k/2' }],
    ['#/runs/%E0%A4%A', { page: 'run', run: '%E0%A4%A' }],
    ['#/studio', { page: 'unknown' }],
  ])('%s', (hash, expected) => {
    expect(parseRoute(hash)).toEqual(expected);
  });

  it('takes any text without throwing', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseRoute(text)));
  });
});
