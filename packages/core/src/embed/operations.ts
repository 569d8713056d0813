/** Operations of the embedding API: each is one request. */
import { nameOf } from './calls.js';
import type { Calls } from './calls.js';
import type { Job, OperationCalls } from './types.js';

/** What operators do to runs, attempts and jobs. */
export class Operations implements OperationCalls {
  readonly #calls: Calls;

  constructor(calls: Calls) {
    this.#calls = calls;
  }

  async cancel(run: string, { reason = '' }: { readonly reason?: string } = {}): Promise<void> {
    await this.#calls.ask({ type: 'run.cancel', run, reason });
  }

  async force(run: string, options: Parameters<OperationCalls['force']>[1]): Promise<void> {
    const { verdict = 'succeeded', release = true, reason } = options;
    await this.#calls.ask({ type: 'run.force', run, verdict, release, reason });
  }

  async resolve(attempt: string, options: Parameters<OperationCalls['resolve']>[1]): Promise<void> {
    await this.#calls.ask({ type: 'attempt.resolve', attempt, ...options });
  }

  async enable(job: string | Job): Promise<void> {
    await this.#calls.ask({ type: 'job.state', job: nameOf(job), state: 'enabled' });
  }

  async disable(job: string | Job): Promise<void> {
    await this.#calls.ask({ type: 'job.state', job: nameOf(job), state: 'disabled' });
  }
}
