/**
 * Random estates on random days. Invariants are checked by the harness after every step; a new leader must
 * stand where the old one stood; the same inputs must give the same effects.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Drive } from './drive.js';
import { acts, estate, play } from './estate.js';
import type { Act } from './estate.js';
import { snapshot } from './snapshot.js';
import type { Definitions } from '../../src/model/job.js';

/** The same days each time; `KERNEL_SEED` and `KERNEL_RUNS` look for others. */
const RUNS = Number(process.env['KERNEL_RUNS'] ?? 30);
const seed = Number(process.env['KERNEL_SEED'] ?? 20_261_124);
const START = '2026-03-01T23:00:00Z';

function rejoin(drive: Drive): void {
  const workers = [...drive.state.workerList];
  for (const worker of workers) {
    const journal = [...worker.attempts].map((live) => ({
      attempt: live.id,
      state: 'running' as const,
      startedAt: live.startedAt ?? live.claimedAt,
    }));
    drive.join(worker.name, worker.session, journal);
  }
  for (const name of ['w1', 'w2']) if (!drive.state.workers.has(name)) drive.join(name, 1);
}

function live(drive: Drive, before: Definitions, after: Definitions, story: readonly Act[]): void {
  drive.apply(before);
  for (const act of story) {
    if (act.type !== 'failover') {
      play(drive, act, after);
      continue;
    }
    const old = snapshot(drive.state);
    drive.failover();
    expect(snapshot(drive.state)).toEqual(old);
    rejoin(drive);
  }
}

test('whatever happens, the invariants hold and a new leader stands where the old one stood', () => {
  const property = fc.property(estate(false), estate(false), acts(['edit']), (before, after, story) => {
    live(new Drive({ at: START, workers: ['w1', 'w2'], slots: 4, area: 'cn' }), before, after, story);
  });
  fc.assert(property, { numRuns: RUNS, seed });
});

test('edits keep the invariants too', () => {
  const property = fc.property(estate(true), estate(true), acts(['failover']), (before, after, story) => {
    live(new Drive({ at: START, workers: ['w1', 'w2'], slots: 4, area: 'cn' }), before, after, story);
  });
  fc.assert(property, { numRuns: RUNS, seed });
});

test('the same inputs give the same effects', () => {
  const property = fc.property(estate(true), estate(true), acts(), (before, after, story) => {
    const once = () => {
      const drive = new Drive({ at: START, workers: ['w1', 'w2'], slots: 2, seed: 3 });
      drive.apply(before);
      for (const act of story) {
        if (act.type !== 'failover') play(drive, act, after);
        else {
          drive.failover();
          rejoin(drive);
        }
      }
      return JSON.stringify(drive.effects);
    };
    expect(once()).toBe(once());
  });
  fc.assert(property, { numRuns: Math.ceil(RUNS / 3), seed });
});

test('the order in which jobs are defined changes nothing, where there is room for all', () => {
  const property = fc.property(estate(true), (definitions) => {
    const live = (jobs: Definitions['jobs']) => {
      const drive = new Drive({ at: START, slots: 1000 });
      drive.apply({ ...definitions, ...(jobs && { jobs }), concurrency: { k: 1000 } });
      drive.until('2026-03-02T12:00:00Z');
      drive.endAll();
      drive.until('2026-03-03T12:00:00Z');
      drive.endAll();
      const name = (id: string | number) => drive.row('job', [id])?.['name'];
      const rows = drive.all('run').map(({ key, value }) => {
        return `${name(key[0] ?? 0)} ${key[1]} ${value['phase']} ${value['reason']} ${value['generation']}`;
      });
      return rows.sort();
    };
    const jobs = Object.entries(definitions.jobs ?? {});
    expect(live(Object.fromEntries(jobs.toReversed()))).toEqual(live(Object.fromEntries(jobs)));
  });
  fc.assert(property, { numRuns: Math.ceil(RUNS / 3), seed });
});
