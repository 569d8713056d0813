/**
 * The promises of the Store port as a list of cases that every implementation runs. No test framework: a case
 * rejects when a promise is broken.
 *
 *     for (const { name, run } of storeContract) it(name, async () => run(await freshHarness()));
 */
import { COMMIT_CASES } from './store-cases/commit-cases.js';
import { LEASE_CASES } from './store-cases/lease-cases.js';
import { LOAD_CASES } from './store-cases/load-cases.js';
import { READ_CASES } from './store-cases/read-cases.js';
import type { StoreCase } from './store-cases/case.js';

export type { StoreCase, StoreHarness } from './store-cases/case.js';

/** All cases; each needs a harness of its own over an empty store. */
export const storeContract: readonly StoreCase[] = [
  ...LEASE_CASES,
  ...COMMIT_CASES,
  ...LOAD_CASES,
  ...READ_CASES,
];
