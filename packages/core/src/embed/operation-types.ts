/** What operators do to runs, attempts and jobs, as an application sees it. */
import type { Job } from './job-types.js';

/** Calls that change what runs, or whether it does. */
export interface OperationCalls {
  cancel(run: string, options?: { readonly reason?: string }): Promise<void>;
  force(
    run: string,
    options: {
      readonly verdict?: 'succeeded' | 'failed';
      readonly release?: boolean;
      readonly reason: string;
    },
  ): Promise<void>;
  resolve(
    attempt: string,
    options: { readonly as: 'dead' | 'succeeded' | 'failed'; readonly reason: string },
  ): Promise<void>;
  enable(job: string | Job): Promise<void>;
  disable(job: string | Job): Promise<void>;
}
