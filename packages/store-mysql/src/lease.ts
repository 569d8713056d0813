/**
 * The lease row, on a connection of its own, so that a renewal never waits behind a page or a load. Only the
 * database's clock judges; it is read after the row is locked, so that waiting shortens nobody's lease.
 */
import type { Lease } from '@hera/core';
import type { Session } from './session.js';
import type { SqlValue } from './sql.js';

/** The one lease of a scheduler's database. */
export const LEASE_NAME = 'scheduler';

const NOW_MS = 'CAST(UNIX_TIMESTAMP(SYSDATE(3)) * 1000 AS SIGNED)';
const READ_SQL = `SELECT epoch, holder, commit_no, expires_at_ms, ${NOW_MS} FROM hera_lease WHERE name = ?`;
const TAKE_SQL =
  'UPDATE hera_lease SET epoch = epoch + 1, holder = ?, expires_at_ms = ? WHERE name = ? AND epoch = ?';
const RENEW_SQL = 'UPDATE hera_lease SET expires_at_ms = ? WHERE name = ? AND epoch = ?';

/** As `Store.acquireLease`. One transaction. */
export async function acquireLease(session: Session, holder: string, ttlMs: number): Promise<Lease> {
  return transaction(session, async () => {
    const held = await lockLease(session);
    if (held.expiresAtMs > held.nowMs) return { lease: held, isKept: false };
    const expiresAtMs = held.nowMs + ttlMs;
    await session.execute(TAKE_SQL, [holder, expiresAtMs, LEASE_NAME, held.epoch]);
    return { lease: { ...held, epoch: held.epoch + 1, holder, expiresAtMs }, isKept: true };
  });
}

/** As `Store.renewLease`. One transaction. */
export async function renewLease(session: Session, epoch: number, ttlMs: number): Promise<Lease | null> {
  return transaction(session, async () => {
    const held = await lockLease(session);
    if (held.epoch !== epoch || epoch < 1) return { lease: null, isKept: false };
    const expiresAtMs = held.nowMs + ttlMs;
    await session.execute(RENEW_SQL, [expiresAtMs, LEASE_NAME, epoch]);
    return { lease: { ...held, expiresAtMs }, isKept: true };
  });
}

/** As `Store.readLease`. */
export async function readLease(session: Session): Promise<Lease | null> {
  const lease = leaseOf((await session.execute(READ_SQL, [LEASE_NAME])).rows[0]);
  return lease.epoch === 0 ? null : lease;
}

/** As `Store.releaseLease`. */
export async function releaseLease(session: Session, epoch: number): Promise<void> {
  await session.execute(`UPDATE hera_lease SET expires_at_ms = ${NOW_MS} WHERE name = ? AND epoch = ?`, [
    LEASE_NAME,
    epoch,
  ]);
}

/** The row, locked, and the clock as it is then. */
async function lockLease(session: Session): Promise<Lease> {
  const { rows } = await session.execute(`${READ_SQL} FOR UPDATE`, [LEASE_NAME]);
  const { rows: clock } = await session.execute(`SELECT ${NOW_MS}`);
  return { ...leaseOf(rows[0]), nowMs: Number(clock[0]?.[0]) };
}

async function transaction<T>(
  session: Session,
  work: () => Promise<{ readonly lease: T; readonly isKept: boolean }>,
): Promise<T> {
  await session.run('START TRANSACTION');
  try {
    const { lease, isKept } = await work();
    await session.run(isKept ? 'COMMIT' : 'ROLLBACK');
    return lease;
  } catch (error) {
    await session.run('ROLLBACK').catch(() => session.discard());
    throw error;
  }
}

function leaseOf(row: readonly SqlValue[] | undefined): Lease {
  if (!row) throw new Error('the row of hera_lease is missing: restore the database');
  const [epoch, holder, commitNo, expiresAtMs, nowMs] = row;
  return {
    name: LEASE_NAME,
    epoch: Number(epoch),
    holder: String(holder),
    commitNo: Number(commitNo),
    nowMs: Number(nowMs),
    expiresAtMs: Number(expiresAtMs),
  };
}
