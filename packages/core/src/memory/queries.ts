/**
 * Pages for people over any store, by nothing but its `read`. Good for thousands of runs; a SQL store answers
 * the filters that need it with statements of its own and takes the rest from here.
 */
import { SchedulerError } from '../model/errors.js';
import type { DomainEvent, EventCursor, StoredEvent } from '../model/events.js';
import { parseRunText, runText } from '../model/ids.js';
import type { Row, RowKey } from '../model/tables.js';
import type { BindingView, Run } from '../model/views.js';
import type { Page, PageRequest, Queries, RunFilter } from '../ports/queries.js';
import type { Range, Store } from '../ports/store.js';
import { pageLimit, pageOf, pageStart } from './pages.js';
import { findRuns } from './run-search.js';
import { findStarts } from './past-starts.js';
import type { RunSearch, RunsOfJob, SearchPage } from './run-search.js';
import { findStaleUpstreams } from './staleness.js';
import {
  attemptView,
  boundSlots,
  generationView,
  incidentView,
  jobView,
  planView,
  runAt,
  runView,
} from './views.js';

/** What the default queries need of a store. */
export type RowReader = Pick<Store, 'read' | 'readLease'>;

/** Name of the row of table `meta` that holds the number of the newest commit whose events were pruned. */
export const EVENTS_PRUNED_META = 'eventsPrunedTo';

const ROWS_MAX = 100_000;
const RUN_KEY_LENGTH = 3;
/** Event rows read at a time: a commit may hold thousands of events. */
const EVENT_ROWS = 64;

/** What a store may answer better than by its `read`. */
export interface QueriesOptions {
  /** Runs of one job, newest slot first; default: all of them are read and sorted. */
  readonly runsOfJob?: RunsOfJob;
}

/** Queries over the rows of any store. */
export function createQueries(store: RowReader, options: QueriesOptions = {}): Queries {
  const find = (search: RunSearch, page: SearchPage) => findRuns(store, search, page, options.runsOfJob);
  return {
    jobs: async (page = {}) => pageOf(await readPage(store, 'job', {}, page), pageLimit(page), jobView),
    async job(name) {
      const [row] = await store.read('job', { index: 'job_by_name', prefix: [name], limit: 1 });
      return row && jobView(row);
    },
    runs: (filter = {}, page = {}) => runPage(store, find, { filter, page }),
    run: (id) => runDetail(store, id),
    plans: async (page = {}) =>
      pageOf(await readPage(store, 'plan', { descending: true }, page), pageLimit(page), planView),
    async plan(id) {
      const [row] = await store.read('plan', { prefix: [id], limit: 1 });
      return row && planView(row);
    },
    incidents: async ({ open = false } = {}, page = {}) => {
      const standing = open ? { index: 'incident_open', prefix: [1] } : {};
      const rows = await readPage(store, 'incident', { ...standing, descending: true }, page);
      return pageOf(rows, pageLimit(page), incidentView);
    },
    events: (after, limit) => eventsAfter(store, after, limit),
  };
}

/** One row more than the page holds, which tells whether another page follows. */
function readPage(
  store: RowReader,
  table: 'job' | 'plan' | 'incident',
  range: Range,
  page: PageRequest,
): Promise<readonly Row[]> {
  const after = pageStart(page, 1);
  return store.read(table, { ...range, limit: pageLimit(page) + 1, ...(after && { after }) });
}

type Find = (search: RunSearch, page: SearchPage) => Promise<readonly Row[]>;

interface RunRequest {
  readonly filter: RunFilter;
  readonly page: PageRequest;
}

async function runPage(store: RowReader, find: Find, { filter, page }: RunRequest): Promise<Page<Run>> {
  const limit = pageLimit(page);
  const after = pageStart(page, RUN_KEY_LENGTH);
  const job = filter.job === undefined ? undefined : await jobIdOf(store, filter.job);
  if (job === null) return { items: [], next: null };
  const { job: _name, ...rest } = filter;
  const rows = await find({ ...rest, ...(job !== undefined && { job }) }, { limit: limit + 1, after });
  return pageOf(rows, limit, runViews(store));
}

/** Gives a row of table `run` its job's name, asking for each job once. */
export function runViews(store: RowReader): (row: Row) => Promise<Run> {
  const names = jobNames(store);
  return async (row) => runView(row, await names(Number(row.key[0])));
}

function jobNames(store: RowReader): (id: number) => Promise<string> {
  const known = new Map<number, Promise<string>>();
  return (id) => {
    const asked = known.get(id);
    if (asked) return asked;
    const read = store.read('job', { prefix: [id], limit: 1 });
    // A job that is gone keeps its number, which no name may be.
    const name = read.then(([row]) => (row ? String(row.value['name']) : `#${id}`));
    known.set(id, name);
    return name;
  };
}

/** The number of the job with that name; null when there is none. */
export async function jobIdOf(store: RowReader, name: string): Promise<number | null> {
  const [row] = await store.read('job', { index: 'job_by_name', prefix: [name], limit: 1 });
  return row ? Number(row.key[0]) : null;
}

async function runDetail(store: RowReader, id: string): ReturnType<Queries['run']> {
  const ref = parseRunText(id);
  const job = ref && (await jobIdOf(store, ref.job));
  if (!ref || job === null) return undefined;
  const prefix: RowKey = [job, ref.slotKey, ''];
  const whole = { prefix, limit: ROWS_MAX };
  const [row] = await store.read('run', { prefix });
  if (!row) return undefined;
  const [generations, attempts, bindings, gates] = await Promise.all([
    store.read('generation', whole),
    store.read('attempt', whole),
    store.read('binding', whole),
    store.read('gate', whole),
  ]);
  const run = runText(ref.job, ref.slotKey);
  const names = jobNames(store);
  const staleUpstreams = await findStaleUpstreams(store, generations, names);
  return {
    ...runView(row, ref.job),
    generations: generations.map(generationView),
    attemptList: attempts.map((attempt) => attemptView(attempt, run)),
    bindings: await Promise.all(bindings.map((binding) => bindingView(binding, names))),
    stale: staleUpstreams.length > 0,
    staleUpstreams,
    starts: await findStarts(store, { generations, attempts, gates }, names),
  };
}

/** Lists longer than this are shown by their ends. */
const RUNS_SHOWN = 48;

async function bindingView(row: Row, names: (id: number) => Promise<string>): Promise<BindingView> {
  const upstream = await names(Number(row.key[RUN_KEY_LENGTH]));
  const slots = boundSlots(row);
  const stored = Number(row.value['need'] ?? 0);
  const why = String(row.value['why'] ?? '');
  const view = (runs: readonly string[], count: number) => ({
    upstream,
    runs: runs.length > RUNS_SHOWN ? [...runs.slice(0, 1), ...runs.slice(-1)] : runs,
    count,
    need: stored,
    why,
  });
  switch (slots.type) {
    case 'instants':
      return view(
        slots.instants.map((at) => runAt(upstream, at)),
        slots.instants.length,
      );
    case 'range': {
      const ends = slots.from === slots.to ? [slots.from] : [slots.from, slots.to];
      return view(
        ends.map((at) => runAt(upstream, at)),
        Math.max(stored, ends.length),
      );
    }
    case 'adHoc':
      return view([runText(upstream, slots.key)], 1);
    case 'none':
      return view([], 0);
  }
}

async function eventsAfter(
  store: RowReader,
  after: EventCursor,
  limit: number,
): ReturnType<Queries['events']> {
  if (!Number.isInteger(limit) || limit < 1) {
    const expected = 'a whole number from 1';
    throw new SchedulerError('OPTION_INVALID', `limit: ${limit} is not ${expected}`, {
      option: 'limit',
      expected,
    });
  }
  if (await isOutside(store, after)) return { events: [], cursor: await newestCursor(store), resync: true };
  const events: StoredEvent[] = [];
  let from = after.commitNo;
  while (events.length < limit) {
    const rows = await store.read('event', { from, limit: EVENT_ROWS });
    events.push(...rows.flatMap(storedEvents).filter(({ cursor }) => isAfter(cursor, after)));
    if (rows.length < EVENT_ROWS) break;
    from = Number(rows.at(-1)?.key[0]) + 1;
  }
  const given = events.slice(0, limit);
  return { events: given, cursor: given.at(-1)?.cursor ?? after, resync: false };
}

/** Whether events after the cursor were pruned, or it comes from a future that a restored store lacks. */
async function isOutside(store: RowReader, after: EventCursor): Promise<boolean> {
  const [lease, [pruned]] = await Promise.all([
    store.readLease(),
    store.read('meta', { prefix: [EVENTS_PRUNED_META], limit: 1 }),
  ]);
  if (after.commitNo > (lease?.commitNo ?? 0)) return true;
  return pruned !== undefined && after.commitNo <= Number(pruned.value['value']);
}

async function newestCursor(store: RowReader): Promise<EventCursor> {
  const [row] = await store.read('event', { descending: true, limit: 1 });
  return (row && storedEvents(row).at(-1)?.cursor) ?? { commitNo: 0, index: 0 };
}

function storedEvents({ key, value }: Row): StoredEvent[] {
  const events = JSON.parse(String(value['events'] ?? '[]')) as readonly DomainEvent[];
  const at = Number(value['at']);
  return events.map((event, index) => ({ cursor: { commitNo: Number(key[0]), index }, at, event }));
}

const isAfter = (a: EventCursor, b: EventCursor) =>
  a.commitNo > b.commitNo || (a.commitNo === b.commitNo && a.index > b.index);
