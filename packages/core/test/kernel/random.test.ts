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

const RUNS = Number(process.env['KERNEL_RUNS'] ?? 60);
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
  fc.assert(property, { numRuns: RUNS });
});

test('edits keep the invariants too', () => {
  const property = fc.property(estate(true), estate(true), acts(['failover']), (before, after, story) => {
    live(new Drive({ at: START, workers: ['w1', 'w2'], slots: 4, area: 'cn' }), before, after, story);
  });
  fc.assert(property, { numRuns: RUNS });
});
