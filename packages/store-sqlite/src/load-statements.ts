/** What `load` reads, said in SQL; the rules are those of `rowsToLoad` in core, and one suite holds both to them. */
import { TABLE_NAMES, tableDefinition } from '@hera/core';
import type { TableName } from '@hera/core';
import { columns, keyFields, quoted, quotedList } from './sql.js';

export interface LoadStatement {
  readonly table: TableName;
  readonly sql: string;
  /** How often `since` is bound. */
  readonly sinceCount: 0 | 1;
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
    const condition = load === 'all' ? null : (CONDITIONS[table] ?? 't."open" = 1');
    const where = condition === null ? '' : ` WHERE ${condition}`;
    const by = quotedList(keyFields(table));
    const sql = `SELECT ${quotedList(columns(table))} FROM ${quoted(table)} t${where} ORDER BY ${by}`;
    return [{ table, sql, sinceCount: condition?.includes('?') ? 1 : 0 } as const];
  });
}
