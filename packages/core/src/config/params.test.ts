import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ParamDefinition } from '../model/job.js';
import { checkParamInText, paramEnvironment, validateParams } from './params.js';

const refused = (rule: string, parameter = 'p') =>
  expect.objectContaining({ code: 'PARAMETER_INVALID', details: { parameter, rule } });

describe('validateParams', () => {
  test.each<[string, ParamDefinition, string | number | boolean, string]>([
    ['text as it is', { type: 'string' }, "it's $(fine) here", "it's $(fine) here"],
    ['empty text', { type: 'string' }, '', ''],
    ['line breaks and tabs', { type: 'string' }, 'a\n\tb', 'a\n\tb'],
    ['a number becomes text', { type: 'integer' }, 7, '7'],
    ['a negative integer in text', { type: 'integer' }, '-7', '-7'],
    ['a fraction', { type: 'number' }, 0.5, '0.5'],
    ['an exponent', { type: 'number' }, '1e3', '1e3'],
    ['truth', { type: 'boolean' }, true, 'true'],
    ['a date', { type: 'date' }, '2024-02-29', '2024-02-29'],
    ['one of an enumeration', { type: 'string', enum: ['cn', 'eu'] }, 'eu', 'eu'],
    ['a number of an enumeration, as text', { type: 'integer', enum: [1, 2] }, '2', '2'],
    ['the whole pattern', { type: 'string', pattern: 'a|ab' }, 'ab', 'ab'],
    ['at the ends of the range', { type: 'integer', min: 1, max: 3 }, 3, '3'],
    ['length counts characters', { type: 'string', min: 2, max: 2 }, '😀中', '😀中'],
    ['an exact default is used', { type: 'integer', default: 4 }, undefined as never, '4'],
    ['a given value beats the default', { type: 'boolean', default: true }, false, 'false'],
  ])('%s', (_, definition, given, expected) => {
    const values = given === undefined ? {} : { p: given };
    expect(validateParams({ p: definition }, values)).toEqual({ p: expected });
  });

  test.each<[string, ParamDefinition, string | number | boolean, string]>([
    ['a fraction for an integer', { type: 'integer' }, '1.0', 'type'],
    ['an integer beyond 2^53', { type: 'integer' }, '9007199254740993', 'type'],
    ['no number', { type: 'number' }, 'NaN', 'type'],
    ['a number too large', { type: 'number' }, '1e999', 'type'],
    ['hexadecimal', { type: 'number' }, '0x10', 'type'],
    ['truth in other words', { type: 'boolean' }, 'yes', 'type'],
    ['a day that does not exist', { type: 'date' }, '2026-02-29', 'type'],
    ['a date in another form', { type: 'date' }, '20260228', 'type'],
    ['none of the enumeration', { type: 'string', enum: ['cn'] }, 'CN', 'enum'],
    ['a pattern found only inside', { type: 'string', pattern: 'a+' }, 'baab', 'pattern'],
    ['a pattern that ends before a line break', { type: 'string', pattern: '.*' }, 'a\nb', 'pattern'],
    ['a pattern that is none', { type: 'string', pattern: '(' }, 'a', 'pattern'],
    ['too small', { type: 'number', min: 0 }, -0.1, 'min'],
    ['too large', { type: 'integer', max: 3 }, 4, 'max'],
    ['too short', { type: 'string', min: 1 }, '', 'min'],
    ['too long for everybody', { type: 'string' }, 'x'.repeat(4097), 'length'],
    ['a control character', { type: 'string' }, 'a\u0000b', 'text'],
    ['a default that breaks its own rule', { type: 'integer', default: 'x' }, undefined as never, 'type'],
    ['required and absent', { type: 'string', required: true }, undefined as never, 'required'],
  ])('%s is refused', (_, definition, given, rule) => {
    const values = given === undefined ? {} : { p: given };
    expect(() => validateParams({ p: definition }, values)).toThrow(refused(rule));
  });

  test('what is not declared is refused, also by an inherited name', () => {
    expect(() => validateParams({}, { p: 1 })).toThrow(refused('declared'));
    expect(() => validateParams({}, { constructor: 1 })).toThrow(refused('declared', 'constructor'));
  });

  test('a name no environment can carry is refused', () => {
    expect(() => validateParams({ 'a-b': { type: 'string' } }, {})).toThrow(refused('name', 'a-b'));
  });

  test('absent, optional and without default is left out', () => {
    expect(validateParams({ p: { type: 'string' } }, {})).toEqual({});
  });
});

describe('checkParamInText', () => {
  test.each<[string, string, ParamDefinition | undefined]>([
    ['letters of any script', '华东-2026.11', { type: 'string' }],
    ['a path', '/data/x=1/%Y', { type: 'string' }],
    ['an enumeration may hold anything', 'a b', { type: 'string', enum: ['a b'] }],
    ['a declared pattern may too', "o'k", { type: 'string', pattern: "[a-z']+" }],
    ['nothing declared, nothing special', 'x1', undefined],
  ])('%s may stand in a script', (_, value, definition) => {
    expect(() => checkParamInText('p', value, definition)).not.toThrow();
  });

  test.each([...'\'"`$;&|<>(){}[]*?!#~^\\ \n\t'])('%j may not', (char) => {
    expect(() => checkParamInText('p', `a${char}b`, { type: 'string' })).toThrow(refused('pattern'));
    expect(() => checkParamInText('p', `a${char}b`)).toThrow(refused('pattern'));
  });
});

describe('paramEnvironment', () => {
  test('upper case behind a prefix', () => {
    expect(paramEnvironment({ region: 'eu', day_1: 'x' })).toEqual({
      HERA_PARAM_REGION: 'eu',
      HERA_PARAM_DAY_1: 'x',
    });
  });

  test('two names for one variable are refused', () => {
    expect(() => paramEnvironment({ a: '1', A: '2' })).toThrow(refused('name', 'A'));
  });
});

test('any value is taken as it is or refused with a rule', () => {
  const definition = fc.record<ParamDefinition>(
    {
      type: fc.constantFrom('string', 'integer', 'number', 'boolean', 'date'),
      pattern: fc.constantFrom('a*', '[', '\\d+', '.'),
      min: fc.integer({ min: -3, max: 3 }),
      max: fc.integer({ min: -3, max: 3 }),
    },
    { requiredKeys: ['type'] },
  );
  fc.assert(
    fc.property(
      definition,
      fc.oneof(fc.string(), fc.integer(), fc.double(), fc.boolean()),
      (declared, given) => {
        try {
          expect(validateParams({ p: declared }, { p: given })).toEqual({ p: String(given) });
        } catch (error) {
          expect(error).toMatchObject({ code: 'PARAMETER_INVALID', details: { parameter: 'p' } });
        }
      },
    ),
  );
});
