/**
 * What /proc tells: whether a process is the one we started, and which processes belong to an attempt. A pid
 * alone proves nothing, since numbers come again; pid, start time and boot do. A zombie is dead: where
 * nobody reaps, it stays in the table for ever and `kill(pid, 0)` calls it alive.
 */
import { readdirSync, readFileSync } from 'node:fs';

/** A process that nothing else can be mistaken for. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Field 22 of its stat: ticks since boot. */
  readonly startTicks: number;
  /** Of the boot it belongs to; another boot means that it is gone. */
  readonly boot: string;
}

/** One line of the process table. */
export interface ProcessLine {
  readonly pid: number;
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  readonly startTicks: number;
}

/** Ticks of a second in /proc; 100 on every Linux that Node runs on. */
export const TICKS_PER_SECOND = 100;

let boot: string | null = null;

/** Identity of this boot of the host. */
export function bootId(): string {
  boot ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  return boot;
}

/** Ms since the host was started; the same clock that start times are measured on. */
export function uptimeMs(): number {
  return Number.parseFloat(readFileSync('/proc/uptime', 'utf8')) * 1_000;
}

/** Null when there is no such process any more. */
export function processLine(pid: number): ProcessLine | null {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return null;
  }
  // The name may hold anything, spaces and brackets too; the fields begin after its last bracket.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return {
    pid,
    state: fields[0] ?? 'X',
    parent: Number(fields[1]),
    group: Number(fields[2]),
    session: Number(fields[3]),
    startTicks: Number(fields[19]),
  };
}

/** Whether a line of the table is more than the memory of a process. */
export const isAlive = (line: ProcessLine | null): line is ProcessLine =>
  line !== null && line.state !== 'Z' && line.state !== 'X';

/** The identity of a process that runs now, or whose start somebody saw; null when it has gone. */
export function identityOf(pid: number, startTicks = 0): ProcessIdentity | null {
  if (startTicks > 0) return { pid, startTicks, boot: bootId() };
  const line = processLine(pid);
  return line && { pid, startTicks: line.startTicks, boot: bootId() };
}

/** Whether that very process still runs. */
export function isRunning(identity: ProcessIdentity): boolean {
  if (identity.boot !== bootId()) return false;
  const line = processLine(identity.pid);
  return isAlive(line) && line.startTicks === identity.startTicks;
}

/** All live processes; those that end while it looks are left out. */
export function processTable(): ProcessLine[] {
  const lines: ProcessLine[] = [];
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const line = processLine(pid);
    if (isAlive(line)) lines.push(line);
  }
  return lines;
}

/** A variable of the environment a process was started with; null when unset, or not ours to read. */
export function environmentValue(pid: number, name: string): string | null {
  try {
    const text = `\0${readFileSync(`/proc/${pid}/environ`, 'utf8')}`;
    const start = text.indexOf(`\0${name}=`);
    if (start < 0) return null;
    const from = start + name.length + 2;
    const end = text.indexOf('\0', from);
    return text.slice(from, end < 0 ? undefined : end);
  } catch {
    return null;
  }
}
