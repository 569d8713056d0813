/** The table, the problems and the document made of them, held against each other. */
import { Value } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { createOpenapi } from './openapi.js';
import type { RouteDefinition } from './routes.js';
import { ROUTES, SHARED_PROBLEMS } from './routes.js';
import { cursorText, parseCursor } from './cursor.js';
import { EventSchema } from './schemas/event.js';
import { PROBLEM_STATUS } from './schemas/problem.js';
import { RunSchema } from './schemas/run.js';

const ROWS = Object.entries<RouteDefinition>(ROUTES);

describe('ROUTES', () => {
  it('has no path twice', () => {
    const places = ROWS.map(([, { method, path }]) => `${method} ${path}`);
    expect(new Set(places).size).toBe(places.length);
  });

  it.each(ROWS)('%s declares the parameters of its path, and only them', (_, { path, params }) => {
    const inPath = [...path.matchAll(/:(\w+)/g)].map((match) => match[1]);
    expect(Object.keys(params?.properties ?? {})).toEqual(inPath);
  });

  it.each(ROWS)(
    '%s changes something only by POST, and only for operators',
    (_, { method, access, body }) => {
      expect(body !== undefined).toBe(method === 'POST');
      if (method === 'POST') expect(access).not.toBe('viewer');
    },
  );

  it.each(ROWS)('%s does not repeat a problem that every route has', (_, { problems }) => {
    expect(problems.filter((code) => (SHARED_PROBLEMS as readonly string[]).includes(code))).toEqual([]);
  });
});

describe('createOpenapi', () => {
  const document = createOpenapi('1.2.3') as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId: string }>>>>;
  };

  it('has every operation once', () => {
    const ids = Object.values(document.paths).flatMap((path) =>
      Object.values(path).map(({ operationId }) => operationId),
    );
    expect(ids.sort()).toEqual(Object.keys(ROUTES).sort());
  });

  it('writes paths and parameters the way the standard has them', () => {
    expect(document.paths['/api/attempts/{attempt}/log']?.['get']).toMatchObject({
      operationId: 'readLog',
      parameters: [
        { name: 'attempt', in: 'path', required: true },
        { name: 'offset', in: 'query', required: false },
        { name: 'limit', in: 'query', required: false },
        { name: 'waitMs', in: 'query', required: false },
      ],
      responses: {
        200: { content: { 'text/plain': { schema: { type: 'string' } } } },
        404: { description: 'RUN_NOT_FOUND, LOG_NOT_FOUND' },
        401: { description: 'UNAUTHENTICATED' },
      },
    });
  });

  it('is plain JSON', () => {
    expect(JSON.parse(JSON.stringify(document))).toEqual(document);
    expect(JSON.stringify(document)).not.toContain('~kind');
  });
});

describe('cursors', () => {
  it.each([
    ['12.0', { commitNo: 12, index: 0 }],
    ['0.7', { commitNo: 0, index: 7 }],
    ['12', null],
    ['12.', null],
    ['-1.0', null],
    ['1.0\n', null],
    ['9999999999999999999.0', null],
  ])('%s', (text, cursor) => {
    expect(parseCursor(text)).toEqual(cursor);
    if (cursor) expect(cursorText(cursor)).toBe(text);
  });
});

describe('schemas', () => {
  const run = {
    id: 'a@20261123T020000Z',
    job: 'a',
    slot: {
      key: 't:20261123T020000Z',
      instant: 1,
      interval: { start: 0, end: 1 },
      businessDate: '2026-11-22',
      day: '2026-11-23',
      zone: 'UTC',
    },
    phase: 'running',
    reason: null,
    generation: 1,
    attempts: 1,
    submission: null,
    createdAt: 1,
    endedAt: null,
  };

  it.each([
    ['a run', run, true],
    ['a run in an unknown phase', { ...run, phase: 'done' }, false],
    ['a run without a slot', { ...run, slot: undefined }, false],
  ])('%s', (_, value, isValid) => {
    expect(Value.Check(RunSchema, value)).toBe(isValid);
  });

  it.each([
    ['an event', { type: 'plan.state', plan: 1, state: 'running' }, true],
    ['an event with the fields of another', { type: 'plan.state', worker: 'w', state: 'lost' }, false],
  ])('%s', (_, value, isValid) => {
    expect(Value.Check(EventSchema, value)).toBe(isValid);
  });

  it('gives every code a status of an error', () => {
    for (const status of Object.values(PROBLEM_STATUS)) expect(status).toBeGreaterThanOrEqual(400);
  });
});
