/** Routes of plans. */
import type { PlanOrder } from '@hera/api';
import type { FastifyInstance } from 'fastify';
import type { Services } from '../services/index.js';
import { addRoute } from './add-route.js';
import { definedOnly } from './query.js';

/** Runs that a preview lists when no number is asked for. */
const PREVIEW_RUNS = 1_000;

export function addPlanRoutes(app: FastifyInstance, { plans, keys }: Services): void {
  addRoute(app, 'listPlans', async ({ input }) => plans.list(definedOnly(input.query ?? {})));
  addRoute(app, 'getPlan', async ({ input }) => plans.get(input.params.plan));
  addRoute(app, 'previewPlan', async ({ input }) =>
    plans.preview(input.params.plan, input.query?.runs ?? PREVIEW_RUNS),
  );
  addRoute(app, 'listFailedMembers', async ({ input }) => ({ runs: await plans.failed(input.params.plan) }));
  addRoute(app, 'createPlan', async ({ input, actor, idempotencyKey }) =>
    keys.once({ key: idempotencyKey, actor, content: ['createPlan', input] }, () =>
      plans.create(definedOnly(input.body) as PlanOrder, actor),
    ),
  );
  addRoute(app, 'controlPlan', async ({ input, actor, idempotencyKey }) =>
    keys.once({ key: idempotencyKey, actor, content: ['controlPlan', input] }, () =>
      plans.control(input.params.plan, input.body.verb),
    ),
  );
}
