/** Incidents, and the health of workers, from stored rows. */
import { instant } from '../model/ids.js';
import type { Row } from '../model/tables.js';
import { closeForgotten, restoreIncident, restoreMember } from './incidents.js';
import { put } from './outbox.js';
import { storedHealth, watchQuarantine } from './quarantine.js';
import type { Quarantine } from './quarantine.js';
import { workerNamed } from './restore-attempts.js';
import { jsonIn, numberIn, rowOfKey, textIn } from './restore.js';
import type { SchedulerState } from './state.js';
import { NONE } from './tables.js';
import { setProfile } from './workers.js';

/** What can be put back only when all runs are there and the time is known. */
export interface LaterFailures {
  readonly quarantined: {
    readonly name: string;
    readonly pools: readonly string[];
    readonly quarantine: Quarantine;
  }[];
  /** Rows of incident members. */
  readonly members: Row[];
}

/** What a worker's row says of its health waits for its hello; its quarantine does not. */
export function takeHealth(state: SchedulerState, { key, value }: Row, later: LaterFailures): void {
  const stored = storedHealth(value);
  if (!stored) return;
  state.workerHealth.set(String(key[0]), stored.health);
  if (!stored.quarantine) return;
  const pools = jsonIn<string[]>(value, 'pools') ?? [];
  later.quarantined.push({ name: String(key[0]), pools, quarantine: stored.quarantine });
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
  for (const { name, pools, quarantine } of later.quarantined) {
    const worker = workerNamed(state, name, 0);
    // Of its pools no more than a part may be in quarantine, whether it comes back or not.
    setProfile(state, worker, { ...worker.profile, pools });
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
