/**
 * `node benchmarks/run.mjs [NAME …] [--smoke] [--rounds N]`: runs the named benchmarks, or all, each in a
 * process of its own so that no heap or cache of one flatters the next. `--smoke` runs each for about a
 * second and judges nothing: it shows that they still run. Without it, a floor that is missed is a failure.
 * Ends in one line: `N passed, N failed, N skipped`; what is skipped says why.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const NAMES = ['propagate', 'w1', 'w2', 'w3', 'agent', 'cron', 'memory', 'generate', 'wire'];
const SMOKE_LIMIT_MS = 25_000;

const args = process.argv.slice(2);
const wanted = args.filter((arg, i) => !arg.startsWith('-') && args[i - 1] !== '--rounds');
const flags = args.filter((arg) => !wanted.includes(arg));
const unknown = wanted.filter((name) => !NAMES.includes(name));
if (unknown.length > 0) {
  console.error(`no benchmark ${unknown.join(', ')}; there are ${NAMES.join(', ')}`);
  process.exit(2);
}

const counts = { passed: 0, failed: 0, skipped: 0 };
for (const name of wanted.length > 0 ? wanted : NAMES) {
  console.log(`== ${name}`);
  const told = await runOne(name);
  for (const key of ['passed', 'failed', 'skipped']) counts[key] += told[key];
}
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed > 0 ? 1 : 0;

/** Runs a benchmark; one that ends without saying what it came to has failed. */
function runOne(name) {
  const file = fileURLToPath(new URL(`${name}.mjs`, import.meta.url));
  const child = spawn(process.execPath, ['--expose-gc', '--max-old-space-size=6144', file, ...flags], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  let told = null;
  child.on('message', (message) => {
    if (message?.type === 'counts') told = message;
  });
  const limit = flags.includes('--smoke')
    ? setTimeout(() => child.kill('SIGTERM'), SMOKE_LIMIT_MS)
    : undefined;
  return new Promise((resolve) => {
    child.on('exit', (code, signal) => {
      clearTimeout(limit);
      if (told === null || code !== 0) {
        console.log(`${name}: ended with ${signal ?? code} before it was done`);
        told = { passed: told?.passed ?? 0, failed: (told?.failed ?? 0) + 1, skipped: told?.skipped ?? 0 };
      }
      resolve(told);
    });
  });
}
