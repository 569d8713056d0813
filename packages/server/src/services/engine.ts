/**
 * What services see of the engine. It may be away for a while, when its store has failed or another server
 * leads; everything that needs it then says so, and what reads the store alone goes on.
 */
import type { Hera, LogStore, Queries, Store } from '@hera/core';
import { SchedulerError } from '@hera/core';

/** Parts of a running installation. */
export interface Engine {
  /** Null while there is none. */
  readonly hera: Hera | null;
  readonly store: Store;
  readonly queries: Queries;
  readonly logs: LogStore;
  /** Lets workers on other machines in; null where all workers are its own. */
  readonly enrollment?: Enrollment | null;
  /** What is wrong with it, in a sentence; null when nothing is. */
  readonly trouble: string | null;
}

/** What a token for new workers allows. */
export interface WorkerTokenOptions {
  readonly uses?: number;
  readonly lifeMs?: number;
  readonly pools?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
}

/** Tokens by which workers come in. */
export interface Enrollment {
  /** The text is shown once; `address` is where the worker shows it. */
  createToken(
    options: WorkerTokenOptions,
  ): Promise<{ readonly id: string; readonly token: string; readonly address: string }>;
}

/** The engine's API; STORE_UNAVAILABLE while there is none. */
export function heraOf(engine: Engine): Hera {
  if (engine.hera !== null) return engine.hera;
  const message = engine.trouble ?? 'the scheduler is starting';
  throw new SchedulerError('STORE_UNAVAILABLE', message, { operation: 'scheduler' });
}
