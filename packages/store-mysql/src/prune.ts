/**
 * Retention. Old events and old ended runs go in small batches, each a transaction of its own between
 * commits, so that no commit waits for long. Runs that can still move, and those that an open plan names,
 * stay whatever their age.
 */
import type { Session } from './session.js';

/** What is old enough to be forgotten. */
export interface PruneOptions {
  /** Events stored before this are deleted, epoch ms; the newest commit's stay. */
  readonly eventsBefore?: number;
  /** Ended runs whose slot was due before this are deleted with all that hangs on them, epoch ms. */
  readonly runsBefore?: number;
  /** Rows of a transaction, 1 to 10,000; default 500. Commits go between two of them. */
  readonly batch?: number;
}

/** How many events' commits and how many runs were deleted. */
export interface PruneResult {
  readonly events: number;
  readonly runs: number;
}

/** Tables whose rows hang on a run, deleted with it. */
const PARTS_OF_RUN = ['generation', 'attempt', 'binding', 'gate', 'plan_member'] as const;
const SAME_RUN = 'm.`slot` = r.`slot` AND m.`job` = r.`job` AND m.`item` = r.`item`';
const WHOLE_KEY = '`slot` = ? AND `job` = ? AND `item` = ?';

/** The statements of retention, by name. */
export const PRUNE_SQL = {
  oldEvents:
    'SELECT MAX(e.`commitNo`) FROM (SELECT `commitNo` FROM `event` FORCE INDEX (`event_by_time`) ' +
    'WHERE `at` < ? AND `commitNo` < ? ORDER BY `at`, `commitNo` LIMIT ?) e',
  newestEvent: 'SELECT MAX(`commitNo`) FROM `event`',
  deleteEvents: 'DELETE FROM `event` WHERE `commitNo` <= ?',
  noteEvents:
    "INSERT INTO `meta` (`name`, `value`) VALUES ('eventsPrunedTo', ?) " +
    'ON DUPLICATE KEY UPDATE `value` = VALUES(`value`)',
  oldRuns:
    'SELECT `slot`, `job`, `item` FROM `run` r FORCE INDEX (`run_by_time`) ' +
    'WHERE `instant` < ? AND (`open` IS NULL OR `open` <> 1) AND NOT EXISTS (SELECT 1 FROM `plan_member` m ' +
    `FORCE INDEX (\`plan_member_by_run\`) JOIN \`plan\` p ON p.\`id\` = m.\`plan\` WHERE ${SAME_RUN} ` +
    'AND p.`endedAt` IS NULL) ORDER BY `instant`, `job`, `slot`, `item` LIMIT ?',
  lockRun: `SELECT \`open\` FROM \`run\` WHERE ${WHOLE_KEY} FOR UPDATE`,
  deleteRun: `DELETE FROM \`run\` WHERE ${WHOLE_KEY}`,
} as const;

/** The statements that delete what hangs on a run. */
export const DELETE_PARTS_SQL = PARTS_OF_RUN.map((table) => `DELETE FROM \`${table}\` WHERE ${WHOLE_KEY}`);

/** Deletes at most one batch of events and one of runs, in one transaction. */
export async function pruneBatch(
  session: Session,
  { eventsBefore, runsBefore, batch }: PruneOptions & { readonly batch: number },
): Promise<PruneResult & { readonly isDone: boolean }> {
  await session.run('START TRANSACTION');
  try {
    const events = eventsBefore === undefined ? 0 : await pruneEvents(session, eventsBefore, batch);
    const runs = runsBefore === undefined ? EMPTY : await pruneRuns(session, runsBefore, batch);
    await session.run('COMMIT');
    return { events, runs: runs.deleted, isDone: events < batch && runs.found < batch };
  } catch (error) {
    await session.run('ROLLBACK').catch(() => session.discard());
    throw error;
  }
}

const EMPTY = { found: 0, deleted: 0 };

async function pruneEvents(session: Session, before: number, batch: number): Promise<number> {
  const newest = (await session.execute(PRUNE_SQL.newestEvent)).rows[0]?.[0] ?? null;
  if (newest === null) return 0;
  const found = await session.execute(PRUNE_SQL.oldEvents, [before, newest, batch]);
  const last = found.rows[0]?.[0] ?? null;
  if (last === null) return 0;
  const { affected } = await session.execute(PRUNE_SQL.deleteEvents, [last]);
  await session.execute(PRUNE_SQL.noteEvents, [String(last)]);
  return affected;
}

async function pruneRuns(session: Session, before: number, batch: number): Promise<typeof EMPTY> {
  const { rows } = await session.execute(PRUNE_SQL.oldRuns, [before, batch]);
  let deleted = 0;
  for (const key of rows) {
    // A commit may have opened it again since it was found.
    const locked = await session.execute(PRUNE_SQL.lockRun, key);
    if (locked.rows[0]?.[0] === 1) continue;
    for (const sql of [PRUNE_SQL.deleteRun, ...DELETE_PARTS_SQL]) await session.execute(sql, key);
    deleted += 1;
  }
  return { found: rows.length, deleted };
}
