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
    file: 'packages/core/src/simulate.ts',
    limit: 'word',
    because: 'the past a simulated estate starts from is its history, not one of its runs',
  },
  {
    file: 'packages/core/src/testing/checkers.ts',
    limit: 'word',
    because: 'what a checker checks is the history of a world: facts of hosts, networks and stores',
  },
  {
    file: 'packages/core/src/testing/fate-executor.ts',
    limit: 'word',
    because: 'recover is the name of the port: finding attempts that outlived a restart',
  },
];
