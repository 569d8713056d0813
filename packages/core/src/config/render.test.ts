import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { instant, localDate, zoneName } from '../model/ids.js';
import { isSchedulerError } from '../model/errors.js';
import { intlZoneMath } from '../../test/vectors/intl-zone-math.js';
import { inheritConfig } from './inherit.js';
import type { ConfigValue } from './inherit.js';
import { explainScript, includedKeys, insertSecrets, renderScript } from './render.js';
import type { RenderInput } from './render.js';

function input(
  text: string,
  config: Record<string, ConfigValue> = {},
  more: Partial<RenderInput> = {},
): RenderInput {
  return {
    text,
    at: instant(Date.parse('2026-11-24T02:00:00+08:00')),
    zone: zoneName('Asia/Shanghai'),
    zoneMath: intlZoneMath,
    nowMs: instant(Date.parse('2026-12-01T00:30:00+08:00')),
    businessDate: localDate('2026-11-23'),
    config: inheritConfig([{ origin: 'job a', config }]),
    ...more,
  };
}
const rendered = (...args: Parameters<typeof input>) => renderScript(input(...args)).text;
const including = (scripts: Record<string, string>): Partial<RenderInput> => ({
  include: (key) => (Object.hasOwn(scripts, key) ? scripts[key]! : null),
});

describe('config', () => {
  test.each<[string, string, Record<string, ConfigValue>, string]>([
    ['a key', 'use ${db};', { db: 'dw' }, 'use dw;'],
    ['the same key twice', '${a}${a}', { a: 'x' }, 'xx'],
    ['an empty value', '[${a}]', { a: '' }, '[]'],
    ['a key with dots and spaces', '${EU.my key}', { 'EU.my key': 'x' }, 'x'],
    ['a key in Chinese', '${库}', { 库: 'dw' }, 'dw'],
    ['raw, whatever it holds', '${a}', { a: `'; $(rm) \\1 $& ` }, `'; $(rm) \\1 $& `],
    [
      'unknown names stay',
      'for f in ${files}; do echo ${f%.*} $f; done',
      {},
      'for f in ${files}; do echo ${f%.*} $f; done',
    ],
    ['a value that is one variable', '${a}', { a: '${b}', b: 'x' }, 'x'],
    ['repeatedly', '${a}', { a: '${b}', b: '${c}', c: 'x' }, 'x'],
    ['a value that is one unknown variable', '${a}', { a: '${b}' }, '${b}'],
    ['not inside a longer value', '${a}', { a: '${b}_x', b: 'y' }, '${b}_x'],
    ['not with a space around', '${a}', { a: ' ${b}', b: 'y' }, ' ${b}'],
    ['the inner of two', '${a${b}}', { b: 'x', ax: 'y' }, '${ax}'],
    ['an empty name', '${}', { '': 'x' }, '${}'],
    ['no inherited property', '${constructor}', {}, '${constructor}'],
    ['a name of ours that config sets', '${yesterday} ${bizdate}', { yesterday: 'a', bizdate: 'b' }, 'a b'],
    ['a date in a value', 'dt=${dt}', { dt: '${zdt.addDay(-1).format("yyyyMMdd")}' }, 'dt=20261123'],
    ['a date inside a longer value', '${dt}', { dt: 'p_${yesterday}_x' }, 'p_20261123_x'],
    ['a number of a date', '${zdt.addDay(${n}).format("dd")}', { n: '-3' }, '21'],
    ['a date that names a key stays so', `\${zdt.format("'\${a}'")}`, {}, '${a}'],
  ])('%s', (_, text, config, expected) => expect(rendered(text, config)).toBe(expected));

  test.each<[string, Record<string, ConfigValue>, string[]]>([
    ['itself', { a: '${a}' }, ['a']],
    ['each other', { a: '${b}', b: '${a}' }, ['a', 'b']],
    ['reached from outside', { a: '${b}', b: '${c}', c: '${b}' }, ['b', 'c']],
  ])('keys that name %s are an error', (_, config, keys) => {
    expect(() => rendered('${a}', config)).toThrow(
      expect.objectContaining({ code: 'TEMPLATE_LOOP', details: { keys } }),
    );
  });

  test('a loop that nothing uses is nothing', () => {
    expect(rendered('x', { a: '${a}' })).toBe('x');
  });
});

describe('dates', () => {
  test('each expression starts anew', () => {
    expect(rendered('${zdt.addDay(-1).format("dd")} ${zdt.format("dd")} ${yesterday} ${bizdate}')).toBe(
      '23 24 20261123 20261123',
    );
  });

  test('an expression that is none is an error with its place', () => {
    const details = { expression: '${zdt.nope()}', offset: 6 };
    expect(() => rendered('a\nb ${zdt.nope()}')).toThrow(
      expect.objectContaining({
        code: 'TEMPLATE_INVALID',
        details,
        message: expect.stringContaining('line 2'),
      }),
    );
  });
});

describe('includes', () => {
  test.each<[string, string, Record<string, string>, string]>([
    ['a script', 'a\ninclude[lib]\nb', { lib: 'x\ny' }, 'a\nx\ny\nb'],
    ['an include in an include', 'include[a]', { a: '<include[b]>', b: 'x' }, '<x>'],
    ['before variables and dates', 'include[lib]', { lib: '${db}.t_${yesterday}' }, 'dw.t_20261123'],
    ['an unknown one stays', 'include[no]', {}, 'include[no]'],
    ['of another word', 'myinclude[lib] x.include[lib]', { lib: 'x' }, 'myinclude[lib] x.include[lib]'],
    ['its downloads too', 'include[lib]|', { lib: 'download[hdfs:///x y]' }, '|'],
  ])('%s', (_, text, scripts, expected) =>
    expect(rendered(text, { db: 'dw' }, including(scripts))).toBe(expected),
  );

  test('none in config: only the author of a script includes', () => {
    expect(rendered('${a}', { a: 'include[lib]' }, including({ lib: 'x' }))).toBe('include[lib]');
  });

  test('what was used, and what was not there', () => {
    const { includes, unknown } = renderScript(
      input('include[a] include[b] include[a] include[no]', {}, including({ a: 'include[c]', b: '', c: '' })),
    );
    expect([includes, unknown]).toEqual([['a', 'c', 'b'], ['include[no]']]);
  });

  test.each<[string, Record<string, string>, string[]]>([
    ['itself', { a: 'include[a]' }, ['a']],
    ['each other', { a: 'include[b]', b: 'include[a]' }, ['a', 'b']],
    ['reached from outside', { a: 'include[b]', b: 'include[c]', c: 'include[b]' }, ['b', 'c']],
  ])('one that includes %s is an error', (_, scripts, keys) => {
    const error = expect.objectContaining({ code: 'INCLUDE_LOOP', details: { keys } });
    expect(() => rendered('include[a]', {}, including(scripts))).toThrow(error);
  });

  test.each(['', 'x'])('doubling %j is stopped', (leaf) => {
    const scripts = Object.fromEntries(
      Array.from({ length: 40 }, (_, i) => [
        `s${i}`,
        i === 39 ? leaf : `include[s${i + 1}]include[s${i + 1}]`,
      ]),
    );
    const error = expect.objectContaining({ code: 'TEMPLATE_INVALID' });
    expect(() => rendered('include[s0]', {}, including(scripts))).toThrow(error);
  });

  test('a long chain is stopped', () => {
    const include = (key: string) => `include[${key}x]`;
    expect(() => rendered('include[a]', {}, { include })).toThrow(
      expect.objectContaining({ code: 'TEMPLATE_INVALID' }),
    );
  });

  test('includedKeys lists them without looking them up', () => {
    expect(includedKeys('include[b] include[a] include[b] include[0]')).toEqual(['b', 'a', '0']);
  });
});

describe('downloads', () => {
  test.each<[string, string, string, [uri: string, name: string][]]>([
    ['with a name', 'download[hdfs:///etl/a.py b.py]\nrun', '\nrun', [['hdfs:///etl/a.py', 'b.py']]],
    ['without', 'download[hdfs://nn:8020/etl/a.py]', '', [['hdfs://nn:8020/etl/a.py', 'a.py']]],
    ['without, behind a query', 'download[https://x/a.py?v=1/2#z]', '', [['https://x/a.py?v=1/2#z', 'a.py']]],
    [
      'two on a line',
      'download[hdfs:///a] download[s3:///b c]',
      ' ',
      [
        ['hdfs:///a', 'a'],
        ['s3:///b', 'c'],
      ],
    ],
    ['of one name the first', 'download[hdfs:///a]download[hdfs:///x/a]', '', [['hdfs:///a', 'a']]],
    ['spaces inside', 'download[  hdfs:///a   b  ]', '', [['hdfs:///a', 'b']]],
    ['a directory of its own', 'download[hdfs:///a lib/b]', '', [['hdfs:///a', 'lib/b']]],
    [
      'config and dates in the address',
      'download[${fs}/p=${zdt.format("yyyy MM")}/${f} ${f}.x]',
      '',
      [['hdfs:///p=2026 11/a', 'a.x']],
    ],
    ['no address', 'download[0] download[x y]', 'download[0] download[x y]', []],
    ['another word', 'mydownload[hdfs:///a]', 'mydownload[hdfs:///a]', []],
    ['not across lines', 'download[hdfs:///a\nb]', 'download[hdfs:///a\nb]', []],
  ])('%s', (_, text, expected, downloads) => {
    const found = renderScript(input(text, { fs: 'hdfs://', f: 'a' }));
    expect([found.text, found.downloads.map(({ uri, name }) => [uri, name])]).toEqual([expected, downloads]);
  });

  test.each([
    'hdfs:///a ../b',
    'hdfs:///a /etc/b',
    'hdfs:///a x//b',
    'hdfs:///a/',
    'hdfs:///..',
    'hdfs:///a ./b',
  ])('download[%s] would not lie in the work directory', (directive) => {
    const error = expect.objectContaining({ code: 'TEMPLATE_INVALID' });
    expect(() => rendered(`download[${directive}]`)).toThrow(error);
  });

  test('many unclosed ones take no time worth the name', () => {
    const text = 'download[hdfs:/${a}'.repeat(5_000) + '${a}'.repeat(5_000);
    expect(renderScript(input(text)).downloads).toEqual([]);
  });
});

describe('parameters and results', () => {
  const declared = {
    region: { type: 'string', enum: ['cn', 'e u'] },
    n: { type: 'integer' },
    s: { type: 'string' },
  } as const;

  test.each<[string, string, Partial<RenderInput>, string]>([
    ['a parameter', '${param.region}', { declared, params: { region: 'e u' } }, 'e u'],
    ['one that was not given stays', '${param.n}', { declared, params: {} }, '${param.n}'],
    ['one that is not declared stays', '${param.x}', { declared, params: { x: '1' } }, '${param.x}'],
    ['without declarations, harmless ones', '${param.x}', { params: { x: 'a-1' } }, 'a-1'],
    ['in a date', '${zdt.addDay(${param.n}).format("dd")}', { declared, params: { n: '-2' } }, '22'],
    ['a result', '${upstream.orders.rows}', { upstream: { orders: { rows: 42 } } }, '42'],
    ['a result as a whole', '${upstream.orders}', { upstream: { orders: 'ok' } }, 'ok'],
    ['an element of a list', '${upstream.o.days.1}', { upstream: { o: { days: ['a', 'b'] } } }, 'b'],
    [
      'a name with dots, the longest',
      '${upstream.a.b.c}',
      { upstream: { a: { b: { c: 1 } }, 'a.b': { c: 2 } } },
      '2',
    ],
    ['false is a result', '${upstream.o}', { upstream: { o: false } }, 'false'],
    [
      'nothing is none',
      '${upstream.o}${upstream.o.x}',
      { upstream: { o: null } },
      '${upstream.o}${upstream.o.x}',
    ],
    [
      'an unknown path stays',
      '${upstream.o.y}${upstream.p}',
      { upstream: { o: { x: 1 } } },
      '${upstream.o.y}${upstream.p}',
    ],
    ['length of a text is none', '${upstream.o.length}', { upstream: { o: 'abc' } }, '${upstream.o.length}'],
  ])('%s', (_, text, more, expected) => expect(rendered(text, {}, more)).toBe(expected));

  test('config is never overridden', () => {
    const more = { params: { x: 'theirs' }, upstream: { o: 'theirs' } };
    expect(rendered('${x} ${param.x} ${upstream.o}', { 'param.x': 'p', 'upstream.o': 'o' }, more)).toBe(
      '${x} p o',
    );
  });

  test('config may stand for a parameter', () => {
    expect(rendered('${a}', { a: '${param.x}' }, { params: { x: '1' } })).toBe('1');
  });

  test.each<[string, string, Partial<RenderInput>, string, string]>([
    ['a parameter that breaks its rule', '${param.n}', { declared, params: { n: 'x' } }, 'n', 'type'],
    ['a free text that is not harmless', '${param.s}', { declared, params: { s: 'a b' } }, 's', 'pattern'],
    ['an undeclared one', '${param.s}', { params: { s: '$(rm)' } }, 's', 'pattern'],
    ['a result', '${upstream.o.x}', { upstream: { o: { x: "'; drop" } } }, 'upstream.o.x', 'pattern'],
    ['a result with parts', '${upstream.o}', { upstream: { o: { x: 1 } } }, 'upstream.o', 'pattern'],
  ])('%s is refused', (_, text, more, parameter, rule) => {
    const error = expect.objectContaining({ code: 'PARAMETER_INVALID', details: { parameter, rule } });
    expect(() => rendered(text, {}, more)).toThrow(error);
    expect(rendered('not used', {}, more)).toBe('not used');
  });

  test.each([
    '${db}',
    '${password}',
    '${yesterday}',
    '${zdt.nope()}',
    'include[lib]',
    'download[hdfs:///x y]',
  ])('a parameter %s stays what it is, even if its author lets it pass', (value) => {
    const more: Partial<RenderInput> = {
      declared: { x: { type: 'string', pattern: '.*' } },
      params: { x: value },
      ...including({ lib: 'no' }),
    };
    const found = renderScript(
      input('${password} ${param.x}', { db: 'no', password: { secret: 'pw' } }, more),
    );
    expect(found.text.endsWith(` ${value}`)).toBe(true);
    expect(found.unknown).toEqual([]);
    const [place] = found.secrets;
    expect(insertSecrets(found.text, { [place!.placeholder]: 'S' })).toBe(`S ${value}`);
  });

  test('two parameters cannot make an expression together', () => {
    const declared = { a: { type: 'string', pattern: '.*' }, b: { type: 'string', pattern: '.*' } } as const;
    const params = { a: '${zdt.format("', b: 'yyyy")}' };
    expect(rendered('${param.a}${param.b}', {}, { declared, params })).toBe('${zdt.format("yyyy")}');
  });
});

describe('secrets', () => {
  const config = { password: { secret: 'dw-password' }, alias: '${password}', user: 'li' };

  test('a placeholder keeps the place, also through another key', () => {
    const found = renderScript(input('mysql -p${password} -u${user} ${alias}', config));
    expect(found.secrets).toEqual([{ placeholder: '<<secret:dw-password>>', secret: 'dw-password' }]);
    expect(found.text).toBe('mysql -p<<secret:dw-password>> -uli <<secret:dw-password>>');
  });

  test('in the address of a download', () => {
    const found = renderScript(input('download[ftp://li:${password}@h/a.csv]', config));
    expect(found.downloads).toEqual([{ uri: 'ftp://li:<<secret:dw-password>>@h/a.csv', name: 'a.csv' }]);
    expect(found.secrets).toHaveLength(1);
  });

  const anything = { type: 'string', pattern: '.*' } as const;
  test.each<[string, string, Partial<RenderInput>]>([
    ['the script', '<<secret:x>>', {}],
    ['a shared script', 'include[lib]', including({ lib: '<<secret:x>>' })],
    ['a parameter', '${param.x}', { declared: { x: anything }, params: { x: '<<secret:dw-password>>' } }],
    ['two of them', '${param.x}cret:x>>', { declared: { x: anything }, params: { x: '<<se' } }],
    ['config and script', '${start}secret:x>>', {}],
    ['a date', `\${zdt.format("'<<secret:x>>'")}`, {}],
    ['a download', 'download[hdfs:///a<<secret:x>> b]', {}],
    ['a secret cut short', '<${bracket}', {}],
  ])('%s may hold nothing that looks like a place of one', (_, text, more) => {
    const error = expect.objectContaining({ code: 'TEMPLATE_INVALID' });
    const keys = { ...config, start: '<<', bracket: { secret: '<x' } };
    expect(() => rendered(text, keys, more)).toThrow(error);
  });

  test('part of a date expression it cannot be', () => {
    const error = expect.objectContaining({ code: 'TEMPLATE_INVALID' });
    expect(() => rendered('${zdt.format("${password}")}', config)).toThrow(error);
    expect(() => rendered(`\${zdt.format("'\${password}'")}`, config)).toThrow(error);
  });

  test('insertSecrets looks at nothing twice', () => {
    const secrets = { '<<secret:a>>': '<<secret:b>> $& $1', '<<secret:b>>': 'B' };
    expect(insertSecrets('<<secret:a>>|<<secret:b>>|<<secret:c>>', secrets)).toBe(
      '<<secret:b>> $& $1|B|<<secret:c>>',
    );
    expect(insertSecrets('x', {})).toBe('x');
  });
});

describe('explainScript', () => {
  test('where each part comes from', () => {
    const more: Partial<RenderInput> = {
      params: { x: '1' },
      upstream: { o: { n: 2 } },
      config: inheritConfig([
        { origin: 'job a', config: { db: 'dw', day: 'p${yesterday}' } },
        { origin: 'group dw', config: { pw: { secret: 's' }, alias: '${db}' } },
      ]),
      ...including({ lib: '[${db}]' }),
    };
    const text = 'include[lib] ${alias} ${day} ${pw} ${param.x} ${upstream.o.n} ${shell}';
    const found = explainScript(input(text, {}, more));
    expect(found.text).toBe('[dw] dw p20261123 <<secret:s>> 1 2 ${shell}');
    expect(found.unknown).toEqual(['shell']);
    const rows = found.parts.map((part) => [
      found.text.slice(part.start, part.end),
      part.source,
      part.key,
      part.origin,
      part.value,
    ]);
    expect(rows).toEqual([
      ['[dw]', 'include', 'lib', null, '[${db}]'],
      ['dw', 'config', 'db', 'job a', 'dw'],
      ['dw', 'config', 'alias', 'group dw', 'dw'],
      ['p20261123', 'config', 'day', 'job a', 'p${yesterday}'],
      ['20261123', 'date', '${yesterday}', null, '20261123'],
      ['<<secret:s>>', 'secret', 'pw', 'group dw', '******'],
      ['1', 'param', 'param.x', null, '1'],
      ['2', 'upstream', 'upstream.o.n', null, '2'],
    ]);
  });
});

describe('whatever the text', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '${',
      '}',
      '${a}',
      '${b}',
      '${pw}',
      '${zdt.',
      'format("yyyy")}',
      '${yesterday}',
      '${param.p}',
    ),
    fc.constantFrom(
      'include[',
      'a]',
      'b]',
      'download[hdfs:///',
      ' x]',
      '${upstream.o',
      '.k}',
      '<<secret:s',
      '>>',
    ),
    fc.string({ maxLength: 4 }),
  );
  const anyText = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
  const anyValue = fc.oneof(anyText, fc.constant({ secret: 's' }));
  const anyInput = fc
    .record({ text: anyText, a: anyValue, b: anyValue, lib: anyText, p: anyText, k: anyText })
    .map(({ text, a, b, lib, p, k }) =>
      input(
        text,
        { a, b, pw: { secret: 's' } },
        { params: { p }, upstream: { o: { k } }, ...including({ a: lib, b: p }) },
      ),
    );

  test('it is rendered or refused with one of four codes, and always the same', () => {
    const codes = ['TEMPLATE_INVALID', 'TEMPLATE_LOOP', 'INCLUDE_LOOP', 'PARAMETER_INVALID'];
    const outcome = (given: RenderInput) => {
      try {
        return { ...renderScript(given), parts: explainScript(given).parts };
      } catch (error) {
        if (!isSchedulerError(error)) throw error;
        return error;
      }
    };
    fc.assert(
      fc.property(anyInput, (given) => {
        const found = outcome(given);
        if (found instanceof Error) {
          expect(codes).toContain(found.code);
          return;
        }
        expect(outcome(given)).toEqual(found);
        for (const part of found.parts) {
          expect(part.start).toBeLessThanOrEqual(part.end);
          expect(part.end).toBeLessThanOrEqual(found.text.length);
          if (part.source === 'secret') {
            expect(found.text.slice(part.start, part.end)).toBe(found.secrets[0]?.placeholder);
          }
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('without ${ and directives it stays as it is', () => {
    const plain = fc.string({ unit: 'binary' }).filter((text) => !/\$\{|include\[|download\[/.test(text));
    fc.assert(
      fc.property(plain, (text) => {
        const found = renderScript(input(text, { a: 'x' }));
        expect(found).toEqual({ text, secrets: [], includes: [], downloads: [], unknown: [] });
      }),
    );
  });
});
