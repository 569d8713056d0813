import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildGraph } from './job-graph.js';
import { parseSelection, printSelection, select } from './selection.js';
import type { SelectionNode } from './selection.js';

const names = ['ods_order', 'ods_click', 'dwd_order', 'dws_gmv', 'dws_tmp', 'report', '日报', '2', '3'];
const edges = [
  [0, 2],
  [2, 3],
  [2, 4],
  [3, 5],
  [5, 6],
  [7, 8],
] as const;
const graph = buildGraph(names, edges);
const groups = ['ods', 'ods', 'dw/dwd', 'dw/dws', 'dw/dws', 'app', 'app/日', '', ''];
const lookup = {
  groupsOf: (node: number) => [groups[node]!],
  labelsOf: (node: number) => (node < 2 ? { tier: 'gold', 'a b': 'c d' } : {}) as Record<string, string>,
  kindOf: (node: number) => (names[node]!.startsWith('dw') ? 'hive' : 'shell'),
  poolOf: () => 'etl',
  ownerOf: (node: number) => (node === 5 ? 'team:dw' : 'li'),
};
const selected = (text: string) =>
  Array.from(select(graph, parseSelection(text), lookup), (node) => names[node]).join(' ');

describe('select', () => {
  test.each([
    ['one job', 'report', 'report'],
    ['all upstream', '+report', 'ods_order dwd_order dws_gmv report'],
    ['all downstream', 'report+', 'report 日报'],
    ['both, from the job itself', '+dws_gmv+', 'ods_order dwd_order dws_gmv report 日报'],
    ['two levels upstream', '2+report', 'dwd_order dws_gmv report'],
    ['one level downstream', 'dwd_order+1', 'dwd_order dws_gmv dws_tmp'],
    ['a number on each side', '1+dws_gmv+1', 'dwd_order dws_gmv report'],
    ['depth 0', '0+report+0', 'report'],
    ['everything', '*', 'ods_order ods_click dwd_order dws_gmv dws_tmp report 日报 2 3'],
    ['a wildcard', 'dws_*', 'dws_gmv dws_tmp'],
    ['wildcards in the middle', 'o*_c*k', 'ods_click'],
    ['a wildcard that matches nothing too', 'report*', 'report'],
    ['a list by space', 'report  ods_click', 'ods_click report'],
    ['a list by comma, also a full-width one', 'report,ods_click， 日报', 'ods_click report 日报'],
    ['a pasted list, one per line', '\nreport\nods_click\n', 'ods_click report'],
    ['left out', 'dws_* !dws_tmp', 'dws_gmv'],
    ['left out, wherever it stands', '!dws_tmp dws_*', 'dws_gmv'],
    ['only exclusions leave the rest', '!dw* !ods_* !"2" !"3"', 'report 日报'],
    ['left out with what is above', '+report !+dwd_order', 'dws_gmv report'],
    ['intersection', 'group:dw & +report', 'dwd_order dws_gmv'],
    ['intersection binds closer than a list', 'report dws_* & !dws_tmp', 'dws_gmv report'],
    ['parentheses', '(report dws_*) & !dws_tmp', 'dws_gmv report'],
    ['exclusions stay within their parentheses', '(dws_* !dws_tmp) dws_tmp', 'dws_gmv dws_tmp'],
    ['twice not', '!!report', 'report'],
    ['plus on parentheses', '(dws_tmp report)+', 'dws_tmp report 日报'],
    ['plus on a field', '1+group:app', 'dws_gmv report 日报'],
    ['several walks of one depth', '1+report, 1+dws_tmp', 'dwd_order dws_gmv dws_tmp report'],
    ['a group with all below', 'group:dw', 'dwd_order dws_gmv dws_tmp'],
    ['not a group of like beginning', 'group:dw/dw', null],
    ['a group by wildcard', 'group:*/dws', 'dws_gmv dws_tmp'],
    ['the root group', 'group:"" & !group:dw & !group:app & !group:ods', '2 3'],
    ['a kind', 'kind:hive', 'dwd_order dws_gmv dws_tmp'],
    ['a label and its value', 'label:tier=gold', 'ods_order ods_click'],
    ['a label of any value', 'label:tier', 'ods_order ods_click'],
    ['tag is label', 'tag:tier', 'ods_order ods_click'],
    ['a quoted label', 'label:"a b"="c d"', 'ods_order ods_click'],
    ['another value of the label', 'label:tier=silver', null],
    ['an inherited property is no label', 'label:constructor', null],
    ['pool and owner', 'pool:e* & owner:"team:dw"', 'report'],
    ['a job named by digits', '"2"', '2'],
    ['digits before a plus are a depth', '2+3', '2 3'],
    ['quoted digits are a name', '"2"+3', '2 3'],
    ['digits with a plus behind them are a name', '2+', '2 3'],
    ['nothing in common', 'report & dws_gmv', null],
    ['an unknown name among known ones', 'report repotr', null],
    ['an unknown name left out', '* !repotr', null],
  ])('%s: %s', (_, text, expected) => {
    if (expected !== null) return expect(selected(text)).toBe(expected);
    expect(() => selected(text)).toThrow(expect.objectContaining({ code: 'SELECTION_EMPTY' }));
  });

  test('upstream first, also across a job that is left out', () => {
    const chain = buildGraph(
      ['c', 'b', 'a'],
      [
        [2, 1],
        [1, 0],
      ],
    );
    expect([...select(chain, parseSelection('c a'))]).toEqual([2, 0]);
  });

  test('what is not known cannot be asked for', () => {
    const error = expect.objectContaining({ code: 'SELECTION_INVALID' });
    for (const text of ['group:a', 'label:a', 'kind:a', 'pool:a', 'owner:a']) {
      expect(() => select(graph, parseSelection(text))).toThrow(error);
    }
  });
});

describe('parseSelection refuses', () => {
  test.each([
    ['nothing', '', 0],
    ['nothing but separators', ' , ', 3],
    ['empty parentheses', 'a ()', 3],
    ['an open parenthesis', 'a (b', 2],
    ['a closing one alone', 'a) b', 1],
    ['a plus alone', 'a + b', 2],
    ['a plus between jobs', 'a+b', 2],
    ['two pluses', 'a++', 2],
    ['a depth that goes on', 'a+3b', 3],
    ['a depth no graph has', 'a+1234567890', 1],
    ['a minus', 'a -b', 2],
    ['an intersection with nothing', 'a & ', 4],
    ['an intersection of nothing', '& a', 0],
    ['jobs without a space', '"a""b"', 3],
    ['an open quote', '"a', 0],
    ['a stray backslash', '"a\\n"', 0],
    ['a field that is none', 'status:failed', 0],
    ['a field without a value', 'kind: hive', 5],
    ['a character of no name', 'a;b', 1],
    ['nesting without end', '('.repeat(500), 101],
    ['negation without end', '!'.repeat(500), 101],
  ])('%s: %s', (_, selection, offset) => {
    const error = expect.objectContaining({ code: 'SELECTION_INVALID', details: { selection, offset } });
    expect(() => parseSelection(selection)).toThrow(error);
  });
});

describe('printSelection', () => {
  test.each([
    ['+report', '+report'],
    ['a,b , c', 'a b c'],
    ['((a))&!( b c )', 'a & !(b c)'],
    ['"plain" "2" "two words"', 'plain "2" "two words"'],
    ['tag:x', 'label:x'],
    ['2+(a & b)+3', '2+(a & b)+3'],
    ['"q\\"\\\\"', '"q\\"\\\\"'],
  ])('%s is printed %s', (text, printed) => expect(printSelection(parseSelection(text))).toBe(printed));

  const anyPattern = fc.oneof(
    fc.string({ minLength: 1, unit: 'grapheme' }).map((text) => ({ text, exact: true })),
    fc.constantFrom('2', '12', 'a-b', '日报', 'x.y').map((text) => ({ text, exact: true })),
    fc.constantFrom('*', 'dws_*', '*a*', '2*').map((text) => ({ text, exact: false })),
  );
  const depth = fc.constantFrom(0, 1, 3, Number.POSITIVE_INFINITY);
  const { node: anyNode } = fc.letrec<{ node: SelectionNode }>((tie) => ({
    node: fc.oneof(
      { depthSize: 'small' },
      anyPattern.map((pattern) => ({ type: 'name' as const, ...pattern })),
      fc
        .record({ field: fc.constantFrom('group', 'kind', 'pool', 'owner'), pattern: anyPattern })
        .map(({ field, pattern }) => ({ type: 'field' as const, field, ...pattern })),
      fc.record({
        type: fc.constant('label' as const),
        key: fc.string({ minLength: 1 }),
        value: fc.option(anyPattern),
      }),
      fc
        .record({ type: fc.constant('reach' as const), of: tie('node'), up: depth, down: depth })
        .filter((node) => node.up + node.down > 0),
      fc.record({ type: fc.constant('not' as const), of: tie('node') }),
      fc.record({
        type: fc.constantFrom('both' as const, 'list' as const),
        of: fc.array(tie('node'), { minLength: 2, maxLength: 4 }),
      }),
    ),
  }));

  test('parsing what was printed gives the same tree', () => {
    fc.assert(
      fc.property(anyNode, (root) => {
        const printed = printSelection({ text: '', root });
        expect(parseSelection(printed)).toEqual({ text: printed, root });
      }),
      { numRuns: 500 },
    );
  });

  test('any text is parsed or refused with an offset inside it', () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: fc.constantFrom(...'ab*+2"()!&, :=') }),
    );
    fc.assert(
      fc.property(text, (selection) => {
        try {
          expect(printSelection(parseSelection(selection))).not.toBe('');
        } catch (error) {
          expect(error).toMatchObject({ code: 'SELECTION_INVALID' });
          const { offset } = (error as { details: { offset: number } }).details;
          expect(offset).toBeGreaterThanOrEqual(0);
          expect(offset).toBeLessThanOrEqual(selection.length);
        }
      }),
      { numRuns: 500 },
    );
  });
});

test('a pasted list of 20,000 jobs with their upstreams', () => {
  const many = Array.from({ length: 20_000 }, (_, node) => `job_${node}`);
  const chain = buildGraph(
    many,
    many.slice(1).map((_, node) => [node, node + 1] as const),
  );
  const text = many.map((name) => `+${name}`).join('\n');
  expect(select(chain, parseSelection(text))).toHaveLength(20_000);
});
