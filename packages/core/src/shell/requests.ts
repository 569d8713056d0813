/**
 * Requests that wait for their answer: those of this process, and those that other servers left as rows of
 * `command`. The answer to a row is written in the commit that carries out what it asked.
 */
import type { Reply, Request, RequestAnswer, RequestType } from '../kernel/index.js';
import { isSchedulerError, SchedulerError } from '../model/errors.js';
import type { Write } from '../model/tables.js';
import type { StoredCommand } from '../ports/store.js';

/** Who asks, and how the same question is known again. */
export interface RequestOptions {
  /** Shown in records and audit. */
  readonly actor: string;
  /** The same key of the same actor is carried out once; asked again, it gets the first answer. */
  readonly key?: string | null;
  /** Waits until this process leads, instead of being refused with `NOT_LEADING`. */
  readonly whenLeading?: boolean;
}

/** What the row of a command holds, as JSON. */
export interface CommandRequest {
  readonly actor: string;
  readonly key: string | null;
  readonly body: Request;
}

/** One who waits for the answer of a request. */
export interface Waiting {
  readonly resolve: (answer: RequestAnswer) => void;
  readonly reject: (error: SchedulerError) => void;
  readonly whenLeading: boolean;
}

const REQUEST_TYPES: Readonly<Record<RequestType, true>> = {
  'definitions.apply': true,
  'job.state': true,
  'job.delete': true,
  'run.now': true,
  'graph.submit': true,
  'run.resume': true,
  'run.cancel': true,
  'run.force': true,
  'attempt.resolve': true,
  'plan.create': true,
  'plan.control': true,
  'worker.release': true,
  'incident.acknowledge': true,
  'incident.assign': true,
  'incident.snooze': true,
  'run.approve': true,
  'event.post': true,
  'waive.begin': true,
  'waive.end': true,
  'override.begin': true,
  'override.end': true,
  'hold.begin': true,
  'hold.release': true,
  'worker.drain': true,
};

/** All requests of one process, by the numbers it gave them. */
export class Requests {
  readonly #waiting = new Map<number, Waiting>();
  /** Ids of command rows by number, and all that were taken under this leadership. */
  readonly #commands = new Map<number, string>();
  readonly #taken = new Set<string>();
  #unreadable: Write[] = [];
  #last = 0;

  /** A number for a request, whose answer settles the promise. */
  open(waiting: Waiting): number {
    this.#last += 1;
    this.#waiting.set(this.#last, waiting);
    return this.#last;
  }

  /** Forgets a request that could not be sent. */
  drop(request: number): void {
    this.#waiting.delete(request);
  }

  /** A number for a command row and what it asks; null for one that was taken before or cannot be read. */
  take(command: StoredCommand): { readonly request: number; readonly asked: CommandRequest } | null {
    if (this.#taken.has(command.id)) return null;
    this.#taken.add(command.id);
    const asked = readCommand(command.request);
    if (!asked) {
      const message = 'the command is none that this version knows';
      const error = new SchedulerError('MESSAGE_INVALID', message, {
        path: 'request',
        expected: 'a request',
      });
      this.#unreadable.push(answerRow(command.id, { request: 0, ok: false, error }));
      return null;
    }
    this.#last += 1;
    this.#commands.set(this.#last, command.id);
    return { request: this.#last, asked };
  }

  /** Whether rows wait to be answered although nobody is asked anything. */
  get hasUnreadable(): boolean {
    return this.#unreadable.length > 0;
  }

  /** Rows that carry these replies to the servers that asked. */
  answerRows(replies: readonly Reply[]): readonly Write[] {
    if (this.#commands.size === 0 && this.#unreadable.length === 0) return [];
    const rows = this.#unreadable;
    this.#unreadable = [];
    for (const reply of replies) {
      const id = this.#commands.get(reply.request);
      if (id !== undefined) rows.push(answerRow(id, reply));
    }
    return rows;
  }

  /** Passes answers on to those who wait; their commit is durable. */
  settle(replies: readonly Reply[]): void {
    for (const reply of replies) {
      const command = this.#commands.get(reply.request);
      if (command !== undefined) {
        this.#commands.delete(reply.request);
        this.#taken.delete(command);
      }
      const waiting = this.#waiting.get(reply.request);
      if (!waiting) continue;
      this.#waiting.delete(reply.request);
      if (reply.ok) waiting.resolve(reply.value);
      else waiting.reject(reply.error);
    }
  }

  /** Whether the request stays when leadership is lost. */
  waitsForLeading(request: number): boolean {
    return this.#waiting.get(request)?.whenLeading ?? false;
  }

  /** Refuses all requests but those that `stays`; command rows stay open for the next leader. */
  refuse(errorOf: (request: number) => SchedulerError, stays: (request: number) => boolean): void {
    this.#commands.clear();
    this.#taken.clear();
    this.#unreadable = [];
    for (const [request, { reject }] of [...this.#waiting]) {
      if (stays(request)) continue;
      this.#waiting.delete(request);
      reject(errorOf(request));
    }
  }
}

function readCommand(text: string): CommandRequest | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { actor, key, body } = value as Partial<CommandRequest>;
  if (typeof actor !== 'string' || (key !== null && typeof key !== 'string')) return null;
  if (typeof body !== 'object' || body === null || !Object.hasOwn(REQUEST_TYPES, body.type)) return null;
  return { actor, key, body };
}

function answerRow(id: string, reply: Reply): Write {
  const answer = reply.ok ? { ok: true, value: reply.value } : { ok: false, error: plainError(reply.error) };
  return { op: 'put', table: 'command', key: [id], value: { answer: JSON.stringify(answer), open: 0 } };
}

const plainError = ({ code, message, details }: SchedulerError) => ({ code, message, details });

/**
 * Reads the answer in the row of a command: the value, or the error thrown. @throws SchedulerError that of
 * the answer, or `MESSAGE_INVALID` where the text is none.
 */
export function readCommandAnswer(text: string): RequestAnswer {
  const answer = JSON.parse(text) as
    | { readonly ok: true; readonly value: RequestAnswer }
    | { readonly ok: false; readonly error: Pick<SchedulerError, 'code' | 'message' | 'details'> };
  if (answer.ok) return answer.value;
  const { code, message, details } = answer.error;
  throw new SchedulerError(code, message, details);
}

/** The error of what a request went through: ours as it is, a broken world as `STORE_UNAVAILABLE`. */
export function asSchedulerError(error: unknown, operation: string): SchedulerError {
  if (isSchedulerError(error)) return error;
  return new SchedulerError(
    'STORE_UNAVAILABLE',
    `${operation}: ${String(error)}`,
    { operation },
    { cause: error },
  );
}
