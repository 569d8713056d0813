/**
 * The page and its API as the server gives them, with a strict content security policy, answered from a
 * static estate: what the browser tests load. Every JSON answer is held against the schema of its route.
 */
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { HeraEvent, Operation, RouteDefinition } from '@hera/api';
import { LOG_HEADERS, PROBLEM_TYPE, ROUTES } from '@hera/api';
import type { StaticEstate } from '@hera/web-components/sources/example-estate.js';
import type { StaticSource } from '@hera/web-components/sources/static.js';
import { createStaticSource } from '@hera/web-components/sources/static.js';
import { Value } from 'typebox/value';

/** Nothing inline, nothing from elsewhere. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
  "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const FILES: Readonly<Record<string, readonly [name: string, type: string]>> = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/icon.svg': ['icon.svg', 'image/svg+xml'],
  '/hera.bundle.js': ['hera.bundle.js', 'text/javascript; charset=utf-8'],
};
/** A page with the elements registered and nothing else, for tests of one element. */
const STAGE = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Stage</title>
<script type="module" src="/hera.bundle.js"></script><main><h1>Stage</h1></main></html>`;

/** A running page server. */
export interface PageServer {
  readonly url: string;
  readonly source: StaticSource;
  /** Answers that did not fit their schema, or failed without a code. */
  readonly faults: readonly string[];
  /** While it is true, every API call is refused as signed out. */
  isLocked: boolean;
  /** While it is true, every API call is refused as overloaded. */
  isBroken: boolean;
  /** Sends an event to every open stream. */
  send(event: HeraEvent): void;
  close(): Promise<void>;
}

interface Call {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

/** Starts a server over the estate on a free port of this machine. */
export async function startPageServer(estate: StaticEstate): Promise<PageServer> {
  const source = createStaticSource(estate);
  const streams = new Set<ServerResponse>();
  const faults: string[] = [];
  let commitNo = 1;
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : null;
      if (code === null) faults.push(String(error));
      const status = code === 'UNAUTHENTICATED' ? 401 : code === null ? 500 : 404;
      refuse(response, status, code ?? 'INTERNAL');
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    response.setHeader('content-security-policy', POLICY);
    if (url.pathname === '/stage') return void response.setHeader('content-type', 'text/html').end(STAGE);
    const file = FILES[url.pathname];
    if (file) return void response.setHeader('content-type', file[1]).end(readFile(file[0]));
    const found = findRoute(request.method ?? 'GET', url.pathname);
    if (!found) return refuse(response, 404, 'ROUTE_NOT_FOUND');
    if (page.isLocked && found.name !== 'createSession') return refuse(response, 401, 'UNAUTHENTICATED');
    if (page.isBroken) return refuse(response, 429, 'OVERLOADED');
    if (found.name === 'streamEvents') return openStream(response);
    const call = { params: found.params, query: url.searchParams, body: await readBody(request) };
    if (found.name === 'readLog') return sendLog(source, call, response);
    const value = await answers(source, page)[found.name]?.(call);
    const route: RouteDefinition = ROUTES[found.name];
    if (route.response.schema && !Value.Check(route.response.schema, value)) {
      faults.push(`${found.name}: ${JSON.stringify(Value.Errors(route.response.schema, value)[0])}`);
    }
    response.writeHead(route.response.status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(value));
  }

  function openStream(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`event: hello\nid: 1.0\ndata: {"cursor":{"commitNo":1,"index":0}}\n\n`);
    streams.add(response);
    response.on('close', () => streams.delete(response));
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const page: PageServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    source,
    faults,
    isLocked: false,
    isBroken: false,
    send: (event) => {
      const cursor = { commitNo: (commitNo += 1), index: 0 };
      const data = JSON.stringify({ cursor, at: 1, event });
      for (const stream of streams)
        stream.write(`event: ${event.type}\nid: ${commitNo}.0\ndata: ${data}\n\n`);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return page;
}

function answers(source: StaticSource, page: PageServer) {
  const numbers = (query: URLSearchParams, ...names: readonly string[]) =>
    Object.fromEntries(names.flatMap((name) => (query.has(name) ? [[name, Number(query.get(name))]] : [])));
  const pageQuery = (query: URLSearchParams) => ({
    ...numbers(query, 'limit'),
    ...(query.has('after') && { after: query.get('after') ?? '' }),
  });
  const table: Partial<Record<Operation, (call: Call) => unknown>> = {
    getNow: () => source.now(),
    listJobs: ({ query }) => source.jobs(pageQuery(query)),
    listRuns: ({ query }) => {
      const phases = query.getAll('phase') as NonNullable<Parameters<StaticSource['runs']>[0]['phases']>;
      const filter = {
        ...numbers(query, 'from', 'to'),
        ...(query.has('job') && { job: query.get('job') ?? '' }),
        ...(phases.length > 0 && { phases }),
      };
      return source.runs(filter, pageQuery(query));
    },
    getRun: ({ params }) => source.run(params['run'] ?? ''),
    getWhy: async ({ params }) => ({ blockers: await source.why(params['run'] ?? '') }),
    getGraph: () => source.graph(),
    runJob: ({ params }) => source.runJob(params['job'] ?? ''),
    resumeRun: ({ params }) => source.resume(params['run'] ?? ''),
    cancelRun: ({ params }) => ({ run: params['run'] }),
    createSession: async ({ body }) => {
      const session = await source.signIn((body as { token: string }).token);
      page.isLocked = false;
      return session;
    },
  };
  return table;
}

async function sendLog(source: StaticSource, { params, query }: Call, response: ServerResponse) {
  const abort = new AbortController();
  response.once('close', () => abort.abort());
  const number = (name: string) => Number(query.get(name) ?? 0);
  const place = { offset: number('offset'), limit: number('limit'), waitMs: number('waitMs') };
  const piece = await source.log(params['attempt'] ?? '', place, abort.signal);
  response.writeHead(200, {
    'content-type': 'text/plain; charset=utf-8',
    [LOG_HEADERS.offset]: piece.offset,
    [LOG_HEADERS.size]: piece.size,
    [LOG_HEADERS.complete]: String(piece.complete),
  });
  response.end(piece.bytes);
}

function findRoute(method: string, path: string) {
  for (const [name, route] of Object.entries<RouteDefinition>(ROUTES)) {
    const pattern = new RegExp(`^${route.path.replace(/:(\w+)/g, '(?<$1>[^/]+)')}$`);
    const match = pattern.exec(path);
    if (!match || route.method !== method) continue;
    const params = Object.fromEntries(
      Object.entries(match.groups ?? {}).map(([key, value]) => [key, decodeURIComponent(value)]),
    );
    return { name: name as Operation, params };
  }
  return undefined;
}

function refuse(response: ServerResponse, status: number, code: string): void {
  const detail = { OVERLOADED: 'The scheduler takes no more for now.' }[code] ?? `Refused with ${code}.`;
  response.writeHead(status, { 'content-type': PROBLEM_TYPE });
  response.end(
    JSON.stringify({
      type: `urn:hera:problem:${code}`,
      title: code,
      status,
      detail,
      code,
      requestId: 'req-1',
    }),
  );
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text === '' ? undefined : JSON.parse(text);
}

function readFile(name: string): Buffer {
  return readFileSync(fileURLToPath(import.meta.resolve(`@hera/web-components/${name}`)));
}
