/**
 * Errors on the wire: problem details (RFC 9457, `application/problem+json`) with a stable `code`. Clients
 * test the code; `title` and `detail` are for people and may change. The codes of core keep their names;
 * those that only HTTP knows are added here.
 */
import type { ErrorCode } from '@hera/core';
import { Type } from 'typebox';
import type { Wire } from './scalars.js';

/** Media type of every answer that is not a success. */
export const PROBLEM_TYPE = 'application/problem+json';

/** Codes that exist on the wire only. */
export type HttpCode =
  'REQUEST_INVALID' | 'UNAUTHENTICATED' | 'FORBIDDEN' | 'ROUTE_NOT_FOUND' | 'LOG_NOT_FOUND' | 'INTERNAL';

/** Every code that an answer can carry. */
export type ProblemCode = ErrorCode | HttpCode;

/** HTTP status of each code. */
export const PROBLEM_STATUS = {
  REQUEST_INVALID: 400,
  CRON_INVALID: 400,
  ZONE_UNKNOWN: 400,
  TIME_INVALID: 400,
  DURATION_INVALID: 400,
  SELECTION_INVALID: 400,
  PARAMETER_INVALID: 400,
  OPTION_INVALID: 400,
  MESSAGE_INVALID: 400,
  PROTOCOL_UNSUPPORTED: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  ROUTE_NOT_FOUND: 404,
  JOB_NOT_FOUND: 404,
  GROUP_NOT_FOUND: 404,
  RUN_NOT_FOUND: 404,
  PLAN_NOT_FOUND: 404,
  INCIDENT_NOT_FOUND: 404,
  OPERATION_NOT_FOUND: 404,
  LOG_NOT_FOUND: 404,
  SELECTION_EMPTY: 404,
  STATE_CONFLICT: 409,
  REQUEST_KEY_REUSED: 409,
  RESULT_TOO_LARGE: 413,
  DEFINITION_INVALID: 422,
  GRAPH_CYCLE: 422,
  SLOT_INVALID: 422,
  TEMPLATE_INVALID: 422,
  TEMPLATE_LOOP: 422,
  INCLUDE_LOOP: 422,
  OVERLOADED: 429,
  INTERNAL: 500,
  NOT_LEADING: 503,
  LEASE_LOST: 503,
  STORE_SCHEMA_TOO_NEW: 503,
  STORE_UNAVAILABLE: 503,
  STOPPED: 503,
} as const satisfies Readonly<Record<ProblemCode, number>>;

/** One thing that is wrong with a request: where it stands, and the rule it breaks. */
export const ProblemFieldSchema = Type.Object({
  path: Type.String({ description: 'body.params.region, query.limit, jobs.dws_gmv.retry' }),
  message: Type.String(),
});

/** Body of every answer that is not a success. */
export const ProblemSchema = Type.Object(
  {
    type: Type.String({ description: 'urn:hera:problem: and the code' }),
    title: Type.String({ description: 'The code in words; the same for every case of it' }),
    status: Type.Integer({ minimum: 400, maximum: 599 }),
    detail: Type.String({ description: 'What, why, and what to do, in this case' }),
    code: Type.String({ description: 'Stable; clients test this' }),
    requestId: Type.String({ description: 'Names the request in the log of the server' }),
    errors: Type.Optional(Type.Array(ProblemFieldSchema)),
    retryAfterMs: Type.Optional(Type.Integer({ minimum: 0 })),
  },
  { additionalProperties: true, description: 'RFC 9457 problem details' },
);
/** A value of `ProblemSchema`. */
export type Problem = Wire<typeof ProblemSchema>;
