/** Gates and posted events from stored rows. */
import { instant } from '../model/ids.js';
import type { Row } from '../model/tables.js';
import { restoreGate } from './gates.js';
import { restoreEvent } from './posted-events.js';
import { numberIn, rowOfKey, textIn } from './restore.js';
import type { SchedulerState } from './state.js';
import { NONE } from './tables.js';

/** Takes a stored gate, once all runs are there. */
export function takeGate(state: SchedulerState, row: Row): void {
  const r = rowOfKey(state, row.key);
  if (r === NONE) return;
  const { value } = row;
  const stored = textIn(value, 'state');
  const optional = (field: string) => (typeof value[field] === 'number' ? numberIn(value, field) : null);
  restoreGate(state, r, {
    name: String(row.key[3]),
    g: numberIn(value, 'g'),
    facts: {
      state: stored === 'open' || stored === 'passed' ? stored : 'closed',
      asks: numberIn(value, 'asks'),
      askedAt: optional('askedAt'),
      nextAt: numberIn(value, 'nextAt'),
      answer: textIn(value, 'answer'),
      by: textIn(value, 'by'),
      deadlineAt: optional('deadlineAt'),
      isLate: numberIn(value, 'late') === 1,
      probe: null,
    },
  });
}

/** Takes a stored event. */
export function takeEvent(state: SchedulerState, { key, value }: Row): void {
  const at = value['instant'];
  restoreEvent(state, {
    id: Number(key[0]),
    name: textIn(value, 'name') ?? '',
    at: instant(numberIn(value, 'at')),
    until: instant(numberIn(value, 'until')),
    instant: typeof at === 'number' ? at : null,
    businessDate: textIn(value, 'businessDate'),
    payload: textIn(value, 'payload'),
    actor: textIn(value, 'actor') ?? '',
  });
}
