/**
 * Any number of servers and workers around one database, in virtual time: the real scheduler and the real
 * agent on simulated machines. Nothing goes wrong by itself; whoever holds the cluster decides what does.
 */
import type { KernelOptions } from '../kernel/index.js';
import { createRandom } from '../model/random.js';
import type { AgentOptions } from '../shell/agent.js';
import type { SchedulerOptions } from '../shell/scheduler-types.js';
import type { Observer } from '../ports/observer.js';
import type { AttemptWork, WorkerProfile } from '../protocol/messages.js';
import { EventQueue } from './event-queue.js';
import { SimulatedHost } from './simulated-host.js';
import type { JobPlan, JobWitness } from './simulated-jobs.js';
import { SimulatedNetwork } from './simulated-network.js';
import type { NetworkWitness } from './simulated-network.js';
import type { Failpoints } from './simulated-process.js';
import { SimulatedServer } from './simulated-server.js';
import { SimulatedDatabase } from './simulated-store.js';
import type { StoreWitness } from './simulated-store.js';

export interface SimulatedClusterOptions {
  readonly seed: number;
  /** True time at the beginning, epoch ms. */
  readonly startMs: number;
  readonly servers: readonly string[];
  /** One machine for each profile. */
  readonly workers: readonly Omit<WorkerProfile, 'boot'>[];
  readonly kernel: Partial<KernelOptions>;
  /** Of the leader's lease. */
  readonly leaseMs: number;
  readonly pulseMs: number;
  /** What the process of an attempt will do. */
  plan(work: AttemptWork): JobPlan;
  readonly jobWitness: JobWitness;
  readonly storeWitness?: StoreWitness;
  readonly networkWitness?: NetworkWitness;
  readonly failpoints?: Failpoints;
  readonly observerOf?: (name: string) => Observer;
  /** A scheduler ended by a bug of ours. */
  onBroken(server: string, error: unknown): void;
  /** Changes ports of schedulers and agents; only tests do. */
  readonly alterScheduler?: (options: SchedulerOptions) => SchedulerOptions;
  readonly alterAgent?: (options: AgentOptions) => AgentOptions;
}

export class SimulatedCluster {
  readonly queue: EventQueue;
  readonly database: SimulatedDatabase;
  readonly network: SimulatedNetwork;
  readonly servers: readonly SimulatedServer[];
  readonly hosts: readonly SimulatedHost[];

  constructor(options: SimulatedClusterOptions) {
    const { seed, startMs, storeWitness, networkWitness } = options;
    // Each part draws from a source of its own: what one part draws moves nothing in another.
    const randomOf = (part: number) => createRandom(seed * 1_000 + part);
    const queue = new EventQueue(startMs);
    this.queue = queue;
    this.database = new SimulatedDatabase({
      queue,
      random: randomOf(1),
      ...(storeWitness && { witness: storeWitness }),
    });
    this.network = new SimulatedNetwork({
      queue,
      random: randomOf(2),
      ...(networkWitness && { witness: networkWitness }),
    });
    this.servers = options.servers.map((name, index) => this.#server(options, name, randomOf(100 + index)));
    this.hosts = options.workers.map((profile, index) => this.#host(options, profile, randomOf(200 + index)));
  }

  /** Starts every machine. */
  start(): void {
    for (const server of this.servers) server.start();
    for (const host of this.hosts) host.start();
  }

  #server(
    options: SimulatedClusterOptions,
    name: string,
    random: ReturnType<typeof createRandom>,
  ): SimulatedServer {
    const { queue, network, database } = this;
    const { kernel, leaseMs, failpoints, observerOf, alterScheduler, onBroken } = options;
    return new SimulatedServer({
      name,
      queue,
      random,
      network,
      database,
      kernel,
      leaseMs,
      onBroken: (error) => onBroken(name, error),
      ...(failpoints && { failpoints }),
      ...(observerOf && { observer: observerOf(name) }),
      ...(alterScheduler && { alter: alterScheduler }),
    });
  }

  #host(
    options: SimulatedClusterOptions,
    profile: Omit<WorkerProfile, 'boot'>,
    random: ReturnType<typeof createRandom>,
  ): SimulatedHost {
    const { queue, network } = this;
    const { pulseMs, plan, jobWitness, failpoints, observerOf, alterAgent } = options;
    return new SimulatedHost({
      queue,
      random,
      network,
      profile,
      plan,
      witness: jobWitness,
      pulseMs,
      ...(failpoints && { failpoints }),
      ...(observerOf && { observer: observerOf(profile.worker) }),
      ...(alterAgent && { alter: alterAgent }),
    });
  }
}
