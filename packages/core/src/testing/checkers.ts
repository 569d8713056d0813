/**
 * The invariants I1 to I21, I25, I27 and I28 that a simulated world can break, each proved from the history
 * alone. Those of runs (I2, I5, I6, I10, I11) are read per generation of the main track; I9 where gates are
 * obeyed. I12 and I17 to I20 need logs, deliveries and users, which are not in the world; I15 is read as:
 * what was answered is there.
 */
import { failureCheckers } from './checkers-failures.js';
import type { Fact, Violation } from './checkers-history.js';
import { replay } from './checkers-history.js';
import { planCheckers } from './checkers-plans.js';
import { processCheckers } from './checkers-processes.js';
import { readinessCheckers } from './checkers-readiness.js';
import { rowCheckers } from './checkers-rows.js';
import { slotCheckers } from './checkers-slots.js';

export type { Fact, Violation } from './checkers-history.js';

/** What the checkers know of a world besides its history. */
export interface CheckOptions {
  /** Default zone of the estate. */
  readonly zone: string;
  /** The world was healed, and then left alone: what is open then must have a reason. */
  readonly quietSince: number;
  readonly endedAt: number;
}

/** Everything that the history shows to be wrong; empty when nothing is. */
export function checkFacts(facts: readonly Fact[], options: CheckOptions): Violation[] {
  return replay(facts, [
    ...rowCheckers(),
    ...processCheckers(),
    ...slotCheckers(options),
    ...planCheckers(),
    ...failureCheckers(),
    ...readinessCheckers(options),
  ]);
}
