/**
 * A load: one view of the whole database on a connection of its own, streamed, so that neither the server nor
 * this process holds all rows at once. The connection ends with the load.
 */
import type { Row } from '@hera/core';
import type { Connection } from 'mysql2';
import { portError } from './errors.js';
import { loadStatements } from './load-statements.js';
import { rowMaker } from './rows.js';
import { Session } from './session.js';
import type { ConnectOptions } from './session.js';
import type { SqlValue } from './sql.js';

/** A reader that takes longer than this over its rows loses the connection. */
const PATIENCE_S = 600;
const ROWS_AHEAD = 2_000;

/** As `Store.load`. */
export async function* loadRows(
  options: ConnectOptions,
  isCausal: boolean,
  since: number,
): AsyncGenerator<Row, void, undefined> {
  const session = new Session(options, { autocommit: true, idleS: PATIENCE_S, isCausal });
  try {
    const connection = await session.connect();
    await session.run(`SET SESSION net_write_timeout = ${PATIENCE_S}`);
    await session.run('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ');
    await session.run('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
    for (const { table, sql, takesSince } of loadStatements()) {
      const toRow = rowMaker(table);
      for await (const values of rowsOf(connection, sql, takesSince ? [since] : [])) yield toRow(values);
    }
  } catch (error) {
    throw portError(error, 'load');
  } finally {
    session.discard();
  }
}

function rowsOf(connection: Connection, sql: string, values: number[]): AsyncIterable<readonly SqlValue[]> {
  return connection.execute({ sql, values, rowsAsArray: true }).stream({ highWaterMark: ROWS_AHEAD });
}
