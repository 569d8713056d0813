/** Runs of one job, newest slot first, as one walk along an index that only this package has. */
import type { RowKey, RunFilter } from '@hera/core';
import type { SelectStatement } from './read-statement.js';
import { columns, quotedList } from './sql.js';
import type { SqlValue } from './sql.js';

/** Which page. */
export interface JobRunsPage {
  readonly limit: number;
  /** Instant and key of the last row of the page before. */
  readonly after: { readonly instant: number; readonly key: RowKey } | undefined;
}

/** The statement of a page; it gives whole rows of table `run`. */
export function jobRunsStatement(
  job: number,
  { phases, submission, from, to }: Omit<RunFilter, 'job'>,
  { limit, after }: JobRunsPage,
): SelectStatement {
  const conditions: { readonly sql: string; readonly values: readonly SqlValue[] }[] = [
    { sql: '`job` = ?', values: [job] },
  ];
  if (from !== undefined) conditions.push({ sql: '`instant` >= ?', values: [from] });
  if (to !== undefined) conditions.push({ sql: '`instant` <= ?', values: [to] });
  if (after) {
    const { instant, key } = after;
    const [, slot = '', item = ''] = key;
    conditions.push({
      sql:
        '`instant` <= ? AND (`instant` < ? OR (`instant` = ? AND `slot` < ?) ' +
        'OR (`instant` = ? AND `slot` = ? AND `item` < ?))',
      values: [instant, instant, instant, slot, instant, slot, item],
    });
  }
  if (submission !== undefined) conditions.push({ sql: '`submission` = ?', values: [submission] });
  if (phases) {
    const places = phases.map(() => '?').join(', ');
    const sql = phases.length > 0 ? `COALESCE(\`phase\`, 'none') IN (${places})` : '1 = 0';
    conditions.push({ sql, values: phases });
  }
  const where = conditions.map(({ sql }) => sql).join(' AND ');
  return {
    sql:
      `SELECT ${quotedList(columns('run'))} FROM \`run\` FORCE INDEX (\`run_by_job\`) WHERE ${where} ` +
      'ORDER BY `instant` DESC, `slot` DESC, `item` DESC LIMIT ?',
    values: [...conditions.flatMap(({ values }) => values), limit],
  };
}
