/** What the two ends of the transport are made of and can do. */
import type { LogChannel, LogSink, Observer, SchedulerTransport, WorkerTransport } from '@hera/core';
import type { KeyStore } from './key-store.js';

/** Both halves of a CURVE key, 40 characters of Z85 each. The secret half never leaves its host. */
export interface KeyPair {
  readonly publicKey: string;
  readonly secretKey: string;
}

/** Where a server is reached. A `tcp` address needs its public key; an `ipc` address has none. */
export interface ServerAddress {
  /** `tcp://host:port`, or `ipc:///absolute/path` of a socket in a folder of mode 0700. */
  readonly address: string;
  readonly publicKey?: string;
}

/** Who leads, as a server says it. */
export interface Leadership {
  /** This server leads. */
  readonly leads: boolean;
  /** Of the lease, as far as this server knows. */
  readonly epoch: number;
}

/** How a server's end is made. */
export interface ZmqServerOptions {
  /** Name of this server, as its workers show it. */
  readonly server: string;
  /** Where it listens: `tcp://host:port` (`*` for all hosts, port 0 for a free one) and `ipc://` paths. */
  readonly listen: readonly string[];
  /** Where it takes logs, one address for each of `listen`, in its order; required with `logs`. */
  readonly listenLogs?: readonly string[];
  /** Required for `tcp`. */
  readonly keys?: KeyPair;
  /** Required for `tcp`. */
  readonly keyStore?: KeyStore;
  /** Takes output; without it workers keep their logs. */
  readonly logs?: LogSink;
  /** Whether that worker may write that attempt's log; default always. Output it may not is dropped. */
  readonly mayLog?: (worker: string, attempt: string) => boolean;
  /** Told to workers that enrol: every server they should connect to. Default the one they enrolled at. */
  readonly advertise?: readonly ServerAddress[];
  readonly observer?: Observer;
  /** Longest frame, 1 KiB to 64 MiB; default 8 MiB. Longer ones end the connection. */
  readonly frameBytesMax?: number;
  /** Between signs of life, ms; default 2,000. A peer silent for 5 of them counts as gone. */
  readonly beatMs?: number;
  /** The list is looked at again this often, ms, for who was removed; default `RECHECK_MS`. */
  readonly recheckMs?: number;
}

/** What has come in since the start. */
export interface ZmqServerCounts {
  /** Frames of worker messages. */
  readonly frames: number;
  readonly messages: number;
  /** Frames that were no frames, of whoever is not joined, or of another version: dropped. */
  readonly malformed: number;
  /** Handshakes refused: a key that is not on the list, or no key. */
  readonly refused: number;
  /** Frames to workers that could not be sent: dropped. */
  readonly unsent: number;
}

/** The server's end of any number of workers. */
export interface ZmqServerTransport extends SchedulerTransport {
  /** Where it listens, free ports filled in; empty before `listen` has resolved. */
  readonly addresses: readonly string[];
  /** Tells every worker whether this server leads. Until it is called, workers find out by its messages. */
  announce(leadership: Leadership): void;
  /** Names of the workers that are connected now. */
  readonly connected: readonly string[];
  readonly counts: ZmqServerCounts;
}

/** How a worker's end is made. */
export interface ZmqWorkerOptions {
  readonly worker: string;
  /** All servers; it stays connected to each. */
  readonly servers: readonly ServerAddress[];
  /** Required for `tcp`; the public half is on the servers' allow-list. */
  readonly keys?: KeyPair;
  readonly observer?: Observer;
  /** As the servers' `frameBytesMax`. */
  readonly frameBytesMax?: number;
  /** As the servers' `beatMs`. */
  readonly beatMs?: number;
  /** Pause before the first reconnect, ms; doubled up to `reconnectMsMax`, each with jitter. Default 200. */
  readonly reconnectMs?: number;
  /** Default 10,000. */
  readonly reconnectMsMax?: number;
}

/** What a worker knows of one server. */
export interface ServerState {
  readonly address: string;
  /** Null until it has answered. */
  readonly server: string | null;
  readonly isConnected: boolean;
  /** What it said last; null if it did not say. */
  readonly leadership: Leadership | null;
}

/** The worker's end: it speaks to the server that leads, and stays connected to the others. */
export interface ZmqWorkerTransport extends WorkerTransport {
  readonly servers: readonly ServerState[];
  /** The channel for output: a socket of its own, to the server that leads or another that takes output. */
  readonly logs: LogChannel;
}

/** Output of one worker sent and not acknowledged at most: 4 MiB. */
export const LOG_WINDOW_BYTES = 4_194_304;
