import { describe, expect, test } from 'vitest';
import { validateDefinitions } from '@hera/core';
import { readWorkflow } from './wfformat.js';

interface Entry {
  readonly id?: string;
  readonly name?: string;
  readonly parents?: readonly string[];
  readonly children?: readonly string[];
}

const workflow = (entries: readonly Entry[], seconds: Readonly<Record<string, unknown>> = {}) => ({
  schemaVersion: '1.5',
  workflow: {
    specification: { tasks: entries },
    execution: { tasks: Object.entries(seconds).map(([id, runtimeInSeconds]) => ({ id, runtimeInSeconds })) },
  },
});
const read = (value: unknown, scale = 1) => readWorkflow(value, { file: 'w.json', scale });

describe('readWorkflow', () => {
  test('an edge counts whether parent, child or both name it', () => {
    const { definitions, problems } = read(
      workflow([
        { id: 'a', children: ['b'] },
        { id: 'b', parents: [] },
        { id: 'c', parents: ['b'] },
      ]),
    );
    expect(problems).toEqual([]);
    const edges = Object.entries(definitions.jobs ?? {}).map(([name, { after = {} }]) => [
      name,
      Object.keys(after),
    ]);
    expect(edges).toEqual([
      ['a', []],
      ['b', ['a']],
      ['c', ['b']],
    ]);
  });

  test('a job takes as long as it was recorded, times the scale, in one process', () => {
    const value = workflow([{ id: 'a' }, { id: 'b' }, { id: 'c' }], { a: 36, b: 0.0001 });
    const scripts = Object.values(read(value, 0.001).definitions.jobs ?? {}).map(({ script }) => script);
    expect(scripts).toEqual(['exec sleep 0.036\n', ':\n', ':\n']);
  });

  test('ids that are no names become valid and unique ones', () => {
    const { definitions } = read(
      workflow([
        { id: 'a b' },
        { id: 'a_b' },
        { id: 'a:b' },
        { id: '.x' },
        { id: 'y'.repeat(200), parents: ['a b'] },
      ]),
    );
    expect(Object.keys(definitions.jobs ?? {})).toEqual(['a_b_2', 'a_b', 'a_b_3', '_x', 'y'.repeat(128)]);
    expect(validateDefinitions(definitions)).toEqual([]);
  });

  test.each([
    ['another version', { ...workflow([]), schemaVersion: '1.4' }, /1\.5 is understood/],
    ['no list', { schemaVersion: '1.5', workflow: {} }, /must be a list/],
    [
      'an unknown parent',
      workflow([{ id: 'abc' }, { id: 'b', parents: ['abd'] }]),
      /tasks\[1\]\.parents: "b" names the parent "abd", which does not exist; did you mean "abc"/,
    ],
    ['an unknown child', workflow([{ id: 'a', children: ['zzzz'] }]), /"a" names the child "zzzz"/],
    ['an id twice', workflow([{ id: 'a' }, { id: 'a' }]), /tasks\[1\]: repeats the id "a"/],
    ['no id', workflow([{ name: 'x' }]), /tasks\[0\]: needs an id/],
    ['a time below 0', workflow([{ id: 'a' }], { a: -1 }), /runtimeInSeconds: is -1/],
  ])('refuses %s', (_name, value, message) => {
    const { problems, definitions } = read(value);
    expect(problems).toHaveLength(1);
    expect(problems[0]!.message).toMatch(message);
    expect(problems[0]!.file).toBe('w.json');
    expect(definitions).toEqual({});
  });
});
