/**
 * Retention. Old events and old ended runs go in small batches, each a transaction of its own between
 * commits, so that no commit waits for long. Runs that can still move, and those that an open plan names,
 * stay whatever their age.
 */
import type { Database } from './driver.js';
import type { PruneProgress, PruneRequest } from './messages.js';

/** Tables whose rows hang on a run, deleted with it. */
const PARTS_OF_RUN = ['generation', 'attempt', 'binding', 'gate', 'plan_member'] as const;

const WHOLE_KEY = '"job" = ? AND "slot" = ? AND "item" = ?';
const SAME_RUN = 'm."job" = r."job" AND m."slot" = r."slot" AND m."item" = r."item"';

/** The statements of retention, by name. */
export const PRUNE_SQL = {
  oldEvents:
    'SELECT max("commitNo") AS last FROM (SELECT "commitNo" FROM "event" INDEXED BY "event_by_time" ' +
    'WHERE "at" < ? AND "commitNo" < (SELECT max("commitNo") FROM "event") ' +
    'ORDER BY "at", "commitNo" LIMIT ?)',
  deleteEvents: 'DELETE FROM "event" WHERE "commitNo" <= ?',
  noteEvents:
    `INSERT INTO "meta" ("name", "value") VALUES ('eventsPrunedTo', ?) ` +
    'ON CONFLICT ("name") DO UPDATE SET "value" = excluded."value"',
  oldRuns:
    'SELECT "job", "slot", "item" FROM "run" r INDEXED BY "run_by_time" ' +
    'WHERE "instant" < ? AND "open" IS NOT 1 AND NOT EXISTS (SELECT 1 FROM "plan_member" m ' +
    `JOIN "plan" p ON p."id" = m."plan" WHERE ${SAME_RUN} ` +
    'AND p."endedAt" IS NULL) ORDER BY "instant", "job", "slot", "item" LIMIT ?',
  ...Object.fromEntries(
    ['run', ...PARTS_OF_RUN].map((table) => [`delete ${table}`, `DELETE FROM "${table}" WHERE ${WHOLE_KEY}`]),
  ),
} as const;

/** A function that deletes at most one batch of events and one of runs. */
export function createPruner(database: Database): (request: PruneRequest) => PruneProgress {
  const oldEvents = database.prepare(PRUNE_SQL.oldEvents);
  const deleteEvents = database.prepare(PRUNE_SQL.deleteEvents);
  const noteEvents = database.prepare(PRUNE_SQL.noteEvents);
  const oldRuns = database.prepare(PRUNE_SQL.oldRuns);
  const deleteRun = ['run', ...PARTS_OF_RUN].map((table) =>
    database.prepare(`DELETE FROM "${table}" WHERE ${WHOLE_KEY}`),
  );

  const pruneEvents = (before: number, batch: number): number => {
    const found = oldEvents.get(before, batch) as { readonly last: number | null };
    if (found.last === null) return 0;
    const { changes } = deleteEvents.run(found.last);
    noteEvents.run(String(found.last));
    return Number(changes);
  };

  const pruneRuns = (before: number, batch: number): number => {
    const found = oldRuns.all(before, batch) as { job: number; slot: string; item: string }[];
    for (const { job, slot, item } of found)
      for (const statement of deleteRun) statement.run(job, slot, item);
    return found.length;
  };

  return ({ eventsBefore, runsBefore, batch }) => {
    database.exec('BEGIN IMMEDIATE');
    try {
      const events = eventsBefore === undefined ? 0 : pruneEvents(eventsBefore, batch);
      const runs = runsBefore === undefined ? 0 : pruneRuns(runsBefore, batch);
      database.exec('COMMIT');
      return { events, runs, isDone: events < batch && runs < batch };
    } catch (error) {
      database.exec('ROLLBACK');
      throw error;
    }
  };
}
