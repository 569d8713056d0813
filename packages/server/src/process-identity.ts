/** Who holds a folder: a process by number and start, since a number alone may be somebody else's by now. */
import { readFileSync } from 'node:fs';

/** One process of this machine. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Start in ticks since boot; null where the system does not say. */
  readonly started: string | null;
}

/** This process. */
export const ownIdentity = (): ProcessIdentity => ({ pid: process.pid, started: startOf(process.pid) });

/** Whether that very process still runs, and is not this one. */
export function isAlive({ pid, started }: ProcessIdentity): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return started === null || startOf(pid) === started;
}

/** Field 22 of the process's line; the name before it may hold spaces, and ends with the last bracket. */
function startOf(pid: number): string | null {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return line.slice(line.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}
