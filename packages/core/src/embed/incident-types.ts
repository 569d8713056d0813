/** Incidents and workers in quarantine, as an application sees them. */
import type { IncidentView } from '../model/views.js';
import type { Time } from './job-types.js';

/** Calls about what has failed and has not been mended. */
export interface IncidentCalls {
  /** Those whose cause stands, newest first; with `all`, closed ones too. At most 1,000. */
  incidents(options?: { readonly all?: boolean }): Promise<readonly IncidentView[]>;
  /** Says that somebody looks at it. `INCIDENT_NOT_FOUND`; `STATE_CONFLICT` when it is closed. */
  acknowledge(incident: number, options?: { readonly note?: string }): Promise<void>;
  /** Says whose it is; null is nobody's. Rejects as `acknowledge` does. */
  assign(incident: number, assignee: string | null): Promise<void>;
  /** Silences it until then; null ends that. Rejects as `acknowledge` does. */
  snooze(incident: number, until: Time | null): Promise<void>;
  /** Takes a worker out of quarantine. `STATE_CONFLICT` when it is not in it, or unknown. */
  releaseWorker(worker: string): Promise<void>;
}
