// @ts-check
/**
 * How many tests passed, failed and were skipped: the one line in which every command that runs tests ends,
 * so that .ci/run can add them up.
 *
 * @typedef {{ passed: number, failed: number, skipped: number }} Counts
 */

/** @type {Readonly<Counts>} */
export const NO_COUNTS = { passed: 0, failed: 0, skipped: 0 };

/** The sum of two counts. */
export const addCounts = (/** @type {Counts} */ a, /** @type {Counts} */ b) => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
});

/** The closing line, alone on its line and without colour. */
export const countsLine = (/** @type {Counts} */ { passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`;

/**
 * Counts of one vitest run from its JSON report. A file that could not be loaded has no failed test, and a
 * run may fail outside any test: each of these counts as one failure, or the sum would hide it. For the same
 * reason a run without any test counts as one skipped.
 *
 * @param {VitestReport | null} report Null when vitest wrote none.
 * @param {number} exitCode
 * @returns {Counts}
 *
 * @typedef {object} VitestReport
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numPendingTests
 * @property {number} numTodoTests
 * @property {readonly { status: string, assertionResults: readonly { status: string }[] }[]} testResults
 */
export function countReport(report, exitCode) {
  const outside = exitCode === 0 ? 0 : 1;
  if (report === null) return { ...NO_COUNTS, failed: outside };
  const brokenFiles = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((result) => result.status === 'failed'),
  ).length;
  const failed = report.numFailedTests + brokenFiles;
  return {
    passed: report.numPassedTests,
    failed: Math.max(failed, outside),
    skipped: report.testResults.length === 0 ? 1 - outside : report.numPendingTests + report.numTodoTests,
  };
}
