/** Routes of everything around jobs and runs: the first page, workers, health, the session, the contract. */
import { createOpenapi } from '@hera/api';
import type { FastifyInstance } from 'fastify';
import { SESSION_COOKIE } from '../auth/sessions.js';
import type { Sessions } from '../auth/sessions.js';
import { HttpError } from '../problems.js';
import type { Services } from '../services/index.js';
import { addRoute } from './add-route.js';
import { definedOnly } from './query.js';

const DAY_MS = 86_400_000;

export function addEstateRoutes(app: FastifyInstance, services: Services, sessions: Sessions): void {
  const { now, workers, health, version } = services;
  addRoute(app, 'getNow', async ({ input }) => {
    const at = Date.now();
    return now.read({ at, since: input.query?.since ?? at - DAY_MS });
  });
  addRoute(app, 'createWorkerToken', async ({ input }) => workers.createToken(definedOnly(input.body ?? {})));
  addRoute(app, 'listWorkers', async () => ({ items: await workers.list() }));
  addRoute(app, 'getHealth', async () => health.read(Date.now()));
  addRoute(app, 'createSession', async ({ input, reply }) => {
    const signedIn = sessions.signIn(input.body.token, Date.now());
    if (signedIn === null) {
      throw new HttpError('UNAUTHENTICATED', 'the link is not or no longer valid; start `hera up` anew');
    }
    const maxAge = Math.floor((signedIn.session.expiresAt - Date.now()) / 1000);
    const rules = `HttpOnly; SameSite=Strict; Path=/; Max-Age=${maxAge}`;
    void reply.header('set-cookie', `${SESSION_COOKIE}=${signedIn.cookie}; ${rules}`);
    return signedIn.session;
  });
  const openapi = createOpenapi(version);
  addRoute(app, 'getOpenapi', async () => openapi);
}
