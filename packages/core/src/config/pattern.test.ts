import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { patternProblem, valuePattern } from './pattern.js';

describe('valuePattern', () => {
  test.each([
    ['', ['', 'a']],
    ['a|ab|', ['a', 'ab', '', 'b']],
    ['[a-z]+(-[a-z]+)*', ['ab', 'ab-c', 'ab-', '-a', '']],
    ['\\d{4}-\\d{2}', ['2026-11', '2026-1', '12026-11']],
    ['\\p{L}{2,3}', ['中文', '中', 'abcd', 'ab1']],
    ['.', ['😀', '\n', 'ab', '']],
    ['a{2}|b{2,}|c{0,1}', ['aa', 'a', 'bbb', 'b', 'c', '', 'cc']],
    ['(?<year>\\d+)(?:x)?', ['1x', '1', 'x']],
    ['^a$', ['a', 'b']],
    ['a^b|a$b|^$', ['ab', '']],
    ['[\\]^-]+', ['^-]', 'a']],
    ['[^\\s"]*', ['a', 'a b', '"']],
    ['\\u{1F600}|\\x41|\\u0042|\\t|\\/|\\cA', ['😀', 'A', 'B', '\t', '/', '\u0001', 'C']],
    ['(a*)*b', ['b', 'aab', 'aa']],
    ['a+?b??', ['aab', 'a', 'b']],
    ['\\$\\{x\\}', ['${x}', '$x']],
  ])('%s takes what the language takes', (pattern, values) => {
    const own = valuePattern(pattern);
    const theirs = new RegExp(`^(?:${pattern})$`, 'u');
    for (const value of values) expect([value, own.matches(value)]).toEqual([value, theirs.test(value)]);
  });

  test.each([
    ['what is no pattern', '('],
    ['a name of characters that is none', '\\p{Nope}'],
    ['looking ahead', '(?=a)a'],
    ['looking back', '(?<!a)b'],
    ['a back reference', '(a)\\1'],
    ['a named one', '(?<x>a)\\k<x>'],
    ['the edge of a word', '\\ba'],
    ['repetitions that multiply', '((a{30}){30}){30}'],
    ['groups without end', '('.repeat(200) + ')'.repeat(200)],
  ])('%s is refused: %s', (_, pattern) => expect(patternProblem(pattern)).not.toBeNull());

  test('a good one has no problem', () => expect(patternProblem('[a-z]+')).toBeNull());

  test('what keeps others busy for years', () => {
    expect(valuePattern('(a+)+b').matches('a'.repeat(4_000))).toBe(false);
    expect(valuePattern('(.*)*(.*)*(.*)*x').matches('a'.repeat(4_000))).toBe(false);
  });

  test('any small pattern takes what the language takes', () => {
    const { pattern: anyPattern } = fc.letrec<{ pattern: string }>((tie) => ({
      pattern: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\w', ''),
        fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => a + b),
        fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => `${a}|${b}`),
        fc
          .tuple(tie('pattern'), fc.constantFrom('*', '+', '?', '{2}', '{0,2}', '{1,}'))
          .map(([a, sign]) => `(${a})${sign}`),
      ),
    }));
    const anyValue = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 6 });
    fc.assert(
      fc.property(anyPattern, anyValue, (pattern, value) => {
        fc.pre(pattern.length < 60);
        expect(valuePattern(pattern).matches(value)).toBe(new RegExp(`^(?:${pattern})$`, 'u').test(value));
      }),
      { numRuns: 1_000 },
    );
  });
});
