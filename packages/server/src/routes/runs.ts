/** Routes of runs. */
import type { FastifyInstance } from 'fastify';
import type { Services } from '../services/index.js';
import { addRoute } from './add-route.js';
import { definedOnly } from './query.js';

export function addRunRoutes(app: FastifyInstance, { runs, keys }: Services): void {
  addRoute(app, 'listRuns', async ({ input }) => {
    const { limit, after, phase, ...filter } = definedOnly(input.query ?? {});
    return runs.list(
      { ...filter, ...(phase !== undefined && { phases: phase }) },
      { ...(limit !== undefined && { limit }), ...(after !== undefined && { after }) },
    );
  });
  addRoute(app, 'getRun', async ({ input }) => runs.get(input.params.run));
  addRoute(app, 'getWhy', async ({ input }) => ({ blockers: await runs.why(input.params.run) }));
  addRoute(app, 'resumeRun', async ({ input, actor, idempotencyKey }) =>
    keys.once({ key: idempotencyKey, actor, content: ['resumeRun', input] }, () =>
      runs.resume(input.params.run, input.body?.revision),
    ),
  );
  addRoute(app, 'approveRun', async ({ input, actor, idempotencyKey }) =>
    keys.once({ key: idempotencyKey, actor, content: ['approveRun', input] }, () =>
      runs.approve(input.params.run, { ...definedOnly(input.body ?? {}), actor }),
    ),
  );
  addRoute(app, 'cancelRun', async ({ input, actor, idempotencyKey }) => {
    const { run } = input.params;
    await keys.once({ key: idempotencyKey, actor, content: ['cancelRun', input] }, () =>
      runs.cancel(run, input.body?.reason),
    );
    return { run };
  });
}
