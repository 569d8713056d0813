/** Runs attempts on a host: processes and their logs, the worker's journal, and agents on this machine. */
export { createFileJournal, JournalDamaged } from './file-journal.js';
export type { FileJournalOptions } from './file-journal.js';
export { createFileLogStore } from './file-log-store.js';
export type { FileLogStoreOptions } from './file-log-store.js';
export { hostLoad } from './host-load.js';
export { portEnd, processEnd } from './ipc-end.js';
export type { IpcEnd } from './ipc-end.js';
export { findInterpreter, PROCESS_KINDS } from './kinds.js';
export type { FailurePattern, ProcessKind } from './kinds.js';
export { loadFunctions } from './load-functions.js';
export { startLocalAgent } from './local-agent.js';
export type { LocalAgent, LocalAgentOptions } from './local-agent.js';
export { createProcessChannel, createProcessTransport } from './process-channel.js';
export type { ProcessChannel } from './process-channel.js';
export { createProcessExecutor } from './process-executor.js';
export type { ProcessExecutorOptions } from './process-executor.js';
export { WORKER_VERSION } from './version.js';
