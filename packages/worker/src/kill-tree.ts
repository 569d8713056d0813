/**
 * Ends all processes of an attempt and proves it: TERM to the group, grace, KILL, then sweeps of /proc until
 * two find nothing. Who left the group or the session is found by the attempt's name in its environment, and
 * as a descendant of those found.
 * All kills under way share each sweep, since one costs as much as the host has processes. The spawner uses
 * this too, when it guards attempts whose agent has died.
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
/** A sweep is followed by at least this many times its own length. */
const REST_FACTOR = 3;
/** After KILL; what survives that long is stuck in the kernel. */
const KILL_WAIT_MS = 10_000;

interface Kill {
  readonly target: KillTarget;
  readonly sentAt: number;
  readonly done: (report: KillReport) => void;
  hasTold: boolean;
  hasKilled: boolean;
  emptySweeps: number;
  intervalMs: number;
}

const kills = new Set<Kill>();
let next: { readonly at: number; readonly timer: NodeJS.Timeout } | null = null;

/** Resolves when death is verified or given up on; never rejects. */
export function killTree(target: KillTarget): Promise<KillReport> {
  signalGroup(target, 'SIGTERM');
  return new Promise((done) => {
    const sentAt = performance.now();
    kills.add({
      target,
      sentAt,
      done,
      hasTold: false,
      hasKilled: false,
      emptySweeps: 0,
      intervalMs: SWEEP_MS_MIN,
    });
    sweepSoon(SWEEP_MS_MIN);
  });
}

/** Live processes of the attempt: of its session or group while that is surely its own, or by environment. */
export function findProcesses(target: KillTarget): number[] {
  return new Sweep([target]).find(target).map((line) => line.pid);
}

function sweepSoon(delayMs: number): void {
  const at = performance.now() + delayMs;
  if (next && next.at <= at) return;
  if (next) clearTimeout(next.timer);
  const timer = setTimeout(() => {
    next = null;
    sweepAll();
  }, delayMs);
  next = { at, timer };
}

function sweepAll(): void {
  const startedAt = performance.now();
  const sweep = new Sweep(Array.from(kills, (kill) => kill.target));
  for (const kill of [...kills]) pursue(kill, sweep);
  if (kills.size === 0) return;
  const restMs = REST_FACTOR * (performance.now() - startedAt);
  const wantedMs = Math.min(...Array.from(kills, (kill) => kill.intervalMs));
  sweepSoon(Math.max(wantedMs, restMs));
}

function pursue(kill: Kill, sweep: Sweep): void {
  const { target, sentAt, done } = kill;
  const lines = sweep.find(target);
  kill.emptySweeps = lines.length === 0 ? kill.emptySweeps + 1 : 0;
  const overMs = performance.now() - sentAt - target.graceMs;
  if (kill.emptySweeps >= 2 || overMs > KILL_WAIT_MS) {
    kills.delete(kill);
    done({ complete: lines.length === 0, pids: lines.map((line) => line.pid) });
    return;
  }
  if (overMs >= 0) {
    // Its shim adopts the orphans, and so keeps them known, as long as it lives: it goes last.
    for (const { pid } of lines) if (pid !== target.leader?.pid) signal(pid, 'SIGKILL');
    if (kill.hasKilled || lines.length <= 1) signalGroup(target, 'SIGKILL');
    kill.hasKilled = true;
    kill.intervalMs = SWEEP_MS_MIN;
    return;
  }
  if (!kill.hasTold) {
    // Those that the signal to the group did not reach.
    const group = groupOf(target);
    for (const line of lines) if (line.group !== group) signal(line.pid, 'SIGTERM');
    kill.hasTold = true;
  }
  const growing = lines.length === 0 ? SWEEP_MS_MIN : Math.min(kill.intervalMs * 1.5, SWEEP_MS_MAX);
  // Grace is not overslept.
  kill.intervalMs = Math.max(1, Math.min(growing, -overMs));
}

/** One reading of the process table, looked up by session, group, parent and attempt. */
class Sweep {
  readonly #byParent = new Map<number, ProcessLine[]>();
  readonly #bySession = new Map<number, ProcessLine[]>();
  readonly #byAttempt = new Map<string, ProcessLine[]>();

  constructor(targets: readonly KillTarget[]) {
    // Nothing older than an attempt can belong to it.
    const since = Math.min(...targets.map(({ leader }) => leader?.startTicks ?? 0));
    for (const line of processTable()) {
      if (line.startTicks < since || line.pid === process.pid) continue;
      addTo(this.#byParent, line.parent, line);
      addTo(this.#bySession, line.session, line);
      if (line.group !== line.session) addTo(this.#bySession, line.group, line);
      const attempt = environmentValue(line.pid, 'HERA_ATTEMPT');
      if (attempt !== null) addTo(this.#byAttempt, attempt, line);
    }
  }

  find(target: KillTarget): ProcessLine[] {
    const group = groupOf(target);
    const found = new Set(this.#byAttempt.get(target.attempt));
    if (group !== null) for (const line of this.#bySession.get(group) ?? []) found.add(line);
    // A set grows while it is walked: children, theirs, and so on.
    for (const { pid } of found) for (const line of this.#byParent.get(pid) ?? []) found.add(line);
    return [...found];
  }
}

function addTo<Key>(map: Map<Key, ProcessLine[]>, key: Key, line: ProcessLine): void {
  const lines = map.get(key);
  if (lines) lines.push(line);
  else map.set(key, [line]);
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

function signalGroup(target: KillTarget, name: 'SIGTERM' | 'SIGKILL'): void {
  const group = groupOf(target);
  if (group !== null) signal(-group, name);
}

function signal(pid: number, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // Gone in the meantime, or not ours to signal: the next sweep says which.
    if (!(error instanceof Error && 'code' in error)) throw error;
  }
}
