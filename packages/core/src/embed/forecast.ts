/** What is to come, for the embedding API. */
import { upcoming } from '../kernel/index.js';
import type { SlotView } from '../model/views.js';
import { nameOf } from './calls.js';
import type { Calls } from './calls.js';
import type { ForecastCalls, Job } from './types.js';

/** Calls that look ahead. */
export class Forecasts implements ForecastCalls {
  readonly #calls: Calls;

  constructor(calls: Calls) {
    this.#calls = calls;
  }

  upcoming(job: string | Job, count: number): readonly SlotView[] {
    return this.#calls.scheduler.peek((state) => upcoming(state, nameOf(job), count));
  }
}
