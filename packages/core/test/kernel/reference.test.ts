/** The examples of docs/reference/dependencies.md, carried out. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { END_REASONS, PHASES } from '../../src/kernel/codes.js';
import type { EdgeDefinition } from '../../src/model/edge.js';
import { Drive } from './drive.js';

const page = (name: string) =>
  readFileSync(new URL(`../../../../docs/reference/${name}.md`, import.meta.url), 'utf8');
const cells = (line: string) =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, text]) => text ?? ''));
const examples = page('dependencies')
  .slice(page('dependencies').indexOf('## Examples'))
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map(cells);

test('the page has its examples', () => {
  expect(examples).toHaveLength(12);
});

test.each(examples.map((row) => [row.slice(0, 4).flat().join(' · '), row] as const))('%s', (_, row) => {
  const [up = '', down = '', edge = '', slot = ''] = row.slice(0, 4).flat();
  const drive = new Drive({ at: '2026-03-01T00:30:00Z', workers: [] });
  const definition = (edge.startsWith('{') ? JSON.parse(edge) : edge) as EdgeDefinition;
  drive.apply({ jobs: { up: { schedule: up }, down: { schedule: down, after: { up: definition } } } });
  drive.until(new Date(slot).toISOString());
  const run = drive
    .all('run')
    .find(({ key, value }) => key[0] === 2 && value['instant'] === Date.parse(slot));
  const binding = drive.all('binding').find(({ key }) => key[0] === 2 && key[1] === run?.key[1])?.value;
  const listed = binding?.['instants'];
  const found: number[] =
    typeof listed === 'string' ? JSON.parse(listed) : [binding?.['fromInstant']].filter((at) => at !== null);
  expect(found).toEqual((row[4] ?? []).map((text) => Date.parse(text)));
});

test('the page on runs names every phase, and only reasons that there are', () => {
  const text = page('runs');
  for (const phase of PHASES) expect(text).toContain(`\`${phase}\``);
  const skipped = /reason: (.*)\.\n/.exec(text)?.[1] ?? '';
  const named = [...skipped.matchAll(/`(\w+)`/g)]
    .map(([, reason]) => reason)
    .filter((word) => word !== 'skipRun');
  expect(named.length).toBeGreaterThan(5);
  for (const reason of named) expect(END_REASONS).toContain(reason);
});
