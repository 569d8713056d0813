/** Runs of one job, newest slot first, as one walk along an index that only this package has. */
import type { RowKey, RunFilter } from '@hera/core';
import { columns, quotedList } from './sql.js';
import type { SqlValue } from './thread/driver.js';
import type { SelectStatement } from './thread/messages.js';

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
    { sql: '"job" = ?', values: [job] },
  ];
  if (from !== undefined) conditions.push({ sql: '"instant" >= ?', values: [from] });
  // Where the page goes on lies within the bound and is nearer.
  if (to !== undefined && !(after && after.instant <= to))
    conditions.push({ sql: '"instant" <= ?', values: [to] });
  if (after) {
    const [, slot = '', item = ''] = after.key;
    conditions.push({ sql: '("instant", "slot", "item") < (?, ?, ?)', values: [after.instant, slot, item] });
  }
  if (submission !== undefined) conditions.push({ sql: '"submission" = ?', values: [submission] });
  if (phases) {
    const places = phases.map(() => '?').join(', ');
    conditions.push({ sql: `coalesce("phase", 'none') IN (${places})`, values: phases });
  }
  const where = conditions.map(({ sql }) => sql).join(' AND ');
  return {
    sql:
      `SELECT ${quotedList(columns('run'))} FROM "run" INDEXED BY "run_by_job" WHERE ${where} ` +
      'ORDER BY "instant" DESC, "slot" DESC, "item" DESC LIMIT ?',
    values: [...conditions.flatMap(({ values }) => values), limit],
  };
}
