/**
 * Decides on the matched route who may call it; a route without an entry in the table is closed. A request
 * must come to a name of this server (against DNS rebinding), and one that changes something from one of its
 * own pages or from no page at all (against forged requests).
 */
import { ROUTES } from '@hera/api';
import type { Access, Operation, Session } from '@hera/api';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Cluster } from '../cluster/cluster.js';
import { bodyDigest } from '../cluster/peer-proof.js';
import type { Peer } from '../cluster/peer-proof.js';
import { HttpError } from '../problems.js';
import { SESSION_COOKIE } from './sessions.js';
import type { Sessions } from './sessions.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; null where nobody needs to be signed in. */
    session: Session | null;
    /** The server that passes the request on; null when it comes from outside. */
    peer: Peer | null;
  }
  interface FastifyContextConfig {
    /** Row of the route table; static files have none. */
    readonly operation?: Operation;
    /** A file of the pages, open to anybody. */
    readonly isPage?: boolean;
    /** For other servers of the installation only. */
    readonly isPeer?: boolean;
  }
}

const ROLES: readonly Session['role'][] = ['viewer', 'operator', 'editor', 'admin'];

/** Puts the guard before every route of the app. */
export function addGuard(
  app: FastifyInstance,
  sessions: Sessions,
  { cluster, origin }: { readonly cluster: Cluster | null; readonly origin: string | null },
): void {
  app.decorateRequest('session', null);
  app.decorateRequest('peer', null);
  app.addHook('onRequest', async (request) => {
    const { operation, isPage, isPeer } = request.routeOptions.config;
    const peer = cluster?.peerOf(request) ?? null;
    request.peer = peer;
    if (isPeer && peer !== null) return;
    // The server that passes a request on has looked at where it comes from.
    if (peer === null) checkOrigin(request, origin);
    request.session = peer === null ? sessionOf(request, sessions) : peer.session;
    if (isPage) return;
    const access: Access | 'nobody' = operation === undefined ? 'nobody' : ROUTES[operation].access;
    if (access === 'anyone' || request.is404) return;
    if (access === 'nobody') throw new HttpError('FORBIDDEN', 'nobody may call this');
    if (request.session === null) {
      throw new HttpError('UNAUTHENTICATED', 'sign in with the link that `hera up` printed');
    }
    if (ROLES.indexOf(request.session.role) < ROLES.indexOf(access)) {
      throw new HttpError('FORBIDDEN', `this needs the role ${access}; you have ${request.session.role}`);
    }
  });
  // The body has been read by now, and is still as it was sent.
  app.addHook('preValidation', async ({ peer, body }) => {
    if (peer === null || peer.body === bodyDigest(body)) return;
    throw new HttpError('FORBIDDEN', 'the body is not the one that the other server has sealed');
  });
}

function sessionOf(request: FastifyRequest, sessions: Sessions): Session | null {
  const now = Date.now();
  const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  if (bearer !== undefined) return sessions.byToken(bearer, now);
  const cookie = cookieOf(request.headers.cookie ?? '', SESSION_COOKIE);
  return cookie === undefined ? null : sessions.byCookie(cookie, now);
}

function cookieOf(header: string, name: string): string | undefined {
  const pairs = header.split(';').map((pair) => pair.trim().split('='));
  return pairs.find(([key]) => key === name)?.[1];
}

function checkOrigin(request: FastifyRequest, own: string | null): void {
  const { host = '', origin } = request.headers;
  const isOwn = own !== null && host === new URL(own).host;
  if (!isOwn && !isLocalName(host)) {
    throw new HttpError('FORBIDDEN', 'the request was sent to a name that is not one of this server');
  }
  if (request.method === 'GET' || request.method === 'HEAD') return;
  if (origin !== undefined && origin !== (isOwn ? new URL(own).origin : `http://${host}`)) {
    throw new HttpError('FORBIDDEN', 'a page of another site may not do this');
  }
}

const isLocalName = (host: string) => /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i.test(host);
