/**
 * Imported jobs against an independent transcription of how Hera pairs slots within a day, with the two
 * changes of DESIGN 6: distance is true time, and of two as near, the earlier.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Definitions, JobDefinition } from '../../src/model/job.js';
import { Drive } from './drive.js';

/** Fire times of a day, in hours; null is a dependency job. */
type Times = readonly number[] | null;
interface Job {
  readonly times: Times;
  readonly ups: readonly number[];
}
interface Version {
  readonly at: number;
  /** Slot waited for, by upstream. */
  readonly waits: ReadonlyMap<number, number>;
}

/** The day's versions of every job, upstream first. */
function transcribe(jobs: readonly Job[]): Version[][] {
  const days: Version[][] = [];
  for (const job of jobs) {
    if (job.times) days.push(job.times.map((at) => ({ at, waits: new Map() })));
    else days.push(pairUp(job.ups, days));
  }
  return days;
}

function pairUp(ups: readonly number[], days: readonly Version[][]): Version[] {
  const lists = ups.map((up) => (days[up] ?? []).map(({ at }) => at));
  if (lists.length === 0 || lists.some((list) => list.length === 0)) return [];
  const base = lists.reduce((best, list) => {
    if (list.length !== best.length) return list.length < best.length ? list : best;
    return list[0]! > best[0]! ? list : best;
  });
  return base.map((at) => ({ at, waits: new Map(ups.map((up, i) => [up, near(lists[i] ?? [], at)])) }));
}

function near(list: readonly number[], at: number): number {
  let best = list[0] ?? 0;
  for (const each of list) if (Math.abs(each - at) < Math.abs(best - at)) best = each;
  return best;
}

const times = fc.constantFrom<number[]>([2], [5], [3], [0, 12], [1, 9, 17], [0, 6, 12, 18], [4, 16], [23]);
const estates = fc
  .array(
    fc.record({ times, paced: fc.boolean(), ups: fc.uniqueArray(fc.nat(6), { minLength: 1, maxLength: 3 }) }),
    {
      minLength: 2,
      maxLength: 7,
    },
  )
  .map((drafts) =>
    drafts.map((draft, i): Job => {
      const ups = [...new Set(draft.ups.map((up) => up % Math.max(1, i)))];
      return i === 0 || !draft.paced ? { times: draft.times, ups: [] } : { times: null, ups };
    }),
  );

const hour = (at: number) => Date.parse('2026-03-03T00:00:00Z') + at * 3_600_000;

test('slots and bindings of a day are those of the transcription', () => {
  const property = fc.property(estates, (jobs) => {
    const definitions: Record<string, JobDefinition> = {};
    jobs.forEach((job, i) => {
      definitions[`j${i}`] = {
        compat: 'hera',
        ...(job.times
          ? { schedule: `0 ${job.times.join(',')} * * *` }
          : { after: Object.fromEntries(job.ups.map((up) => [`j${up}`, {}])) }),
      };
    });
    const drive = new Drive({ at: '2026-03-01T12:00:00Z', workers: [] });
    drive.apply({ jobs: definitions } satisfies Definitions);
    drive.until('2026-03-03T23:59:00Z');
    transcribe(jobs).forEach((versions, i) => {
      const rows = drive
        .all('run')
        .filter(({ key, value }) => key[0] === i + 1 && Number(value['instant']) >= hour(0));
      const found = rows.map(({ value }) => Number(value['instant'])).sort((a, b) => a - b);
      expect([i, found]).toEqual([i, versions.map(({ at }) => hour(at))]);
      for (const { at, waits } of versions) {
        const key = rows.find(({ value }) => value['instant'] === hour(at))?.key;
        for (const [up, slot] of waits) {
          const bound = drive
            .all('binding')
            .find((row) => row.key[0] === i + 1 && row.key[1] === key?.[1] && row.key[3] === up + 1);
          expect([i, at, up, bound?.value['fromInstant']]).toEqual([i, at, up, hour(slot)]);
        }
      }
    });
  });
  fc.assert(property, { numRuns: 100, seed: 20_261_124 });
});
