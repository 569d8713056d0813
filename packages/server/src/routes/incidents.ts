/** Routes of incidents, and of workers in quarantine. */
import type { FastifyInstance } from 'fastify';
import type { Services } from '../services/index.js';
import { addRoute } from './add-route.js';
import { definedOnly } from './query.js';

export function addIncidentRoutes(app: FastifyInstance, { incidents }: Services): void {
  addRoute(app, 'listIncidents', async ({ input }) => {
    const { all = false, ...page } = definedOnly(input.query ?? {});
    return incidents.list(all, page);
  });
  addRoute(app, 'acknowledgeIncident', async ({ input }) => {
    const { incident } = input.params;
    await incidents.acknowledge(incident, input.body?.note ?? '');
    return { incident };
  });
  addRoute(app, 'assignIncident', async ({ input }) => {
    const { incident } = input.params;
    await incidents.assign(incident, input.body.assignee);
    return { incident };
  });
  addRoute(app, 'snoozeIncident', async ({ input }) => {
    const { incident } = input.params;
    await incidents.snooze(incident, input.body.until);
    return { incident };
  });
  addRoute(app, 'releaseWorker', async ({ input }) => {
    const { worker } = input.params;
    await incidents.releaseWorker(worker);
    return { worker };
  });
}
