/**
 * Who may come in. On one machine there is one person: whoever can read the terminal that started the server.
 * The sign-in link holds a token that works once and for an hour; a session is a random value in a cookie,
 * kept here only as a hash. There is no password and no default secret, and a restart ends every session.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Session } from '@hera/api';

const TOKEN_BYTES = 32;
const LINK_LIFE_MS = 3_600_000;
/** A session ends this long after it began, and this long after it was last used. */
const SESSION_LIFE_MS = 12 * 3_600_000;
const SESSION_IDLE_MS = 2 * 3_600_000;
const SESSIONS_MAX = 1_000;

/** Name of the cookie. */
export const SESSION_COOKIE = 'hera_session';

interface KeptSession {
  readonly session: Session;
  idleUntil: number;
}

/** All sessions of one server. */
export class Sessions {
  /** For the commands of the same person: it lies in a file that only they can read. */
  readonly localToken = randomBytes(TOKEN_BYTES).toString('base64url');
  readonly #links = new Map<string, number>();
  readonly #sessions = new Map<string, KeptSession>();

  /** A token that signs in once, within an hour. */
  createLinkToken(nowMs: number): string {
    const token = randomBytes(TOKEN_BYTES).toString('base64url');
    this.#links.set(hash(token), nowMs + LINK_LIFE_MS);
    return token;
  }

  /**
   * Trades a token for a session and the value of its cookie; null when the token is not, or no longer,
   * good.
   */
  signIn(token: string, nowMs: number): { readonly session: Session; readonly cookie: string } | null {
    const key = hash(token);
    const until = this.#links.get(key);
    this.#links.delete(key);
    if (until === undefined || until <= nowMs) return null;
    const cookie = randomBytes(TOKEN_BYTES).toString('base64url');
    const session: Session = { actor: 'local', role: 'admin', expiresAt: nowMs + SESSION_LIFE_MS };
    this.#sessions.set(hash(cookie), { session, idleUntil: nowMs + SESSION_IDLE_MS });
    const oldest = this.#sessions.keys().next();
    if (this.#sessions.size > SESSIONS_MAX && !oldest.done) this.#sessions.delete(oldest.value);
    return { session, cookie };
  }

  /** The session of a cookie; null when there is none or it has ended. */
  byCookie(cookie: string, nowMs: number): Session | null {
    const key = hash(cookie);
    const kept = this.#sessions.get(key);
    if (kept === undefined) return null;
    if (kept.session.expiresAt <= nowMs || kept.idleUntil <= nowMs) {
      this.#sessions.delete(key);
      return null;
    }
    kept.idleUntil = nowMs + SESSION_IDLE_MS;
    return kept.session;
  }

  /** The session of the local token; null for any other. */
  byToken(token: string, nowMs: number): Session | null {
    const given = Buffer.from(hash(token));
    const isLocal = timingSafeEqual(given, Buffer.from(hash(this.localToken)));
    return isLocal ? { actor: 'local', role: 'admin', expiresAt: nowMs + SESSION_LIFE_MS } : null;
  }
}

const hash = (text: string) => createHash('sha256').update(text).digest('hex');
