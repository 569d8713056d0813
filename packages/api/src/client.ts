/**
 * The client: one method for each route of the table, with its types, over `fetch`. Runs in a browser, in
 * Node and in a worker thread. It retries nothing but the event stream: whoever calls knows what may be
 * repeated.
 */
import type { Static, TSchema } from 'typebox';
import { ClientError, errorOf, unreachable } from './client-error.js';
import type { EventStreamOptions, StreamItem } from './event-stream.js';
import { readEvents } from './event-stream.js';
import type { Method, Operation } from './places.js';
import { LOG_HEADERS, PLACES } from './places.js';
import type { ROUTES } from './routes.js';
import type { DeepReadonly } from './schemas/scalars.js';

/** Where the server is and how to speak to it. */
export interface ClientOptions {
  /** `https://hera.example.com`, or a path below it; the empty text is the page's own origin. */
  readonly baseUrl: string;
  /** Default the global one. */
  readonly fetch?: typeof fetch;
  /** Token of a program or an embedding, read for each request; without one the session's cookie counts. */
  readonly token?: () => string | undefined;
}

/** How one call is made. */
export interface CallOptions {
  readonly signal?: AbortSignal;
  /** The same key with the same request is carried out once. */
  readonly idempotencyKey?: string;
}

type Routes = typeof ROUTES;
type JsonOperation = {
  [Op in Operation]: Routes[Op]['response'] extends { readonly schema: TSchema } ? Op : never;
}[Operation];

type PartOf<Route, Part extends 'params' | 'query' | 'body'> = Route extends {
  readonly [K in Part]: infer Schema extends TSchema;
}
  ? Partial<Static<Schema>> extends Static<Schema>
    ? { readonly [K in Part]?: DeepReadonly<Static<Schema>> }
    : { readonly [K in Part]: DeepReadonly<Static<Schema>> }
  : unknown;

/** What goes into a route: its `params`, `query` and `body`; those with no required field may be left out. */
export type InputOf<Op extends Operation> = PartOf<Routes[Op], 'params'> &
  PartOf<Routes[Op], 'query'> &
  PartOf<Routes[Op], 'body'>;

/** What comes out of a route that answers with JSON. */
export type OutputOf<Op extends JsonOperation> = Routes[Op]['response'] extends {
  readonly schema: infer Schema extends TSchema;
}
  ? DeepReadonly<Static<Schema>>
  : never;

type Arguments<Input> =
  Partial<Input> extends Input
    ? [input?: Input, options?: CallOptions]
    : [input: Input, options?: CallOptions];

/** A piece of the log of an attempt. */
export interface LogPiece {
  /** Of the first byte of `bytes`. */
  readonly offset: number;
  readonly bytes: Uint8Array;
  /** Bytes of the whole log so far. */
  readonly size: number;
  /** Nothing will be added any more. */
  readonly complete: boolean;
}

/** Each method rejects with a `ClientError`. */
export type Client = {
  readonly [Op in JsonOperation]: (...input: Arguments<InputOf<Op>>) => Promise<OutputOf<Op>>;
} & {
  readonly readLog: (input: InputOf<'readLog'>, options?: CallOptions) => Promise<LogPiece>;
  readonly streamEvents: (
    options?: Pick<EventStreamOptions, 'after' | 'signal' | 'onState' | 'silenceMsMax'>,
  ) => AsyncGenerator<StreamItem, void, void>;
};

interface Place {
  readonly method: Method;
  readonly path: string;
}

type Scalar = string | number | boolean | undefined;

interface AnyInput {
  readonly params?: Readonly<Record<string, Scalar>>;
  readonly query?: Readonly<Record<string, Scalar | readonly Scalar[]>>;
  readonly body?: unknown;
}

/** A client of the server at `baseUrl`. Holds no connection and no state. */
export function createClient(options: ClientOptions): Client {
  const call = createCall(options);
  const special: Pick<Client, 'readLog' | 'streamEvents'> = {
    readLog: async (input, callOptions = {}) => readPiece(await call(PLACES.readLog, input, callOptions)),
    streamEvents: (streamOptions) =>
      readEvents({
        ...streamOptions,
        url: urlOf(options.baseUrl, PLACES.streamEvents, {}),
        fetch: fetchOf(options),
        headers: () => authorization(options),
      }),
  };
  const operations = (Object.keys(PLACES) as Operation[]).filter((name) => !(name in special));
  const methods = Object.fromEntries(
    operations.map((name) => [
      name,
      async (input: AnyInput = {}, callOptions: CallOptions = {}) =>
        readJson(await call(PLACES[name], input, callOptions)),
    ]),
  );
  return { ...methods, ...special } as Client;
}

function createCall(options: ClientOptions) {
  return async (route: Place, input: AnyInput, { signal, idempotencyKey }: CallOptions) => {
    const url = urlOf(options.baseUrl, route, input);
    const headers = new Headers(authorization(options));
    headers.set('accept', 'application/json, application/problem+json, text/plain');
    const isPost = route.method === 'POST';
    if (isPost) headers.set('content-type', 'application/json');
    if (idempotencyKey !== undefined) headers.set('idempotency-key', idempotencyKey);
    const request: RequestInit = {
      method: route.method,
      headers,
      cache: 'no-store',
      ...(isPost && { body: JSON.stringify(input.body ?? {}) }),
      ...(signal && { signal }),
    };
    const response = await fetchOf(options)(url, request).catch((cause: unknown) => {
      // Whoever aborts knows why, and gets the reason unchanged.
      throw signal?.aborted ? cause : unreachable(url, cause);
    });
    if (!response.ok) throw await errorOf(response);
    return response;
  };
}

/** The address of a route: ids are encoded whole, lists repeat their name, absent fields are left out. */
export function urlOf(baseUrl: string, route: Place, input: Omit<AnyInput, 'body'>): string {
  const path = route.path.replace(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent(String(input.params?.[name] ?? '')),
  );
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(input.query ?? {})) {
    for (const one of [value].flat()) if (one !== undefined) query.append(name, String(one));
  }
  const tail = query.toString();
  return `${baseUrl.replace(/\/$/, '')}${path}${tail === '' ? '' : `?${tail}`}`;
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch (cause) {
    const message = 'The answer is not JSON.';
    throw new ClientError({ code: 'ANSWER_INVALID', message, status: response.status }, { cause });
  }
}

async function readPiece(response: Response): Promise<LogPiece> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  const offset = Number(response.headers.get(LOG_HEADERS.offset) ?? Number.NaN);
  const size = Number(response.headers.get(LOG_HEADERS.size) ?? Number.NaN);
  if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(size)) {
    const message = `The answer lacks the headers ${LOG_HEADERS.offset} and ${LOG_HEADERS.size}.`;
    throw new ClientError({ code: 'ANSWER_INVALID', message, status: response.status });
  }
  return { offset, bytes, size, complete: response.headers.get(LOG_HEADERS.complete) === 'true' };
}

/** Called as a plain function: a browser's `fetch` refuses to be a method of something else. */
const fetchOf = (options: ClientOptions): typeof fetch => {
  const { fetch: given } = options;
  return given ? (input, init) => given(input, init) : (input, init) => fetch(input, init);
};

function authorization(options: ClientOptions): Record<string, string> {
  const token = options.token?.();
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}
