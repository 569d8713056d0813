/** Selections that were read before: submitting the same ones again and again costs a look-up. */
import { selectJobs } from '../kernel/index.js';
import { SchedulerError } from '../model/errors.js';
import type { CommittedBatch } from '../shell/leader-loop.js';
import type { Scheduler } from '../shell/scheduler-types.js';
import { paramTexts } from './params.js';
import type { SubmitOptions } from './types.js';

const SELECTIONS_MAX = 10_000;

/** Names of jobs by selection, as long as no definition changes. */
export class Selections {
  readonly #scheduler: Scheduler;
  readonly #known = new Map<string, readonly string[]>();

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  /** @throws SchedulerError `SELECTION_INVALID`, `SELECTION_EMPTY`, `NOT_LEADING`. */
  jobs(select: string): readonly string[] {
    const known = this.#known.get(select);
    if (known) return known;
    const jobs = this.#scheduler.peek((state) => selectJobs(state, select));
    if (this.#known.size >= SELECTIONS_MAX) this.#known.clear();
    this.#known.set(select, jobs);
    return jobs;
  }

  /** Parameters as text. @throws SchedulerError `PARAMETER_INVALID` for one that no job declares. */
  checkParams(
    jobs: readonly string[],
    params: NonNullable<SubmitOptions['params']>,
  ): Readonly<Record<string, string>> {
    const declared = new Set<string>();
    this.#scheduler.peek((state) => {
      for (const job of jobs) {
        for (const name of Object.keys(state.jobsByName.get(job)?.definition.params ?? {}))
          declared.add(name);
      }
    });
    for (const parameter of Object.keys(params)) {
      if (declared.has(parameter)) continue;
      const message = `parameter ${parameter}: none of the selected jobs declares it`;
      throw new SchedulerError('PARAMETER_INVALID', message, { parameter, rule: 'declared' });
    }
    return paramTexts(params);
  }

  onCommit({ events }: CommittedBatch): void {
    if (this.#known.size === 0) return;
    if (events.some(({ type }) => type === 'job.changed' || type === 'group.changed')) this.#known.clear();
  }

  clear(): void {
    this.#known.clear();
  }
}
