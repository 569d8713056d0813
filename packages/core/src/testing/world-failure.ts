/** What is said about a world in which something was wrong: enough to see it again. */
import type { WorldResult } from './world.js';

export interface WorldFailure {
  readonly seed: number;
  readonly replay: string;
  readonly violations: readonly string[];
  readonly options: WorldResult['options'];
}

/** The failure of a world, with the command that replays it. */
export function failureOf({ options, violations }: WorldResult): WorldFailure {
  return {
    seed: options.seed,
    replay: `SIM_SEED=${options.seed} npm run test:sim`,
    violations: violations.map(
      ({ invariant, at, message }) =>
        `${invariant} at ${((at - options.startMs) / 1_000).toFixed(3)} s: ${message}`,
    ),
    options,
  };
}
