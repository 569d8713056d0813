/**
 * Processes of attempts on one machine, each with the shim that outlives the agent: it enforces timeout and
 * lease with the agent dead or stopped, and writes the record of the exit. Only a loss of power, or a disk
 * that takes nothing, keeps that record from being found.
 */
import type { OnWorkerLost } from '../model/job.js';
import type { Random } from '../model/random.js';
import type { AttemptOutcome } from '../model/run.js';
import type { AttemptListener, Executor, RecoveredAttempt } from '../ports/executor.js';
import type { AttemptWork } from '../protocol/messages.js';
import type { EventQueue } from './event-queue.js';
import type { MachineClock, SimulatedProcess } from './simulated-process.js';

/** What a job's process will do, decided when it starts. */
export interface JobPlan {
  /** Ms of true time; Infinity never ends by itself. */
  readonly durationMs: number;
  readonly outcome: AttemptOutcome;
  /** It ignores TERM, so the grace must pass. */
  readonly ignoresTerm?: boolean;
}

/** Facts about processes: what was really so, whatever anybody was told. Times are true time. */
export interface JobWitness {
  /** The agent asked for the process. */
  onSpawn?(fact: JobFact): void;
  onStarted(fact: JobFact): void;
  onDead(fact: JobFact & { readonly why: DeathCause; readonly succeeded: boolean }): void;
  /** The machine lost its power; its processes have been told of before. */
  onPowerLoss?(host: string): void;
}

/** A process, by its machine and what it is for. */
export interface JobFact {
  readonly host: string;
  readonly work: AttemptWork;
}

export type DeathCause = 'exit' | 'cancel' | 'timeout' | 'lease' | 'power' | 'close';

interface JobProcess {
  readonly work: AttemptWork;
  /** Wall time; null while its shim prepares. */
  startedAt: number | null;
  ignoresTerm: boolean;
  readonly cancels: (() => void)[];
  killedFor: 'cancel' | 'timeout' | 'lease' | null;
}

interface Agent {
  readonly process: SimulatedProcess;
  readonly out: AttemptListener;
}

interface ExitRecord {
  readonly attempt: string;
  readonly startedAt: number | null;
  readonly endedAt: number;
  readonly outcome: AttemptOutcome;
  readonly onWorkerLost: OnWorkerLost;
}

export interface SimulatedJobsOptions {
  readonly host: string;
  readonly queue: EventQueue;
  readonly random: Random;
  readonly clock: MachineClock;
  /** Kinds this machine runs, and functions. */
  readonly kinds: readonly string[];
  readonly functions: readonly string[];
  plan(work: AttemptWork): JobPlan;
  readonly witness: JobWitness;
}

const SPAWN_MS_MAX = 40;
/** From KILL to the death of the last process. */
const DEATH_MS_MAX = 500;
const CLOCK_GRAIN_MS = 0.01;

/** All processes of attempts of one machine. */
export class SimulatedJobs {
  /** Nothing can be spawned: out of disk, memory or descriptors. */
  cannotSpawn = false;
  /** What is spawned fails soon, through the host: its work directory gives errors. */
  isBroken = false;
  readonly #options: SimulatedJobsOptions;
  readonly #processes = new Map<string, JobProcess>();
  readonly #exits = new Map<string, ExitRecord>();
  #leaseEndsAt = Infinity;
  #agent: Agent | null = null;

  constructor(options: SimulatedJobsOptions) {
    this.#options = options;
  }

  /** Processes that are alive. */
  get running(): number {
    return this.#processes.size;
  }

  /** The executor of one life of the agent. */
  executor(process: SimulatedProcess): Executor {
    const { kinds, functions } = this.#options;
    return {
      kinds,
      functions,
      start: (work, out) => process.does(() => this.#spawn(work, { process, out })),
      kill: (attempt, why) => process.does(() => this.#kill(attempt, why)),
      recover: (out) =>
        new Promise((resolve) => process.does(() => this.#recover({ process, out }, resolve))),
      selfTest: () => Promise.resolve(this.cannotSpawn || this.isBroken ? ['the disk gives errors'] : []),
      leased: (endsAtMs) => process.does(() => void (this.#leaseEndsAt = endsAtMs)),
      forget: (attempt) => process.does(() => void this.#exits.delete(attempt)),
      close: ({ kill }) => {
        process.does(() => {
          if (kill) for (const attempt of [...this.#processes.keys()]) this.#kill(attempt, 'cancel');
        });
        return Promise.resolve();
      },
    };
  }

  /** The power fails: everything is dead, and no exit was recorded. */
  powerLoss(): void {
    for (const [attempt, job] of [...this.#processes]) {
      this.#remove(attempt, job);
      if (job.startedAt === null) continue;
      this.#dead(job, 'power', false);
    }
    this.#options.witness.onPowerLoss?.(this.#options.host);
    this.#agent = null;
    this.#leaseEndsAt = Infinity;
  }

  /** The shim is there as soon as it was asked for: an agent that dies now finds it again. */
  #spawn(work: AttemptWork, agent: Agent): void {
    this.#agent = agent;
    this.#options.witness.onSpawn?.({ host: this.#options.host, work });
    if (this.cannotSpawn) {
      return this.#tell((out) => out.onEnded(work.attempt, this.#wallMs(), notSpawned()));
    }
    const { queue, random } = this.#options;
    const job: JobProcess = { work, startedAt: null, ignoresTerm: false, cancels: [], killedFor: null };
    this.#processes.set(work.attempt, job);
    job.cancels.push(queue.after(random.next() * SPAWN_MS_MAX, () => this.#started(job)));
  }

  #started(job: JobProcess): void {
    const { queue, clock, witness, host, plan } = this.#options;
    const { work } = job;
    if (job.killedFor || this.#isFenced(work)) {
      return this.#exit(job, job.killedFor ?? 'lease', killedOutcome(job.killedFor ?? 'lease'));
    }
    job.startedAt = this.#wallMs();
    witness.onStarted({ host, work });
    const { durationMs, outcome, ignoresTerm = false } = this.isBroken ? BAD_DISK : plan(work);
    job.ignoresTerm = ignoresTerm;
    if (durationMs !== Infinity) {
      job.cancels.push(queue.after(durationMs, () => this.#exit(job, 'exit', outcome)));
    }
    job.cancels.push(queue.after(clock.trueDelay(work.timeoutMs), () => this.#kill(work.attempt, 'timeout')));
    this.#watchLease(job);
    const { startedAt } = job;
    this.#tell((out) => out.onStarted(work.attempt, startedAt));
  }

  #kill(attempt: string, why: 'cancel' | 'timeout' | 'lease'): void {
    const job = this.#processes.get(attempt);
    if (!job || job.killedFor) return;
    job.killedFor = why;
    // One that has not begun will not.
    if (job.startedAt === null) return;
    const { queue, random } = this.#options;
    const isHard = why === 'lease' || job.ignoresTerm;
    const graceMs = why === 'lease' ? 0 : job.work.graceMs;
    const afterMs = isHard ? graceMs + random.next() * DEATH_MS_MAX : random.next() * graceMs;
    job.cancels.push(queue.after(afterMs, () => this.#exit(job, why, killedOutcome(why))));
  }

  #exit(job: JobProcess, why: DeathCause, outcome: AttemptOutcome): void {
    const { attempt, onWorkerLost } = job.work;
    this.#remove(attempt, job);
    const { startedAt } = job;
    if (startedAt !== null) this.#dead(job, why, why === 'exit' && outcome.state === 'succeeded');
    const endedAt = this.#wallMs();
    this.#exits.set(attempt, { attempt, startedAt, endedAt, outcome, onWorkerLost });
    this.#tell((out) => out.onEnded(attempt, endedAt, outcome));
  }

  #dead({ work }: JobProcess, why: DeathCause, succeeded: boolean): void {
    const { witness, host } = this.#options;
    witness.onDead({ host, work, why, succeeded });
  }

  #remove(attempt: string, job: JobProcess): void {
    this.#processes.delete(attempt);
    for (const cancel of job.cancels) cancel();
  }

  #isFenced(work: AttemptWork): boolean {
    return work.onWorkerLost === 'fence' && this.#options.clock.monotonicMs() >= this.#leaseEndsAt;
  }

  /** Kills the process when the lease ends, unless it has been prolonged by then. */
  #watchLease(job: JobProcess): void {
    const { work, cancels } = job;
    if (work.onWorkerLost !== 'fence' || this.#leaseEndsAt === Infinity) return;
    if (this.#isFenced(work)) return this.#kill(work.attempt, 'lease');
    const { queue, clock } = this.#options;
    const leftMs = this.#leaseEndsAt - clock.monotonicMs();
    cancels.push(queue.after(clock.trueDelay(leftMs) + CLOCK_GRAIN_MS, () => this.#watchLease(job)));
  }

  #recover(agent: Agent, resolve: (found: readonly RecoveredAttempt[]) => void): void {
    this.#agent = agent;
    this.#options.queue.after(1, () => {
      agent.process.enter(() => {
        const found: RecoveredAttempt[] = [];
        for (const { work, startedAt } of this.#processes.values()) {
          const { attempt, onWorkerLost } = work;
          found.push({ attempt, state: 'running', startedAt, onWorkerLost });
        }
        for (const { attempt, startedAt, endedAt, outcome, onWorkerLost } of this.#exits.values()) {
          agent.out.onEnded(attempt, endedAt, outcome);
          found.push({ attempt, state: 'ended', startedAt, onWorkerLost });
        }
        resolve(found);
      });
    });
  }

  #tell(tell: (out: AttemptListener) => void): void {
    const agent = this.#agent;
    agent?.process.enter(() => tell(agent.out));
  }

  #wallMs(): number {
    return this.#options.clock.wallMs();
  }
}

const BAD_DISK: JobPlan = {
  durationMs: 2_000,
  outcome: { state: 'failed', exitCode: 1, failure: 'host', pattern: 'diskError' },
};

const notSpawned = (): AttemptOutcome => ({
  state: 'failed',
  exitCode: null,
  failure: 'host',
  message: 'The process could not be started: no space is left on the device.',
});

function killedOutcome(why: 'cancel' | 'timeout' | 'lease'): AttemptOutcome {
  switch (why) {
    case 'cancel':
      return { state: 'canceled', exitCode: null, signal: 'SIGTERM', killComplete: true };
    case 'timeout':
      return { state: 'timedOut', exitCode: null, signal: 'SIGKILL', killComplete: true };
    case 'lease':
      return {
        state: 'failed',
        exitCode: null,
        signal: 'SIGKILL',
        failure: 'host',
        pattern: 'lease',
        killComplete: true,
      };
  }
}
