// @ts-check
/**
 * Runs many seeds of the simulation on all cores: `sim-seeds.mjs --from 1 --count 2000`. Each core has one
 * child process that takes the next chunk when it is done, so that a slow seed holds up nobody. Prints each
 * failure with the command that replays it, and ends in the line of counts.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { addCounts, countsLine, NO_COUNTS } from './counts.mjs';

/**
 * @typedef {{ from: number, count: number }} SeedRange
 * @typedef {{ passed: number, failed: number, failures: readonly unknown[] }} SeedReport
 */

const RUNNER = fileURLToPath(new URL('../packages/core/dist/testing/run-seeds.js', import.meta.url));
/** Seeds of faults that are known and not mended: they are run, and counted as skipped while they fail. */
const OPEN_SEEDS = new URL('../packages/core/test/open-seeds.txt', import.meta.url);
/** Small enough that all cores end at about the same time, large enough that starting Node costs little. */
const CHUNK_SEEDS = 50;

/**
 * Cuts a range of seeds into chunks of at most `size`, in order.
 *
 * @param {SeedRange} range
 * @param {number} size
 */
export function splitSeeds({ from, count }, size) {
  return Array.from({ length: Math.ceil(count / size) }, (_, index) => ({
    from: from + index * size,
    count: Math.min(size, count - index * size),
  }));
}

/**
 * The numbers at the heads of the lines; lines that begin otherwise are remarks.
 *
 * @param {string} list
 */
export function seedsOf(list) {
  return new Set(
    list
      .split('\n')
      .filter((line) => /^\d/.test(line))
      .map((line) => Number.parseInt(line, 10)),
  );
}

/**
 * Counts a chunk: a failure of an open seed is skipped, any other failed.
 *
 * @param {SeedReport} report
 * @param {ReadonlySet<number>} open
 */
export function countChunk({ passed, failed, failures }, open) {
  const known = failures.filter((failure) => open.has(Number(Object(failure).seed))).length;
  return { passed, failed: failed - known, skipped: known };
}

/**
 * The report is the last line the runner prints. A runner that dies without one fails its whole range.
 *
 * @param {SeedRange} range
 * @returns {Promise<SeedReport>}
 */
async function runChunk({ from, count }) {
  const args = [RUNNER, '--from', String(from), '--count', String(count)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const output = await text(child.stdout);
  try {
    return JSON.parse(output.trim().split('\n').at(-1) ?? '');
  } catch {
    const failure = { seeds: `${from}..${from + count - 1}`, output: output.slice(-2000) };
    return { passed: 0, failed: count, failures: [failure] };
  }
}

async function main() {
  const { values } = parseArgs({ options: { from: { type: 'string' }, count: { type: 'string' } } });
  const range = { from: Number(values.from ?? 1), count: Number(values.count ?? 200) };
  if (!existsSync(RUNNER)) {
    console.log('The build has no packages/core/dist/testing/run-seeds.js: no seed was run.');
    console.log(countsLine({ ...NO_COUNTS, skipped: 1 }));
    return;
  }

  const open = seedsOf(readFileSync(OPEN_SEEDS, 'utf8'));
  const chunks = splitSeeds(range, CHUNK_SEEDS);
  let counts = NO_COUNTS;
  const runChunks = async () => {
    for (let chunk = chunks.shift(); chunk; chunk = chunks.shift()) {
      const report = await runChunk(chunk);
      counts = addCounts(counts, countChunk(report, open));
      for (const failure of report.failures) {
        const word = open.has(Number(Object(failure).seed)) ? 'open' : 'failed';
        console.log(`${word}: ${JSON.stringify(failure)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, runChunks));
  if (counts.failed > 0) console.log('Replay one with its trace: SIM_SEED=<seed> npm run test:sim');
  console.log(countsLine(counts));
  process.exitCode = counts.failed > 0 ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
