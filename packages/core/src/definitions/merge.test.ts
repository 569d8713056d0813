import { expect, test } from 'vitest';
import { mergeDefinitions, parsePath, pathText } from './index.js';

test('the union of files keeps where each name comes from', () => {
  const merged = mergeDefinitions([
    { file: 'a.hera.yaml', definitions: { jobs: { a: { kind: 'shell' } }, groups: { g: {} } } },
    { file: 'b.hera.yaml', definitions: { jobs: { 'b.c': {} } } },
  ]);
  expect(merged.definitions).toEqual({ jobs: { a: { kind: 'shell' }, 'b.c': {} }, groups: { g: {} } });
  expect(merged.problems).toEqual([]);
  expect(merged.fileOf('jobs.a.retry.attempts')).toBe('a.hera.yaml');
  expect(merged.fileOf('jobs["b.c"].kind')).toBe('b.hera.yaml');
  expect(merged.fileOf('jobs.none')).toBeUndefined();
});

test('a name twice names both places, and the first stays', () => {
  const merged = mergeDefinitions([
    { file: 'a.hera.yaml', definitions: { jobs: { a: { title: 'one' } }, pools: { a: {} } } },
    { file: 'b.hera.yaml', definitions: { jobs: { a: { title: 'two' } } } },
  ]);
  expect(merged.definitions.jobs).toEqual({ a: { title: 'one' } });
  expect(merged.problems).toEqual([
    {
      path: 'jobs.a',
      rule: 'twice',
      message: 'jobs.a is defined twice: in a.hera.yaml and in b.hera.yaml',
      file: 'b.hera.yaml',
    },
  ]);
});

const PATHS = [
  [],
  ['jobs', 'a'],
  ['jobs', 'a.b', 'after', 'x'],
  ['on', 0, 'k'],
  ['c', '2026-10-01..2026-10-08'],
  ['a"b', 'c d'],
];
test.each(PATHS)('parsePath reverses pathText: %j %j %j', (...steps) => {
  expect(parsePath(pathText(steps))).toEqual(steps);
});
