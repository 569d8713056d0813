/** The thread's side of calls: each is carried out when its turn comes and answered at once. */
import { parentPort } from 'node:worker_threads';
import { errorParts } from './messages.js';
import type { AnswerMessage, CallMessage } from './messages.js';
import { PortError } from './port-error.js';

/** Answers the calls named by `calls`; `close` is the last. */
export function serveCalls(calls: Readonly<Record<string, (...args: never[]) => unknown>>): void {
  const port = parentPort;
  if (!port) throw new Error('runs in a thread of the store only');
  port.on('message', ({ call, name, args }: CallMessage) => {
    let answer: AnswerMessage;
    try {
      const carryOut = calls[name] as ((...args: readonly unknown[]) => unknown) | undefined;
      answer = { call, value: carryOut?.(...args) };
    } catch (error) {
      answer = { call, error: errorParts(asPortError(error, name)) };
    }
    port.postMessage(answer);
    if (name === 'close') port.close();
  });
}

/** Primary result codes that speak of the world rather than of a wrong statement. */
const WORLD_CODES = new Map([
  [5, 'another process holds the lock'],
  [6, 'a table is locked'],
  [7, 'no memory is left'],
  [8, 'the file may not be written'],
  [10, 'the disk reported an error'],
  [11, 'the file is damaged'],
  [13, 'the disk is full'],
  [14, 'the file cannot be opened'],
  [15, 'the locking protocol failed'],
  [26, 'the file is no database'],
]);
const PRIMARY_CODE_BITS = 0xff;
/** What SQLite says for some of these codes: reading statements of one driver tell the text alone. */
const WORLD_TEXTS: readonly (readonly [RegExp, number])[] = [
  [/disk I\/O error/i, 10],
  [/database disk image is malformed/i, 11],
  [/database or disk is full/i, 13],
  [/unable to open database file/i, 14],
  [/file is not a database/i, 26],
];

/** Turns an error of SQLite or of the file system that the world is to blame for into `STORE_UNAVAILABLE`. */
function asPortError(error: unknown, operation: string): unknown {
  if (!(error instanceof Error)) return error;
  const { errcode, syscall } = error as { readonly errcode?: unknown; readonly syscall?: unknown };
  const because =
    typeof errcode === 'number'
      ? WORLD_CODES.get(errcode & PRIMARY_CODE_BITS)
      : syscall !== undefined
        ? 'the folder cannot be made'
        : WORLD_CODES.get(WORLD_TEXTS.find(([text]) => text.test(error.message))?.[1] ?? 0);
  if (because === undefined) return error;
  return new PortError('STORE_UNAVAILABLE', `${operation}: ${because} (${error.message})`, {
    operation,
  });
}
