/** Nights to come: what is foreseen, and what a change would do. Nothing here changes anything. */
import type { DefinitionChange, Definitions, Forecast, Impact, JobChange } from '@hera/core';
import { heraOf } from './engine.js';
import type { Engine } from './engine.js';

interface Days {
  readonly days?: number;
}

export class ForecastService {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** NOT_LEADING, SELECTION_INVALID, SELECTION_EMPTY. */
  forecast(options: { readonly until?: number; readonly select?: string }): Promise<Forecast> {
    return heraOf(this.#engine).forecast(options);
  }

  /** NOT_LEADING, JOB_NOT_FOUND, or what keeps the change from being applied. */
  whatIf(job: string, change: JobChange, { days }: Days): Promise<Impact> {
    return heraOf(this.#engine).whatIf(job, change, days === undefined ? {} : { days });
  }

  /** NOT_LEADING, DEFINITION_INVALID, GRAPH_CYCLE. */
  async diff(
    definitions: Definitions,
    { days }: Days,
  ): Promise<{ readonly changes: readonly DefinitionChange[]; readonly impact: Impact }> {
    const hera = heraOf(this.#engine);
    const { changes } = await hera.diff(definitions);
    return { changes, impact: await hera.impact(definitions, days === undefined ? {} : { days }) };
  }
}
