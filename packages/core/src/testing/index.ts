/**
 * What only tests import: an engine in virtual time for tests of jobs, builders, and the contract suites of
 * the ports, each a list of named cases without a test framework.
 */
export { createTestHera } from './create-test-hera.js';
export type { TestHera, TestHeraOptions } from './create-test-hera.js';
export type { Fate } from './fate-executor.js';
export { VirtualClock } from './virtual-clock.js';
export { aJob, aWorker } from './builders.js';

export { executorContract } from './executor-contract.js';
export type { ExecutorCase, ExecutorHarness } from './executor-contract.js';
export { journalContract } from './journal-contract.js';
export type { JournalCase, JournalHarness } from './journal-contract.js';
export { logSinkContract } from './log-contract.js';
export type { LogSinkCase, LogSinkHarness } from './log-contract.js';
export { queriesContract } from './queries-contract.js';
export type { QueriesCase, QueriesHarness } from './queries-contract.js';
export { storeContract } from './store-contract.js';
export type { StoreCase, StoreHarness } from './store-contract.js';
export { transportContract } from './transport-contract.js';
export type { TransportCase, TransportEnds, TransportHarness } from './transport-contract.js';
