/**
 * What the errors of the driver mean for a caller: whether the server has undone everything, whether the
 * connection is gone, whether the world is to blame or a statement of ours.
 */
import { isSchedulerError, SchedulerError } from '@hera/core';

/**
 * `undone`: the transaction is rolled back or can be, and may be tried again. `lost`: the connection is gone,
 * and with it whatever was not committed. `world`: the server cannot do it now. `bug`: a wrong statement.
 */
export type ErrorClass = 'undone' | 'lost' | 'world' | 'bug';

/** Server error numbers by meaning; MySQL and MariaDB agree on those that both have. */
const UNDONE = new Set([
  1205, // Lock wait timeout.
  1213, // Deadlock, and on Galera a commit that did not pass certification.
  1020, // Record has changed since last read (MariaDB, snapshot isolation).
  3101, // The group (InnoDB cluster) rolled the transaction back.
]);
const LOST = new Set([
  1053, // Server shutdown in progress.
  1077, // Normal shutdown.
  1079, // Shutdown complete.
  1152, // Aborted connection.
  1158,
  1159,
  1160,
  1161, // Reading or writing packets failed or timed out.
  1184, // Aborted connection.
  1317, // Query execution was interrupted.
  1927, // Connection was killed (MariaDB).
  4031, // Disconnected for inactivity (MySQL).
]);
const WORLD = new Set([
  1021, // Disk full.
  1030, // Error from the storage engine.
  1040, // Too many connections.
  1044, // Access denied to the database.
  1045, // Access denied.
  1047, // Galera: not ready for queries, this node has no quorum.
  1049, // No such database.
  1114, // The table is full.
  1129, // Host blocked.
  1130, // Host not allowed.
  1142, // Command denied.
  1180, // Error during commit.
  1203, // Too many connections of this user.
  1226, // A limit of this user is reached.
  1290, // The server runs with --read-only.
  1461, // Too many prepared statements.
  1665, // The binary log's format does not allow this isolation.
  1792, // Read-only transaction.
  1836, // Read-only mode.
  3100, // Error in the group before commit.
]);
/** Errors that only another server, or the same one later, will not give: the connection is let go of. */
const ELSEWHERE = new Set([1047, 1290, 1792, 1836]);

/** How often work is begun that the server undoes. */
const TRIES_MAX = 5;

interface DriverError {
  readonly errno?: unknown;
  readonly code?: unknown;
  readonly fatal?: unknown;
  readonly syscall?: unknown;
}

/** What an error means; those that no server sent come from a connection that is gone. */
export function classOf(error: unknown): ErrorClass {
  const { errno, code, fatal, syscall } = error as DriverError;
  if (typeof errno === 'number' && errno > 0) {
    if (UNDONE.has(errno)) return 'undone';
    if (LOST.has(errno)) return 'lost';
    if (WORLD.has(errno)) return 'world';
  }
  if (fatal === true || syscall !== undefined) return 'lost';
  return typeof code === 'string' && !code.startsWith('ER_') && errno === undefined ? 'lost' : 'bug';
}

/** Whether the server did not answer in time: asking again at once would only wait again. */
export function isTimeout(error: unknown): boolean {
  return (error as DriverError).code === 'ETIMEDOUT';
}

/**
 * Whether work that left nothing behind may be done again at once: after the server undid it, a few times;
 * once more when the connection was lost, which an idle one is found to be only when it is used.
 */
export function mayRepeat(error: unknown, tries: number): boolean {
  switch (classOf(error)) {
    case 'undone':
      return tries < TRIES_MAX;
    case 'lost':
      return tries === 1 && !isTimeout(error);
    case 'world':
    case 'bug':
      return false;
  }
}

/** Whether another connection may find a server that can do it, after a failover for example. */
export const isElsewhere = (error: unknown) => ELSEWHERE.has(Number((error as DriverError).errno));

/** `STORE_UNAVAILABLE` for what the world is to blame for; bugs and errors of ours as they are. */
export function portError(error: unknown, operation: string): unknown {
  if (isSchedulerError(error) || classOf(error) === 'bug') return error;
  const text = error instanceof Error ? error.message || String((error as DriverError).code) : String(error);
  return new SchedulerError('STORE_UNAVAILABLE', `${operation}: ${text}`, { operation }, { cause: error });
}
