/** What `load` reads, said in SQL; the rules are those of `rowsToLoad` in core, and one suite holds both to them. */
import { TABLE_NAMES, tableDefinition } from '@hera/core';
import type { TableName } from '@hera/core';
import { columns, placeFields, quoted, quotedList } from './sql.js';

/**
 * One table of a load. It is read in chunks by keyset rather than through an open cursor: a native iterator
 * that is left half way is not safe in every driver.
 */
export interface LoadStatement {
  readonly table: TableName;
  /** The first chunk; takes `since` where `takesSince`, then how many rows. */
  readonly firstSql: string;
  /** A later chunk; takes `since` where `takesSince`, the place of the last row, then how many rows. */
  readonly nextSql: string;
  readonly takesSince: boolean;
  /** The fields whose values are the place of a row. */
  readonly place: readonly string[];
}

const RUN_JOIN = 'r."job" = t."job" AND r."slot" = t."slot" AND r."item" = t."item"';
const OPEN_RUN = `EXISTS (SELECT 1 FROM "run" r WHERE ${RUN_JOIN} AND r."open" = 1)`;

/** Which rows of a table with `load: 'open'` are loaded; tables that are not named here have a column `open`. */
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
export function loadStatements(): readonly LoadStatement[] {
  return TABLE_NAMES.flatMap((table) => {
    const { load } = tableDefinition(table);
    if (load === 'none') return [];
    const condition = load === 'all' ? '1' : `(${CONDITIONS[table] ?? 't."open" = 1'})`;
    const place = placeFields(table);
    const beyond = `(${quotedList(place)}) > (${place.map(() => '?').join(', ')})`;
    const select = (where: string) =>
      `SELECT ${quotedList(columns(table))} FROM ${quoted(table)} t WHERE ${where} ORDER BY ${quotedList(place)} LIMIT ?`;
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
