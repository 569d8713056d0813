export { createEnrollmentToken, readEnrollmentToken } from './enrollment-token.js';
export type { TokenOptions, TokenText } from './enrollment-token.js';
export { enrollWorker, readWorkerIdentity } from './enroll-worker.js';
export type { EnrollOptions, WorkerIdentity } from './enroll-worker.js';
export { TransportError } from './errors.js';
export type { TransportErrorCode } from './errors.js';
export { createFileKeyStore } from './file-key-store.js';
export type { EnrollmentResult, KeyStore, KnownKey, TokenKey, WorkerKey } from './key-store.js';
export { createKeyPair, deriveKeys, hashOf, loadOrCreateKeys, proofOf } from './keys.js';
export { RECHECK_MS } from './reception.js';
export { WORKER_NAME_PATTERN } from './server-enrollment.js';
export { createZmqServerTransport } from './server-transport.js';
export { LOG_WINDOW_BYTES } from './transport-types.js';
export type {
  KeyPair,
  Leadership,
  ServerAddress,
  ServerState,
  ZmqServerCounts,
  ZmqServerOptions,
  ZmqServerTransport,
  ZmqWorkerOptions,
  ZmqWorkerTransport,
} from './transport-types.js';
export { createZmqWorkerTransport } from './worker-transport.js';
