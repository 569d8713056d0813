/** The HTTP side of the server, made of services and not yet listening: tests call it with `inject`. */
import { PARAM_LENGTH_MAX, PROBLEM_TYPE } from '@hera/api';
import { isSchedulerError } from '@hera/core';
import type { Observer } from '@hera/core';
import Fastify from 'fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { addGuard } from './auth/guard.js';
import type { Sessions } from './auth/sessions.js';
import type { Cluster } from './cluster/cluster.js';
import { PEER_HEADER } from './cluster/peer-proof.js';
import { addPages } from './pages.js';
import { HttpError, problemOf } from './problems.js';
import { addEstateRoutes } from './routes/estate.js';
import { addEventRoutes } from './routes/events.js';
import { addForecastRoutes } from './routes/forecast.js';
import { addJobRoutes } from './routes/jobs.js';
import { addLogRoutes } from './routes/logs.js';
import { addPostedEventRoutes } from './routes/posted-events.js';
import { addIncidentRoutes } from './routes/incidents.js';
import { addOperationRoutes } from './routes/operations.js';
import { addPlanRoutes } from './routes/plans.js';
import { addRunRoutes } from './routes/runs.js';
import type { Services } from './services/index.js';

/** What the app is made of. */
export interface AppOptions {
  readonly services: Services;
  readonly sessions: Sessions;
  /** Folder of the package that holds the pages; null serves the API alone. */
  readonly pages: string | null;
  readonly log: Observer;
  /** Other servers of the installation; default there are none. */
  readonly cluster?: Cluster;
  /** Address under which people reach it, beside local ones; default none. */
  readonly origin?: string;
}

/** Larger than any request: the longest carries a few parameters. */
const BODY_BYTES_MAX = 262_144;

/** Makes the app with all routes; `listen` and `close` are the caller's. */
export async function createApp(options: AppOptions): Promise<FastifyInstance> {
  const { services, sessions, pages, log, cluster = null, origin = null } = options;
  const app = Fastify({
    logger: false,
    bodyLimit: BODY_BYTES_MAX,
    routerOptions: { maxParamLength: PARAM_LENGTH_MAX * 3 },
    // Unknown fields of a body are refused, not dropped: a slip of the pen must not be obeyed by half.
    ajv: { customOptions: { removeAdditional: false, coerceTypes: 'array', allErrors: false } },
    forceCloseConnections: 'idle',
  });
  app.setSerializerCompiler(() => (value) => JSON.stringify(value));
  const answerWithProblem = (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
    const problem = problemOf(error, request.id);
    if (problem.status >= 500) {
      const facts = { requestId: request.id, code: problem.code, error: String(error) };
      log.log(problem.code === 'INTERNAL' ? 'error' : 'warn', 'a request failed', facts);
    }
    if (problem.retryAfterMs !== undefined) {
      void reply.header('retry-after', Math.ceil(problem.retryAfterMs / 1000));
    }
    return reply.code(problem.status).type(PROBLEM_TYPE).send(problem);
  };
  app.setErrorHandler((error, request, reply) => {
    // Nothing was done here, and the leader can do it. Once: two may each think that the other leads.
    const mayForward = isSchedulerError(error, 'NOT_LEADING') && request.headers[PEER_HEADER] === undefined;
    if (cluster === null || !mayForward) return answerWithProblem(error, request, reply);
    return cluster.forward(request, reply).catch((late) => answerWithProblem(late, request, reply));
  });
  app.setNotFoundHandler((request) => {
    throw new HttpError('ROUTE_NOT_FOUND', `nothing is at ${request.method} ${request.url.split('?')[0]}`);
  });
  app.addHook('onSend', async (request, reply) => {
    if (request.url.startsWith('/api/')) void reply.header('cache-control', 'no-store');
    void reply.header('x-content-type-options', 'nosniff');
  });
  addGuard(app, sessions, { cluster, origin });
  cluster?.addRoutes(app);
  addJobRoutes(app, services);
  addForecastRoutes(app, services);
  addRunRoutes(app, services);
  addPlanRoutes(app, services);
  addPostedEventRoutes(app, services);
  addIncidentRoutes(app, services);
  addOperationRoutes(app, services);
  addLogRoutes(app, services);
  addEventRoutes(app, services);
  addEstateRoutes(app, services, sessions);
  await addPages(app, pages);
  return app;
}
