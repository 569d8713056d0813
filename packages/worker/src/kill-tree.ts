/**
 * Ends all processes of an attempt and proves it: TERM to the group, grace, KILL, then sweeps of /proc until
 * two find nothing. Who left the group or the session is found by the attempt's name in its environment.
 * The spawner uses this too, when it guards attempts whose agent has died.
 */
import { bootId, environmentValue, processLine, processTable } from './proc.js';
import type { ProcessIdentity, ProcessLine } from './proc.js';

/** What is to be ended. */
export interface KillTarget {
  readonly attempt: string;
  /** Leader of its group and session; null when only stragglers can be left. */
  readonly leader: ProcessIdentity | null;
  /** From TERM to KILL, ms. */
  readonly graceMs: number;
}

/** What came of it. */
export interface KillReport {
  /** Nothing of the attempt was found alive, twice. */
  readonly complete: boolean;
  /** What was left alive. */
  readonly pids: readonly number[];
}

const SWEEP_MS_MIN = 15;
const SWEEP_MS_MAX = 250;
/** After KILL; what survives that long is stuck in the kernel. */
const KILL_WAIT_MS = 10_000;

const pause = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms));

/** Resolves when death is verified or given up on; never rejects. */
export async function killTree(target: KillTarget): Promise<KillReport> {
  const sentAt = performance.now();
  signalGroup(target, 'SIGTERM');
  for (const pid of outsiders(target)) signal(pid, 'SIGTERM');
  let emptySweeps = 0;
  let intervalMs = SWEEP_MS_MIN;
  for (;;) {
    await pause(intervalMs);
    const pids = findProcesses(target);
    emptySweeps = pids.length === 0 ? emptySweeps + 1 : 0;
    if (emptySweeps >= 2) return { complete: true, pids: [] };
    const overMs = performance.now() - sentAt - target.graceMs;
    if (overMs > KILL_WAIT_MS) return { complete: false, pids };
    if (overMs >= 0) {
      signalGroup(target, 'SIGKILL');
      for (const pid of pids) signal(pid, 'SIGKILL');
      intervalMs = SWEEP_MS_MIN;
    } else {
      const growing = pids.length === 0 ? SWEEP_MS_MIN : Math.min(intervalMs * 1.5, SWEEP_MS_MAX);
      // Grace is not overslept.
      intervalMs = Math.max(1, Math.min(growing, -overMs));
    }
  }
}

/** Live processes of the attempt: of its session or group while that is surely its own, or by environment. */
export function findProcesses(target: KillTarget): number[] {
  const group = groupOf(target);
  return sharedTable()
    .filter(
      (line) => line.session === group || line.group === group || attemptOf(line.pid) === target.attempt,
    )
    .map((line) => line.pid)
    .filter((pid) => pid !== process.pid);
}

/** Those that a signal to the group does not reach. */
function outsiders(target: KillTarget): number[] {
  const group = groupOf(target);
  const pids = new Set(findProcesses(target));
  return sharedTable()
    .filter((line) => pids.has(line.pid) && line.group !== group)
    .map((line) => line.pid);
}

/**
 * Number of its group and session; null when it may have come to mean another one. The kernel gives a number
 * to nobody while a group of that number has members, even if its leader is dead.
 */
function groupOf({ leader }: KillTarget): number | null {
  if (!leader || leader.boot !== bootId()) return null;
  const line = processLine(leader.pid);
  return line === null || line.startTicks === leader.startTicks ? leader.pid : null;
}

/** Many attempts that are killed at once share what was read within this time. */
const TABLE_MS = 5;
let table: readonly ProcessLine[] = [];
let attemptByPid = new Map<number, string | null>();
let tableAt = -Infinity;

function sharedTable(): readonly ProcessLine[] {
  const now = performance.now();
  if (now - tableAt > TABLE_MS) {
    table = processTable();
    attemptByPid = new Map();
    tableAt = now;
  }
  return table;
}

function attemptOf(pid: number): string | null {
  let attempt = attemptByPid.get(pid);
  if (attempt === undefined) {
    attempt = environmentValue(pid, 'HERA_ATTEMPT');
    attemptByPid.set(pid, attempt);
  }
  return attempt;
}

function signalGroup(target: KillTarget, name: 'SIGTERM' | 'SIGKILL'): void {
  const group = groupOf(target);
  if (group !== null) signal(-group, name);
}

function signal(pid: number, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // Gone in the meantime, or not ours to signal: the next sweep says which.
    if (!isSystemError(error)) throw error;
  }
}

/** Whether the operating system reported it, as opposed to a fault of ours. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}
