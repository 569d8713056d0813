/** What each area of the embedding API needs of the engine around it. */
import type { Request, RequestAnswer } from '../kernel/index.js';
import type { ResultPorts } from './run-results.js';
import type { Job } from './types.js';

/** How a request is made. */
export interface AskOptions {
  /** The same key twice is one request. */
  readonly key?: string | undefined;
  /** Kept until this process leads; default it is refused when it does not. */
  readonly whenLeading?: boolean;
  /** Who asks; default the actor of the engine. */
  readonly actor?: string | undefined;
}

/** The engine as the areas see it. */
export interface Calls extends ResultPorts {
  /** Where clock times without a zone are read. */
  readonly zone: string;
  /** Resolves when the change is durable; rejects with the `SchedulerError` that refused it. */
  readonly ask: (body: Request, options?: AskOptions) => Promise<RequestAnswer>;
}

/** Name of a job that is given by itself or by its name. */
export const nameOf = (job: string | Job): string => (typeof job === 'string' ? job : job.name);
