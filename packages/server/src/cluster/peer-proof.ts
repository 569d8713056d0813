/**
 * How servers of one installation know each other: a request from one to another carries who asks, sealed
 * with the secret that all of them have. The seal covers method, address, body, person and time, so that it
 * is good for this request only and for a moment.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Session } from '@hera/api';

/** Name of the header. */
export const PEER_HEADER = 'x-hera-peer';
/** How far the clocks of two servers may differ, and how long a request may be under way. */
const FRESH_MS = 60_000;

/** What is sealed. */
export interface PeerRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
}

/** The value of the header. */
export function peerProof(secret: string, request: PeerRequest, from: Peer): string {
  const claim = Buffer.from(JSON.stringify(from)).toString('base64url');
  return `${claim}.${seal(secret, request, claim)}`;
}

/** Who asks through another server. */
export interface Peer {
  /** Null when the server itself does. */
  readonly session: Session | null;
  readonly atMs: number;
  /** `bodyDigest` of what it sends. */
  readonly body: string;
}

/** Tells one body from another: JSON has one text once it has been read and written. */
export const bodyDigest = (body: unknown): string =>
  body === undefined || body === null
    ? ''
    : createHash('sha256').update(JSON.stringify(body)).digest('base64url');

/** Who asks; null when the header is missing, old, or sealed with another secret or for another request. */
export function readPeerProof(
  secret: string,
  request: PeerRequest,
  { header, nowMs }: { readonly header: unknown; readonly nowMs: number },
): Peer | null {
  if (typeof header !== 'string') return null;
  const [claim = '', sealed = ''] = header.split('.');
  const expected = Buffer.from(seal(secret, request, claim));
  const given = Buffer.from(sealed);
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
  const peer = JSON.parse(Buffer.from(claim, 'base64url').toString()) as Peer;
  return Math.abs(nowMs - peer.atMs) <= FRESH_MS ? peer : null;
}

const seal = (secret: string, { method, url }: PeerRequest, claim: string) =>
  createHmac('sha256', secret).update(`${method} ${url}\n${claim}`).digest('base64url');
