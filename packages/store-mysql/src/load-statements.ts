/**
 * What `load` reads, in SQL. The rules are those of core's `rowsToLoad`; one suite holds both to them.
 *
 * Most runs of a database are old and over. So rows of runs are not looked for in their own tables: the runs
 * that count are walked along an index, those at or after `since` by time, and those that are open; the rows
 * of each are looked up.
 */
import { TABLE_NAMES, tableDefinition } from '@hera/core';
import type { TableName } from '@hera/core';
import { columns, keyFields, quoted } from './sql.js';

/** One statement of a load; a table may take several, one after the other. */
export interface TableLoad {
  readonly table: TableName;
  readonly sql: string;
  /** Whether it takes `since`. */
  readonly takesSince: boolean;
}

/** A way along the runs. */
interface Walk {
  readonly index: string;
  readonly where: string;
  readonly takesSince: boolean;
}

/** Runs at or after `since`. */
const RECENT: Walk = { index: 'run_by_time', where: 'r.`instant` >= ?', takesSince: true };
/** Open runs that are older. */
const OPEN_BEFORE: Walk = {
  index: 'run_open',
  where: 'r.`open` = 1 AND (r.`instant` < ? OR r.`instant` IS NULL)',
  takesSince: true,
};
/** All open runs. */
const OPEN: Walk = { index: 'run_open', where: 'r.`open` = 1', takesSince: false };

const SAME_RUN = keyFields('run')
  .map((field) => `t.${quoted(field)} = r.${quoted(field)}`)
  .join(' AND ');
/** Attempts that are open though their run is not: few. */
const STRAY_ATTEMPTS =
  '`attempt` t FORCE INDEX (`attempt_open`) WHERE t.`open` = 1 ' +
  `AND NOT EXISTS (SELECT 1 FROM \`run\` r WHERE ${SAME_RUN} AND r.\`open\` = 1)`;

/** All statements, tables in the order of the catalogue. */
export function loadStatements(): readonly TableLoad[] {
  return TABLE_NAMES.flatMap((table): readonly TableLoad[] => {
    const { load } = tableDefinition(table);
    if (load === 'none') return [];
    if (load === 'all') return [statement(table, `${quoted(table)} t ORDER BY ${keyOrder(table)}`)];
    switch (table) {
      case 'run':
      case 'generation':
      case 'binding':
        return [ofRuns(table, RECENT), ofRuns(table, OPEN_BEFORE)];
      case 'attempt':
        return [ofRuns(table, OPEN), statement(table, STRAY_ATTEMPTS)];
      case 'gate':
        return [ofRuns(table, OPEN)];
      case 'plan':
        return [statement(table, '`plan` t WHERE t.`endedAt` IS NULL')];
      case 'plan_member':
        return [
          statement(
            table,
            '`plan` p STRAIGHT_JOIN `plan_member` t ON t.`plan` = p.`id` WHERE p.`endedAt` IS NULL',
          ),
        ];
      default:
        return [statement(table, `${quoted(table)} t WHERE t.\`open\` = 1`)];
    }
  });
}

const keyOrder = (table: TableName) =>
  keyFields(table)
    .map((field) => `t.${quoted(field)}`)
    .join(', ');

function statement(table: TableName, source: string, takesSince = false): TableLoad {
  const fields = columns(table).map((field) => `t.${quoted(field)}`);
  return { table, sql: `SELECT ${fields.join(', ')} FROM ${source}`, takesSince };
}

/** Rows of the runs of a walk. */
function ofRuns(table: TableName, { index, where, takesSince }: Walk): TableLoad {
  // A run is found by its walk and read like a part of itself; both rows are the same one in memory.
  const walk = `\`run\` r FORCE INDEX (${quoted(index)})`;
  const join = `STRAIGHT_JOIN ${quoted(table)} t FORCE INDEX (PRIMARY) ON ${SAME_RUN}`;
  return statement(table, `${walk} ${join} WHERE ${where}`, takesSince);
}
