/**
 * Operations as a whole: their numbers, their ends, and when they must be looked at again. Every fact of
 * theirs is a row, so a new leader goes on with them; what has ended is a closed row and nothing in memory.
 */
import { parseSelection } from '../graph/selection.js';
import { SchedulerError } from '../model/errors.js';
import type { DomainEvent } from '../model/events.js';
import type { FieldValue } from '../model/tables.js';
import { put } from './outbox.js';
import { DEADLINE, addDeadline } from './state.js';
import type { SchedulerState } from './state.js';

/** Name of the row that keeps the number of the next operation. */
export const NEXT_OPERATION_ID = 'nextOperationId';

/** Tables of operations, by what they are called in events. */
export type OperationKind = 'waive' | 'override' | 'hold';

/** A number that no operation has had: ended ones are not loaded, so the next is kept for itself. */
export function nextOperationId(state: SchedulerState): number {
  const id = state.operations.nextId++;
  put(state.outbox, 'meta', [NEXT_OPERATION_ID], { value: String(state.operations.nextId) });
  return id;
}

/** Asks for a look at all operations at that instant; null asks for none. */
export function lookAt(state: SchedulerState, at: number | null): void {
  if (at !== null) addDeadline(state, at, DEADLINE.operation, 0);
}

type Facts = Pick<
  Extract<DomainEvent, { type: 'operation.state' }>,
  'subject' | 'reason' | 'actor' | 'until'
>;

/** Says what became of an operation. */
export function tellOperation(
  state: SchedulerState,
  what: {
    readonly kind: OperationKind;
    readonly id: number;
    readonly state: 'begun' | 'releasing' | 'ended';
  },
  facts: Facts,
): void {
  state.outbox.events.push({ type: 'operation.state', ...what, ...facts });
}

/** Writes the row of an operation that has just begun. */
export function writeBegun(
  state: SchedulerState,
  table: OperationKind,
  id: number,
  fields: Readonly<Record<string, FieldValue>>,
): void {
  put(state.outbox, table, [id], { ...fields, at: state.now, open: 1 });
}

/** Closes the row of an operation. */
export function writeEnded(state: SchedulerState, table: OperationKind, id: number, actor: string): void {
  put(state.outbox, table, [id], { endedAt: state.now, endedBy: actor, open: 0 });
}

/** Who ends what nobody ended. */
export const BY_ITSELF = 'scheduler';

/** @throws SchedulerError `OPTION_INVALID` for an end that is not to come. */
export function checkUntil(state: SchedulerState, until: number | null): void {
  if (until !== null && !(Number.isSafeInteger(until) && until > state.now))
    throw optionInvalid('until', 'an instant in the future', until);
}

/** @throws SchedulerError `OPTION_INVALID` */
export function checkPace(pace: number | null): void {
  if (pace !== null && !(Number.isSafeInteger(pace) && pace >= 1 && pace <= 6000))
    throw optionInvalid('pace', 'a whole number of starts a minute from 1 to 6000', pace);
}

/** The value of an option is out of its range. */
export const optionInvalid = (option: string, expected: string, found: unknown) =>
  new SchedulerError('OPTION_INVALID', `${option} must be ${expected}, got ${JSON.stringify(found)}`, {
    option,
    expected,
  });

/** @throws SchedulerError `OPERATION_NOT_FOUND` */
export function operationNamed<Found>(found: Found | undefined, operation: string): Found {
  if (found === undefined)
    throw new SchedulerError('OPERATION_NOT_FOUND', `there is no open ${operation}`, { operation });
  return found;
}

/** Name and selection of a rule, not worked out yet. @throws SchedulerError `SELECTION_INVALID`. */
export const ruleOf = (name: string, selection: string) => ({
  name,
  selection: parseSelection(selection),
  jobs: null,
});

/** Least time between two starts at so many a minute, ms. */
export const spacingMs = (perMinute: number) => Math.ceil(60_000 / perMinute);
