/** Reads the log of one attempt from a source, to its end and then as it grows. */
import type { Source } from '../../source.js';
import { codeOf } from '../../source.js';
import { LogBuffer } from './log-buffer.js';

const PIECE_BYTES = 1_048_576;
const WAIT_MS = 25_000;
/** What a page holds of one log; of a longer one the end is shown. */
const HELD_BYTES_MAX = 33_554_432;
/** Pause after an answer without bytes from a source that does not wait, and after an error. */
const PAUSE_MS = 1000;

/** What is known of a log. */
export interface LogState {
  readonly buffer: LogBuffer;
  /** Bytes before the first one held. */
  readonly skippedBytes: number;
  readonly size: number;
  readonly isComplete: boolean;
  readonly error: unknown;
}

/** The state before the first answer. */
export const emptyLog = (): LogState => ({
  buffer: new LogBuffer(),
  skippedBytes: 0,
  size: 0,
  isComplete: false,
  error: undefined,
});

/**
 * Reads until the log is complete or the signal aborts, and calls back with each new state. Goes on after an
 * error, at the byte it had reached; ends where there is no such log.
 */
export async function feedLog(
  from: { readonly source: Source; readonly attempt: string; readonly signal: AbortSignal },
  changed: (state: LogState) => void,
): Promise<void> {
  const { source, attempt, signal } = from;
  let state = emptyLog();
  let offset: number | undefined;
  while (!signal.aborted && !state.isComplete) {
    try {
      const place = { offset: offset ?? -HELD_BYTES_MAX, limit: PIECE_BYTES, waitMs: WAIT_MS };
      const piece = await source.log(attempt, place, signal);
      if (signal.aborted) return;
      if (offset === undefined) {
        const buffer = new LogBuffer({ startsInMiddle: piece.offset > 0 });
        state = { ...state, buffer, skippedBytes: piece.offset };
      }
      state.buffer.push(piece.bytes);
      offset = piece.offset + piece.bytes.length;
      const isComplete = piece.complete && offset >= piece.size;
      state = { ...state, size: piece.size, isComplete, error: undefined };
      changed(state);
      if (piece.bytes.length === 0 && !isComplete) await pause(signal);
    } catch (error) {
      if (signal.aborted) return;
      changed((state = { ...state, error }));
      if (isFinal(error)) return;
      await pause(signal);
    }
  }
}

const isFinal = (error: unknown) =>
  ['LOG_NOT_FOUND', 'RUN_NOT_FOUND', 'FORBIDDEN', 'UNAUTHENTICATED'].includes(codeOf(error));

function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, PAUSE_MS);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
