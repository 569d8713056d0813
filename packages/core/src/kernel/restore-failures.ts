/** Incidents, and the health of workers, from stored rows. */
import { instant } from '../model/ids.js';
import type { Row } from '../model/tables.js';
import { closeForgotten, restoreIncident, restoreMember } from './incidents.js';
import { put } from './outbox.js';
import { storedHealth, watchQuarantine } from './quarantine.js';
import type { Quarantine } from './quarantine.js';
import { workerNamed } from './restore-attempts.js';
import { numberIn, rowOfKey, textIn } from './restore.js';
import type { SchedulerState } from './state.js';
import { NONE } from './tables.js';

/** What can be put back only when all runs are there and the time is known. */
export interface LaterFailures {
  readonly quarantined: (readonly [name: string, quarantine: Quarantine])[];
  /** Rows of incident members. */
  readonly members: Row[];
}

/** What a worker's row says of its health waits for its hello; its quarantine does not. */
export function takeHealth(state: SchedulerState, { key, value }: Row, later: LaterFailures): void {
  const stored = storedHealth(value);
  if (!stored) return;
  state.workerHealth.set(String(key[0]), stored.health);
  if (stored.quarantine) later.quarantined.push([String(key[0]), stored.quarantine]);
}

/** An incident that is open. */
export function takeIncident(state: SchedulerState, { key, value }: Row): void {
  restoreIncident(state, {
    id: Number(key[0]),
    key: textIn(value, 'joinKey') ?? '',
    lastJoinAt: instant(numberIn(value, 'lastJoinAt')),
    failed: numberIn(value, 'failed'),
    blocked: numberIn(value, 'blocked'),
  });
}

/** Puts back what had to wait. An incident whose failed runs are not kept any more is over. */
export function takeFailures(state: SchedulerState, later: LaterFailures): void {
  for (const [name, quarantine] of later.quarantined) {
    const worker = workerNamed(state, name, 0);
    worker.quarantine = quarantine;
    watchQuarantine(state, worker);
  }
  for (const { key, value } of later.members) {
    const r = rowOfKey(state, key.slice(1));
    const role = textIn(value, 'role') === 'failed' ? 'failed' : 'blocked';
    if (r === NONE) put(state.outbox, 'incident_member', key, { open: 0 });
    else restoreMember(state, { r, id: Number(key[0]), role });
  }
  closeForgotten(state);
}
