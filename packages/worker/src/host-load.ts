/** Load of this host from /proc: three small files, no process. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { WorkerLoad } from '@hera/core/protocol';

/** Parses what /proc/meminfo and /proc/loadavg say; memory that can be freed at once counts as free. */
export function loadFrom(meminfo: string, loadavg: string, cores: number): WorkerLoad {
  const kib = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(meminfo)?.[1] ?? 0);
  const total = kib('MemTotal');
  const free = kib('MemAvailable') || kib('MemFree') + kib('Buffers') + kib('Cached');
  return {
    memoryShare: total === 0 ? 0 : round((total - free) / total),
    loadPerCore: round((Number.parseFloat(loadavg) || 0) / cores),
    memoryFreeBytes: free * 1_024,
  };
}

/** The load now; nothing at all where there is no /proc. */
export function hostLoad(): WorkerLoad {
  try {
    const read = (name: string) => readFileSync(`/proc/${name}`, 'utf8');
    return loadFrom(read('meminfo'), read('loadavg'), availableParallelism());
  } catch {
    return { memoryShare: 0, loadPerCore: 0, memoryFreeBytes: 0 };
  }
}

const round = (share: number) => Math.round(share * 1_000) / 1_000;
