/**
 * A worker's machine: clocks, a disk, the processes of its attempts, and the agent, which is the real one.
 * The agent may be killed, stopped and restarted while the processes go on; when the power fails, all of it
 * is gone but what has reached the disk.
 */
import type { Random } from '../model/random.js';
import type { Observer } from '../ports/observer.js';
import type { WorkerProfile } from '../protocol/messages.js';
import type { AttemptWork } from '../protocol/messages.js';
import { createAgent } from '../shell/agent.js';
import type { Agent, AgentOptions } from '../shell/agent.js';
import type { EventQueue } from './event-queue.js';
import { SimulatedMachineClock } from './machine-clock.js';
import { SimulatedDisk } from './simulated-disk.js';
import { SimulatedJobs } from './simulated-jobs.js';
import type { JobPlan, JobWitness } from './simulated-jobs.js';
import type { SimulatedNetwork } from './simulated-network.js';
import { SimulatedProcess } from './simulated-process.js';
import type { Failpoints } from './simulated-process.js';

export interface SimulatedHostOptions {
  readonly queue: EventQueue;
  readonly random: Random;
  readonly network: SimulatedNetwork;
  /** Its boot identity is set here. */
  readonly profile: Omit<WorkerProfile, 'boot'>;
  plan(work: AttemptWork): JobPlan;
  readonly witness: JobWitness;
  /** Between two pulses, ms. */
  readonly pulseMs: number;
  readonly observer?: Observer;
  readonly failpoints?: Failpoints;
  /** Changes the agent's ports; only tests do. */
  readonly alter?: (options: AgentOptions) => AgentOptions;
}

/** The supervisor starts an agent again so long after its end. */
const RESTART_MS = 1_000;

export class SimulatedHost {
  readonly name: string;
  readonly clock: SimulatedMachineClock;
  readonly disk: SimulatedDisk;
  readonly jobs: SimulatedJobs;
  readonly #options: SimulatedHostOptions;
  #process: SimulatedProcess | null = null;
  #agent: Agent | null = null;
  #boot = 1;
  #isOn = true;

  constructor(options: SimulatedHostOptions) {
    const { queue, random, profile, plan, witness } = options;
    this.#options = options;
    this.name = profile.worker;
    this.clock = new SimulatedMachineClock(queue, { zero: random.integer(1_000_000) });
    this.disk = new SimulatedDisk(queue, random);
    this.jobs = new SimulatedJobs({
      host: this.name,
      queue,
      random,
      clock: this.clock,
      kinds: profile.kinds,
      functions: profile.functions,
      plan,
      witness,
    });
  }

  /** The agent's process; null while there is none. */
  get process(): SimulatedProcess | null {
    return this.#process?.isAlive === true ? this.#process : null;
  }

  get agent(): Agent | null {
    return this.process ? this.#agent : null;
  }

  /** Starts the agent, unless it runs or the machine is off. */
  start(): void {
    if (!this.#isOn || this.process) return;
    const { queue, network, profile, pulseMs, observer, failpoints, alter } = this.#options;
    const process = new SimulatedProcess(this.name, queue, this.clock, failpoints);
    this.#process = process;
    const ports: AgentOptions = {
      profile: { ...profile, boot: `boot-${this.#boot}` },
      transport: network.worker(this.name, process),
      executors: [this.jobs.executor(process)],
      journal: this.disk.journal(process),
      clock: process.clock,
      pulseMs,
      ...(observer && { observer }),
    };
    process.onCrash(() => queue.after(RESTART_MS, () => this.start()));
    process.enter(() => {
      this.#agent = createAgent(alter ? alter(ports) : ports);
      // A journal that cannot be read or written ends the agent; its supervisor tries again.
      this.#agent.start().catch(() => process.crash());
    });
  }

  /** Kills the agent; what it started runs on, and it comes back by itself. */
  crashAgent(): void {
    this.process?.crash();
  }

  /** Takes the power away for `offMs`. */
  powerLoss(offMs: number): void {
    if (!this.#isOn) return;
    this.#isOn = false;
    this.process?.crash();
    this.jobs.powerLoss();
    this.disk.powerLoss();
    this.#options.queue.after(offMs, () => {
      this.#isOn = true;
      this.#boot += 1;
      this.start();
    });
  }
}
