/** Tells when waiting for a store makes no sense any more: `hera run` then ends, and can be resumed. */
import { statfs } from 'node:fs/promises';
import type { Store } from '@hera/core';

const LOOK_MS = 500;
/** Less than this is a full disk. */
const FREE_BYTES_MIN = 262_144;

/**
 * Calls `failed` once, when the store has neither renewed its lease nor answered for `patienceMs`, and says
 * whether the disk of the folder is full. The function that is returned ends the watch.
 */
export function watchStore(
  store: Pick<Store, 'readLease'>,
  options: {
    readonly folder: string;
    readonly patienceMs: number;
    readonly failed: (isFull: boolean) => void;
  },
): () => void {
  let wellAt = performance.now();
  let isLooking = false;
  const look = async () => {
    if (isLooking) return;
    isLooking = true;
    if (await holds(store)) wellAt = performance.now();
    isLooking = false;
  };
  const timer = setInterval(() => {
    if (performance.now() - wellAt < options.patienceMs) {
      void look();
      return;
    }
    clearInterval(timer);
    void isFull(options.folder).then(options.failed);
  }, LOOK_MS);
  return () => clearInterval(timer);
}

async function holds(store: Pick<Store, 'readLease'>): Promise<boolean> {
  try {
    const lease = await store.readLease();
    return lease !== null && lease.expiresAtMs > lease.nowMs;
  } catch {
    return false;
  }
}

async function isFull(folder: string): Promise<boolean> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize < FREE_BYTES_MIN;
  } catch {
    return false;
  }
}
