/** What `load` reads, in SQL. The rules are those of core's `rowsToLoad`; one suite holds both to them. */
import { TABLE_NAMES, tableDefinition } from '@hera/core';
import type { TableName } from '@hera/core';
import { columns, placeFields, quoted, quotedList } from './sql.js';
import type { LoadStatement } from './thread/messages.js';

/** What to read of one table. */
export interface TableLoad extends LoadStatement {
  readonly table: TableName;
}

const RUN_JOIN = 'r."job" = t."job" AND r."slot" = t."slot" AND r."item" = t."item"';
const OPEN_RUN = `EXISTS (SELECT 1 FROM "run" r WHERE ${RUN_JOIN} AND r."open" = 1)`;

/** Which rows of a table with `load: 'open'` are loaded; tables not named here have a column `open`. */
const CONDITIONS: Readonly<Partial<Record<TableName, string>>> = {
  run: 't."open" = 1 OR t."instant" >= ?',
  generation: `EXISTS (SELECT 1 FROM "run" r WHERE ${RUN_JOIN} AND (r."open" = 1 OR r."instant" >= ?))`,
  attempt: `t."open" = 1 OR ${OPEN_RUN}`,
  binding: OPEN_RUN,
  waive: OPEN_RUN,
  plan: 't."endedAt" IS NULL',
  plan_member: 'EXISTS (SELECT 1 FROM "plan" p WHERE p."id" = t."plan" AND p."endedAt" IS NULL)',
};

/** One statement per table that `load` gives, in the order of the catalogue. */
export function loadStatements(): readonly TableLoad[] {
  return TABLE_NAMES.flatMap((table) => {
    const { load } = tableDefinition(table);
    if (load === 'none') return [];
    const condition = load === 'all' ? '1' : `(${CONDITIONS[table] ?? 't."open" = 1'})`;
    const place = placeFields(table);
    const beyond = `(${quotedList(place)}) > (${place.map(() => '?').join(', ')})`;
    const select = (where: string) =>
      `SELECT ${quotedList(columns(table))} FROM ${quoted(table)} t WHERE ${where} ` +
      `ORDER BY ${quotedList(place)} LIMIT ?`;
    return [
      {
        table,
        firstSql: select(condition),
        nextSql: select(`${condition} AND ${beyond}`),
        takesSince: condition.includes('?'),
        place,
      },
    ];
  });
}
