// @ts-check
/**
 * The places where a limit or a banned word does not hold, each with the reason. `check` prints this list,
 * and complains about an entry that is no longer needed.
 *
 * @typedef {object} Exception
 * @property {string} file
 * @property {'file' | 'header' | 'function' | 'line' | 'parameters' | 'nesting' | 'word'} limit
 * @property {string} because
 */

/** @type {readonly Exception[]} */
export const EXCEPTIONS = [
  {
    file: 'packages/core/src/ports/executor.ts',
    limit: 'word',
    because: 'finding the attempts that outlived a restart is recovery, not a resume',
  },
  {
    file: 'examples/embed-minimal/main.mjs',
    limit: 'line',
    because: "it is the README's example, line for line, and has twenty lines at most",
  },
];
