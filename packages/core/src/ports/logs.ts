/**
 * Output of attempts, by byte offset. A byte is acknowledged only when every server can read it; with one
 * server that is its own disk, with several a place that all of them read.
 *
 *   worker   LogChannel: ships pieces as long as the window has room, frees what is acknowledged
 *   carrier  may lose, repeat, delay and reorder pieces and acks, but never alter them
 *   server   LogSink: takes a piece where the log ends, and says how much it has
 *   readers  LogStore
 *
 * Offsets count the bytes of the log as it is shipped: secrets in it are stars, and where bytes were left
 * out to save disk a line of the log says so.
 */

/** Reads logs. */
export interface LogStore {
  /** Bytes from `offset`, at most `bytesMax`; fewer than asked means that is all there is for now. */
  read(attempt: string, offset: number, bytesMax: number): Promise<LogChunk>;
  /** Calls back whenever bytes may have come; the returned function ends it. */
  watch(attempt: string, changed: () => void): () => void;
}

export interface LogChunk {
  readonly offset: number;
  readonly bytes: Uint8Array;
  /** Whole length so far. */
  readonly size: number;
  /** Nothing will be added any more. */
  readonly complete: boolean;
}

/**
 * Stores what workers ship; the other half of a LogStore. `logSinkContract` of @hera/core/testing is the
 * test of both.
 */
export interface LogSink {
  /**
   * Adds the bytes of each piece that begins where its log ends; bytes it already has are skipped, a piece
   * beyond its end or of a complete log is not taken. Resolves when all that it took is durable and can be
   * read by every server, with one ack for each attempt named, in any order; rejects when it does not know.
   * May be repeated. Pieces are taken in their order; calls may overlap.
   */
  append(pieces: readonly LogPiece[]): Promise<readonly LogAck[]>;
}

/** Consecutive bytes of one log. */
export interface LogPiece {
  readonly attempt: string;
  /** Of the first byte. */
  readonly offset: number;
  /** At most `LOG_PIECE_BYTES_MAX`; empty to ask how much is stored. */
  readonly bytes: Uint8Array;
  /** The log ends behind these bytes. */
  readonly last: boolean;
}

/** How much of a log is stored. */
export interface LogAck {
  readonly attempt: string;
  /** Length stored; the next piece begins here, whatever was sent before. */
  readonly stored: number;
  /** The end is stored too. */
  readonly complete: boolean;
}

/** Bytes of a piece at most. */
export const LOG_PIECE_BYTES_MAX = 65_536;

/**
 * The worker's end of what carries logs to servers, apart from the control messages so that neither waits
 * for the other. Treated as lossy; sending never blocks and never throws.
 */
export interface LogChannel {
  /** Connects and goes on reconnecting until closed; called once. */
  connect(listener: LogChannelListener): Promise<void>;
  /**
   * Sends pieces in their order; what cannot be sent is dropped. The caller sees to it that the bytes sent
   * and not acknowledged stay within the window.
   */
  send(pieces: readonly LogPiece[]): void;
  close(): Promise<void>;
}

/** What the worker hears of its log channel; never called from inside `send`. */
export interface LogChannelListener {
  /** A server takes logs, at most `windowBytes` sent and not acknowledged; what was sent before is void. */
  onConnect(windowBytes: number): void;
  onAcks(acks: readonly LogAck[]): void;
  onDisconnect(): void;
}
