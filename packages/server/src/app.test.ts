import { createClient, LOG_HEADERS, ROUTES } from '@hera/api';
import type { Operation } from '@hera/api';
import {
  SchedulerError,
  createHera,
  createMemoryStore,
  createQueries,
  defineJob,
  silentObserver,
} from '@hera/core';
import type { Hera, LogStore } from '@hera/core';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApp } from './app.js';
import { Sessions } from './auth/sessions.js';
import { createServices } from './services/index.js';
import type { Engine } from './services/engine.js';

const LOG = 'line 1\nline 2\n';
/** One log for every attempt: complete from its third read on, so that a wait has something to wait for. */
const logs: LogStore = {
  read: async (_attempt, offset, bytesMax) => ({
    offset,
    bytes: new TextEncoder().encode(LOG).subarray(offset, offset + bytesMax),
    size: LOG.length,
    complete: true,
  }),
  watch: () => () => undefined,
};

const sessions = new Sessions();
const asLocal = { host: 'localhost', authorization: `Bearer ${sessions.localToken}` };
let app: FastifyInstance;
let hera: Hera;
let run: string;

beforeAll(async () => {
  const store = createMemoryStore();
  const ok = defineJob('ok', {
    schedule: '0 2 * * *',
    params: { n: { type: 'integer', default: 1 } },
    run: () => 1,
  });
  const bad = defineJob('bad', {
    after: { ok },
    run: () => {
      throw new Error('no');
    },
  });
  hera = createHera({ jobs: [ok, bad], store });
  await hera.start();
  const engine: Engine = { hera, store, queries: createQueries(store), logs, trouble: null };
  const services = createServices(engine, '0.0.0');
  hera.on('event', () => services.events.wake());
  app = await createApp({ services, sessions, pages: null, log: silentObserver });
  run = (await hera.runGraph('+bad')).runs.find(({ phase }) => phase === 'failed')!.run;
});
afterAll(async () => {
  await app.close();
  await hera.stop();
});

const call = (options: InjectOptions) => app.inject({ headers: asLocal, ...options });
const pathOf = (operation: Operation) =>
  ROUTES[operation].path
    .replace(':job', 'ok')
    .replace(':plan', '1')
    .replace(':incident', '1')
    .replace(':worker', 'w1')
    .replace(/:(waive|override|hold)/, '1')
    .replace(/:(run|attempt)/, encodeURIComponent(`${run}`));

test('an incident of what failed is listed and acknowledged; a worker that is not out is not let in', async () => {
  const listed = (await call({ url: '/api/incidents' })).json<{ items: { id: number; cause: string }[] }>();
  expect(listed.items).toMatchObject([{ cause: run, failed: 1 }]);
  const url = `/api/incidents/${listed.items[0]?.id}/acknowledge`;
  expect((await call({ method: 'POST', url, payload: { note: 'seen' } })).statusCode).toBe(202);
  const unknown = await call({ method: 'POST', url: '/api/incidents/99/acknowledge', payload: {} });
  expect([unknown.statusCode, unknown.json<{ code: string }>().code]).toEqual([404, 'INCIDENT_NOT_FOUND']);
  const say = (verb: string, payload: object) =>
    call({ method: 'POST', url: `/api/incidents/${listed.items[0]?.id}/${verb}`, payload });
  expect((await say('snooze', { until: 4_070_908_800_000 })).statusCode).toBe(202);
  expect((await say('snooze', { until: null })).statusCode).toBe(202);
  await say('assign', { assignee: 'zhang' });
  await say('assign', { assignee: null });
  const after = (await call({ url: '/api/incidents' })).json<{ items: object[] }>();
  expect(after.items).toMatchObject([{ snoozedUntil: null, assignee: null }]);
  const release = await call({ method: 'POST', url: '/api/workers/w9/release', payload: {} });
  expect(release.statusCode).toBe(409);
});

test('a waive, an override and a hold begin, are listed by the caller’s name, and end', async () => {
  const post = (url: string, payload: object) => call({ method: 'POST', url, payload });
  const reason = 'the source is late';
  const comes = 'bad@20990101T020000Z';
  const range = { by: 'businessDate', from: '2099-01-01' };
  const begun = [
    await post('/api/waives', { run: comes, upstream: 'ok', reason }),
    await post('/api/overrides', { select: 'ok', effect: { slots: 'pass', priority: -5 }, range, reason }),
    await post('/api/holds', { select: 'bad', lanes: ['backfill'], reason }),
  ];
  expect(begun.map(({ statusCode }) => statusCode)).toEqual([202, 202, 202]);
  const ids = begun.map((answer) => answer.json<{ id: number }>().id);
  const listed = (await call({ url: '/api/operations' })).json<object>();
  expect([...Value.Errors(ROUTES.listOperations.response.schema, listed)]).toEqual([]);
  const by = { reason, actor: sessions.byToken(sessions.localToken, Date.now())?.actor };
  expect(listed).toMatchObject({
    waives: [{ id: ids[0], run: comes, upstream: 'ok', ...by, until: expect.any(Number) as number }],
    overrides: [
      { id: ids[1], effect: { slots: 'pass', priority: -5 }, range: { ...range, to: null }, ...by },
    ],
    holds: [{ id: ids[2], select: 'bad', lanes: ['backfill'], state: 'holding', until: null, ...by }],
  });
  const ends = [`waives/${ids[0]}/end`, `overrides/${ids[1]}/end`, `holds/${ids[2]}/release`];
  for (const end of ends) expect((await post(`/api/${end}`, {})).statusCode).toBe(202);
  for (const end of ends)
    expect((await post(`/api/${end}`, {})).json()).toMatchObject({ code: 'OPERATION_NOT_FOUND' });
  expect((await call({ url: '/api/operations' })).json()).toEqual({ waives: [], overrides: [], holds: [] });
});

test.each([
  ['a waive without a reason', 'waives', { run: 'bad@a:x', upstream: 'ok' }, 'REQUEST_INVALID'],
  [
    'an effect that nobody knows',
    'overrides',
    { select: '*', effect: { x: 1 }, reason: 'r' },
    'REQUEST_INVALID',
  ],
  ['an override of nothing', 'overrides', { select: '*', effect: {}, reason: 'r' }, 'OPTION_INVALID'],
  ['an end that has been', 'holds', { until: 1, reason: 'r' }, 'OPTION_INVALID'],
  ['a lane that is none', 'holds', { lanes: ['fast'], reason: 'r' }, 'REQUEST_INVALID'],
] as const)('%s is refused', async (_name, table, payload, code) => {
  expect((await call({ method: 'POST', url: `/api/${table}`, payload })).json()).toMatchObject({ code });
});

describe('who may come in', () => {
  const closed = (Object.keys(ROUTES) as Operation[]).filter((name) => ROUTES[name].access !== 'anyone');

  test.each(closed)('%s is closed to strangers', async (operation) => {
    const answer = await app.inject({
      method: ROUTES[operation].method,
      url: pathOf(operation),
      headers: { host: 'localhost' },
      payload: {},
    });
    expect(answer.statusCode).toBe(401);
    expect(answer.json()).toMatchObject({ code: 'UNAUTHENTICATED', status: 401 });
  });

  test('a wrong token, a wrong cookie and no cookie are all strangers', async () => {
    for (const headers of [{ authorization: 'Bearer x' }, { cookie: 'hera_session=x' }, { cookie: 'a=b' }]) {
      const answer = await app.inject({ url: '/api/jobs', headers: { host: 'localhost', ...headers } });
      expect(answer.statusCode).toBe(401);
    }
  });

  test('a link signs in once, and its cookie is closed to scripts and other sites', async () => {
    const token = sessions.createLinkToken(Date.now());
    const signIn = () =>
      app.inject({ method: 'POST', url: '/api/session', headers: { host: 'localhost' }, payload: { token } });
    const first = await signIn();
    expect(first.statusCode).toBe(200);
    const cookie = String(first.headers['set-cookie']);
    expect(cookie).toMatch(/^hera_session=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/; Max-Age=\d+$/);
    const headers = { host: 'localhost', cookie: cookie.split(';')[0]! };
    expect((await app.inject({ url: '/api/jobs', headers })).statusCode).toBe(200);
    expect((await signIn()).statusCode).toBe(401);
  });

  test('a link is good for an hour, a session until it is idle', () => {
    const at = 1_000_000;
    expect(sessions.signIn(sessions.createLinkToken(at), at + 3_600_001)).toBeNull();
    const signedIn = sessions.signIn(sessions.createLinkToken(at), at)!;
    expect(sessions.byCookie(signedIn.cookie, at + 3_600_000)).not.toBeNull();
    expect(sessions.byCookie(signedIn.cookie, at + 4 * 3_600_000)).toBeNull();
  });

  test.each([
    ['a name of another server', { host: 'evil.example' }],
    ['a name that only begins like ours', { host: 'localhost.evil.example' }],
  ])('a request to %s is refused, with any token', async (_name, headers) => {
    const answer = await app.inject({ url: '/api/jobs', headers: { ...asLocal, ...headers } });
    expect(answer.json()).toMatchObject({ code: 'FORBIDDEN' });
  });

  test('a page of another site may change nothing', async () => {
    const post = (origin: string) =>
      call({ method: 'POST', url: '/api/jobs/ok/runs', headers: { ...asLocal, origin }, payload: {} });
    expect((await post('http://evil.example')).statusCode).toBe(403);
    expect((await post('http://localhost')).statusCode).toBe(202);
  });
});

describe('routes', () => {
  const GETS: readonly Operation[] = [
    'getNow',
    'listJobs',
    'getJob',
    'getUpcoming',
    'listRuns',
    'getRun',
    'getWhy',
    'getGraph',
    'listWorkers',
    'getHealth',
    'getOpenapi',
  ];

  test.each(GETS)('%s answers with what its schema says', async (operation) => {
    const answer = await call({ url: pathOf(operation) });
    expect(answer.statusCode).toBe(200);
    const { response } = ROUTES[operation] as unknown as {
      response: { schema: Parameters<typeof Value.Errors>[0] };
    };
    expect([...Value.Errors(response.schema, answer.json())]).toEqual([]);
  });

  test('run now answers with its generation, and one key does it once', async () => {
    const headers = { ...asLocal, 'idempotency-key': 'k1' };
    const post = (payload: object) => call({ method: 'POST', url: '/api/jobs/ok/runs', headers, payload });
    const first = await post({ params: { n: 5 } });
    expect(first.statusCode).toBe(202);
    expect((await post({ params: { n: 5 } })).json()).toEqual(first.json());
    expect((await post({ params: { n: 6 } })).json()).toMatchObject({ code: 'REQUEST_KEY_REUSED' });
  });

  test('resume gives the next generation; what has succeeded cannot be canceled', async () => {
    const url = `/api/runs/${encodeURIComponent(run)}/resume`;
    expect((await call({ method: 'POST', url, payload: {} })).json()).toEqual({ run, generation: 2 });
    const good = run.replace('bad@', 'ok@');
    const cancel = await call({
      method: 'POST',
      url: `/api/runs/${encodeURIComponent(good)}/cancel`,
      payload: {},
    });
    expect(cancel.json()).toMatchObject({ code: 'STATE_CONFLICT', status: 409 });
  });

  test('pages go on where they ended', async () => {
    const first = (await call({ url: '/api/runs?limit=1' })).json<{
      items: { id: string }[];
      next: string;
    }>();
    const rest = (await call({ url: `/api/runs?after=${encodeURIComponent(first.next)}` })).json<{
      items: { id: string }[];
    }>();
    expect(first.items).toHaveLength(1);
    expect(rest.items.map(({ id }) => id)).not.toContain(first.items[0]!.id);
  });

  test('a list in a query repeats its name', async () => {
    const { items } = (await call({ url: '/api/runs?phase=succeeded&phase=skipped' })).json<{
      items: { phase: string }[];
    }>();
    expect(new Set(items.map(({ phase }) => phase))).toEqual(new Set(['succeeded']));
  });

  test('the graph of a selection holds only it', async () => {
    const graph = (await call({ url: '/api/graph?select=%2Bbad' })).json<{
      nodes: unknown[];
      edges: unknown[];
    }>();
    expect(graph.nodes).toHaveLength(2);
    expect(graph.edges).toEqual([{ v: 'ok', w: 'bad' }]);
  });

  test.each([
    ['the whole log', '', LOG, 0],
    ['from a byte', '?offset=7', 'line 2\n', 7],
    ['the tail', '?offset=-3', ' 2\n', 11],
    ['a piece', '?offset=0&limit=4', 'line', 0],
    ['nothing beyond its end', '?offset=99&waitMs=5', '', 99],
  ])('readLog gives %s', async (_name, query, body, offset) => {
    const answer = await call({ url: `/api/attempts/${encodeURIComponent(`${run}/1`)}/log${query}` });
    expect(answer.body).toBe(body);
    expect(answer.headers[LOG_HEADERS.offset]).toBe(String(offset));
    expect(answer.headers[LOG_HEADERS.size]).toBe(String(LOG.length));
  });

  test.each([
    ['an unknown job', 'GET', '/api/jobs/none', 404, 'JOB_NOT_FOUND'],
    ['an unknown run', 'GET', '/api/runs/none%40a%3Ax', 404, 'RUN_NOT_FOUND'],
    ['why of an unknown run', 'GET', '/api/runs/none%40a%3Ax/why', 404, 'RUN_NOT_FOUND'],
    ['the log of an unknown attempt', 'GET', '/api/attempts/ok%40a%3Ax%2F1/log', 404, 'RUN_NOT_FOUND'],
    ['an unknown address', 'GET', '/api/none', 404, 'ROUTE_NOT_FOUND'],
    ['a page that is too long', 'GET', '/api/runs?limit=1001', 400, 'REQUEST_INVALID'],
    ['a phase that is none', 'GET', '/api/runs?phase=done', 400, 'REQUEST_INVALID'],
    ['a selection that does not read', 'GET', '/api/graph?select=%28', 400, 'SELECTION_INVALID'],
    ['a field that nobody knows', 'POST', '/api/jobs/ok/runs', 400, 'REQUEST_INVALID'],
  ] as const)('%s is a problem with a code', async (_name, method, url, status, code) => {
    const answer = await call({ method, url, ...(method === 'POST' && { payload: { slott: 1 } }) });
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(answer.json()).toMatchObject({ status, code, type: `urn:hera:problem:${code}` });
    expect(answer.statusCode).toBe(status);
  });

  test('a parameter that breaks its rules names it', async () => {
    const answer = await call({ method: 'POST', url: '/api/jobs/ok/runs', payload: { params: { n: 'x' } } });
    expect(answer.json()).toMatchObject({
      code: 'PARAMETER_INVALID',
      detail: expect.stringMatching(/n/) as string,
    });
  });
});

describe('while the store is away', () => {
  const away = () =>
    Promise.reject(new SchedulerError('STORE_UNAVAILABLE', 'disk is full', { operation: 'read' }));

  test('health says so, and everything else is a problem that can be tried again', async () => {
    const memory = createMemoryStore();
    const store = { ...memory, readLease: away, read: away };
    const engine: Engine = {
      hera: null,
      store,
      queries: createQueries(store),
      logs,
      trouble: 'disk is full',
    };
    const services = createServices(engine, '0.0.0');
    const broken = await createApp({ services, sessions, pages: null, log: silentObserver });
    const get = async (url: string) => (await broken.inject({ url, headers: asLocal })).json<object>();
    expect(await get('/api/health')).toMatchObject({ status: 'degraded', role: 'follower', leader: null });
    expect(await get('/api/jobs')).toMatchObject({
      code: 'STORE_UNAVAILABLE',
      status: 503,
      detail: 'disk is full',
    });
    expect(await get('/api/now')).toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await broken.close();
  });
});

describe('the event stream', () => {
  test('carries what happens, and goes on after the last event that was seen', async () => {
    const baseUrl = await app.listen({ host: '127.0.0.1', port: 0 });
    const client = createClient({ baseUrl, token: () => sessions.localToken });
    const seen: string[] = [];
    const stop = new AbortController();
    const follow = async (after?: { commitNo: number; index: number }) => {
      for await (const item of client.streamEvents({ signal: stop.signal, ...(after && { after }) })) {
        if (item.type !== 'event') continue;
        seen.push(item.stored.event.type);
        if (item.stored.event.type === 'generation.phase' && item.stored.event.phase === 'succeeded')
          return item.stored.cursor;
      }
      return undefined;
    };
    const first = follow({ commitNo: 0, index: 0 });
    await hera.run('ok', { key: 'streamed' });
    const place = await first;
    expect(seen[0]).toBe('leader.elected');
    seen.length = 0;
    const second = follow(place);
    await hera.run('ok', { key: 'streamed again' });
    await second;
    expect(seen).not.toContain('leader.elected');
    stop.abort();
  });
});

describe('plans', () => {
  const post = (path: string, body: object) => call({ method: 'POST', url: path, payload: body });

  test('are made as drafts, looked at, started and listed', async () => {
    const order = {
      type: 'backfill',
      select: 'ok+',
      from: '2026-01-05',
      to: '2026-01-06',
      params: { n: '2' },
    };
    const made = await post('/api/plans', { ...order, exclude: ['bad@20260106T020000Z'], reason: 'late' });
    expect(made.statusCode).toBe(202);
    const plan = made.json<{ id: number; state: string }>();
    expect(plan).toMatchObject({ state: 'draft', total: 3, reason: 'late' });
    const preview = await call({ url: `/api/plans/${plan.id}/preview?runs=2` });
    expect(preview.json()).toMatchObject({
      total: 3,
      excluded: 1,
      runs: ['ok@20260106T020000Z', 'ok@20260107T020000Z'],
      dates: [
        { date: '2026-01-06', count: 1 },
        { date: '2026-01-07', count: 2 },
      ],
    });
    const started = await post(`/api/plans/${plan.id}/control`, { verb: 'start' });
    expect(started.statusCode).toBe(202);
    expect(await hera.plan(plan.id).result()).toMatchObject({ state: 'failed', succeeded: 2, failed: 1 });
    const failed = await call({ url: `/api/plans/${plan.id}/failed` });
    expect(failed.json()).toEqual({ runs: ['bad@20260107T020000Z'] });
    expect((await call({ url: '/api/plans' })).json()).toMatchObject({ items: [{ id: plan.id }] });
    const canceled = await post(`/api/plans/${plan.id}/control`, { verb: 'cancel' });
    expect(canceled.json()).toEqual({ plan: plan.id, state: 'canceled' });
  });

  test.each([
    [{ type: 'backfill', select: 'ok' }, 400, 'OPTION_INVALID'],
    [{ type: 'rerun', select: 'nobody', from: '2026-01-05' }, 404, 'SELECTION_EMPTY'],
    [{ type: 'rerunChain', select: 'ok@20200101T020000Z' }, 404, 'RUN_NOT_FOUND'],
    [{ type: 'backfill', select: 'ok', from: '2026-01-02', params: { x: '1' } }, 400, 'PARAMETER_INVALID'],
    [{ type: 'backfill', select: 'ok', from: '2026-01-09', to: '2026-01-05' }, 400, 'OPTION_INVALID'],
  ])('refuse %o', async (order, status, code) => {
    const answer = await post('/api/plans', order);
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([status, code]);
  });
});
