/**
 * Which rows the kernel starts from, said once for stores that keep their rows in memory; SQL stores say the
 * same in SQL and the contract suite compares them.
 *
 *   run          open, or its instant is at or after `since`
 *   generation   all of a run that is loaded
 *   attempt      all of an open run, and whatever is itself open
 *   binding      all of a run that is loaded
 *   gate         all of an open run
 *   plan         has not ended: `endedAt` is null
 *   plan_member  all of a plan that is loaded
 *   waive        open
 *   override     open
 *   hold         open
 */
import { rowKeyText, TABLE_NAMES, tableDefinition } from '../model/tables.js';
import type { Row, RowKey, TableName } from '../model/tables.js';

/** The rows to load, tables in the order of the catalogue, rows in the order in which `rowsOf` gives them. */
export function* rowsToLoad(
  rowsOf: (table: TableName) => readonly Row[],
  since: number,
): Generator<Row, void, undefined> {
  // All is read before the first row is given, so that a commit in between is seen whole or not at all.
  const tables = TABLE_NAMES.filter((table) => tableDefinition(table).load !== 'none');
  const found = new Map(tables.map((table) => [table, rowsOf(table)]));
  const isWanted = openRows((table) => found.get(table) ?? [], since);
  for (const table of tables) {
    const rows = found.get(table) ?? [];
    if (tableDefinition(table).load === 'all') yield* rows;
    else for (const row of rows) if (isWanted(row)) yield row;
  }
}

function openRows(rowsOf: (table: TableName) => readonly Row[], since: number): (row: Row) => boolean {
  const openRuns = new Set<string>();
  const loadedRuns = new Set<string>();
  for (const { key, value } of rowsOf('run')) {
    const { open, instant } = value;
    if (open === 1) openRuns.add(rowKeyText(key));
    if (open === 1 || (typeof instant === 'number' && instant >= since)) loadedRuns.add(rowKeyText(key));
  }
  const isOpenPlan = (row: Row) => row.value['endedAt'] === null;
  const openPlans = new Set(
    rowsOf('plan')
      .filter(isOpenPlan)
      .map(({ key }) => key[0]),
  );

  return (row) => {
    switch (row.table) {
      case 'run':
      case 'generation':
      case 'binding':
        return loadedRuns.has(runKeyText(row.key));
      case 'attempt':
        return row.value['open'] === 1 || openRuns.has(runKeyText(row.key));
      case 'gate':
        return openRuns.has(runKeyText(row.key));
      case 'plan':
      case 'plan_member':
        return openPlans.has(row.key[0]);
      default:
        return row.value['open'] === 1;
    }
  };
}

/** Keys of everything that belongs to a run begin with the run's key: job, slot, item. */
const RUN_KEY_LENGTH = 3;
const runKeyText = (key: RowKey) => rowKeyText(key.slice(0, RUN_KEY_LENGTH));
