/** What people say about an incident: seen, whose it is, not before. It moves nothing but the row. */
import { SchedulerError } from '../model/errors.js';
import { instant } from '../model/ids.js';
import type { Request } from './event.js';
import { put } from './outbox.js';
import { conflict } from './requests-named.js';
import type { SchedulerState } from './state.js';

type Change = Extract<Request, { type: `incident.${string}` }>;

/**
 * Records it; the last word holds.
 * @throws SchedulerError `INCIDENT_NOT_FOUND`; `STATE_CONFLICT` when it is closed; `OPTION_INVALID` for a
 * snooze into the past
 */
export function changeIncident(state: SchedulerState, change: Change, actor: string): void {
  const id = change.incident;
  if (!state.incidents.has(id)) {
    if (id < state.nextIncidentId && id > 0)
      throw conflict(`incident ${id}`, 'closed', `incident ${id} is closed`);
    throw new SchedulerError('INCIDENT_NOT_FOUND', `there is no incident ${id}`, { incident: id });
  }
  const tell = (what: 'acknowledged' | 'assigned' | 'snoozed') =>
    state.outbox.events.push({ type: 'incident.changed', incident: id, change: what, actor });
  switch (change.type) {
    case 'incident.acknowledge':
      put(state.outbox, 'incident', [id], {
        acknowledgedBy: actor,
        acknowledgedAt: state.now,
        note: change.note,
      });
      tell('acknowledged');
      return;
    case 'incident.assign':
      put(state.outbox, 'incident', [id], { assignee: change.assignee });
      tell('assigned');
      return;
    case 'incident.snooze':
      if (change.until !== null && change.until <= instant(state.now))
        throw new SchedulerError('OPTION_INVALID', `until: ${change.until} is not after now`, {
          option: 'until',
          expected: 'a time in the future',
        });
      put(state.outbox, 'incident', [id], { snoozedUntil: change.until });
      tell('snoozed');
  }
}
