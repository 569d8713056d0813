/** Routes of jobs and of the graph of them. */
import type { FastifyInstance } from 'fastify';
import type { Services } from '../services/index.js';
import { definedOnly } from './query.js';
import { addRoute } from './add-route.js';

export function addJobRoutes(app: FastifyInstance, { jobs, runs, keys }: Services): void {
  addRoute(app, 'applyDefinitions', async ({ input: { body } }) =>
    jobs.apply(body.definitions, { source: body.source, prune: body.prune ?? false }),
  );
  addRoute(app, 'listJobs', async ({ input }) => jobs.list(definedOnly(input.query ?? {})));
  addRoute(app, 'getJob', async ({ input }) => jobs.get(input.params.job));
  addRoute(app, 'getUpcoming', async ({ input }) => ({
    items: await jobs.upcoming(input.params.job, input.query?.count ?? 10),
  }));
  addRoute(app, 'getGraph', async ({ input }) => jobs.graph(input.query?.select));
  addRoute(app, 'runJob', async ({ input, actor, idempotencyKey }) =>
    keys.once({ key: idempotencyKey, actor, content: ['runJob', input] }, () =>
      runs.runNow(input.params.job, definedOnly(input.body ?? {})),
    ),
  );
}
