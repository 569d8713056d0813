/**
 * Output of attempts, by byte offset. A byte is acknowledged only when every server can read it; with one
 * server that is its own disk.
 */
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
