import { SchedulerError } from '../model/errors.js';
import type { RowKey } from '../model/tables.js';

/** The error of a page that would go on after a row that is there no more: its place in the order is lost. */
export function rowGone(key: RowKey): SchedulerError {
  const subject = key.join(' ');
  const message = `the row ${subject}, after which to read on, is gone: begin again`;
  return new SchedulerError('STATE_CONFLICT', message, { subject, state: 'deleted' });
}
