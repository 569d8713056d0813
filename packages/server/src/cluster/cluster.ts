/**
 * Other servers of the same installation, seen from one that may follow. Each names itself in the lease by
 * its address, so whoever reads the lease knows where the leader is. What only the leader knows is asked of
 * it over HTTP; what changes something goes through the store and needs no server but one that leads.
 */
import type { Session } from '@hera/api';
import { SchedulerError } from '@hera/core';
import type { Observer } from '@hera/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { PEER_HEADER, bodyDigest, peerProof, readPeerProof } from './peer-proof.js';
import type { Peer, PeerRequest } from './peer-proof.js';

/** What a server needs to be one of several. */
export interface ClusterOptions {
  /** The same for all servers, at least 32 characters; null where there is only this one. */
  readonly secret: string | null;
  /** Holder of the lease as this server last saw it; null when nobody's is known. */
  readonly leader: () => string | null | Promise<string | null>;
  /** Another server says that something waits in the store. */
  readonly onNudge: () => void;
  readonly log: Observer;
}

/** Where a server takes the word of another that there is something to do. */
export const NUDGE_PATH = '/internal/nudge';
/** A leader that does not answer by then is as good as gone. */
const FORWARD_MS = 10_000;
const NUDGE_MS = 1_000;

export class Cluster {
  readonly #options: ClusterOptions;

  constructor(options: ClusterOptions) {
    this.#options = options;
  }

  /** Who asks through another server; null when no other server does. */
  peerOf({ method, url, headers }: FastifyRequest): Peer | null {
    const header = headers[PEER_HEADER];
    const { secret } = this.#options;
    if (header === undefined || secret === null) return null;
    return readPeerProof(secret, { method, url }, { header, nowMs: Date.now() });
  }

  /** Tells a leader, by its name in the lease, to look into the store. Never rejects: it looks anyway. */
  async nudge(holder: string): Promise<void> {
    try {
      await this.#fetch(holder, { method: 'POST', url: NUDGE_PATH }, { session: null, timeoutMs: NUDGE_MS });
    } catch (error) {
      this.#options.log.log('debug', 'the leader could not be nudged', { holder, error: String(error) });
    }
  }

  /** Answers with what the leader answers. Rejects with `STORE_UNAVAILABLE` when it cannot be reached. */
  async forward(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const holder = await this.#options.leader();
    const { method, url, body } = request;
    if (holder === null) throw unreachable('no server leads at the moment');
    const answer = await this.#fetch(
      holder,
      { method, url },
      {
        session: request.session,
        timeoutMs: FORWARD_MS,
        ...(body !== undefined && body !== null && { body }),
        key: request.headers['idempotency-key'],
      },
    ).catch((error: unknown) => {
      throw unreachable(`the leader ${addressOf(holder)} does not answer: ${String(error)}`);
    });
    for (const name of ['content-type', 'retry-after'] as const) {
      const value = answer.headers.get(name);
      if (value !== null) void reply.header(name, value);
    }
    return reply.code(answer.status).send(Buffer.from(await answer.arrayBuffer()));
  }

  /** Adds the route that other servers call. */
  addRoutes(app: FastifyInstance): void {
    app.post(NUDGE_PATH, { config: { isPeer: true } }, async (_request, reply) => {
      this.#options.onNudge();
      return reply.code(204).send();
    });
  }

  #fetch(
    holder: string,
    request: PeerRequest,
    {
      session,
      timeoutMs,
      body,
      key,
    }: {
      readonly session: Session | null;
      readonly timeoutMs: number;
      readonly body?: unknown;
      readonly key?: string | string[] | undefined;
    },
  ): Promise<Response> {
    const { secret } = this.#options;
    if (secret === null) return Promise.reject(new Error('no secret is set'));
    const from = { session, atMs: Date.now(), body: bodyDigest(body) };
    return fetch(`${addressOf(holder)}${request.url}`, {
      method: request.method,
      headers: {
        [PEER_HEADER]: peerProof(secret, request, from),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(typeof key === 'string' && { 'idempotency-key': key }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs),
    });
  }
}

/** A holder's name is its address and, behind the last slash, what it drew for this try to lead. */
const addressOf = (holder: string) => holder.slice(0, holder.lastIndexOf('/'));

const unreachable = (message: string) =>
  new SchedulerError('STORE_UNAVAILABLE', message, { operation: 'leader' });
