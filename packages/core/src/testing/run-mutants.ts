/**
 * Kills mutants: runs worlds of each until one shows a violation. `node run-mutants.js [--max 400] [--only
 * NAME]` prints a line for each mutant and ends in the line of counts; exit code 1 when one has survived that
 * must not. Those of which it is known that worlds do not show them count as skipped, with the reason.
 */
import { MUTANTS } from './mutants.js';
import type { Mutant } from './mutants.js';
import { runWorld } from './world.js';

declare const process: {
  readonly argv: readonly string[];
  readonly stdout: { write(text: string): void };
  exitCode: number;
};

const SEEDS_MAX = 200;
/** Worlds for a mutant that is known to survive: enough to see that it runs. */
const SURVIVOR_SEEDS = 5;

function argument(name: string): string | undefined {
  const index = process.argv.indexOf(name);
  return index < 0 ? undefined : process.argv[index + 1];
}

/** Number of the seed that kills it, and by what; null when none did. */
async function kill(
  { make, firstSeed = 1 }: Mutant,
  seedsMax: number,
): Promise<{ readonly seed: number; readonly by: string } | null> {
  for (let seed = firstSeed; seed < firstSeed + seedsMax; seed += 1) {
    // A mutant that cannot be made is a fault of ours, not a kill: what is thrown here ends the run.
    const { violations } = await runWorld(seed, { mutation: make() });
    const [first] = violations;
    if (first) return { seed, by: `${first.invariant}: ${first.message.split('\n')[0]}` };
  }
  return null;
}

async function main(): Promise<void> {
  const seedsMax = Number(argument('--max') ?? SEEDS_MAX);
  const only = argument('--only');
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const mutant of MUTANTS.filter(({ name }) => only === undefined || name.includes(only))) {
    const killed = await kill(mutant, mutant.survives === undefined ? seedsMax : SURVIVOR_SEEDS);
    if (killed) counts.passed += 1;
    else if (mutant.survives !== undefined) counts.skipped += 1;
    else counts.failed += 1;
    const fate = killed ? `seed ${killed.seed}  ${killed.by}` : `SURVIVED  ${mutant.survives ?? ''}`;
    process.stdout.write(`${mutant.name.padEnd(55)} ${fate}\n`);
  }
  process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
  if (counts.failed > 0) process.exitCode = 1;
}

await main();
