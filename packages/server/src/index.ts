/** The reference server as a library: for programs that start it themselves, and for tests. */
export { createApp } from './app.js';
export type { AppOptions } from './app.js';
export { Sessions } from './auth/sessions.js';
export { readConfig, VARIABLES } from './config.js';
export type { ServerConfig } from './config.js';
export { loadDefinitions, SourceNotFound } from './definitions/load.js';
export type { LoadOptions, LoadedDefinitions } from './definitions/load.js';
export { startLocalEngine } from './local-engine.js';
export type { LocalEngine, LocalEngineOptions } from './local-engine.js';
export { HomeTaken, startServer } from './server.js';
export type { RunningServer } from './serve.js';
export { createServices } from './services/index.js';
export type { Services } from './services/index.js';
export type { Engine } from './services/engine.js';
