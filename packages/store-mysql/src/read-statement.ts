/**
 * A Range as SQL: an ordered walk along one named index. Neither server turns a comparison of lists into a
 * range of an index, so where a page goes on is spelled out field by field.
 */
import { parseInstantText, SchedulerError } from '@hera/core';
import type { Range, RowKey, TableName } from '@hera/core';
import { columns, keyFields, orderFields, quoted, quotedList, valueFields, whereKey } from './sql.js';
import type { SqlValue } from './sql.js';

/** A statement of a read, and what is bound to it. */
export interface SelectStatement {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/** Values of a row by column. */
export type RowValues = Readonly<Record<string, SqlValue>>;

const LIMIT_DEFAULT = 1_000;
const LIMIT_MAX = 100_000;
const RUN_KEY_LENGTH = 3;

/** How many rows a range gives at most. Throws `OPTION_INVALID` outside 1 to 100,000. */
export function rangeLimit({ limit = LIMIT_DEFAULT }: Range): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= LIMIT_MAX) return limit;
  const expected = `a whole number from 1 to ${LIMIT_MAX}`;
  throw new SchedulerError('OPTION_INVALID', `limit: ${limit} is not ${expected}`, {
    option: 'limit',
    expected,
  });
}

/** The statement that finds where a page by an index ended: the values of its last row. */
export const positionStatement = (table: TableName, key: RowKey): SelectStatement => ({
  sql: `SELECT ${quotedList(columns(table))} FROM ${quoted(table)} WHERE ${whereKey(table)}`,
  values: key,
});

/**
 * The statement of a range; null when nothing can lie in it. `last` is the row that `after` names, needed
 * when the range has an index.
 */
export function rangeStatement(
  table: TableName,
  range: Range,
  last: RowValues | null,
): SelectStatement | null {
  const { index, prefix = [], from, to, descending = false, after } = range;
  const order = orderFields(table, index);
  const rest = order.slice(prefix.length);
  const first = rest[0];
  const conditions: Condition[] = prefix.map((value, i) => equal(order[i] ?? '', value));
  const position = after && (last ? rest.map((field) => last[field] ?? null) : after.slice(prefix.length));
  if (first === undefined) {
    if (position) return null;
  } else {
    if (from !== undefined) conditions.push({ sql: `${quoted(first)} >= ?`, values: [from] });
    if (to !== undefined) conditions.push({ sql: `${quoted(first)} <= ?`, values: [to] });
    if (index === undefined && isRunsOfJob(table, prefix)) conditions.push(...instantBounds(from, to));
    if (position) {
      const isNullable = (field: string) => valueFields(table).includes(field);
      const isBounded = from !== undefined || to !== undefined;
      const beyond = beyondPosition(rest, position, { descending, isNullable, isBounded });
      if (!beyond) return null;
      conditions.push(beyond);
    }
  }
  const where = conditions.length > 0 ? ` WHERE ${conditions.map(({ sql }) => sql).join(' AND ')}` : '';
  const direction = descending ? ' DESC' : '';
  const by = order.map((field) => `${quoted(field)}${direction}`).join(', ');
  return {
    sql:
      `SELECT ${quotedList(columns(table))} FROM ${quoted(table)}${forced(table, index, prefix)}` +
      `${where} ORDER BY ${by} LIMIT ?`,
    values: [...conditions.flatMap(({ values }) => values), rangeLimit(range)],
  };
}

/** Rows of runs lie by slot, so those of one job are found by an index of their own. */
const isRunsOfJob = (table: TableName, prefix: RowKey) => table === 'run' && prefix.length === 1;

/** The index to walk. Rows of runs by no more than a job lie in no order that would serve. */
function forced(table: TableName, index: string | undefined, prefix: RowKey): string {
  if (index !== undefined) return ` FORCE INDEX (${quoted(index)})`;
  if (isRunsOfJob(table, prefix)) return ' FORCE INDEX (`run_by_job`)';
  const liesBySlot = keyFields(table).includes('slot') && keyFields(table)[0] === 'job';
  return liesBySlot && prefix.length < RUN_KEY_LENGTH ? '' : ' FORCE INDEX (PRIMARY)';
}

/**
 * Bounds of the slot key as bounds of the instant it names, by which the index of a job's runs is ordered.
 * Only where both are scheduled slots: ad hoc ones lie between no two of them.
 */
function instantBounds(from: Range['from'], to: Range['to']): readonly Condition[] {
  const [first, last] = [slotInstant(from), slotInstant(to)];
  if (first === null || last === null) return [];
  return [{ sql: '`instant` BETWEEN ? AND ?', values: [first, last] }];
}

const slotInstant = (slot: Range['from']) =>
  typeof slot === 'string' && slot.startsWith('t:') ? parseInstantText(slot.slice(2)) : null;

interface Condition {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

interface Walk {
  readonly descending: boolean;
  readonly isNullable: (field: string) => boolean;
  /** Rows without a value in the first field are outside anyway. */
  readonly isBounded: boolean;
}

const equal = (field: string, value: SqlValue): Condition =>
  value === null
    ? { sql: `${quoted(field)} IS NULL`, values: [] }
    : { sql: `${quoted(field)} = ?`, values: [value] };

/**
 * Rows past a position. Rows without a value in a field come before all others of the same fields before it.
 * The first field's bound stands alone as well: it is what the walk along the index begins with.
 */
function beyondPosition(
  fields: readonly string[],
  position: readonly SqlValue[],
  walk: Walk,
): Condition | null {
  const alternatives = fields.flatMap((_field, i) => beyondAt(fields, position, { ...walk, i }) ?? []);
  if (alternatives.length === 0) return null;
  const [first = ''] = fields;
  const start = position[0] ?? null;
  const reachesNulls = walk.descending && walk.isNullable(first) && !walk.isBounded;
  const sign = walk.descending ? '<=' : '>=';
  const lead: readonly Condition[] =
    start === null || reachesNulls ? [] : [{ sql: `${quoted(first)} ${sign} ?`, values: [start] }];
  const either = alternatives.map(({ sql }) => `(${sql})`).join(' OR ');
  return {
    sql: [...lead.map(({ sql }) => sql), `(${either})`].join(' AND '),
    values: [...lead, ...alternatives].flatMap(({ values }) => values),
  };
}

/** Rows that are the same as the position before field `i`, and beyond it there; null when there are none. */
function beyondAt(
  fields: readonly string[],
  position: readonly SqlValue[],
  { descending, isNullable, isBounded, i }: Walk & { readonly i: number },
): Condition | null {
  const field = fields[i] ?? '';
  const value = position[i] ?? null;
  const same = fields.slice(0, i).map((before, place) => equal(before, position[place] ?? null));
  const beyond = beyondValue(field, value, {
    descending,
    takesNulls: isNullable(field) && !(i === 0 && isBounded),
  });
  if (!beyond) return null;
  const all = [...same, beyond];
  return { sql: all.map(({ sql }) => sql).join(' AND '), values: all.flatMap(({ values }) => values) };
}

function beyondValue(
  field: string,
  value: SqlValue,
  { descending, takesNulls }: { readonly descending: boolean; readonly takesNulls: boolean },
): Condition | null {
  const column = quoted(field);
  if (value === null) return descending ? null : { sql: `${column} IS NOT NULL`, values: [] };
  if (!descending) return { sql: `${column} > ?`, values: [value] };
  return { sql: takesNulls ? `(${column} < ? OR ${column} IS NULL)` : `${column} < ?`, values: [value] };
}
