/** People at work: requests of all kinds at random, asked of any server, repeated when the answer is lost. */
import type { Request, RequestAnswer, RequestType } from '../kernel/index.js';
import { isSchedulerError } from '../model/errors.js';
import { instant, runText } from '../model/ids.js';
import type { Definitions } from '../model/job.js';
import type { Random } from '../model/random.js';
import type { RowValue } from '../model/tables.js';
import type { SimulatedCluster } from '../simulator/simulated-cluster.js';
import type { Fact, ReplayedRows } from './checkers-history.js';
import { POOLS, randomJob } from './world-estate.js';
import { randomOperation } from './world-operations.js';
import { randomPlan } from './world-plans.js';
import { pick, waitMs } from './world-options.js';
import type { WorldOptions } from './world-options.js';

export interface PeopleOptions {
  readonly world: WorldOptions;
  readonly cluster: SimulatedCluster;
  readonly random: Random;
  /** Draws for operators alone, so that what others do stays what it was. */
  readonly operators: Random;
  readonly estate: Definitions;
  /** The database's rows as they are: people look at pages before they ask. */
  readonly rows: ReplayedRows;
  /** Attempts of which a process lives, and those that ended well. */
  readonly alive: ReadonlySet<string>;
  readonly succeeded: ReadonlySet<string>;
  record(fact: Fact): void;
  note(text: string): void;
}

interface Asked {
  readonly id: string;
  readonly body: Request;
}

const RETRY_MS = 5_000;
const TRIES_MAX = 600;

export class WorldPeople {
  readonly #options: PeopleOptions;
  #isOver = false;
  #count = 0;
  /** Requests that nobody has settled yet. */
  readonly open = new Set<string>();

  constructor(options: PeopleOptions) {
    this.#options = options;
  }

  /** Asks for the estate, and from then on for this and that. */
  start(): void {
    const { estate } = this.#options;
    this.#ask({ type: 'definitions.apply', definitions: estate, source: 'world', prune: false });
    this.#later();
  }

  /** Nobody asks for anything new; drained workers are given back, and what is unknown is looked after. */
  finish(): void {
    this.#isOver = true;
    for (const { name } of this.#options.cluster.hosts)
      this.#ask({ type: 'worker.drain', worker: name, draining: false });
  }

  #later(): void {
    const { cluster, random, world } = this.#options;
    cluster.queue.after(waitMs(random, world.requestEveryMs), () => {
      if (this.#isOver) return;
      const body = this.#think();
      if (body) this.#ask(body);
      this.#later();
    });
  }

  #ask(body: Request): void {
    this.#count += 1;
    const id = `q${this.#count}`;
    this.#options.note(`ask ${id} ${JSON.stringify(body).slice(0, 300)}`);
    this.open.add(id);
    this.#try({ id, body }, 0);
  }

  /** Asks any server that lives. One that does not lead passes it on as a row, or refuses. */
  #try(asked: Asked, tries: number): void {
    const { cluster, random } = this.#options;
    if (tries >= TRIES_MAX) return;
    const again = () => void cluster.queue.after(RETRY_MS, () => this.#try(asked, tries + 1));
    const server = pick(random, cluster.servers);
    const { process, scheduler } = server;
    if (!process || !scheduler) return again();
    let isSettled = false;
    const settle = (value: RequestAnswer | null, error: unknown) => {
      if (isSettled) return;
      isSettled = true;
      if (value) this.#answered(asked, value);
      else if (isSchedulerError(error) && !RETRIED.has(error.code)) this.#refused(asked, error.code);
      else again();
    };
    // The same key makes a repetition harmless; if this server dies, the person asks another.
    process.onCrash(() => settle(null, null));
    process.enter(() => {
      scheduler.request(asked.body, { actor: 'person', key: asked.id }).then(
        (value) => settle(value, null),
        (error: unknown) => settle(null, error),
      );
    });
  }

  #answered({ id }: Asked, answer: RequestAnswer): void {
    const { run, plan } = answer;
    this.open.delete(id);
    this.#options.note(`done ${id}`);
    this.#options.record({
      type: 'answered',
      at: this.#options.cluster.queue.now,
      request: id,
      run: run ?? null,
      plan: plan ?? null,
    });
  }

  #refused({ id }: Asked, code: string): void {
    this.open.delete(id);
    this.#options.note(`refused ${id} ${code}`);
  }

  #think(): Request | null {
    const { random, operators, world, estate } = this.#options;
    if (operators.next() < 0.2) {
      const jobs = Array.from({ length: world.jobs }, (_, index) => `j${index}`);
      const run = () => this.#run((value) => value['open'] === 1);
      return randomOperation({ random: operators, now: this.#now(), jobs, estate, pools: POOLS, run });
    }
    return this.#request(pick(random, WISHES));
  }

  #request(type: Wish): Request | null {
    const { random, world } = this.#options;
    const job = `j${random.integer(world.jobs)}`;
    switch (type) {
      case 'run.now':
        return this.#runNow(job);
      case 'graph.submit': {
        const jobs = Array.from({ length: world.jobs }, (_, index) => `j${index}`).filter(
          () => random.next() < 0.4,
        );
        return jobs.length === 0 ? null : { type, jobs, submission: null, asOf: this.#now(), params: {} };
      }
      case 'run.resume': {
        const run = this.#run((value) => value['phase'] === 'failed' || value['phase'] === 'canceled');
        return run === null ? null : { type, run, revision: 'newest', params: {} };
      }
      case 'run.cancel': {
        const run = this.#run((value) => value['open'] === 1);
        return run === null ? null : { type, run, reason: 'not needed' };
      }
      case 'run.force': {
        const run = this.#run((value) => value['phase'] !== 'running');
        if (run === null) return null;
        return {
          type,
          run,
          verdict: pick(random, ['succeeded', 'failed']),
          release: random.next() < 0.5,
          reason: 'known',
        };
      }
      case 'attempt.resolve':
        return this.#resolve();
      case 'plan.create':
        return this.#plan(job);
      case 'plan.control': {
        const plan = 1 + random.integer(6);
        return { type, plan, verb: pick(random, ['pause', 'resume', 'resume', 'start', 'cancel']) };
      }
      case 'job.state':
        return { type, job, state: pick(random, ['enabled', 'enabled', 'enabled', 'disabled', 'retired']) };
      case 'job.delete':
        return random.next() < 0.2 ? { type, job } : null;
      case 'definitions.apply':
        return this.#edit();
      case 'worker.release':
        return { type, worker: pick(random, this.#options.cluster.hosts).name };
      case 'incident.acknowledge':
        return { type, incident: 1 + random.integer(6), note: 'seen' };
      case 'incident.assign':
        return { type, incident: 1 + random.integer(6), assignee: pick(random, ['li', null]) };
      case 'incident.snooze':
        return { type, incident: 1 + random.integer(6), until: instant(this.#now() + 600_000) };
      case 'run.approve':
      case 'event.post':
        // Jobs of worlds have no gates.
        return null;
      case 'worker.drain':
        return {
          type,
          worker: pick(random, this.#options.cluster.hosts).name,
          draining: random.next() < 0.4,
        };
    }
  }

  #now() {
    return instant(Math.floor(this.#options.cluster.queue.now));
  }

  #runNow(job: string): Request {
    const { random } = this.#options;
    const run = random.next() < 0.6 ? this.#run(() => true) : null;
    const at = run === null ? null : this.#instantOf(run);
    if (run === null || at === null) {
      return { type: 'run.now', job, slot: { by: 'adHoc', key: null, asOf: this.#now() }, params: {} };
    }
    return {
      type: 'run.now',
      job: run.slice(0, run.indexOf('@')),
      slot: { by: 'instant', instant: instant(at) },
      params: {},
    };
  }

  #plan(job: string): Request {
    const { random } = this.#options;
    const facts = { type: 'plan.create', reason: 'a column changed', start: random.next() < 0.9 } as const;
    return { ...facts, plan: randomPlan(random, { job, now: this.#now(), run: (is) => this.#run(is) }) };
  }

  #edit(): Request {
    const { random, world } = this.#options;
    const names = Array.from({ length: world.jobs }, (_, index) => `j${index}`);
    const index = random.integer(names.length);
    const jobs = { [names[index] ?? 'j0']: randomJob(random, names, index) };
    return { type: 'definitions.apply', definitions: { jobs }, source: 'world', prune: false };
  }

  /** Somebody went to look, and says of an attempt that is unknown what is really so. */
  #resolve(): Request | null {
    const { rows, alive, succeeded } = this.#options;
    for (const { key, value } of rows.all('attempt')) {
      if (value['state'] !== 'unknown') continue;
      const name = rows.get('job', [Number(key[0])])?.['name'];
      const attempt = `${runText(String(name), String(key[1]))}/${key[3]}`;
      if (alive.has(attempt)) continue;
      const as = succeeded.has(attempt) ? 'succeeded' : 'dead';
      return { type: 'attempt.resolve', attempt, as, reason: 'looked at the machine' };
    }
    return null;
  }

  /** Text of one of the newest runs for which it is true. */
  #run(isWanted: (value: RowValue) => boolean): string | null {
    const { rows, random } = this.#options;
    const found: string[] = [];
    for (const { key, value } of rows.all('run')) {
      if (!isWanted(value)) continue;
      const name = rows.get('job', [Number(key[0])])?.['name'];
      if (typeof name === 'string') found.push(runText(name, String(key[1])));
    }
    return found.length === 0 ? null : pick(random, found.slice(-30));
  }

  #instantOf(run: string): number | null {
    const { rows } = this.#options;
    for (const { key, value } of rows.all('run')) {
      const name = rows.get('job', [Number(key[0])])?.['name'];
      if (!String(key[1]).startsWith('t:') || typeof name !== 'string') continue;
      if (runText(name, String(key[1])) === run) return Number(value['instant']);
    }
    return null;
  }
}

/** Nothing was done, or nobody knows: asked again. */
const RETRIED: ReadonlySet<string> = new Set([
  'NOT_LEADING',
  'LEASE_LOST',
  'STOPPED',
  'OVERLOADED',
  'STORE_UNAVAILABLE',
]);

/** Wishes, the frequent ones several times. */
type Wish = Exclude<RequestType, `${'waive' | 'override' | 'hold'}.${string}`>;
const WISHES: readonly Wish[] = [
  'run.now',
  'run.now',
  'run.resume',
  'run.resume',
  'run.resume',
  'run.cancel',
  'run.cancel',
  'run.force',
  'plan.create',
  'plan.create',
  'plan.control',
  'job.state',
  'job.state',
  'definitions.apply',
  'definitions.apply',
  'graph.submit',
  'worker.drain',
  'worker.release',
  'incident.acknowledge',
  'incident.assign',
  'incident.snooze',
  'attempt.resolve',
  'attempt.resolve',
  'job.delete',
];
