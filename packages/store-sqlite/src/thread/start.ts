/**
 * The store's side of a thread: calls by name with typed arguments. A thread keeps the process alive only
 * while a call is under way. When it ends unasked, every call under way and every later one is rejected.
 */
import { SchedulerError } from '@hera/core';
import type { ErrorDetails } from '@hera/core';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { AnswerMessage, CallMessage, ErrorParts, ThreadOptions } from './messages.js';

/** A function of a table of calls. */
type Call = (...args: never[]) => unknown;

/** A thread that carries out the calls of a table, one after the other, in the order made. */
export interface Thread<Table extends Record<keyof Table, Call>> {
  call<Name extends keyof Table & string>(
    name: Name,
    ...args: Parameters<Table[Name]>
  ): Promise<ReturnType<Table[Name]>>;
  /** Lets it close its file and resolves when it has ended: only then is the file let go of for certain. */
  end(): Promise<void>;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** Starts a thread. */
export function startThread<Table extends Record<keyof Table, Call>>(
  file: URL,
  options: ThreadOptions,
): Thread<Table> {
  const worker = new Worker(file, { workerData: options });
  const waiting = new Map<number, Waiting>();
  let callCount = 0;
  let ended: Error | null = null;
  let isEnding = false;

  const end = (error: Error): void => {
    ended ??= error;
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  };

  worker.unref();
  worker.on('message', ({ call, value, error }: AnswerMessage) => {
    const asked = waiting.get(call);
    waiting.delete(call);
    if (waiting.size === 0 && !isEnding) worker.unref();
    if (error) asked?.reject(errorOf(error));
    else asked?.resolve(value);
  });
  worker.on('error', (cause) => end(unavailable('the thread of the store failed', cause)));
  worker.on('exit', () => end(unavailable('the thread of the store has ended')));

  const ask = (name: string, args: readonly unknown[]): Promise<unknown> => {
    if (ended) return Promise.reject(ended);
    callCount += 1;
    const message: CallMessage = { call: callCount, name, args };
    return new Promise((resolve, reject) => {
      if (waiting.size === 0) worker.ref();
      waiting.set(message.call, { resolve, reject });
      worker.postMessage(message);
    });
  };

  return {
    // The thread answers a call with what the function of that name returned.
    call: (name, ...args) => ask(name, args) as Promise<ReturnType<Table[typeof name]>>,
    async end() {
      if (ended) return;
      const exit = once(worker, 'exit');
      isEnding = true;
      await ask('close', []);
      await exit;
    },
  };
}

function errorOf({ message, code, details, stack }: ErrorParts): Error {
  // A thread gives each code the details that belong to it.
  if (code === 'STORE_SCHEMA_TOO_NEW') {
    return new SchedulerError(code, message, details as ErrorDetails['STORE_SCHEMA_TOO_NEW']);
  }
  if (code === 'STORE_UNAVAILABLE') {
    return new SchedulerError(code, message, details as ErrorDetails['STORE_UNAVAILABLE']);
  }
  const error = new Error(message);
  if (stack !== undefined) error.stack = stack;
  return error;
}

const unavailable = (message: string, cause?: unknown) =>
  new SchedulerError('STORE_UNAVAILABLE', message, { operation: 'thread' }, { cause });
