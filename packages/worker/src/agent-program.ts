/**
 * The agent as a program of its own, forked by the server that it works for: processes and, with a module,
 * function jobs. It leaves when its server does and lets attempts run on; the next one finds them.
 */
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { createAgent, createFunctionExecutor, systemClock } from '@hera/core';
import type { Agent, Executor, Observer } from '@hera/core';
import type { WorkerProfile } from '@hera/core/protocol';
import { createFileJournal } from './file-journal.js';
import { withLogFiles } from './function-logs.js';
import { lockHome } from './home-lock.js';
import { hostLoad } from './host-load.js';
import { processEnd } from './ipc-end.js';
import type { IpcEnd } from './ipc-end.js';
import { loadFunctions } from './load-functions.js';
import { LogShipper } from './log-shipper.js';
import { findNativeShim } from './native-shim.js';
import { bootId } from './proc.js';
import { createProcessTransport } from './process-channel.js';
import { createProcessLogChannel } from './process-log-channel.js';
import { createProcessExecutor } from './process-executor.js';
import { WORKER_VERSION } from './version.js';

/** What a local agent is told by who starts it. */
export interface AgentConfig {
  readonly worker: string;
  readonly home: string;
  readonly slots: number;
  readonly pools: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** ES module of function jobs; null for none. */
  readonly module: string | null;
  readonly pulseMs: number | null;
  /** Whether its server stores the logs of attempts; else it reads them below `home`. */
  readonly shipsLogs: boolean;
}

/** To the agent, beside the frames of its channel. */
export type AgentOrder = { readonly t: 'stop'; readonly kill: boolean };
/** From the agent. */
export type AgentNews =
  | { readonly t: 'started'; readonly profile: WorkerProfile }
  | { readonly t: 'failed'; readonly message: string }
  | { readonly t: 'stopped' };

/** Lines for whoever keeps the agent's standard error. */
const stderrObserver: Observer = {
  log: (level, message, facts) =>
    void process.stderr.write(`${JSON.stringify({ level, message, ...facts })}\n`),
};

/** Runs until it is told to stop or its parent is gone, then ends the process. */
export async function runAgent(config: AgentConfig): Promise<void> {
  const home = resolve(config.home);
  mkdirSync(home, { recursive: true, mode: 0o750 });
  const unlock = await lockHome(home);
  const journal = createFileJournal({ dir: home, firstSession: Math.floor(systemClock.wallMs() / 1_000) });
  const end = processEnd(process);
  const shipper = config.shipsLogs ? makeShipper(home, end) : undefined;
  const executors = await makeExecutors(config, home, shipper);
  const profile = profileOf(config, executors);
  const agent = createAgent({
    profile,
    transport: createProcessTransport(end),
    executors,
    journal,
    clock: systemClock,
    observer: stderrObserver,
    load: hostLoad,
    ...(config.pulseMs !== null && { pulseMs: config.pulseMs }),
  });
  const leave = once(async (kill: boolean) => {
    await agent.stop({ kill });
    await shipper?.close();
    await journal.close();
    unlock();
    tell({ t: 'stopped' });
    if (process.connected) process.disconnect();
  });
  listenForOrders(agent, leave);
  await agent.start();
  await shipper?.start();
  tell({ t: 'started', profile });
}

function makeShipper(home: string, end: IpcEnd): LogShipper {
  const shim = findNativeShim(home);
  return new LogShipper({
    home,
    channel: createProcessLogChannel(end),
    clock: systemClock,
    observer: stderrObserver,
    ...('path' in shim && { punch: shim.path }),
  });
}

async function makeExecutors(
  { module }: AgentConfig,
  home: string,
  keeper: LogShipper | undefined,
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
  return [withLogFiles(inner, { home, clock: systemClock, keeper }), processes];
}

function profileOf(config: AgentConfig, executors: readonly Executor[]): WorkerProfile {
  return {
    worker: config.worker,
    boot: bootId(),
    slots: config.slots,
    pools: config.pools,
    labels: config.labels,
    kinds: executors.flatMap((executor) => executor.kinds),
    functions: executors.flatMap((executor) => executor.functions),
    // On the server's own machine only slots count.
    enrolled: false,
    pid: process.pid,
    version: WORKER_VERSION,
  };
}

function listenForOrders(agent: Agent, leave: (kill: boolean) => Promise<void>): void {
  process.on('message', (order: AgentOrder) => {
    if (order.t === 'stop') void leave(order.kill);
  });
  process.on('disconnect', () => void leave(false).then(() => process.exit(0)));
  // A terminal's Ctrl-C goes to the whole group; the server decides what it means for attempts.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => agent.drain(true));
}

function tell(news: AgentNews): void {
  if (process.connected) process.send?.(news, undefined, undefined, () => undefined);
}

function once(run: (kill: boolean) => Promise<void>): (kill: boolean) => Promise<void> {
  let running: Promise<void> | null = null;
  return (kill) => (running ??= run(kill));
}

/** Reads its config from the first argument; a failure to start is told and ends the process with 1. */
export async function main(): Promise<void> {
  try {
    await runAgent(JSON.parse(process.argv[2] ?? '') as AgentConfig);
  } catch (error) {
    if (process.connected)
      tell({ t: 'failed', message: error instanceof Error ? error.message : String(error) });
    else process.stderr.write(`${String(error)}\n`);
    process.exitCode = 1;
    if (process.connected) process.disconnect();
  }
}
