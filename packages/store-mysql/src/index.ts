export { createMysqlStore } from './mysql-store.js';
export type { MysqlStore, MysqlStoreOptions } from './mysql-store.js';
export type { MysqlLogStore } from './log-store.js';
export type { PruneOptions, PruneResult } from './prune.js';
export type { ConnectOptions } from './session.js';
export { SCHEMA_VERSION } from './schema-plan.js';
