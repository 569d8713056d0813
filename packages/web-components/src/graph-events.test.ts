import type { HeraEvent } from '@hera/api';
import { describe, expect, it } from 'vitest';
import { graphAfter } from './graph-events.js';
import { exampleEstate } from './sources/fixtures/example-estate.js';

const { graph } = exampleEstate();
const shown = graph.nodes.find(({ v }) => v === 'dws_gmv')!.value;
const phase = (change: Partial<Extract<HeraEvent, { type: 'generation.phase' }>>): HeraEvent => ({
  type: 'generation.phase',
  job: 'dws_gmv',
  run: shown.run!,
  generation: 1,
  track: 'main',
  trigger: 'upstream',
  phase: 'running',
  reason: null,
  ...change,
});
const valueAfter = (event: HeraEvent) =>
  graphAfter(graph, event).nodes.find(({ v }) => v === 'dws_gmv')!.value;

describe('graphAfter', () => {
  it('shows the new phase of the run that it shows', () => {
    expect(valueAfter(phase({}))).toEqual({ ...shown, phase: 'running' });
  });

  it('goes on to a newer run', () => {
    const run = 'dws_gmv@20991231T000000Z';
    const created: HeraEvent = {
      type: 'run.created',
      job: 'dws_gmv',
      run,
      instant: 1,
      businessDate: '2099-12-30',
      phase: 'waiting',
      reason: null,
    };
    expect(valueAfter(created)).toEqual({ ...shown, run, phase: 'waiting' });
  });

  it.each([
    ['an older run', phase({ run: 'dws_gmv@20200101T000000Z' })],
    ['an ad hoc run', phase({ run: 'dws_gmv@a:zzz' })],
    ['a run on the side', phase({ track: 'side' })],
    ['a job that is not in the graph', phase({ job: 'nobody', run: 'nobody@20991231T000000Z' })],
    ['what is shown already', phase({ phase: shown.phase, reason: shown.reason })],
    ['something else', { type: 'group.changed', group: 'dw', actor: 'li' } as const],
  ])('stays the same object after %s', (_, event) => {
    expect(graphAfter(graph, event)).toBe(graph);
  });

  it('keeps the places of all other nodes', () => {
    const after = graphAfter(graph, phase({}));
    const others = after.nodes.filter(({ v }) => v !== 'dws_gmv');
    expect(others).toEqual(graph.nodes.filter(({ v }) => v !== 'dws_gmv'));
    expect(after.edges).toBe(graph.edges);
  });
});
