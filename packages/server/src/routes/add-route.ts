/**
 * Makes a route from its row in the table: method, path, validation and status come from there, so a route
 * cannot differ from the contract. What is left for a handler is to call a service.
 */
import { PARAM_LENGTH_MAX, ROUTES } from '@hera/api';
import type { InputOf, Operation, OutputOf, RouteDefinition, Session } from '@hera/api';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** A request after validation. */
export interface RouteCall<Op extends Operation> {
  readonly input: InputOf<Op>;
  readonly actor: string;
  readonly idempotencyKey: string | undefined;
  readonly reply: FastifyReply;
}

type WithJson = {
  [Op in Operation]: (typeof ROUTES)[Op]['response'] extends { readonly schema: unknown } ? Op : never;
}[Operation];

/** Adds a route that answers with JSON. */
export function addRoute<Op extends WithJson>(
  app: FastifyInstance,
  operation: Op,
  handle: (call: RouteCall<Op>) => Promise<OutputOf<Op>>,
): void {
  const { response } = ROUTES[operation];
  addRawRoute(app, operation, async (request, reply) => {
    const answer = await handle(callOf<Op>(request, reply));
    return reply.code(response.status).send(answer);
  });
}

/** Adds a route whose handler writes the answer itself. */
export function addRawRoute(
  app: FastifyInstance,
  operation: Operation,
  handle: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>,
): void {
  const { method, path, params, query, body, bodyBytesMax }: RouteDefinition = ROUTES[operation];
  app.route({
    method,
    url: path,
    config: { operation },
    ...(bodyBytesMax !== undefined && { bodyLimit: bodyBytesMax }),
    schema: {
      ...(params && { params }),
      ...(query && { querystring: query }),
      ...(body && { body }),
    },
    handler: (request, reply) => handle(request, reply),
  });
}

function callOf<Op extends Operation>(request: FastifyRequest, reply: FastifyReply): RouteCall<Op> {
  const key = request.headers['idempotency-key'];
  const { params, query, body } = request;
  return {
    input: { params, query, body } as unknown as InputOf<Op>,
    actor: actorOf(request.session),
    idempotencyKey: typeof key === 'string' && key !== '' ? key.slice(0, PARAM_LENGTH_MAX) : undefined,
    reply,
  };
}

const actorOf = (session: Session | null) => session?.actor ?? 'anyone';
