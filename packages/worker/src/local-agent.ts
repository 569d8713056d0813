/**
 * Starts an agent on this machine as a child process and keeps it alive: one that dies is started again, and
 * finds its attempts. The server itself never starts attempts: its heap may be big, and a child costs what
 * its parent weighs.
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { LogSink, Observer, SchedulerTransport } from '@hera/core';
import type { WorkerProfile } from '@hera/core/protocol';
import type { AgentConfig, AgentNews, AgentOrder } from './agent-program.js';
import { processEnd } from './ipc-end.js';
import { createProcessChannel } from './process-channel.js';
import type { ProcessChannel } from './process-channel.js';
import { serveProcessLogs } from './process-log-channel.js';

/** How a local agent is started. */
export interface LocalAgentOptions {
  /** Everything it writes lies below. */
  readonly home: string;
  /** Attempts at once. */
  readonly slots: number;
  /** Name of the worker; default `local`. */
  readonly worker?: string;
  readonly pools?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
  /** ES module whose exported jobs are the function jobs of this worker. */
  readonly module?: string;
  /** Node options of the agent's process, such as a loader for the module's language. */
  readonly execArgv?: readonly string[];
  /** Between its pulses; default that of the agent. */
  readonly pulseMs?: number;
  /** Takes the logs of attempts, their secrets masked; default they are read below `home`, as written. */
  readonly logs?: LogSink;
  readonly observer?: Observer;
}

/** An agent that runs, or is being started again. */
export interface LocalAgent {
  /** The scheduler's side. */
  readonly transport: SchedulerTransport;
  /** What it said of itself when it was last started. */
  readonly profile: WorkerProfile;
  /** Resolves when its process has ended. Without `kill`, attempts run on and the next start finds them. */
  stop(options?: { readonly kill?: boolean }): Promise<void>;
}

const PROGRAM = fileURLToPath(new URL('../bin/hera-agent.js', import.meta.url));
const HEAP_MB = 96;
const RESTART_MS_MIN = 200;
const RESTART_MS_MAX = 10_000;
/** An agent that ran this long had started well. */
const STABLE_MS = 30_000;

/** Resolves when the agent runs; rejects when its first start fails. */
export async function startLocalAgent(options: LocalAgentOptions): Promise<LocalAgent> {
  const keeper = new AgentKeeper(options);
  await keeper.start();
  return keeper;
}

class AgentKeeper implements LocalAgent {
  readonly #options: LocalAgentOptions;
  readonly #config: AgentConfig;
  readonly #channel: ProcessChannel = createProcessChannel();
  #child: ChildProcess | null = null;
  #profile: WorkerProfile | null = null;
  #isStopping = false;
  #restartMs = RESTART_MS_MIN;
  #restart: NodeJS.Timeout | null = null;

  constructor(options: LocalAgentOptions) {
    this.#options = options;
    this.#config = {
      worker: options.worker ?? 'local',
      home: options.home,
      slots: options.slots,
      pools: options.pools ?? [],
      labels: options.labels ?? {},
      module: options.module ?? null,
      pulseMs: options.pulseMs ?? null,
      shipsLogs: options.logs !== undefined,
    };
  }

  get transport(): SchedulerTransport {
    return this.#channel;
  }

  get profile(): WorkerProfile {
    if (!this.#profile) throw new Error('The agent has not started.');
    return this.#profile;
  }

  /** Forks the agent; resolves when it runs. */
  start(): Promise<void> {
    // Functions bring their own needs; an agent of processes alone stays small.
    const heap = this.#config.module === null ? [`--max-old-space-size=${HEAP_MB}`] : [];
    const child = fork(PROGRAM, [JSON.stringify(this.#config)], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      execArgv: [...heap, ...(this.#options.execArgv ?? [])],
    });
    this.#child = child;
    const end = processEnd(child);
    this.#channel.attach(this.#config.worker, end);
    if (this.#options.logs) serveProcessLogs(end, this.#options.logs, this.#options.observer);
    const startedAt = performance.now();
    return new Promise<void>((resolve, reject) => {
      child.on('message', (news: AgentNews) => {
        if (news.t === 'started') {
          this.#profile = news.profile;
          resolve();
        } else if (news.t === 'failed') reject(new Error(`The agent did not start: ${news.message}`));
      });
      child.once('error', reject);
      child.once('exit', (code, signal) => {
        reject(new Error(`The agent ended before it had started: ${signal ?? `exit code ${code}`}.`));
        if (this.#child !== child) return;
        this.#child = null;
        if (this.#profile) this.#startAgain(performance.now() - startedAt);
      });
    });
  }

  async stop({ kill = false }: { readonly kill?: boolean } = {}): Promise<void> {
    this.#isStopping = true;
    if (this.#restart) clearTimeout(this.#restart);
    const child = this.#child;
    if (child) {
      const ended = new Promise<void>((resolve) => void child.once('exit', () => resolve()));
      child.send({ t: 'stop', kill } satisfies AgentOrder, () => undefined);
      await ended;
    }
    await this.#channel.close();
  }

  #startAgain(ranMs: number): void {
    if (this.#isStopping) return;
    this.#options.observer?.log('error', 'the agent died and is started again', { ranMs: Math.round(ranMs) });
    this.#restartMs = ranMs > STABLE_MS ? RESTART_MS_MIN : Math.min(this.#restartMs * 2, RESTART_MS_MAX);
    this.#restart = setTimeout(() => {
      this.start().catch((error: unknown) => {
        this.#options.observer?.log('error', 'the agent cannot be started', { error: String(error) });
      });
    }, this.#restartMs);
  }
}
