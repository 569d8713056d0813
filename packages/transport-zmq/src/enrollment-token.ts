/**
 * The token a new worker enrols by: a key pair of its own, so that ZeroMQ itself refuses whoever does not
 * hold one, and the server's public key, so that the worker knows whom it talks to before it says anything.
 * The server keeps the public half and a digest; the text is shown once.
 */
import { randomBytes } from 'node:crypto';
import { TransportError } from './errors.js';
import type { TokenKey } from './key-store.js';
import { createKeyPair, fromZ85, hashOf, proofOf, toZ85 } from './keys.js';
import type { KeyPair } from './transport-types.js';

const PREFIX = 'hera1_';
const USES_MAX = 10_000;
const LIFE_MS_MAX = 366 * 86_400_000;
const DAY_MS = 86_400_000;

/** What a token allows. */
export interface TokenOptions {
  /** Public key of the server that it is for. */
  readonly serverKey: string;
  /** Epoch milliseconds. */
  readonly now: number;
  /** How many workers may enrol by it, 1 to 10,000; default 1. */
  readonly uses?: number;
  /** How long it lasts, ms, at most 366 days; default one day. */
  readonly lifeMs?: number;
  readonly pools?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
}

/** What a token's text says. */
export interface TokenText {
  readonly keys: KeyPair;
  readonly serverKey: string;
}

/**
 * Makes a token: `text` is for the new worker alone, `key` goes to `KeyStore.addToken`.
 * @throws TransportError `OPTION_INVALID`, `KEY_INVALID`.
 */
export function createEnrollmentToken(options: TokenOptions): { text: string; key: TokenKey } {
  const { serverKey, now, uses = 1, lifeMs = DAY_MS, pools = [], labels = {} } = options;
  if (!Number.isInteger(uses) || uses < 1 || uses > USES_MAX)
    throw new TransportError(
      'OPTION_INVALID',
      `uses: ${uses}; a whole number from 1 to ${USES_MAX} is asked for.`,
    );
  if (!(lifeMs > 0 && lifeMs <= LIFE_MS_MAX))
    throw new TransportError('OPTION_INVALID', `lifeMs: ${lifeMs}; a token lasts at most 366 days.`);
  const keys = createKeyPair();
  const halves = [keys.publicKey, keys.secretKey, serverKey].map(fromZ85);
  return {
    text: PREFIX + Buffer.concat(halves).toString('base64url'),
    key: {
      id: randomBytes(6).toString('hex'),
      publicKey: keys.publicKey,
      proofHash: hashOf(proofOf(keys.secretKey)),
      pools,
      labels,
      usesMax: uses,
      used: 0,
      expiresAt: now + lifeMs,
    },
  };
}

/** Reads a token's text. @throws TransportError `TOKEN_INVALID`, which does not repeat the text. */
export function readEnrollmentToken(text: string): TokenText {
  const bytes = Buffer.from(text.trim().slice(PREFIX.length), 'base64url');
  if (!text.trim().startsWith(PREFIX) || bytes.length !== 96)
    throw new TransportError(
      'TOKEN_INVALID',
      `An enrolment token begins with ${PREFIX} and has 134 characters.`,
    );
  const half = (n: number) => toZ85(bytes.subarray(n * 32, n * 32 + 32));
  return { keys: { publicKey: half(0), secretKey: half(1) }, serverKey: half(2) };
}

/** Whether the token still lets somebody in. */
export function isUsable(token: TokenKey, now: number): boolean {
  return token.used < token.usesMax && now < token.expiresAt;
}
