/**
 * Idempotency keys: the same key with the same request answers as the first time. Kept in memory for a day.
 */
import { createHash } from 'node:crypto';
import { SchedulerError } from '@hera/core';

const KEPT_MS = 86_400_000;
const KEYS_MAX = 10_000;

interface Kept {
  readonly digest: string;
  readonly answer: Promise<unknown>;
  readonly until: number;
}

export class IdempotencyKeys {
  readonly #kept = new Map<string, Kept>();

  /** Runs `act` once for a key; without a key always. REQUEST_KEY_REUSED. A failure frees the key. */
  async once<T>(
    request: { readonly key: string | undefined; readonly actor: string; readonly content: unknown },
    act: () => Promise<T>,
  ): Promise<T> {
    const { key } = request;
    if (key === undefined) return act();
    const id = `${request.actor}\u0000${key}`;
    const digest = createHash('sha256').update(JSON.stringify(request.content)).digest('hex');
    const now = Date.now();
    const known = this.#kept.get(id);
    if (known !== undefined && known.until > now) {
      if (known.digest === digest) return known.answer as Promise<T>;
      throw new SchedulerError('REQUEST_KEY_REUSED', `"${key}" was used for another request`, { key });
    }
    const answer = act();
    this.#kept.set(id, { digest, answer, until: now + KEPT_MS });
    answer.catch(() => this.#kept.delete(id));
    const oldest = this.#kept.keys().next();
    if (this.#kept.size > KEYS_MAX && !oldest.done) this.#kept.delete(oldest.value);
    return answer;
  }
}
