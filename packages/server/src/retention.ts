/**
 * Events are kept for a week: whoever is further behind is told to begin anew. The leader forgets older ones
 * now and then; followers leave it to the leader.
 */
import type { Observer } from '@hera/core';

/** A store that can forget. Both SQL stores do. */
export interface ForgettingStore {
  prune(options: { readonly eventsBefore: number }): Promise<{ readonly events: number }>;
}

/** What retention works on. */
export interface RetentionOptions {
  readonly store: ForgettingStore;
  readonly leads: () => boolean;
  readonly log: Observer;
}

const EVENTS_KEPT_MS = 7 * 86_400_000;
const EVERY_MS = 3_600_000;

/** Forgets what is too old, if this server leads. Never rejects: what is left goes at the next time. */
export async function forgetOld({ store, leads, log }: RetentionOptions, nowMs: number): Promise<void> {
  if (!leads()) return;
  try {
    const { events } = await store.prune({ eventsBefore: nowMs - EVENTS_KEPT_MS });
    if (events > 0) log.log('info', 'old events were deleted', { commits: events });
  } catch (error) {
    log.log('warn', 'old events could not be deleted', { error: String(error) });
  }
}

/** Does so every hour until the returned function is called. */
export function startRetention(options: RetentionOptions): () => void {
  const timer = setInterval(() => void forgetOld(options, Date.now()), EVERY_MS).unref();
  return () => clearInterval(timer);
}
