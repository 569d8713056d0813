/**
 * A Range as SQL: at most a few statements, each an ordered walk along one index. Rows without a value in the
 * field after the prefix come before all others, as SQLite orders null; comparing lists of values does not
 * see them, so a walk that goes past them takes a statement of its own.
 */
import { parseInstantText, SchedulerError } from '@hera/core';
import type { Range, RowKey, TableName } from '@hera/core';
import { columns, indexCondition, orderFields, quoted, quotedList, valueFields, whereKey } from './sql.js';
import type { SqlValue } from './thread/driver.js';
import type { SelectStatement } from './thread/messages.js';

/** Values of a row by column. */
export type RowValues = Readonly<Record<string, SqlValue>>;

const LIMIT_DEFAULT = 1_000;
const LIMIT_MAX = 100_000;

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
 * The statements of a range, to be run one after the other until the limit is reached. `last` is the row that
 * `after` names, needed when the range has an index.
 */
export function rangeStatements(
  table: TableName,
  range: Range,
  last: RowValues | null,
): readonly SelectStatement[] {
  const { index, prefix = [], from, to, descending = false, after } = range;
  const order = orderFields(table, index);
  const rest = order.slice(prefix.length);
  const first = rest[0];
  const base: Condition[] = prefix.map((value, i) => ({
    sql: `${quoted(order[i] ?? '')} = ?`,
    values: [value],
  }));
  const partial = index === undefined ? null : indexCondition(order[0] ?? '');
  const isCovered = partial === null || isWithin(order[0] ?? '', prefix);
  // Said as the index says it, so that SQLite sees that the index has all that is asked for.
  if (partial !== null && isCovered) base.push({ sql: partial, values: [] });
  const position = after && (last ? rest.map((field) => last[field] ?? null) : after.slice(prefix.length));
  const select = (conditions: readonly Condition[]): SelectStatement => {
    const where = conditions.length > 0 ? ` WHERE ${conditions.map(({ sql }) => sql).join(' AND ')}` : '';
    const direction = descending ? ' DESC' : '';
    const by = order.map((field) => `${quoted(field)}${direction}`).join(', ');
    const walked = index ?? (isRunsOfJob(table, prefix) ? 'run_by_job' : undefined);
    const source =
      walked === undefined || !isCovered ? quoted(table) : `${quoted(table)} INDEXED BY ${quoted(walked)}`;
    return {
      sql: `SELECT ${quotedList(columns(table))} FROM ${source}${where} ORDER BY ${by} LIMIT ?`,
      values: [...conditions.flatMap(({ values }) => values), rangeLimit(range)],
    };
  };

  if (first === undefined) return position ? [] : [select(base)];
  const bounds: Condition[] = [];
  // Where a page goes on is the nearer bound; with both, SQLite may seek to the farther one.
  const start = position?.[0] ?? null;
  const isNearer = (bound: Range['from']) =>
    typeof start === 'number' && typeof bound === 'number' && (descending ? start <= bound : start >= bound);
  if (from !== undefined && (descending || !isNearer(from)))
    bounds.push({ sql: `${quoted(first)} >= ?`, values: [from] });
  if (to !== undefined && (!descending || !isNearer(to)))
    bounds.push({ sql: `${quoted(first)} <= ?`, values: [to] });
  if (isRunsOfJob(table, prefix) && index === undefined) bounds.push(...instantBounds(from, to));
  const isNullable = (field: string) => valueFields(table).includes(field);
  const beyond = position ? [beyondPosition(rest, position, { descending, isNullable })] : [];
  const passesNulls =
    position !== undefined &&
    descending &&
    isNullable(first) &&
    position[0] !== null &&
    from === undefined &&
    to === undefined;
  const nulls = { sql: `${quoted(first)} IS NULL`, values: [] };
  return [select([...base, ...bounds, ...beyond]), ...(passesNulls ? [select([...base, nulls])] : [])];
}

/** Whether all rows with the prefix are in the partial index that begins with the field. */
const isWithin = (first: string, prefix: RowKey) =>
  prefix.length > 0 && (first !== 'open' || prefix[0] === 1);

/** Rows of runs lie by slot, so those of one job are found by an index of their own. */
const isRunsOfJob = (table: TableName, prefix: RowKey) => table === 'run' && prefix.length === 1;

/**
 * Bounds of the slot key as bounds of the instant it names, by which the index of a job's runs is ordered.
 * Only where both are scheduled slots: ad hoc ones lie between no two of them.
 */
function instantBounds(from: Range['from'], to: Range['to']): readonly Condition[] {
  const [first, last] = [from, to].map((bound) => slotInstant(bound));
  if (first === null || first === undefined || last === null || last === undefined) return [];
  return [{ sql: '"instant" BETWEEN ? AND ?', values: [first, last] }];
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
}

/** Rows past a position; of those that have no value in the first field, only where the position has none. */
function beyondPosition(fields: readonly string[], position: readonly SqlValue[], walk: Walk): Condition {
  const later = fields.slice(1).some(walk.isNullable);
  if (!later && position[0] !== null) {
    const places = position.map(() => '?').join(', ');
    return { sql: `(${quotedList(fields)}) ${walk.descending ? '<' : '>'} (${places})`, values: position };
  }
  const alternatives = fields.flatMap((_field, i) => beyondAt(fields, position, { ...walk, i }) ?? []);
  return {
    sql: `(${alternatives.map(({ sql }) => `(${sql})`).join(' OR ')})`,
    values: alternatives.flatMap(({ values }) => values),
  };
}

/** Rows that are the same as the position before field `i`, and beyond it there; null when there are none. */
function beyondAt(
  fields: readonly string[],
  position: readonly SqlValue[],
  { descending, isNullable, i }: Walk & { readonly i: number },
): Condition | null {
  const column = quoted(fields[i] ?? '');
  const value = position[i] ?? null;
  const same = fields.slice(0, i).map((field) => `${quoted(field)} IS ?`);
  const before = position.slice(0, i);
  if (value === null) {
    return descending ? null : { sql: [...same, `${column} IS NOT NULL`].join(' AND '), values: before };
  }
  const orNull = descending && i > 0 && isNullable(fields[i] ?? '') ? ` OR ${column} IS NULL` : '';
  const beyond = `(${column} ${descending ? '<' : '>'} ?${orNull})`;
  return { sql: [...same, beyond].join(' AND '), values: [...before, value] };
}
