/**
 * Tells that the process which holds the lease is dead, so that another need not wait for the lease to end.
 * The leader keeps a lock on a small file beside the store; the system takes it away with the process,
 * however that ended. It is evidence only: nobody writes by it, the lease's epoch fences as always, and a
 * lease that has run out is free whatever the lock says.
 */
import { openDatabase } from './driver.js';
import type { Database } from './driver.js';

/** The lock of one connection to the store. */
export interface LeaderLock {
  /** Takes the lock; false while another holds it. True when it is held already. */
  take(): boolean;
  /** Whether this connection holds it. */
  readonly isHeld: boolean;
  release(): void;
  close(): void;
}

/** A lock beside the file at `path`; its file is made when the lock is first asked for. */
export function createLeaderLock(path: string): LeaderLock {
  let database: Database | undefined;
  let isHeld = false;
  return {
    get isHeld() {
      return isHeld;
    },
    take() {
      if (isHeld) return true;
      try {
        database ??= openDatabase(`${path}-leader`, { timeout: 0 });
        database.exec('BEGIN EXCLUSIVE');
        isHeld = true;
      } catch (error) {
        // Also where no such file can be made, as on a full disk: then nothing is known.
        if (!isExpected(error)) throw error;
      }
      return isHeld;
    },
    release() {
      if (isHeld) database?.exec('ROLLBACK');
      isHeld = false;
    },
    close() {
      database?.close();
      database = undefined;
      isHeld = false;
    },
  };
}

const isExpected = (error: unknown) => /locked|busy|unable to open|readonly|full|disk/iu.test(String(error));
