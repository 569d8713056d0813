// @ts-check
/**
 * `npm test`, after the build: prepares the machine, runs the vitest projects from cheap to dear, and ends
 * in one line with the sum. A project that fails does not stop the next one, so that one run tells all.
 * `SIM_SEEDS` sets the number of simulated seeds, default 200. Projects can be named: `test.mjs unit e2e`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addCounts, countReport, countsLine, NO_COUNTS } from './counts.mjs';
import { prepareMachine } from './machine.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const VITEST = fileURLToPath(import.meta.resolve('vitest/package.json')).replace(
  'package.json',
  'vitest.mjs',
);
const PROJECTS = ['unit', 'mysql', 'simulation', 'e2e'];
const SIM_SEEDS = '200';

/**
 * Runs one project and answers with its counts.
 *
 * @param {string} project
 * @param {string} folder
 */
function runProject(project, folder) {
  console.log(`\n== ${project}`);
  const reportFile = join(folder, `${project}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
  const { status } = spawnSync(
    process.execPath,
    [VITEST, 'run', '--project', project, '--passWithNoTests', ...reporters],
    { cwd: ROOT, stdio: 'inherit', env: { SIM_SEEDS, ...process.env } },
  );
  const report = existsSync(reportFile) ? JSON.parse(readFileSync(reportFile, 'utf8')) : null;
  return countReport(report, status ?? 1);
}

const folder = mkdtempSync(join(tmpdir(), 'hera-test-'));
try {
  prepareMachine();
  const named = process.argv.slice(2);
  const projects = named.length > 0 ? named : PROJECTS;
  const counts = projects.map((project) => runProject(project, folder)).reduce(addCounts, NO_COUNTS);
  console.log(`\n${countsLine(counts)}`);
  process.exitCode = counts.failed > 0 ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
