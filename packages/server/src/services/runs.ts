/** Runs: pages of them, one of them, why it waits; and run now, resume, cancel. */
import type {
  Blocker,
  Hera,
  Page,
  PageRequest,
  Phase,
  Run,
  RunDetail,
  RunFilter,
  RunNowOptions,
} from '@hera/core';
import { SchedulerError, validateParams } from '@hera/core';
import { heraOf } from './engine.js';
import type { Engine } from './engine.js';

/** A generation that was asked for. */
export interface Started {
  readonly run: string;
  readonly generation: number;
}

type ApproveOptions = NonNullable<Parameters<Hera['approve']>[1]>;

const WAITING: ReadonlySet<Phase> = new Set(['waiting', 'queued', 'backoff']);

export class RunService {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  list(filter: RunFilter, page: PageRequest): Promise<Page<Run>> {
    return this.#engine.queries.runs(filter, page);
  }

  /** RUN_NOT_FOUND. */
  async get(id: string): Promise<RunDetail> {
    const run = await this.#engine.queries.run(id);
    if (run === undefined) throw new SchedulerError('RUN_NOT_FOUND', `no run "${id}"`, { run: id });
    return run;
  }

  /** Empty for a run of which nothing waits: it runs, or has ended. RUN_NOT_FOUND. */
  async why(id: string): Promise<readonly Blocker[]> {
    const { generations } = await this.get(id);
    const isWaiting = generations.some(({ phase }) => WAITING.has(phase));
    return isWaiting ? heraOf(this.#engine).why(id) : [];
  }

  /** JOB_NOT_FOUND, SLOT_INVALID, PARAMETER_INVALID, STATE_CONFLICT. */
  async runNow(job: string, options: RunNowOptions): Promise<Started> {
    const known = await this.#engine.queries.job(job);
    // Whoever asks is told at once, not by a run that fails.
    if (known !== undefined) validateParams(known.definition.params ?? {}, options.params ?? {});
    const { run, generation } = await heraOf(this.#engine).run(job, options);
    return { run, generation };
  }

  /** RUN_NOT_FOUND, STATE_CONFLICT. */
  async resume(id: string, revision: 'newest' | 'asRun' | number | undefined): Promise<Started> {
    const options = revision === undefined ? {} : { revision };
    const { run, generation } = await heraOf(this.#engine).resume(id, options);
    return { run, generation };
  }

  /** Opens approval gates of the run, or the one named. RUN_NOT_FOUND, STATE_CONFLICT. */
  async approve(id: string, options: ApproveOptions): Promise<{ run: string; gates: string[] }> {
    return { run: id, gates: [...(await heraOf(this.#engine).approve(id, options))] };
  }

  /** RUN_NOT_FOUND, STATE_CONFLICT. */
  async cancel(id: string, reason: string | undefined): Promise<void> {
    await heraOf(this.#engine).cancel(id, reason === undefined ? {} : { reason });
  }
}
