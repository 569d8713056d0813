import { describe, expect, it } from 'vitest';
import type { FailureRule } from '@hera/core/protocol';
import { PROCESS_KINDS, classifyFailure } from './kinds.js';

const shell = PROCESS_KINDS.find((kind) => kind.name === 'shell')!;
const quota: FailureRule = { name: 'quota', match: 'Quota*dw_*exceeded', class: 'resource' };
const busy: FailureRule = { name: 'busy', exit: 75, class: 'outside' };

// What is told, from the exit code, the end of the output and the job's own rules.
const TABLE: readonly [string, number, string, readonly FailureRule[], object][] = [
  ['nothing tells it', 1, 'some words\n', [], { failure: 'unknown' }],
  [
    'a pattern of the kind',
    1,
    'cp: No space left on device\nbye\n',
    [],
    { failure: 'host', pattern: 'diskFull', line: 'cp: No space left on device' },
  ],
  ['an exit code of the kind', 127, 'Connection refused', [], { failure: 'user' }],
  [
    'a rule of the job before the kind',
    127,
    'Quota of dw_ods is exceeded',
    [quota],
    { failure: 'resource', pattern: 'quota', line: 'Quota of dw_ods is exceeded' },
  ],
  ['parts in another order', 1, 'exceeded dw_ods Quota', [quota], { failure: 'unknown' }],
  ['parts on two lines', 1, 'Quota dw_ods\nexceeded', [quota], { failure: 'unknown' }],
  ['a rule for an exit code', 75, '', [busy], { failure: 'outside', pattern: 'busy' }],
  ['both must hold', 1, 'gone', [{ ...busy, match: 'gone' }], { failure: 'unknown' }],
  [
    'the last line that tells',
    1,
    'Connection reset by a\nConnection refused by b',
    [],
    { failure: 'outside', pattern: 'connection', line: 'Connection refused by b' },
  ],
];

describe('the class of a failure', () => {
  it.each(TABLE)('%s', (_, exitCode, tail, rules, expected) => {
    expect(classifyFailure(shell, { exitCode, tail, rules })).toEqual(expected);
  });

  it('takes a line of any length and a rule of many stars in no time', () => {
    const rules: FailureRule[] = [{ name: 'stars', match: 'a*'.repeat(100) + 'b', class: 'user' }];
    const told = classifyFailure(shell, { exitCode: 1, tail: 'a'.repeat(60_000), rules });
    expect(told).toEqual({ failure: 'unknown' });
  });
});
