/**
 * One world of a seed: an estate, machines, people and faults, from chaos over healing to quiet. What really
 * happened is recorded as facts, and checked when it is over. The same seed gives the same world.
 */
import { assertInvariants, explain, nextDeadline, step } from '../kernel/index.js';
import type { StepFunctions } from '../shell/leader-loop.js';
import { durationMs, runText, zoneName } from '../model/ids.js';
import { createRandom } from '../model/random.js';
import type { AgentOptions } from '../shell/agent.js';
import type { SchedulerOptions } from '../shell/scheduler-types.js';
import { SimulatedCluster } from '../simulator/simulated-cluster.js';
import type { JobPlan, JobWitness } from '../simulator/simulated-jobs.js';
import type { NetworkWitness } from '../simulator/simulated-network.js';
import type { AttemptWork, WorkerMessage } from '../protocol/messages.js';
import { checkFacts } from './checkers.js';
import type { Fact, Violation } from './checkers.js';
import { ReplayedRows } from './checkers-history.js';
import type { OrderMarks } from './checkers-history.js';
import { POOLS, randomEstate } from './world-estate.js';
import { ArmedFailpoints, WorldFaults } from './world-faults.js';
import { optionsOfSeed } from './world-options.js';
import type { WorldOptions } from './world-options.js';
import { WorldPeople } from './world-people.js';

/** What became of a world. */
export interface WorldResult {
  readonly options: WorldOptions;
  readonly violations: readonly Violation[];
  readonly facts: readonly Fact[];
  /** Runs stored, attempts started: whether anything happened at all. */
  readonly runs: number;
  readonly attempts: number;
  readonly events: number;
}

/** Deliberate faults of the protocol, put into the ports; see mutants. */
export interface WorldMutation {
  readonly scheduler?: (options: SchedulerOptions) => SchedulerOptions;
  readonly agent?: (options: AgentOptions) => AgentOptions;
  readonly world?: (cluster: SimulatedCluster) => void;
}

export interface RunWorldOptions {
  readonly mutation?: WorldMutation;
  /** Takes each line of the trace. */
  readonly trace?: (line: string) => void;
  /** Changes the options of the seed, to find what a failure needs. */
  readonly change?: Partial<WorldOptions>;
}

/** Runs the world of a seed to its end. */
export async function runWorld(seed: number, options: RunWorldOptions = {}): Promise<WorldResult> {
  const world = new World({ ...optionsOfSeed(seed), ...options.change }, options);
  return world.run();
}

/** The kernel's invariants are counted anew after so many steps; each time would cost more than the rest. */
const INVARIANTS_EVERY = 8;

class World {
  readonly #world: WorldOptions;
  readonly #options: RunWorldOptions;
  readonly #facts: Fact[] = [];
  readonly #rows = new ReplayedRows();
  readonly #alive = new Set<string>();
  readonly #succeeded = new Set<string>();
  readonly #diedAt = new Map<string, number>();
  /** Results that each worker told in its last pulse. */
  readonly #unfetched = new Map<string, readonly string[]>();
  readonly #violations: Violation[] = [];
  readonly #orders = new Map<string, { readonly marks: OrderMarks; readonly durableEpoch: number }[]>();
  readonly #cluster: SimulatedCluster;
  readonly #faults: WorldFaults;
  readonly #people: WorldPeople;
  #attempts = 0;
  #steps = 0;

  constructor(world: WorldOptions, options: RunWorldOptions) {
    this.#world = world;
    this.#options = options;
    const failpoints = new ArmedFailpoints();
    const randomOf = (part: number) => createRandom(world.seed * 104_729 + part);
    const estate = randomEstate(randomOf(1), world.jobs);
    this.#cluster = this.#createCluster(failpoints, randomOf);
    const cluster = this.#cluster;
    const note = (text: string) => this.#note(text);
    this.#faults = new WorldFaults({ world, cluster, failpoints, random: randomOf(2), note });
    this.#people = new WorldPeople({
      world,
      cluster,
      random: randomOf(3),
      operators: randomOf(5),
      estate,
      rows: this.#rows,
      alive: this.#alive,
      succeeded: this.#succeeded,
      record: (fact) => void this.#facts.push(fact),
      note,
    });
    options.mutation?.world?.(cluster);
  }

  async run(): Promise<WorldResult> {
    const { chaosMs, healMs, quietMs, zone } = this.#world;
    const { queue } = this.#cluster;
    const isBroken = () => this.#violations.length > 0;
    this.#cluster.start();
    this.#people.start();
    this.#faults.start();
    await queue.run(queue.now + chaosMs, isBroken);
    this.#note('heal');
    this.#faults.heal();
    this.#people.finish();
    await queue.run(queue.now + healMs, isBroken);
    const quietSince = queue.now;
    this.#note('quiet');
    await queue.run(queue.now + quietMs, isBroken);
    if (!isBroken()) {
      this.#violations.push(...checkFacts(this.#facts, { zone, quietSince, endedAt: queue.now }));
      this.#checkQuiet();
      if (isBroken()) this.#noteReasons();
    }
    return {
      options: this.#world,
      violations: this.#violations,
      facts: this.#facts,
      runs: [...this.#rows.all('run')].length,
      attempts: this.#attempts,
      events: queue.fired,
    };
  }

  #createCluster(failpoints: ArmedFailpoints, randomOf: (part: number) => ReturnType<typeof createRandom>) {
    const { seed, startMs, servers, workers, leaseMs, workerLeaseMs, pulseMs, zone } = this.#world;
    const { mutation } = this.#options;
    const random = randomOf(4);
    return new SimulatedCluster({
      seed,
      startMs,
      servers: Array.from({ length: servers }, (_, index) => `s${index + 1}`),
      workers: Array.from({ length: workers }, (_, index) => ({
        worker: `w${index + 1}`,
        slots: 2 + random.integer(4),
        // The first serves every pool, so that none is without a worker.
        pools: POOLS.filter((pool) => index === 0 || pool === 'default' || random.next() < 0.5),
        labels: {},
        kinds: ['shell'],
        functions: [],
        enrolled: false,
        pid: 1,
        version: '0.1.0',
      })),
      kernel: { seed, zone: zoneName(zone), area: 'here', workerLeaseMs: durationMs(workerLeaseMs) },
      leaseMs,
      pulseMs,
      plan: (work) => this.#plan(work),
      jobWitness: this.#jobWitness(),
      storeWitness: {
        onGranted: ({ epoch }, holder) => this.#record({ type: 'granted', at: this.#at(), epoch, holder }),
        onCommit: ({ epoch, commitNo, writes }, by) => {
          for (const write of writes) this.#rows.apply(write);
          this.#record({
            type: 'commit',
            at: this.#at(),
            storeMs: this.#storeMs(),
            by,
            epoch,
            commitNo,
            writes,
          });
        },
      },
      networkWitness: this.#networkWitness(),
      failpoints,
      onBroken: (server, error) => this.#broken(server, error),
      ...(this.#options.trace && {
        observerOf: (name: string) => ({
          log: (level: string, message: string, facts?: object) =>
            this.#note(`log ${name} ${level} ${message} ${facts ? JSON.stringify(facts) : ''}`),
        }),
      }),
      alterScheduler: (ports) => {
        const watched = { ...ports, stepFunctions: this.#watched() };
        return mutation?.scheduler ? mutation.scheduler(watched) : watched;
      },
      ...(mutation?.agent && { alterAgent: mutation.agent }),
    });
  }

  /** The kernel, with its invariants checked. */
  #watched(): StepFunctions {
    return {
      nextDeadline,
      step: (state, batch) => {
        const effects = step(state, batch);
        this.#steps += 1;
        if (this.#options.trace || this.#steps % INVARIANTS_EVERY === 0) assertInvariants(state);
        return effects;
      },
    };
  }

  #broken(server: string, error: unknown): void {
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#note(`broken ${server} ${message}`);
    this.#violations.push({ invariant: 'bug', at: this.#at(), message: `${server}: ${message}` });
  }

  /** What processes do is drawn from the attempt's name: another order of starts changes nothing. */
  #plan(work: AttemptWork): JobPlan {
    const random = createRandom(hashOf(`${this.#world.seed} ${work.attempt}`));
    const dice = random.next();
    const ms = 1_000 + random.next() ** 3 * 120_000;
    const ignoresTerm = random.next() < 0.2;
    if (dice < 0.03)
      return { durationMs: Infinity, outcome: { state: 'succeeded', exitCode: 0 }, ignoresTerm };
    if (dice < 0.1) return failing(ms, 'user');
    if (dice < 0.22) return failing(ms, 'unknown');
    if (dice < 0.25) return failing(ms / 10, 'host');
    const outcome = { state: 'succeeded', exitCode: 0, result: `{"ms":${Math.round(ms)}}` } as const;
    return { durationMs: ms, outcome, ignoresTerm };
  }

  #jobWitness(): JobWitness {
    return {
      onSpawn: ({ host, work }) => {
        const disk = this.#cluster.hosts.find(({ name }) => name === host)?.disk;
        const session = disk?.session ?? 0;
        const orders = this.#orders.get(`${host} ${work.attempt}`) ?? [];
        const order = orders.find(({ marks }) => marks.session === session) ?? orders.at(-1);
        const ordered = order?.marks ?? null;
        const durable = { epoch: order?.durableEpoch ?? 0, session };
        this.#record({ type: 'spawned', at: this.#at(), host, attempt: work.attempt, ordered, durable });
      },
      onStarted: ({ host, work }) => {
        const { attempt, run, generation, onWorkerLost } = work;
        this.#attempts += 1;
        this.#alive.add(attempt);
        const facts = {
          at: this.#at(),
          storeMs: this.#storeMs(),
          host,
          attempt,
          run,
          generation,
          onWorkerLost,
        };
        this.#record({ type: 'started', ...facts });
      },
      onDead: ({ host, work, why, succeeded }) => {
        this.#alive.delete(work.attempt);
        this.#diedAt.set(work.attempt, this.#at());
        if (succeeded) this.#succeeded.add(work.attempt);
        this.#record({ type: 'dead', at: this.#at(), host, attempt: work.attempt, why, succeeded });
      },
      onPowerLoss: (host) => this.#record({ type: 'powerLost', at: this.#at(), host }),
    };
  }

  #networkWitness(): NetworkWitness {
    return {
      onMessage: (what, route, message) => {
        if (this.#options.trace) {
          this.#note(`${what} ${route.from}>${route.to} ${JSON.stringify(message, shorten).slice(0, 600)}`);
        }
        if (message.type === 'pulse') this.#unfetched.set(route.from, endedIn(message));
        if (what !== 'arrived' || message.type !== 'exec') return;
        const durableEpoch = this.#cluster.hosts.find(({ name }) => name === route.to)?.disk.epoch ?? 0;
        const { epoch, session } = message;
        for (const { attempt } of message.work) {
          const key = `${route.to} ${attempt}`;
          const known = this.#orders.get(key) ?? [];
          this.#orders.set(key, known);
          const order = { marks: { epoch, session }, durableEpoch };
          // An order that was already stale when it came justifies nothing, unless there is no other.
          if (epoch >= durableEpoch || known.length === 0) known.unshift(order);
        }
      },
    };
  }

  /** What only the machines can tell: results that nobody fetched, requests that nobody answered. */
  #checkQuiet(): void {
    const at = this.#at();
    for (const id of this.#people.open) {
      this.#violations.push({ invariant: 'I8', at, message: `request ${id} was never answered` });
    }
    const settled = at - this.#world.quietMs / 2;
    for (const [worker, attempts] of this.#unfetched) {
      for (const attempt of attempts) {
        if ((this.#diedAt.get(attempt) ?? at) > settled) continue;
        this.#violations.push({
          invariant: 'I18',
          at,
          message: `${worker} still tells the result of ${attempt}`,
        });
      }
    }
  }

  /** What the leader itself says of everything that is open. */
  #noteReasons(): void {
    const leader = this.#cluster.servers.find(({ scheduler }) => scheduler?.role === 'leading')?.scheduler;
    if (!leader || !this.#options.trace) return;
    for (const { key, value } of this.#rows.all('run')) {
      const { name, state: jobState } = this.#rows.get('job', [Number(key[0])]) ?? {};
      if (value['open'] !== 1 || typeof name !== 'string' || jobState === 'deleted') continue;
      const run = runText(name, String(key[1]));
      this.#note(`why ${key[0]} ${run} ${JSON.stringify(leader.peek((state) => explain(state, run)))}`);
    }
  }

  #record(fact: Fact): void {
    this.#facts.push(fact);
    if (!this.#options.trace) return;
    if (fact.type !== 'commit') return this.#note(JSON.stringify(fact));
    this.#note(`commit ${fact.commitNo} of ${fact.epoch} by ${fact.by}`);
    for (const write of fact.writes) this.#note(`  ${JSON.stringify(write)}`);
  }

  #note(text: string): void {
    this.#options.trace?.(`${(this.#at() - this.#world.startMs).toFixed(1)} ${text}`);
  }

  #at(): number {
    return this.#cluster.queue.now;
  }

  #storeMs(): number {
    return this.#cluster.database.latestBelievedMs(this.#world.leaseMs);
  }
}

const failing = (ms: number, failure: 'user' | 'unknown' | 'host'): JobPlan => ({
  durationMs: ms,
  outcome: { state: 'failed', exitCode: 1, failure },
});

const endedIn = ({ journal }: Extract<WorkerMessage, { type: 'pulse' }>) =>
  journal.filter(({ state }) => state === 'ended').map(({ attempt }) => attempt);

/** Scripts and settings say nothing in a trace. */
const shorten = (key: string, value: unknown) =>
  key === 'work' && Array.isArray(value) ? value.map(nameOf) : value;
const nameOf = (work: AttemptWork) => work.attempt;

function hashOf(text: string): number {
  let hash = 2_166_136_261;
  for (let index = 0; index < text.length; index += 1)
    hash = Math.imul(hash ^ text.charCodeAt(index), 16_777_619);
  return hash >>> 0;
}
