/** Rows of the route table that are about plans. */
import { Type } from 'typebox';
import { PLACES } from './places.js';
import { PlanSchema } from './schemas/estate.js';
import { PAGE_QUERY, pageOf } from './schemas/page.js';
import { PlanMovedSchema, PlanOrderSchema, PlanPreviewSchema, PlanVerbSchema } from './schemas/plan.js';
import { RunIdSchema } from './schemas/scalars.js';
import { POST_HEADERS, accepted, json } from './route-parts.js';

/** Most runs that a preview lists. */
export const PREVIEW_RUNS_MAX = 100_000;
const PLAN = Type.Object({ plan: Type.Integer({ minimum: 1 }) });

export const PLAN_ROUTES = {
  listPlans: {
    ...PLACES.listPlans,
    summary: 'Plans, the newest first',
    access: 'viewer',
    query: Type.Object(PAGE_QUERY, { additionalProperties: false }),
    response: json(pageOf(PlanSchema)),
    problems: [],
  },
  createPlan: {
    ...PLACES.createPlan,
    summary: 'Makes a plan of a rerun, a rerun chain or a backfill; its members are frozen now',
    access: 'operator',
    headers: POST_HEADERS,
    body: PlanOrderSchema,
    response: accepted(PlanSchema),
    problems: [
      'RUN_NOT_FOUND',
      'JOB_NOT_FOUND',
      'SELECTION_INVALID',
      'SELECTION_EMPTY',
      'PARAMETER_INVALID',
      'OPTION_INVALID',
      'TIME_INVALID',
      'ZONE_UNKNOWN',
      'STATE_CONFLICT',
      'REQUEST_KEY_REUSED',
    ],
  },
  getPlan: {
    ...PLACES.getPlan,
    summary: 'One plan with its counts',
    access: 'viewer',
    params: PLAN,
    response: json(PlanSchema),
    problems: ['PLAN_NOT_FOUND'],
  },
  previewPlan: {
    ...PLACES.previewPlan,
    summary: 'What a plan that has not ended will do: count, order and estimate',
    access: 'viewer',
    params: PLAN,
    query: Type.Object(
      { runs: Type.Optional(Type.Integer({ minimum: 0, maximum: PREVIEW_RUNS_MAX })) },
      { additionalProperties: false },
    ),
    response: json(PlanPreviewSchema),
    problems: ['PLAN_NOT_FOUND', 'NOT_LEADING'],
  },
  listFailedMembers: {
    ...PLACES.listFailedMembers,
    summary: 'Members of a plan that has not ended which failed',
    access: 'viewer',
    params: PLAN,
    response: json(Type.Object({ runs: Type.Array(RunIdSchema) })),
    problems: ['PLAN_NOT_FOUND', 'NOT_LEADING'],
  },
  controlPlan: {
    ...PLACES.controlPlan,
    summary:
      'Starts, pauses, resumes or cancels a plan; resuming a failed one begins its failed members again',
    access: 'operator',
    params: PLAN,
    headers: POST_HEADERS,
    body: Type.Object({ verb: PlanVerbSchema }, { additionalProperties: false }),
    response: accepted(PlanMovedSchema),
    problems: ['PLAN_NOT_FOUND', 'STATE_CONFLICT', 'REQUEST_KEY_REUSED'],
  },
} as const;
