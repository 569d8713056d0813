import { describe, expect, expectTypeOf, it } from 'vitest';
import type { Client } from './client.js';
import { createClient, urlOf } from './client.js';
import { ClientError } from './client-error.js';
import { ROUTES } from './routes.js';
import type { Blocker, Run } from './schemas/run.js';

interface Asked {
  readonly url: string;
  readonly init: RequestInit;
}

/** A client whose server gives one answer; `asked` is what it was sent. */
function clientOf(answer: Response | Error, token?: string) {
  const asked: Asked[] = [];
  const client = createClient({
    baseUrl: 'https://hera.example/',
    fetch: (url, init) => {
      asked.push({ url: url as string, init: init ?? {} });
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    ...(token !== undefined && { token: () => token }),
  });
  return { client, asked };
}

const problem = {
  type: 'urn:hera:problem:RUN_NOT_FOUND',
  title: 'Run not found',
  status: 404,
  detail: 'There is no run a@b.',
  code: 'RUN_NOT_FOUND',
  requestId: 'req-7',
};

describe('urlOf', () => {
  const rows: readonly [string, string, string][] = [
    [
      'encodes an attempt id whole',
      urlOf('', ROUTES.readLog, { params: { attempt: 'a@a:k/2' } }),
      '/api/attempts/a%40a%3Ak%2F2/log',
    ],
    [
      'encodes Chinese',
      urlOf('', ROUTES.getJob, { params: { job: '订单' } }),
      '/api/jobs/%E8%AE%A2%E5%8D%95',
    ],
    [
      'repeats the name of a list',
      urlOf('http://h', ROUTES.listRuns, { query: { phase: ['failed', 'running'] } }),
      'http://h/api/runs?phase=failed&phase=running',
    ],
    [
      'leaves out what is absent',
      urlOf('http://h/x/', ROUTES.listRuns, { query: { job: undefined, limit: 5 } }),
      'http://h/x/api/runs?limit=5',
    ],
  ];
  it.each(rows)('%s', (_, url, expected) => {
    expect(url).toBe(expected);
  });
});

describe('createClient', () => {
  it('has a method for each route, and no other', () => {
    const { client } = clientOf(Response.json({}));
    expect(Object.keys(client).sort()).toEqual(Object.keys(ROUTES).sort());
  });

  it('sends a body, the token and the idempotency key', async () => {
    const { client, asked } = clientOf(
      Response.json({ run: 'a@a:k', generation: 1 }, { status: 202 }),
      't0k',
    );
    const input = { params: { job: 'a' }, body: { key: 'k' } };
    expect(await client.runJob(input, { idempotencyKey: 'once' })).toEqual({ run: 'a@a:k', generation: 1 });
    const [{ url, init }] = asked as [Asked];
    expect([url, init.method, init.body]).toEqual([
      'https://hera.example/api/jobs/a/runs',
      'POST',
      '{"key":"k"}',
    ]);
    expect(Object.fromEntries(new Headers(init.headers))).toMatchObject({
      authorization: 'Bearer t0k',
      'content-type': 'application/json',
      'idempotency-key': 'once',
    });
  });

  it('sends an empty object where the body may be left out', async () => {
    const { client, asked } = clientOf(Response.json({ run: 'a@a:k' }, { status: 202 }));
    await client.cancelRun({ params: { run: 'a@a:k' } });
    expect(asked[0]?.init.body).toBe('{}');
  });

  it('rejects with the problem the server sent', async () => {
    const { client } = clientOf(Response.json(problem, { status: 404 }));
    const error = await client.getRun({ params: { run: 'a@b' } }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ClientError);
    expect(error).toMatchObject({
      code: 'RUN_NOT_FOUND',
      status: 404,
      message: 'There is no run a@b.',
      requestId: 'req-7',
      isTransient: false,
    });
  });

  it.each([
    ['a page of a proxy', new Response('<h1>Bad gateway</h1>', { status: 502 }), 'ANSWER_INVALID', true],
    ['no answer', new TypeError('fetch failed'), 'UNREACHABLE', true],
    ['a success that is not JSON', new Response('hello'), 'ANSWER_INVALID', false],
  ])('names %s', async (_, answer, code, isTransient) => {
    await expect(clientOf(answer).client.getNow()).rejects.toMatchObject({ code, isTransient });
  });

  it('lets an abort through unchanged', async () => {
    const reason = new DOMException('enough', 'AbortError');
    const { client } = clientOf(reason);
    await expect(client.getNow({}, { signal: AbortSignal.abort() })).rejects.toBe(reason);
  });

  it('reads a piece of log from body and headers', async () => {
    const headers = { 'hera-log-offset': '10', 'hera-log-size': '13', 'hera-log-complete': 'true' };
    const { client, asked } = clientOf(new Response('abc', { headers }));
    const piece = await client.readLog({ params: { attempt: 'a@b/1' }, query: { offset: -3 } });
    expect(piece).toEqual({ offset: 10, size: 13, complete: true, bytes: new TextEncoder().encode('abc') });
    expect(asked[0]?.url).toBe('https://hera.example/api/attempts/a%40b%2F1/log?offset=-3');
  });

  it('refuses a piece of log without its place', async () => {
    const { client } = clientOf(new Response('abc'));
    await expect(client.readLog({ params: { attempt: 'a@b/1' } })).rejects.toMatchObject({
      code: 'ANSWER_INVALID',
    });
  });

  it('is typed by the table', () => {
    expectTypeOf<Awaited<ReturnType<Client['listRuns']>>['items'][number]>().toEqualTypeOf<Run>();
    expectTypeOf<Awaited<ReturnType<Client['getWhy']>>['blockers'][number]>().toEqualTypeOf<Blocker>();
    // @ts-expect-error -- a job has to be named
    void ((client: Client) => client.getJob());
    // @ts-expect-error -- there is no such phase
    void ((client: Client) => client.listRuns({ query: { phase: ['done'] } }));
  });
});
