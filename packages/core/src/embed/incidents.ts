/** Incidents in the embedding API: a read of the rows, and one request for each thing said of one. */
import { parseTime } from '../calendar/time.js';
import { instant } from '../model/ids.js';
import type { IncidentView } from '../model/views.js';
import type { Calls } from './calls.js';
import type { IncidentCalls } from './incident-types.js';
import type { Time } from './job-types.js';

const LISTED_MAX = 1_000;

/** What operators do about failures. */
export class Incidents implements IncidentCalls {
  readonly #calls: Calls;

  constructor(calls: Calls) {
    this.#calls = calls;
  }

  async incidents({ all = false }: { readonly all?: boolean } = {}): Promise<readonly IncidentView[]> {
    const { items } = await this.#calls.queries.incidents({ open: !all }, { limit: LISTED_MAX });
    return items;
  }

  async acknowledge(incident: number, { note = '' }: { readonly note?: string } = {}): Promise<void> {
    await this.#calls.ask({ type: 'incident.acknowledge', incident, note });
  }

  async assign(incident: number, assignee: string | null): Promise<void> {
    await this.#calls.ask({ type: 'incident.assign', incident, assignee });
  }

  async snooze(incident: number, until: Time | null): Promise<void> {
    await this.#calls.ask({
      type: 'incident.snooze',
      incident,
      until: until === null ? null : instant(parseTime(until)),
    });
  }

  async releaseWorker(worker: string): Promise<void> {
    await this.#calls.ask({ type: 'worker.release', worker });
  }
}
