/** Incidents, what is said of them, and workers that are let back in. */
import type { IncidentView, Page, PageRequest } from '@hera/core';
import { heraOf } from './engine.js';
import type { Engine } from './engine.js';

export class IncidentService {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  list(all: boolean, page: PageRequest): Promise<Page<IncidentView>> {
    return this.#engine.queries.incidents({ open: !all }, page);
  }

  /** INCIDENT_NOT_FOUND, STATE_CONFLICT. */
  acknowledge(incident: number, note: string): Promise<void> {
    return heraOf(this.#engine).acknowledge(incident, { note });
  }

  /** INCIDENT_NOT_FOUND, STATE_CONFLICT. */
  assign(incident: number, assignee: string | null): Promise<void> {
    return heraOf(this.#engine).assign(incident, assignee);
  }

  /** INCIDENT_NOT_FOUND, STATE_CONFLICT, OPTION_INVALID. */
  snooze(incident: number, until: number | null): Promise<void> {
    return heraOf(this.#engine).snooze(incident, until);
  }

  /** STATE_CONFLICT. */
  releaseWorker(worker: string): Promise<void> {
    return heraOf(this.#engine).releaseWorker(worker);
  }
}
