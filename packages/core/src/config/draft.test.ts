import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyEdits, partsOf } from './draft.js';
import type { Draft, Edit, ScriptPart } from './draft.js';

const part = (start: number, end: number, key: string): ScriptPart => ({
  start,
  end,
  source: 'config',
  key,
  origin: null,
  value: '',
});
const edit = (start: number, end: number, text: string): Edit => ({
  start,
  end,
  text,
  parts: [{ ...part(0, text.length, `new ${text}`), source: 'date' }],
});
const shown = ({ text, parts }: Draft) => [
  text,
  ...parts.map((p) => `${p.key}=${text.slice(p.start, p.end)}`),
];

describe('applyEdits', () => {
  test.each<[string, ScriptPart, Edit, string[]]>([
    ['a part before stays', part(0, 2, 'p'), edit(2, 4, 'XYZ'), ['abXYZefgh', 'p=ab', 'new XYZ=XYZ']],
    ['a part behind moves', part(4, 6, 'p'), edit(2, 4, 'XYZ'), ['abXYZefgh', 'new XYZ=XYZ', 'p=ef']],
    ['a part around grows', part(1, 5, 'p'), edit(2, 4, 'XYZ'), ['abXYZefgh', 'p=bXYZe', 'new XYZ=XYZ']],
    ['a part of the same place is around', part(2, 4, 'p'), edit(2, 4, 'X'), ['abXefgh', 'p=X', 'new X=X']],
    ['a part inside is forgotten', part(3, 4, 'p'), edit(2, 5, 'X'), ['abXfgh', 'new X=X']],
    ['a part cut at its end is forgotten', part(1, 3, 'p'), edit(2, 5, 'X'), ['abXfgh', 'new X=X']],
    ['a part cut at its start is forgotten', part(4, 6, 'p'), edit(2, 5, 'X'), ['abXfgh', 'new X=X']],
    ['an empty part at the edge stays', part(2, 2, 'p'), edit(2, 4, 'X'), ['abXefgh', 'new X=X', 'p=']],
    ['an empty part inside is forgotten', part(3, 3, 'p'), edit(2, 4, 'X'), ['abXefgh', 'new X=X']],
    ['nothing put in', part(4, 6, 'p'), edit(2, 4, ''), ['abefgh', 'p=ef', 'new =']],
  ])('%s', (_, given, change, expected) => {
    expect(shown(applyEdits({ text: 'abcdefgh', parts: [given] }, [change]))).toEqual(expected);
  });

  test('whatever is edited, every part still covers its own text', () => {
    const cuts = fc
      .uniqueArray(fc.nat(20), { minLength: 2, maxLength: 8 })
      .map((some) => some.sort((a, b) => a - b));
    const pairs = (points: readonly number[]) =>
      points.flatMap((start, i) =>
        i % 2 === 0 && i + 1 < points.length ? [[start, points[i + 1]!] as const] : [],
      );
    fc.assert(
      fc.property(cuts, cuts, (partCuts, editCuts) => {
        const text = 'abcdefghijklmnopqrstuvwxyz'.slice(0, 21);
        const parts = pairs(partCuts).map(([start, end]) => part(start, end, text.slice(start, end)));
        const edits = pairs(editCuts).map(([start, end]) => edit(start, end, '<>'));
        const result = applyEdits({ text, parts }, edits);
        for (const { key, start, end, source } of result.parts) {
          const now = result.text.slice(start, end);
          if (source === 'date') expect(now).toBe('<>');
          else expect(new RegExp(`^${now.replaceAll('<>', '[a-z]+')}$`).test(key)).toBe(true);
        }
      }),
    );
  });
});

test('partsOf answers for stretches', () => {
  const draft = {
    text: 'abcdef',
    parts: [part(1, 3, 'p'), { ...part(4, 5, 'q'), source: 'param' as const }],
  };
  const touched = (...range: [number, number]) => partsOf(draft, 'param', 'secret').touches(...range);
  expect([touched(0, 4), touched(3, 5), touched(4, 5), touched(5, 6)]).toEqual([false, true, true, false]);
});
