/**
 * Puts an agent together from its parts, on whatever carries its messages and logs: a home of its own, the
 * journal in it, executors, and the shipper of logs. Both programs of this package are this and a carrier.
 */
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { createAgent, createFunctionExecutor, systemClock } from '@hera/core';
import type { Agent, Executor, LogChannel, Observer, WorkerTransport } from '@hera/core';
import type { WorkerProfile } from '@hera/core/protocol';
import { createFileJournal } from './file-journal.js';
import { withLogFiles } from './function-logs.js';
import { lockHome } from './home-lock.js';
import { createHostLoad } from './host-load.js';
import { loadFunctions } from './load-functions.js';
import { LogShipper } from './log-shipper.js';
import { findNativeShim } from './native-shim.js';
import { bootId } from './proc.js';
import { createProcessExecutor } from './process-executor.js';
import { WORKER_VERSION } from './version.js';

/** What an agent is told of itself. */
export interface AgentParts {
  readonly worker: string;
  /** Everything it writes lies below. */
  readonly home: string;
  readonly slots: number;
  readonly pools: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** ES module of function jobs; null for none. */
  readonly module: string | null;
  readonly pulseMs: number | null;
  /** Whether limits of memory and load apply to it. */
  readonly enrolled: boolean;
  readonly transport: WorkerTransport;
  /** Takes logs to servers; null when the server reads them below `home`. */
  readonly logs: LogChannel | null;
  readonly logBytesPerAttemptMax?: number;
  readonly logBytesPerWorkerMax?: number;
}

/** An agent that runs. */
export interface ComposedAgent {
  readonly agent: Agent;
  readonly profile: WorkerProfile;
  /** Null when it ships no logs. */
  readonly shipper: LogShipper | null;
  /** Leaves, once; without `kill` attempts run on, and the next agent on this home finds them. */
  leave(kill: boolean): Promise<void>;
}

/** Lines for whoever keeps the agent's standard error. */
export const stderrObserver: Observer = {
  log: (level, message, facts) =>
    void process.stderr.write(`${JSON.stringify({ level, message, ...facts })}\n`),
};

/** Resolves when the agent runs; rejects when its home is another's, or cannot be written. */
export async function composeAgent(parts: AgentParts): Promise<ComposedAgent> {
  const home = resolve(parts.home);
  mkdirSync(home, { recursive: true, mode: 0o750 });
  const unlock = await lockHome(home);
  const journal = createFileJournal({ dir: home, firstSession: Math.floor(systemClock.wallMs() / 1_000) });
  const shipper = parts.logs ? makeShipper(home, parts, parts.logs) : null;
  const executors = await makeExecutors(parts.module, home, shipper);
  const profile = profileOf(parts, executors);
  const agent = createAgent({
    profile,
    transport: parts.transport,
    executors,
    journal,
    clock: systemClock,
    observer: stderrObserver,
    load: createHostLoad(home),
    ...(parts.pulseMs !== null && { pulseMs: parts.pulseMs }),
  });
  let leaving: Promise<void> | null = null;
  const leave = async (kill: boolean) => {
    await agent.stop({ kill });
    await shipper?.close();
    await journal.close();
    unlock();
  };
  await agent.start();
  await shipper?.start();
  return { agent, profile, shipper, leave: (kill) => (leaving ??= leave(kill)) };
}

function makeShipper(home: string, parts: AgentParts, channel: LogChannel): LogShipper {
  const shim = findNativeShim(home);
  const { logBytesPerAttemptMax, logBytesPerWorkerMax } = parts;
  return new LogShipper({
    home,
    channel,
    clock: systemClock,
    observer: stderrObserver,
    ...('path' in shim && { punch: shim.path }),
    ...(logBytesPerAttemptMax !== undefined && { bytesPerAttemptMax: logBytesPerAttemptMax }),
    ...(logBytesPerWorkerMax !== undefined && { bytesPerWorkerMax: logBytesPerWorkerMax }),
  });
}

async function makeExecutors(
  module: string | null,
  home: string,
  keeper: LogShipper | null,
): Promise<Executor[]> {
  const processes = createProcessExecutor({
    home,
    clock: systemClock,
    observer: stderrObserver,
    ...(keeper && { logs: keeper }),
  });
  if (module === null) return [processes];
  const functions = await loadFunctions(module);
  const inner = createFunctionExecutor({ functions, clock: systemClock });
  return [withLogFiles(inner, { home, clock: systemClock, keeper: keeper ?? undefined }), processes];
}

function profileOf(parts: AgentParts, executors: readonly Executor[]): WorkerProfile {
  return {
    worker: parts.worker,
    boot: bootId(),
    slots: parts.slots,
    pools: parts.pools,
    labels: parts.labels,
    kinds: executors.flatMap((executor) => executor.kinds),
    functions: executors.flatMap((executor) => executor.functions),
    enrolled: parts.enrolled,
    pid: process.pid,
    version: WORKER_VERSION,
  };
}
