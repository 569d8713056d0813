/**
 * Load of this host from /proc, no process: what placement needs with each pulse, and, less often, what
 * people look at: shares of processor time, swap, the disk, and the largest processes.
 */
import { readdirSync, readFileSync, statfsSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { HostProcess, HostReport, WorkerLoad } from '@hera/core/protocol';
import { TICKS_PER_SECOND } from './proc.js';

const REPORT_MS = 10_000;
const PROCESSES_MAX = 10;
const COMMAND_CHARS_MAX = 200;
const PAGE_BYTES = 4_096;

/** Parses what /proc/meminfo and /proc/loadavg say; memory that can be freed at once counts as free. */
export function loadFrom(meminfo: string, loadavg: string, cores: number): WorkerLoad {
  const total = kib(meminfo, 'MemTotal');
  const free =
    kib(meminfo, 'MemAvailable') ||
    ['MemFree', 'Buffers', 'Cached'].reduce((sum, name) => sum + kib(meminfo, name), 0);
  return {
    memoryShare: total === 0 ? 0 : round((total - free) / total),
    loadPerCore: round((Number.parseFloat(loadavg) || 0) / cores),
    memoryFreeBytes: free * 1_024,
  };
}

/** Ticks of a host's processors since its boot, from the first line of /proc/stat. */
export interface CpuTicks {
  readonly user: number;
  readonly system: number;
  readonly idle: number;
}

/** Parses the first line of /proc/stat. */
export function cpuTicksFrom(stat: string): CpuTicks {
  const line = stat.slice(0, stat.indexOf('\n')).trim().split(/\s+/).slice(1).map(Number);
  const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, softirq = 0, steal = 0] = line;
  return { user: user + nice, system: system + irq + softirq + steal, idle: idle + wait };
}

/** Shares of the time between two readings; of the time since boot when there is none before. */
export function cpuShares(now: CpuTicks, before: CpuTicks | null): CpuTicks {
  const user = now.user - (before?.user ?? 0);
  const system = now.system - (before?.system ?? 0);
  const idle = now.idle - (before?.idle ?? 0);
  const all = Math.max(1, user + system + idle);
  return { user: round(user / all), system: round(system / all), idle: round(idle / all) };
}

/** Share of swap in use, from /proc/meminfo. */
export function swapShareFrom(meminfo: string): number {
  const total = kib(meminfo, 'SwapTotal');
  return total === 0 ? 0 : round((total - kib(meminfo, 'SwapFree')) / total);
}

/** Asked at each pulse; the report on the host in it is at most ten seconds old. `home` names the disk. */
export function createHostLoad(home: string): () => WorkerLoad {
  let before: CpuTicks | null = null;
  let report: HostReport | undefined;
  let readAt = -Infinity;
  return () => {
    try {
      const meminfo = readProc('meminfo');
      const load = loadFrom(meminfo, readProc('loadavg'), availableParallelism());
      if (performance.now() - readAt >= REPORT_MS || report === undefined) {
        readAt = performance.now();
        const ticks = cpuTicksFrom(readProc('stat'));
        report = hostReport(meminfo, cpuShares(ticks, before), home);
        before = ticks;
      }
      return { ...load, host: report };
    } catch {
      // A host without /proc has no load to tell.
      return { memoryShare: 0, loadPerCore: 0, memoryFreeBytes: 0 };
    }
  };
}

function hostReport(meminfo: string, cpu: CpuTicks, home: string): HostReport {
  return {
    cores: availableParallelism(),
    memoryBytes: kib(meminfo, 'MemTotal') * 1_024,
    cpu,
    swapShare: swapShareFrom(meminfo),
    disks: [...new Set(['/', home])].map((path) => {
      const { bsize, blocks, bavail } = statfsSync(path);
      return { path, bytes: bsize * blocks, freeBytes: bsize * bavail };
    }),
    processes: largestProcesses(),
  };
}

/** Those of most resident memory; one that ends meanwhile is left out. */
export function largestProcesses(): HostProcess[] {
  const sizes: { pid: number; bytes: number }[] = [];
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    const pages = Number.isInteger(pid) ? Number(tryRead(`${pid}/statm`)?.split(' ')[1]) : 0;
    if (pages > 0) sizes.push({ pid, bytes: pages * PAGE_BYTES });
  }
  sizes.sort((a, b) => b.bytes - a.bytes || a.pid - b.pid);
  return sizes.slice(0, PROCESSES_MAX).flatMap(({ pid, bytes }) => {
    const stat = tryRead(`${pid}/stat`);
    const found = statSync(`/proc/${pid}`, { throwIfNoEntry: false });
    if (stat === null || !found) return [];
    const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const cpuMs = ((Number(fields[11]) + Number(fields[12])) * 1_000) / TICKS_PER_SECOND;
    return [{ pid, uid: found.uid, memoryBytes: bytes, cpuMs, command: commandOf(pid) || `[${name}]` }];
  });
}

/** Its program alone: arguments may hold what is nobody's business. */
function commandOf(pid: number): string {
  return (tryRead(`${pid}/cmdline`) ?? '').split('\0')[0]?.slice(0, COMMAND_CHARS_MAX) ?? '';
}

const readProc = (name: string) => readFileSync(`/proc/${name}`, 'utf8');

function tryRead(name: string): string | null {
  try {
    return readProc(name);
  } catch {
    return null;
  }
}

const kib = (meminfo: string, name: string) =>
  Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(meminfo)?.[1] ?? 0);

const round = (share: number) => Math.round(share * 1_000) / 1_000;
