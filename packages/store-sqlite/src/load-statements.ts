/**
 * What `load` reads, in SQL. The rules are those of core's `rowsToLoad`; one suite holds both to them.
 *
 * Most runs of a file are old and over. So rows of runs are not looked for in their own tables: the runs
 * that count are walked along an index, those at or after `since` by time, and those that are open; the rows
 * of each are looked up.
 */
import { TABLE_NAMES, tableDefinition } from '@hera/core';
import type { TableName } from '@hera/core';
import { columns, keyFields, placeFields, quoted } from './sql.js';
import type { LoadStatement } from './thread/messages.js';

/** What to read of one table; a table may take several, one after the other. */
export interface TableLoad extends LoadStatement {
  readonly table: TableName;
}

/** A way along the runs. */
interface Walk {
  readonly index: string;
  /** The order of the index, whose fields are the place where the next chunk goes on. */
  readonly order: readonly string[];
  readonly first: string;
  readonly next: string;
  readonly sinceFirst: boolean;
  readonly sinceNext: boolean;
}

const RUN_KEY = keyFields('run');

/** Runs at or after `since`. The place of a later chunk is a bound by itself: two would be one too many. */
const RECENT: Walk = {
  index: 'run_by_time',
  order: ['instant', ...RUN_KEY],
  first: 'r."instant" >= ?',
  next: '1',
  sinceFirst: true,
  sinceNext: false,
};
const BEFORE = 'r."open" = 1 AND (r."instant" < ? OR r."instant" IS NULL)';
/** Open runs that are older. */
const OPEN_BEFORE: Walk = {
  index: 'run_open',
  order: RUN_KEY,
  first: BEFORE,
  next: BEFORE,
  sinceFirst: true,
  sinceNext: true,
};
/** All open runs. */
const OPEN: Walk = {
  index: 'run_open',
  order: RUN_KEY,
  first: 'r."open" = 1',
  next: 'r."open" = 1',
  sinceFirst: false,
  sinceNext: false,
};

const SAME_RUN = RUN_KEY.map((field) => `t.${quoted(field)} = r.${quoted(field)}`).join(' AND ');
/** Attempts that are open though their run is not: few, and read at once. */
const STRAY_ATTEMPTS =
  'FROM "attempt" t INDEXED BY "attempt_open" WHERE t."open" = 1 ' +
  `AND NOT EXISTS (SELECT 1 FROM "run" r WHERE ${SAME_RUN} AND r."open" = 1)`;

/** All statements, tables in the order of the catalogue. */
export function loadStatements(): readonly TableLoad[] {
  return TABLE_NAMES.flatMap((table): readonly TableLoad[] => {
    const { load } = tableDefinition(table);
    if (load === 'none') return [];
    if (load === 'all') return [wholeTable(table, '1')];
    switch (table) {
      case 'run':
      case 'generation':
      case 'binding':
        return [ofRuns(table, RECENT), ofRuns(table, OPEN_BEFORE)];
      case 'attempt':
        return [ofRuns(table, OPEN), atOnce(table, STRAY_ATTEMPTS)];
      case 'gate':
        return [ofRuns(table, OPEN)];
      case 'plan':
        return [wholeTable(table, 't."endedAt" IS NULL')];
      case 'plan_member':
        return [
          wholeTable(
            table,
            'EXISTS (SELECT 1 FROM "plan" p WHERE p."id" = t."plan" AND p."endedAt" IS NULL)',
          ),
        ];
      default:
        return [wholeTable(table, 't."open" = 1')];
    }
  });
}

/** A row is one JSON text: it leaves SQLite, and the thread, in one piece rather than value by value. */
function rowText(table: TableName, extra: readonly string[] = []): string {
  return `json_array(${[...columns(table).map((field) => `t.${quoted(field)}`), ...extra].join(', ')})`;
}

/** Rows in the order in which they lie. */
function wholeTable(table: TableName, condition: string): TableLoad {
  const place = placeFields(table).map((field) => `t.${quoted(field)}`);
  const select = (where: string) =>
    `SELECT ${rowText(table)} AS "row" FROM ${quoted(table)} t WHERE ${where} ` +
    `ORDER BY ${place.join(', ')} LIMIT ?`;
  return {
    table,
    firstSql: select(condition),
    nextSql: select(`${condition} AND (${place.join(', ')}) > (${place.map(() => '?').join(', ')})`),
    sinceFirst: false,
    sinceNext: false,
    place: placeFields(table).map((field) => columns(table).indexOf(field)),
  };
}

function atOnce(table: TableName, source: string): TableLoad {
  const firstSql = `SELECT ${rowText(table)} AS "row" ${source}`;
  return { table, firstSql, nextSql: null, sinceFirst: false, sinceNext: false, place: [] };
}

/** Rows of the runs of a walk, in its order. */
function ofRuns(table: TableName, walk: Walk): TableLoad {
  const runOrder = walk.order.map((field) => `r.${quoted(field)}`);
  const rest = table === 'run' ? [] : keyFields(table).slice(RUN_KEY.length);
  const restOrder = rest.map((field) => `t.${quoted(field)}`);
  const source = `"run" r INDEXED BY ${quoted(walk.index)} CROSS JOIN ${quoted(table)} t ON ${SAME_RUN}`;
  // The time of the run is no column of its parts, so it comes behind them.
  const extra = walk.order
    .filter((field) => !columns(table).includes(field))
    .map((field) => `r.${quoted(field)}`);
  const select = (where: string) =>
    `SELECT ${rowText(table, extra)} AS "row" FROM ${source} WHERE ${where} ` +
    `ORDER BY ${[...runOrder, ...restOrder].join(', ')} LIMIT ?`;
  return {
    table,
    firstSql: select(walk.first),
    nextSql: select(`${walk.next} AND ${beyond(runOrder, restOrder)}`),
    sinceFirst: walk.sinceFirst,
    sinceNext: walk.sinceNext,
    place: placeOf(table, walk.order, rest),
  };
}

const tuple = (parts: readonly string[]) => `(${parts.join(', ')})`;
const places = (parts: readonly string[]) => tuple(parts.map(() => '?'));

/** The rest of the last run's rows, and those of all runs after it. */
function beyond(runOrder: readonly string[], restOrder: readonly string[]): string {
  const run = tuple(runOrder);
  if (restOrder.length === 0) return `${run} > ${places(runOrder)}`;
  const later = `${run} > ${places(runOrder)} OR ${tuple(restOrder)} > ${places(restOrder)}`;
  return `${run} >= ${places(runOrder)} AND (${later})`;
}

/** Where in a row's JSON the values lie that `beyond` takes, in its order. */
function placeOf(table: TableName, order: readonly string[], rest: readonly string[]): readonly number[] {
  const extra = order.filter((field) => !columns(table).includes(field));
  const fields = [...columns(table), ...extra];
  const run = order.map((field) => fields.indexOf(field));
  return rest.length === 0 ? run : [...run, ...run, ...rest.map((field) => fields.indexOf(field))];
}
