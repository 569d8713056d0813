/**
 * Retention. Old events and old ended runs go in small batches, each a transaction of its own between
 * commits, so that no commit waits for long. Runs that can still move, and those that an open plan names,
 * stay whatever their age.
 */
import type { Database } from './driver.js';
import type { PruneProgress, PruneRequest } from './messages.js';

/** Tables whose rows hang on a run, deleted with it. */
const PARTS_OF_RUN = ['generation', 'attempt', 'binding', 'waive', 'plan_member'] as const;

/** A function that deletes at most one batch of events and one of runs. */
export function createPruner(database: Database): (request: PruneRequest) => PruneProgress {
  const oldEvents = database.prepare(
    'SELECT max("commitNo") AS last, count(*) AS count FROM (SELECT "commitNo" FROM "event" INDEXED BY "event_by_time" ' +
      'WHERE "at" < ? AND "commitNo" < (SELECT max("commitNo") FROM "event") ORDER BY "at", "commitNo" LIMIT ?)',
  );
  const deleteEvents = database.prepare('DELETE FROM "event" WHERE "commitNo" <= ?');
  const noteEvents = database.prepare(
    `INSERT INTO "meta" ("name", "value") VALUES ('eventsPrunedTo', ?) ON CONFLICT ("name") DO UPDATE SET "value" = excluded."value"`,
  );
  const oldRuns = database.prepare(
    'SELECT "job", "slot", "item" FROM "run" r INDEXED BY "run_by_time" WHERE "instant" < ? AND "open" IS NOT 1 AND NOT EXISTS ' +
      '(SELECT 1 FROM "plan" p JOIN "plan_member" m ON m."plan" = p."id" AND m."job" = r."job" AND m."slot" = r."slot" ' +
      'AND m."item" = r."item" WHERE p."endedAt" IS NULL) ORDER BY "instant", "job", "slot", "item" LIMIT ?',
  );
  const deleteRun = ['run' as const, ...PARTS_OF_RUN].map((table) =>
    database.prepare(`DELETE FROM "${table}" WHERE "job" = ? AND "slot" = ? AND "item" = ?`),
  );

  const pruneEvents = (before: number, batch: number): number => {
    const found = oldEvents.get(before, batch) as { readonly last: number | null; readonly count: number };
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
