export type { EnrollmentResult, KeyStore, KnownKey, TokenKey, WorkerKey } from './key-store.js';
export { LOG_CREDIT_BYTES, LOG_PIECE_BYTES_MAX } from './transport-types.js';
export type {
  KeyPair,
  Leadership,
  LogChannel,
  LogChannelListener,
  LogPiece,
  LogSink,
  ServerAddress,
  ServerState,
  ZmqServerCounts,
  ZmqServerOptions,
  ZmqServerTransport,
  ZmqWorkerOptions,
  ZmqWorkerTransport,
} from './transport-types.js';
