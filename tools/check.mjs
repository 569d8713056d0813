// @ts-check
/**
 * What we want to stay true, checked by a program: `node tools/check.mjs [NAME …]` runs all checks, or the
 * named ones, on the tree it stands in. Prints `file:line: message` for each problem and exits 1 if there is
 * one. Needs no build. Each check is one file in tools/checks with a test that shows every rule biting.
 */
import { fileURLToPath } from 'node:url';
import { checkCalls } from './checks/calls.mjs';
import { checkDocs } from './checks/docs.mjs';
import { checkDocstrings } from './checks/docstrings.mjs';
import { EXCEPTIONS } from './checks/exceptions.mjs';
import { checkImports } from './checks/imports.mjs';
import { openRepository } from './checks/repository.mjs';
import { checkSizes } from './checks/sizes.mjs';
import { checkWords } from './checks/words.mjs';

/**
 * @typedef {import('./checks/repository.mjs').Problem} Problem
 * @typedef {import('./checks/repository.mjs').Repository} Repository
 * @typedef {import('./checks/exceptions.mjs').Exception} Exception
 * @typedef {Problem & { limit?: Exception['limit'] }} LimitProblem
 */

/** @type {Readonly<Record<string, (repository: Repository) => LimitProblem[]>>} */
const CHECKS = {
  imports: checkImports,
  sizes: checkSizes,
  words: checkWords,
  calls: checkCalls,
  docs: checkDocs,
};

/**
 * Problems that no exception covers, plus one for each exception that covers nothing.
 *
 * @param {readonly LimitProblem[]} problems
 * @param {readonly Exception[]} exceptions
 * @returns {Problem[]}
 */
export function applyExceptions(problems, exceptions) {
  const covers = (/** @type {Exception} */ exception, /** @type {LimitProblem} */ problem) =>
    exception.file === problem.file && exception.limit === problem.limit;
  const left = problems.filter((problem) => !exceptions.some((exception) => covers(exception, problem)));
  const idle = exceptions.filter((exception) => !problems.some((problem) => covers(exception, problem)));
  const stale = idle.map(({ file, limit }) => ({
    file,
    line: 1,
    message: `needs no exception for ${limit} any more: remove it from tools/checks/exceptions.mjs`,
  }));
  return [...left, ...stale];
}

/** @param {string[]} names */
function main(names) {
  const unknown = names.filter((name) => !(name in CHECKS));
  if (unknown.length > 0)
    throw new Error(`no check ${unknown.join(', ')}; there are ${Object.keys(CHECKS).join(', ')}`);

  const repository = openRepository(fileURLToPath(new URL('..', import.meta.url)));
  const wanted = Object.entries(CHECKS).filter(([name]) => names.length === 0 || names.includes(name));
  const found = wanted.flatMap(([, check]) => check(repository));
  const problems = names.length === 0 ? applyExceptions(found, EXCEPTIONS) : found;

  const warnings = checkDocstrings(repository);
  for (const { file, line, message } of warnings) console.log(`${file}:${line}: warning: ${message}`);
  for (const { file, limit, because } of EXCEPTIONS) console.log(`exception: ${file} (${limit}): ${because}`);
  for (const { file, line, message } of problems) console.log(`${file}:${line}: ${message}`);
  console.log(`${problems.length} problems, ${EXCEPTIONS.length} exceptions, ${warnings.length} warnings`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv.slice(2));
