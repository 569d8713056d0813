/** What tests of ports import: the contract suites, each a list of named cases without a test framework. */
export { executorContract } from './executor-contract.js';
export type { ExecutorCase, ExecutorHarness } from './executor-contract.js';
export { journalContract } from './journal-contract.js';
export type { JournalCase, JournalHarness } from './journal-contract.js';
export { queriesContract } from './queries-contract.js';
export type { QueriesCase, QueriesHarness } from './queries-contract.js';
export { storeContract } from './store-contract.js';
export type { StoreCase, StoreHarness } from './store-contract.js';
export { transportContract } from './transport-contract.js';
export type { TransportCase, TransportEnds, TransportHarness } from './transport-contract.js';
