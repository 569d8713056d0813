export { createSqliteStore } from './sqlite-store.js';
export type { PruneOptions, PruneResult, SqliteStore, SqliteStoreOptions } from './sqlite-store.js';
export { SCHEMA_VERSION } from './schema-plan.js';
