/**
 * A server's machine with the real scheduler on it. A crash makes its ports go dead in the middle of
 * whatever it does; its supervisor starts it again.
 */
import type { KernelOptions } from '../kernel/index.js';
import { isSchedulerError } from '../model/errors.js';
import type { Random } from '../model/random.js';
import type { Observer } from '../ports/observer.js';
import { createScheduler } from '../shell/scheduler.js';
import type { Scheduler, SchedulerOptions } from '../shell/scheduler-types.js';
import type { EventQueue } from './event-queue.js';
import { SimulatedMachineClock } from './machine-clock.js';
import type { SimulatedNetwork } from './simulated-network.js';
import { SimulatedProcess } from './simulated-process.js';
import type { Failpoints } from './simulated-process.js';
import type { SimulatedDatabase } from './simulated-store.js';

export interface SimulatedServerOptions {
  readonly name: string;
  readonly queue: EventQueue;
  readonly random: Random;
  readonly network: SimulatedNetwork;
  readonly database: SimulatedDatabase;
  readonly kernel: Partial<KernelOptions>;
  readonly leaseMs: number;
  readonly observer?: Observer;
  readonly failpoints?: Failpoints;
  /** Changes the scheduler's ports; only tests do. */
  readonly alter?: (options: SchedulerOptions) => SchedulerOptions;
  /** A bug of ours: the scheduler ended by itself. */
  onBroken(error: unknown): void;
}

const RESTART_MS = 1_000;
/** How often the leader looks for requests of other servers. */
const COMMANDS_EVERY_MS = 15_000;

export class SimulatedServer {
  readonly name: string;
  readonly clock: SimulatedMachineClock;
  readonly #options: SimulatedServerOptions;
  #process: SimulatedProcess | null = null;
  #scheduler: Scheduler | null = null;

  constructor(options: SimulatedServerOptions) {
    this.#options = options;
    this.name = options.name;
    this.clock = new SimulatedMachineClock(options.queue, { zero: options.random.integer(1_000_000) });
  }

  get process(): SimulatedProcess | null {
    return this.#process?.isAlive === true ? this.#process : null;
  }

  /** The scheduler; null while there is none. */
  get scheduler(): Scheduler | null {
    return this.process ? this.#scheduler : null;
  }

  /** Starts the scheduler, unless it runs. */
  start(): void {
    if (this.process) return;
    const { name, queue, network, database, kernel, leaseMs, observer, failpoints, alter } = this.#options;
    const process = new SimulatedProcess(name, queue, this.clock, failpoints);
    this.#process = process;
    const ports: SchedulerOptions = {
      store: database.connect(process),
      transport: network.server(name, process),
      clock: process.clock,
      name,
      leaseMs,
      kernel,
      commandsEveryMs: COMMANDS_EVERY_MS,
      ...(observer && { observer }),
    };
    process.onCrash(() => queue.after(RESTART_MS, () => this.start()));
    process.enter(() => {
      const scheduler = createScheduler(alter ? alter(ports) : ports);
      this.#scheduler = scheduler;
      // A store that was not there at the start ends the process, and the supervisor tries again.
      const ended = (error: unknown) => {
        if (!isOutage(error)) this.#options.onBroken(error);
        process.crash();
      };
      scheduler.closed.catch(() => undefined);
      scheduler.start().then(() => scheduler.closed.catch(ended), ended);
    });
  }

  /** Kills it; it comes back by itself. */
  crash(): void {
    this.process?.crash();
  }

  /** Stops it in good order, then starts it again: an upgrade. */
  async restart(): Promise<void> {
    const { process, scheduler } = this;
    if (!process || !scheduler) return;
    await scheduler.stop().catch(() => undefined);
    process.crash();
  }
}

/** Whether the store is to blame, directly or as the cause. */
function isOutage(error: unknown): boolean {
  if (isSchedulerError(error, 'STORE_UNAVAILABLE')) return true;
  return error instanceof Error && error.cause !== undefined && isOutage(error.cause);
}
