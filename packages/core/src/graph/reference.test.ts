import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { buildGraph } from './job-graph.js';
import { parseSelection, select } from './selection.js';

const page = readFileSync(new URL('../../../../docs/reference/selections.md', import.meta.url), 'utf8');
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
const code = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, text]) => text!);

const jobs = rows.filter((cells) => cells.length === 5);
const names = jobs.map(([name]) => code(name!)[0]!);
const edges = jobs.flatMap(([, upstream], to) =>
  code(upstream!).map((from) => [names.indexOf(from), to] as const),
);
const lookup = {
  groupsOf: (node: number) => code(jobs[node]![2]!),
  kindOf: (node: number) => jobs[node]![3]!,
  labelsOf: (node: number) => {
    const [key = '', value = ''] = jobs[node]![4]!.split('=');
    return key === '' ? {} : { [key]: value };
  },
};

test('every selection of the page selects what the page says', () => {
  const graph = buildGraph(names, edges);
  const examples = rows.filter((cells) => cells.length === 3);
  expect([names.length, examples.length]).toEqual([7, 20]);
  for (const [written, , selects] of examples) {
    const text = code(written!)[0]!;
    const found = Array.from(select(graph, parseSelection(text), lookup), (node) => names[node]);
    expect([text, found]).toEqual([text, code(selects!).sort((a, b) => names.indexOf(a) - names.indexOf(b))]);
  }
});
