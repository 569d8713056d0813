/**
 * Runs by filter, newest slot first, over the indexes of the catalogue: the narrowest one that serves the
 * filter is read in pages, and what it cannot tell is looked at row by row.
 */
import type { Row, RowKey, TableName } from '../model/tables.js';
import type { RunFilter } from '../ports/queries.js';
import type { Range, Store } from '../ports/store.js';
import { compareLists } from './order.js';
import { rowGone } from './row-gone.js';

/** A filter of pages, the job by its number. */
export interface RunSearch extends Omit<RunFilter, 'job'> {
  readonly job?: number;
}

export interface SearchPage {
  readonly limit: number;
  readonly after: RowKey | undefined;
}

/** Rows of table `run` of one job that the filter lets through, newest slot first. */
export type RunsOfJob = (
  job: number,
  search: Omit<RunSearch, 'job'>,
  page: SearchPage,
) => Promise<readonly Row[]>;

type Reader = Pick<Store, 'read'>;

const RUN: TableName = 'run';
const ROWS_MAX = 100_000;
const BATCH_MIN = 100;

/** Rows of table `run` that the filter lets through, by instant and then by key, both descending. */
export async function findRuns(
  store: Reader,
  search: RunSearch,
  page: SearchPage,
  runsOfJob: RunsOfJob = sortedRunsOfJob(store),
): Promise<readonly Row[]> {
  if (search.job !== undefined) return runsOfJob(search.job, search, page);
  if (search.submission !== undefined) {
    return scan(store, { index: 'run_by_submission', prefix: [search.submission] }, search, page);
  }
  const bounds = {
    ...(search.from !== undefined && { from: search.from }),
    ...(search.to !== undefined && { to: search.to }),
  };
  if (!search.phases) return scan(store, { index: 'run_by_time', ...bounds }, search, page);
  const lists = await Promise.all(
    [...new Set(search.phases)].map((phase) =>
      scan(store, { index: 'run_by_phase', prefix: [phase], ...bounds }, search, page),
    ),
  );
  return lists.flat().sort(newestFirst).slice(0, page.limit);
}

/** Where ad hoc slots are among them the key's order is not that of time, so all are sorted. */
const sortedRunsOfJob =
  (store: Reader): RunsOfJob =>
  async (job, search, { limit, after }) => {
    const rows = [...(await store.read(RUN, { prefix: [job], limit: ROWS_MAX, descending: true }))];
    rows.sort(newestFirst);
    const last = after && rows.find(({ key }) => compareLists(key, after) === 0);
    if (after && !last) throw rowGone(after);
    const rest = last ? rows.slice(rows.indexOf(last) + 1) : rows;
    return rest.filter((row) => isMatch(row, search)).slice(0, limit);
  };

async function scan(
  store: Reader,
  range: Range,
  search: RunSearch,
  { limit, after }: SearchPage,
): Promise<readonly Row[]> {
  const found: Row[] = [];
  const batch = Math.max(limit, BATCH_MIN);
  let last = after;
  while (found.length < limit) {
    const rows = await store.read(RUN, {
      ...range,
      descending: true,
      limit: batch,
      ...(last && { after: last }),
    });
    found.push(...rows.filter((row) => isMatch(row, search)));
    if (rows.length < batch) break;
    last = rows.at(-1)?.key;
  }
  return found.slice(0, limit);
}

const newestFirst = (a: Row, b: Row) =>
  compareLists([b.value['instant'] ?? null, ...b.key], [a.value['instant'] ?? null, ...a.key]);

function isMatch({ value }: Row, { phases, submission, from, to }: RunSearch): boolean {
  const at = Number(value['instant']);
  if (from !== undefined && !(at >= from)) return false;
  if (to !== undefined && !(at <= to)) return false;
  if (submission !== undefined && value['submission'] !== submission) return false;
  return !phases || phases.some((phase) => phase === (value['phase'] ?? 'none'));
}
