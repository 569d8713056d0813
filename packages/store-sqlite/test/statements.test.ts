/** Every statement walks an index: what SQLite would do for each is asked of SQLite itself. */
import { TABLE_NAMES, tableDefinition } from '@hera/core';
import type { Range, TableName } from '@hera/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadStatements } from '../src/load-statements.js';
import { positionStatement, rangeStatements } from '../src/read-statement.js';
import type { RowValues } from '../src/read-statement.js';
import { jobRunsStatement } from '../src/run-search.js';
import { schemaPlan } from '../src/schema-plan.js';
import { keyFields } from '../src/sql.js';
import { openDatabase } from '../src/thread/driver.js';
import type { Database } from '../src/thread/driver.js';
import type { SelectStatement } from '../src/thread/messages.js';
import { migrate } from '../src/thread/migrate.js';
import { PRUNE_SQL } from '../src/thread/prune.js';

let folder: string;
let database: Database;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hera-sqlite-'));
  database = openDatabase(join(folder, 'hera.db'), {});
  migrate(database, schemaPlan());
});
afterAll(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

function planOf({ sql, values }: SelectStatement): readonly string[] {
  const rows = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...values);
  return rows.map((row) => (row as { readonly detail: string }).detail);
}

const SORT = 'USE TEMP B-TREE';
const RUN = [7, 't:20261123T020000Z', ''] as const;
const ENDED: RowValues = { job: 7, slot: RUN[1], item: '', instant: 5, phase: 'failed', open: 0 };

/** Reads that pages and the kernel's look-ups make, and the index that each must walk without sorting. */
const WALKS: readonly { table: TableName; range: Range; last?: RowValues; walks: string }[] = [
  { table: 'run', range: { prefix: RUN }, walks: 'PRIMARY KEY (slot=? AND job=? AND item=?)' },
  { table: 'generation', range: { prefix: RUN }, walks: 'PRIMARY KEY (slot=? AND job=? AND item=?)' },
  {
    table: 'attempt',
    range: { prefix: RUN, descending: true },
    walks: 'PRIMARY KEY (slot=? AND job=? AND item=?)',
  },
  { table: 'binding', range: { prefix: RUN }, walks: 'PRIMARY KEY (slot=? AND job=? AND item=?)' },
  { table: 'run', range: { index: 'run_by_time', descending: true }, walks: 'INDEX run_by_time' },
  {
    table: 'run',
    range: { index: 'run_by_time', from: 1, to: 9, after: RUN, descending: true },
    last: ENDED,
    walks: 'INDEX run_by_time (instant>? AND (instant,job,slot,item)<(?,?,?,?))',
  },
  {
    table: 'run',
    range: { index: 'run_by_phase', prefix: ['failed'], after: RUN, descending: true },
    last: ENDED,
    walks: 'INDEX run_by_phase (phase=? AND (instant,job,slot,item)<(?,?,?,?))',
  },
  {
    table: 'run',
    range: { index: 'run_by_submission', prefix: ['s'], descending: true },
    walks: 'INDEX run_by_submission (submission=?)',
  },
  { table: 'attempt', range: { index: 'attempt_open', prefix: [1] }, walks: 'INDEX attempt_open (open=?)' },
  { table: 'event', range: { from: 5, limit: 64 }, walks: 'INTEGER PRIMARY KEY (rowid>?)' },
  { table: 'event', range: { descending: true, limit: 1 }, walks: 'SCAN event' },
  { table: 'job', range: { after: [5] }, walks: 'INTEGER PRIMARY KEY (rowid>?)' },
  { table: 'job', range: { index: 'job_by_name', prefix: ['ods'] }, walks: 'INDEX job_by_name (name=?)' },
  { table: 'plan', range: { descending: true, after: [5] }, walks: 'INTEGER PRIMARY KEY (rowid<?)' },
  { table: 'command', range: { index: 'command_open', prefix: [1] }, walks: 'INDEX command_open (open=?)' },
];

describe('reads', () => {
  it.each(WALKS)('of $table by $range walk $walks', ({ table, range, last, walks }) => {
    const [plan, ...nulls] = rangeStatements(table, range, last ?? null).map(planOf);
    expect(plan).toEqual([expect.stringContaining(walks)]);
    // A second statement reads the rows without a value, which come last.
    for (const rest of nulls) expect(rest).toEqual([expect.stringContaining(`INDEX ${range.index ?? ''} (`)]);
  });

  it('of one job between two slots walk the job’s instants and sort only what lies between', () => {
    const range = { prefix: [7], from: 't:20261101T000000Z', to: 't:20261130T000000Z' };
    const plan = rangeStatements('run', range, null).flatMap(planOf);
    expect(plan[0]).toContain('INDEX run_by_job (job=? AND instant>? AND instant<?)');
    expect(plan[1]).toContain(SORT);
  });

  it('that find where a page ended look up one key', () => {
    for (const table of TABLE_NAMES) {
      const key = Object.values(tableDefinition(table).key).map((type) => (type === 'int' ? 1 : 'x'));
      const [step] = planOf(positionStatement(table, key));
      expect(step, table).toMatch(
        /^SEARCH .* USING (INTEGER PRIMARY KEY|PRIMARY KEY|INDEX sqlite_autoindex)/,
      );
    }
  });

  it('of every index of the catalogue, from its start, do not sort', () => {
    for (const table of TABLE_NAMES) {
      for (const index of Object.keys(tableDefinition(table).indexes ?? {})) {
        for (const descending of [false, true]) {
          // Those that begin with `open` have the open rows only.
          const prefix = index.endsWith('_open') ? [1] : index === 'run_by_submission' ? ['s'] : [];
          const plan = rangeStatements(table, { index, prefix, descending }, null).flatMap(planOf);
          expect(plan, index).toEqual([expect.stringContaining(`USING INDEX ${index}`)]);
        }
      }
    }
  });
});

describe('pages of one job', () => {
  const after = { instant: 5, key: RUN };
  it.each([
    { search: {}, walks: '(job=?)' },
    { search: { from: 1, to: 9 }, walks: '(job=? AND instant>? AND instant<?)' },
    { search: { phases: ['failed', 'running'] as const }, walks: '(job=?' },
    { search: { submission: 's' }, walks: '(job=?' },
  ])('with $search walk its instants', ({ search, walks }) => {
    expect(planOf(jobRunsStatement(7, search, { limit: 100, after: undefined }))).toEqual([
      expect.stringContaining(`INDEX run_by_job ${walks}`),
    ]);
    expect(planOf(jobRunsStatement(7, search, { limit: 100, after }))).toEqual([
      expect.stringMatching(/INDEX run_by_job .*\(instant,slot,item\)<\(\?,\?,\?\)/),
    ]);
  });
});

describe('the load', () => {
  it.each(loadStatements())(
    'of $table walks runs by an index, or the table in its own order',
    (statement) => {
      const { firstSql, nextSql, sinceFirst, sinceNext } = statement;
      const first = planOf({
        sql: firstSql,
        values: [...(sinceFirst ? [5] : []), ...(nextSql === null ? [] : [9])],
      });
      const place = statement.place.map(() => 1);
      const next =
        nextSql === null ? [] : planOf({ sql: nextSql, values: [...(sinceNext ? [5] : []), ...place, 9] });
      // The few rows of one run may be sorted, never all rows.
      expect([...first, ...next].filter((step) => step === `${SORT} FOR ORDER BY`)).toEqual([]);
      const [outer, ...inner] = first;
      // What hangs on runs is looked up, not searched for.
      expect(inner.filter((step) => step.startsWith('SCAN'))).toEqual([]);
      if (tableDefinition(statement.table).key['slot'] && statement.table !== 'plan_member') {
        const index =
          /^SEARCH . USING (COVERING )?INDEX (run_by_time|run_open|attempt_open|incident_member_open) /;
        expect(outer).toMatch(index);
      }
      if (nextSql !== null) expect(next[0]).toMatch(/^SEARCH|^SCAN t$/);
    },
  );
});

describe('retention', () => {
  it.each(Object.entries(PRUNE_SQL))('%s walks an index', (_name, sql) => {
    const count = sql.split('?').length - 1;
    const plan = planOf({ sql, values: Array.from({ length: count }, () => 1) });
    expect(plan.filter((step) => step.includes(SORT))).toEqual([]);
    expect(
      plan.filter((step) => /^SCAN (?!CONSTANT|\(subquery)/.test(step) && !step.includes('INDEX')),
    ).toEqual([]);
  });
});

it('keeps the fields of every key', () => {
  for (const table of TABLE_NAMES) expect(keyFields(table)).toEqual(Object.keys(tableDefinition(table).key));
});
