/** The route of an attempt's output: raw bytes, their place in the headers. */
import { LOG_BYTES_DEFAULT, LOG_HEADERS } from '@hera/api';
import type { FastifyInstance } from 'fastify';
import type { Services } from '../services/index.js';
import { addRawRoute } from './add-route.js';

interface LogQuery {
  readonly offset?: number;
  readonly limit?: number;
  readonly waitMs?: number;
}

export function addLogRoutes(app: FastifyInstance, { logs }: Services): void {
  addRawRoute(app, 'readLog', async (request, reply) => {
    const { attempt } = request.params as { readonly attempt: string };
    const { offset = 0, limit = LOG_BYTES_DEFAULT, waitMs = 0 } = request.query as LogQuery;
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const chunk = await logs.read({ attempt, offset, limit, waitMs, signal: gone.signal });
    return reply
      .type('text/plain; charset=utf-8')
      .header(LOG_HEADERS.offset, chunk.offset)
      .header(LOG_HEADERS.size, chunk.size)
      .header(LOG_HEADERS.complete, String(chunk.complete))
      .send(Buffer.from(chunk.bytes));
  });
}
