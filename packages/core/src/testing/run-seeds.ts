/**
 * Runs worlds of many seeds: `node run-seeds.js --from 1 --count 50`. Prints one line of JSON,
 * `{ passed, failed, failures }`. With `--trace` it prints everything that happens in the first of them.
 */
import { FAULT_KINDS } from './world-options.js';
import { failureOf } from './world-failure.js';
import { runWorld } from './world.js';

declare const process: {
  readonly argv: readonly string[];
  readonly stdout: { write(text: string): void };
  exitCode: number;
};

function numberAfter(name: string, otherwise: number): number {
  const index = process.argv.indexOf(name);
  return index < 0 ? otherwise : Number(process.argv[index + 1]);
}

async function main(): Promise<void> {
  const from = numberAfter('--from', 1);
  const count = numberAfter('--count', 1);
  const isTraced = process.argv.includes('--trace');
  const failures: unknown[] = [];
  for (let seed = from; seed < from + count; seed += 1) {
    const trace = isTraced ? { trace: (line: string) => process.stdout.write(`${line}\n`) } : {};
    const without = process.argv.includes('--calm')
      ? { change: { faults: FAULT_KINDS.filter(() => false) } }
      : {};
    const result = await runWorld(seed, { ...trace, ...without });
    if (result.violations.length > 0) failures.push(failureOf(result));
  }
  const report = { passed: count - failures.length, failed: failures.length, failures };
  process.stdout.write(`${JSON.stringify(report)}\n`);
}

await main();
