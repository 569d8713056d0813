/**
 * The agent as a program of its own, forked by the server that it works for: processes and, with a module,
 * function jobs. It leaves when its server does and lets attempts run on; the next one finds them.
 */
import type { WorkerProfile } from '@hera/core/protocol';
import { composeAgent } from './compose-agent.js';
import type { AgentParts, ComposedAgent } from './compose-agent.js';
import { processEnd } from './ipc-end.js';
import { createProcessTransport } from './process-channel.js';
import { createProcessLogChannel } from './process-log-channel.js';

/** What a local agent is told by who starts it. */
export interface AgentConfig extends Omit<AgentParts, 'transport' | 'logs' | 'enrolled'> {
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

/** Runs until it is told to stop or its parent is gone, then ends the process. */
export async function runAgent(config: AgentConfig): Promise<void> {
  const end = processEnd(process);
  const composed = await composeAgent({
    ...config,
    // On the server's own machine only slots count.
    enrolled: false,
    transport: createProcessTransport(end),
    logs: config.shipsLogs ? createProcessLogChannel(end) : null,
  });
  listenForOrders(composed);
  tell({ t: 'started', profile: composed.profile });
}

function listenForOrders({ agent, leave }: ComposedAgent): void {
  process.on('message', (order: AgentOrder) => {
    if (order.t !== 'stop') return;
    void leave(order.kill).then(() => {
      tell({ t: 'stopped' });
      if (process.connected) process.disconnect();
    });
  });
  process.on('disconnect', () => void leave(false).then(() => process.exit(0)));
  // A terminal's Ctrl-C goes to the whole group; the server decides what it means for attempts.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => agent.drain(true));
}

function tell(news: AgentNews): void {
  if (process.connected) process.send?.(news, undefined, undefined, () => undefined);
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
