/**
 * Routes of waives, overrides and holds. What a body leaves out is absent, never null: the server reads a
 * null in a request as the zero of the field's type.
 */
import { Type } from 'typebox';
import { PLACES } from './places.js';
import { POST_HEADERS, accepted, json } from './route-parts.js';
import { OperationsSchema, OverrideEffectSchema } from './schemas/operation.js';
import { LaneSchema } from './schemas/run.js';
import { InstantSchema, RunIdSchema } from './schemas/scalars.js';

const ID = Type.Integer({ minimum: 1 });
const begun = accepted(Type.Object({ id: ID }));
const REASON = Type.String({ minLength: 1, maxLength: 500 });
const UNTIL = Type.Optional({ ...InstantSchema, description: 'When it ends; default a day from now' });
const SELECT = Type.String({ minLength: 1, maxLength: 2_000, description: 'Selection of jobs, * for all' });
const PACE = Type.Optional(
  Type.Integer({ minimum: 1, maximum: 6_000, description: 'Starts a minute; default all at once' }),
);
const DATE = Type.Optional(Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' }));
const RANGE = Type.Union([
  Type.Object(
    {
      by: Type.Literal('instant'),
      from: Type.Optional(InstantSchema),
      to: Type.Optional(InstantSchema),
    },
    { additionalProperties: false },
  ),
  Type.Object({ by: Type.Literal('businessDate'), from: DATE, to: DATE }, { additionalProperties: false }),
]);

/** Rows of the route table. */
export const OPERATION_ROUTES = {
  listOperations: {
    ...PLACES.listOperations,
    summary: 'Waives, overrides and holds that are in force',
    access: 'viewer',
    response: json(OperationsSchema),
    problems: ['NOT_LEADING'],
  },
  beginWaive: {
    ...PLACES.beginWaive,
    summary: 'One run does not wait for an upstream; others still do',
    access: 'operator',
    headers: POST_HEADERS,
    body: Type.Object(
      {
        run: RunIdSchema,
        upstream: { ...RunIdSchema, minLength: 1, description: 'An upstream job, or one run of it' },
        reason: REASON,
        until: UNTIL,
      },
      { additionalProperties: false },
    ),
    response: begun,
    problems: ['RUN_NOT_FOUND', 'JOB_NOT_FOUND', 'OPTION_INVALID', 'STATE_CONFLICT', 'REQUEST_KEY_REUSED'],
  },
  endWaive: {
    ...PLACES.endWaive,
    summary: 'The run waits for the upstream again, unless it has started',
    access: 'operator',
    params: Type.Object({ waive: ID }),
    headers: POST_HEADERS,
    body: Type.Object({}, { additionalProperties: false }),
    response: begun,
    problems: ['OPERATION_NOT_FOUND', 'REQUEST_KEY_REUSED'],
  },
  beginOverride: {
    ...PLACES.beginOverride,
    summary: 'Something else than the jobs say, for all slots or a range, there or to come',
    access: 'operator',
    headers: POST_HEADERS,
    body: Type.Object(
      {
        select: SELECT,
        effect: OverrideEffectSchema,
        range: Type.Optional(RANGE),
        reason: REASON,
        until: UNTIL,
      },
      { additionalProperties: false },
    ),
    response: begun,
    problems: ['SELECTION_INVALID', 'SELECTION_EMPTY', 'OPTION_INVALID', 'REQUEST_KEY_REUSED'],
  },
  endOverride: {
    ...PLACES.endOverride,
    summary: 'The jobs are as they say again',
    access: 'operator',
    params: Type.Object({ override: ID }),
    headers: POST_HEADERS,
    body: Type.Object({}, { additionalProperties: false }),
    response: begun,
    problems: ['OPERATION_NOT_FOUND', 'REQUEST_KEY_REUSED'],
  },
  beginHold: {
    ...PLACES.beginHold,
    summary: 'Nothing of the selection starts; slots still become runs, and what runs ends',
    access: 'operator',
    headers: POST_HEADERS,
    body: Type.Object(
      {
        select: Type.Optional({ ...SELECT, default: '*' }),
        lanes: Type.Optional(Type.Array(LaneSchema, { minItems: 1, description: 'Default all' })),
        key: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'Concurrency key' })),
        pace: PACE,
        reason: REASON,
        until: Type.Optional({ ...InstantSchema, description: 'Default: until it is released' }),
      },
      { additionalProperties: false },
    ),
    response: begun,
    problems: ['SELECTION_INVALID', 'SELECTION_EMPTY', 'OPTION_INVALID', 'REQUEST_KEY_REUSED'],
  },
  releaseHold: {
    ...PLACES.releaseHold,
    summary: 'Lets go what is held, by priority, at so many starts a minute or all at once',
    access: 'operator',
    params: Type.Object({ hold: ID }),
    headers: POST_HEADERS,
    body: Type.Object({ pace: PACE }, { additionalProperties: false }),
    response: begun,
    problems: ['OPERATION_NOT_FOUND', 'OPTION_INVALID', 'REQUEST_KEY_REUSED'],
  },
} as const;
