/** The example estate and the static source over it, held against the schemas that a server answers in. */
import { GraphSchema, JobSchema, NowSchema, RunDetailSchema, RunSchema } from '@hera/api';
import { Value } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { emptyEstate, exampleEstate } from './fixtures/example-estate.js';
import { createStaticSource } from './static.js';

const estate = exampleEstate();

describe('exampleEstate', () => {
  it.each([
    ['the example', estate],
    ['many jobs', exampleEstate({ days: 2, extra: 50 })],
    ['nothing', emptyEstate()],
  ])('%s fits the schemas', (_, { now, graph, jobs, runs, details }) => {
    expect(Value.Check(NowSchema, now)).toBe(true);
    expect(Value.Check(GraphSchema, graph)).toBe(true);
    for (const job of jobs) expect(Value.Check(JobSchema, job)).toBe(true);
    for (const run of runs) expect(Value.Check(RunSchema, run)).toBe(true);
    for (const run of details.values()) expect(Value.Check(RunDetailSchema, run)).toBe(true);
  });

  it('has no run twice, and is the same each time', () => {
    expect(new Set(estate.runs.map(({ id }) => id)).size).toBe(estate.runs.length);
    expect(exampleEstate().runs).toEqual(estate.runs);
  });

  it('ends no attempt before it starts', () => {
    const attempts = [...estate.details.values()].flatMap(({ attemptList }) => attemptList);
    const wrong = attempts.filter(({ startedAt, endedAt }) => endedAt !== null && (startedAt ?? 0) > endedAt);
    expect(wrong.map(({ id }) => id)).toEqual([]);
  });
});

describe('createStaticSource', () => {
  it('filters and pages without losing or repeating a run', async () => {
    const source = createStaticSource(estate);
    const ids: string[] = [];
    let after: string | undefined;
    do {
      const page = await source.runs(
        { phases: ['succeeded'] },
        { limit: 7, ...(after !== undefined && { after }) },
      );
      ids.push(...page.items.map(({ id }) => id));
      after = page.next ?? undefined;
    } while (after !== undefined);
    expect(ids).toEqual(estate.runs.filter(({ phase }) => phase === 'succeeded').map(({ id }) => id));
  });

  it('reads a log from its end', async () => {
    const source = createStaticSource(estate);
    const [attempt] = [...estate.logs.keys()].filter((id) => !estate.growing.has(id));
    const whole = await source.log(attempt!, { offset: 0, limit: 1e6, waitMs: 0 });
    const tail = await source.log(attempt!, { offset: -10, limit: 1e6, waitMs: 0 });
    expect(tail.offset).toBe(whole.size - 10);
    expect(tail.bytes).toEqual(whole.bytes.slice(-10));
  });
});
