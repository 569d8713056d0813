/**
 * What every implementation of Queries answers over the same rows. SQL stores override the default queries
 * for speed; this suite keeps them from answering anything else.
 */
import type { QueriesCase } from './query-cases/case.js';
import { OTHER_CASES } from './query-cases/other-cases.js';
import { RUN_CASES } from './query-cases/run-cases.js';

export type { QueriesCase, QueriesHarness } from './query-cases/case.js';

/** All cases; each needs a harness of its own over an empty store. */
export const queriesContract: readonly QueriesCase[] = [...RUN_CASES, ...OTHER_CASES];
