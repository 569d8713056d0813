/**
 * Kills mutants: runs worlds of each until one shows a violation. `node run-mutants.js [--max 400] [--only
 * NAME]` prints a line for each mutant and ends in one line of JSON; exit code 1 when one has survived.
 */
import { MUTANTS } from './mutants.js';
import type { Mutant } from './mutants.js';
import { runWorld } from './world.js';

declare const process: {
  readonly argv: readonly string[];
  readonly stdout: { write(text: string): void };
  exitCode: number;
};

const SEEDS_MAX = 400;

function argument(name: string): string | undefined {
  const index = process.argv.indexOf(name);
  return index < 0 ? undefined : process.argv[index + 1];
}

/** Number of the seed that kills it, and by what; null when none did. */
async function kill(
  { make }: Mutant,
  seedsMax: number,
): Promise<{ readonly seed: number; readonly by: string } | null> {
  for (let seed = 1; seed <= seedsMax; seed += 1) {
    try {
      const { violations } = await runWorld(seed, { mutation: make() });
      const [first] = violations;
      if (first) return { seed, by: `${first.invariant}: ${first.message.split('\n')[0]}` };
    } catch (error) {
      return { seed, by: `stopped: ${String(error)}` };
    }
  }
  return null;
}

async function main(): Promise<void> {
  const seedsMax = Number(argument('--max') ?? SEEDS_MAX);
  const only = argument('--only');
  const survivors: string[] = [];
  const mutants = MUTANTS.filter(({ name }) => only === undefined || name.includes(only));
  for (const mutant of mutants) {
    const killed = await kill(mutant, seedsMax);
    if (!killed) survivors.push(mutant.name);
    process.stdout.write(
      `${mutant.name.padEnd(55)} ${killed ? `seed ${killed.seed}  ${killed.by}` : 'SURVIVED'}\n`,
    );
  }
  const killed = mutants.length - survivors.length;
  process.stdout.write(`${JSON.stringify({ killed, survived: survivors.length, survivors })}\n`);
  if (survivors.length > 0) process.exitCode = 1;
}

await main();
