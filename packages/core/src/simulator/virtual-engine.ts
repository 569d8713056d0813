/**
 * The real kernel in virtual time, with no shell around it: time goes from one thing that happens to the
 * next, and workers are only what they would say. It fast-forwards a day in a fraction of a second. What
 * can go wrong between machines is not here: that is the cluster's.
 */
import { foretell } from '../forecast/index.js';
import { createLoader, createState, forecastInput, nextDeadline, step } from '../kernel/index.js';
import type {
  AttemptClaim,
  Command,
  Effects,
  KernelEvent,
  KernelOptions,
  Reply,
  Request,
  SchedulerState,
} from '../kernel/index.js';
import { rowsToLoad } from '../memory/load.js';
import { createMemoryTable } from '../memory/memory-table.js';
import type { MemoryTable } from '../memory/memory-table.js';
import { assert, must } from '../model/assert.js';
import { instant, timeSlotKey } from '../model/ids.js';
import type { Instant } from '../model/ids.js';
import type { AttemptOutcome } from '../model/run.js';
import { TABLE_NAMES } from '../model/tables.js';
import type { Row, TableName } from '../model/tables.js';
import type { WorkerMessage } from '../protocol/messages.js';
import { MinHeap } from './min-heap.js';
import { VirtualWorker } from './virtual-worker.js';
import type { Abilities, VirtualAttempt, VirtualWorkerDefinition } from './virtual-worker.js';

/** What an attempt will come to. */
export interface AttemptFate {
  readonly durationMs: number;
  readonly outcome: AttemptOutcome;
}

/** One step of the kernel: what had happened, and what it asked for. */
export interface EngineStep {
  readonly at: number;
  readonly events: readonly KernelEvent[];
  readonly effects: Effects;
}

export interface VirtualEngineOptions {
  /** When the world begins, epoch ms. */
  readonly from: number;
  readonly kernel?: Partial<KernelOptions>;
  readonly workers: readonly VirtualWorkerDefinition[];
  /** Whether workers tell starts at once, and not only with ends; default false. */
  readonly tellsStarts?: boolean;
  /** Whether forecasts are made for commitments, one a minute; default false. */
  readonly foretells?: boolean;
  fate(claim: AttemptClaim, worker: string): AttemptFate;
  readonly onStep?: (step: EngineStep) => void;
}

interface Coming {
  readonly at: number;
  readonly order: number;
  fire(): void;
}

/** Silence between pulses: short of what makes the kernel think of a loss. */
const PULSE_MS = 20_000;

export class VirtualEngine {
  readonly workers = new Map<string, VirtualWorker>();
  readonly #options: VirtualEngineOptions;
  readonly #tables = new Map<TableName, MemoryTable>(
    TABLE_NAMES.map((name) => [name, createMemoryTable(name)]),
  );
  readonly #coming = new MinHeap<Coming>((a, b) => a.at - b.at || a.order - b.order);
  #state: SchedulerState;
  #now: number;
  #order = 0;
  #epoch = 0;
  #isDown = true;
  #requests = 0;
  /** Replies of the steps so far that nobody has taken yet. */
  readonly #replies = new Map<number, Reply>();
  #news = new Map<VirtualWorker, VirtualAttempt[]>();

  constructor(options: VirtualEngineOptions) {
    this.#options = options;
    this.#now = options.from;
    for (const definition of options.workers)
      this.workers.set(definition.name, new VirtualWorker(definition));
    this.#state = createState(options.kernel);
    this.up('s1');
  }

  get now(): number {
    return this.#now;
  }

  /** Whether nobody schedules. */
  get isDown(): boolean {
    return this.#isDown;
  }

  /** The kernel's state, to look at. */
  get state(): SchedulerState {
    return this.#state;
  }

  /** All rows of a table, in the order of its key. */
  rows(table: TableName): readonly Row[] {
    return must(this.#tables.get(table), table).all();
  }

  /** Asks the kernel for something, now. */
  request(body: Request, options: { readonly actor?: string; readonly key?: string | null } = {}): Reply {
    assert(!this.#isDown, 'nobody is there to ask');
    this.#requests += 1;
    const request = this.#requests;
    const { actor = 'simulation', key = null } = options;
    this.#step([{ type: 'request', at: instant(this.#now), request, actor, key, body }]);
    const reply = must(this.#replies.get(request), 'reply');
    this.#replies.delete(request);
    if (body.type === 'definitions.apply' && reply.ok) this.#introduceAll();
    return reply;
  }

  /** Lets everything happen that comes up to `until`, included. */
  run(until: number): void {
    for (;;) {
      const deadline = this.#isDown ? null : nextDeadline(this.#state);
      const next = Math.min(deadline ?? Infinity, this.#coming.peek()?.at ?? Infinity);
      if (next > until) break;
      this.#now = Math.max(this.#now, next);
      this.#fireDue();
      if (!this.#isDown) this.#step(this.#takeMessages());
    }
    this.#now = Math.max(this.#now, until);
  }

  /** The scheduler is gone; what runs goes on. */
  down(): void {
    this.#isDown = true;
  }

  /** A scheduler starts from what is stored, and workers come to it. */
  up(holder: string): void {
    const { kernel } = this.#options;
    const state = createState(kernel);
    this.#state = state;
    this.#epoch += 1;
    this.#isDown = false;
    const loader = createLoader(state);
    const since = this.#now - state.options.reachMs;
    for (const row of rowsToLoad((table) => this.rows(table), since)) loader.row(row);
    const effects = loader.finish(instant(this.#now), { epoch: this.#epoch, holder });
    this.#carryOut([], effects);
    this.#introduceAll();
  }

  /** Replaces the workers: those that are gone finish what they have, new ones come. */
  setWorkers(definitions: readonly VirtualWorkerDefinition[]): void {
    const names = new Set(definitions.map(({ name }) => name));
    for (const worker of this.workers.values()) worker.isDraining = !names.has(worker.name);
    for (const definition of definitions) {
      const known = this.workers.get(definition.name);
      if (known?.definition === definition) continue;
      const worker = new VirtualWorker(definition);
      if (known) {
        for (const [id, attempt] of known.attempts) worker.attempts.set(id, attempt);
        worker.session = known.session + 1;
      }
      this.workers.set(definition.name, worker);
    }
    if (!this.#isDown) this.#introduceAll();
  }

  /** The worker says and hears nothing any more; `fence` attempts die when its lease ends. */
  silence(name: string): void {
    const worker = must(this.workers.get(name), name);
    worker.isSilent = true;
    this.#at(this.#now + this.#state.options.workerLeaseMs, () => {
      if (!worker.isSilent) return;
      worker.session += 1;
      for (const attempt of worker.attempts.values()) {
        if (attempt.onWorkerLost !== 'fence' || attempt.ended) continue;
        attempt.ended = { at: this.#now, outcome: { state: 'failed', exitCode: null, failure: 'host' } };
      }
    });
  }

  /** The worker is back; without `keepsWork` its machine was restarted, and nothing is left of what ran. */
  back(name: string, keepsWork: boolean): void {
    const worker = must(this.workers.get(name), name);
    worker.isSilent = false;
    if (!keepsWork) {
      worker.attempts.clear();
      worker.session += 1;
    }
    if (!this.#isDown) this.#introduce(worker);
  }

  /** Ends an attempt now, whatever its fate was. */
  end(attempt: string, outcome: AttemptOutcome): boolean {
    for (const worker of this.workers.values()) {
      const found = worker.attempts.get(attempt);
      if (!found || found.ended) continue;
      this.#end(worker, found, outcome);
      return true;
    }
    return false;
  }

  #at(at: number, fire: () => void): void {
    this.#order += 1;
    this.#coming.push({ at: Math.max(at, this.#now), order: this.#order, fire });
  }

  #fireDue(): void {
    for (let next = this.#coming.peek(); next && next.at <= this.#now; next = this.#coming.peek()) {
      this.#coming.pop();
      next.fire();
    }
  }

  #introduceAll(): void {
    for (const worker of this.workers.values()) this.#introduce(worker);
  }

  #introduce(worker: VirtualWorker): void {
    if (worker.isSilent) return;
    const hello = worker.hello(this.#epoch, this.#abilities());
    this.#step([this.#said(worker, hello), this.#said(worker, worker.pulse(this.#epoch, this.#now))]);
  }

  #abilities(): Abilities {
    const { pools, jobs } = this.#state;
    return {
      pools: [...new Set(['default', ...pools.keys(), ...jobs.map((job) => job.policy.pool)])],
      kinds: [...new Set(jobs.map((job) => job.policy.kind))],
      functions: jobs.filter((job) => job.policy.kind === 'function').map((job) => job.name),
    };
  }

  #said(worker: VirtualWorker, message: WorkerMessage): KernelEvent {
    return { type: 'worker.said', at: instant(this.#now), worker: worker.name, message };
  }

  /** What workers have to say now: ends, and pulses of those that have said nothing for long. */
  #takeMessages(): KernelEvent[] {
    const events: KernelEvent[] = [{ type: 'time.passed', at: instant(this.#now) }];
    const news = this.#news;
    this.#news = new Map();
    for (const worker of this.workers.values()) {
      if (worker.isSilent) continue;
      const told = news.get(worker);
      if (told) events.push(this.#said(worker, worker.report(this.#epoch, told)));
      if (this.#now - worker.pulsedAt >= PULSE_MS)
        events.push(this.#said(worker, worker.pulse(this.#epoch, this.#now)));
    }
    return events;
  }

  #step(events: readonly KernelEvent[]): void {
    this.#carryOut(events, step(this.#state, events));
  }

  #carryOut(events: readonly KernelEvent[], effects: Effects): void {
    for (const write of effects.writes) must(this.#tables.get(write.table), write.table).apply(write);
    for (const reply of effects.replies) this.#replies.set(reply.request, reply);
    this.#options.onStep?.({ at: this.#now, events, effects });
    for (const command of effects.commands) this.#obey(command);
  }

  #obey(command: Command): void {
    switch (command.type) {
      case 'attempt.exec':
        return this.#start(command.worker, command.session, command.attempt);
      case 'attempt.kill':
        return this.#kill(command.worker, command.attempt);
      case 'attempt.fin': {
        const worker = this.workers.get(command.worker);
        if (worker && !worker.isSilent) worker.attempts.delete(command.attempt);
        return;
      }
      case 'forecast.make':
        return this.#foretell(command.until);
      case 'verdicts.read':
        return this.#readVerdicts(command);
      case 'worker.ack':
      case 'worker.welcome':
      case 'worker.probe':
        return;
    }
  }

  #start(name: string, session: number, claim: AttemptClaim): void {
    const worker = must(this.workers.get(name), name);
    if (worker.isSilent || worker.session !== session || worker.attempts.has(claim.attempt)) return;
    const job = must(this.#state.jobsById.get(claim.jobId), claim.job);
    const { onWorkerLost, timeoutMs } = job.policy;
    const attempt: VirtualAttempt = {
      attempt: claim.attempt,
      onWorkerLost,
      startedAt: this.#now,
      ended: null,
    };
    worker.attempts.set(claim.attempt, attempt);
    if (this.#options.tellsStarts === true) this.#at(this.#now, () => this.#tell(worker, attempt));
    const { durationMs, outcome } = this.#options.fate(claim, name);
    if (durationMs === Infinity && timeoutMs === Infinity) return;
    const isTimedOut = durationMs > timeoutMs;
    this.#at(this.#now + Math.min(durationMs, timeoutMs), () => {
      this.#end(worker, attempt, isTimedOut ? { state: 'timedOut', exitCode: null } : outcome);
    });
  }

  #end(worker: VirtualWorker, attempt: VirtualAttempt, outcome: AttemptOutcome): void {
    if (attempt.ended || this.workers.get(worker.name)?.attempts.get(attempt.attempt) !== attempt) return;
    attempt.ended = { at: this.#now, outcome };
    this.#at(this.#now, () => this.#tell(must(this.workers.get(worker.name), worker.name), attempt));
  }

  #tell(worker: VirtualWorker, attempt: VirtualAttempt): void {
    const told = this.#news.get(worker);
    if (!told) this.#news.set(worker, [attempt]);
    else if (!told.includes(attempt)) told.push(attempt);
  }

  #kill(name: string, id: string): void {
    const worker = must(this.workers.get(name), name);
    const attempt = worker.attempts.get(id);
    if (worker.isSilent || !attempt) return;
    this.#end(worker, attempt, { state: 'canceled', exitCode: null, killComplete: true });
  }

  /** As a server does it, but in no time. */
  #foretell(until: Instant): void {
    if (this.#options.foretells !== true) return;
    this.#at(this.#now, () => {
      if (this.#isDown) return;
      const news = foretell(forecastInput(this.#state, until));
      this.#step([{ type: 'forecast.made', at: instant(this.#now), ...news }]);
    });
  }

  #readVerdicts({ job, from, to }: Extract<Command, { type: 'verdicts.read' }>): void {
    const range = {
      prefix: [job],
      from: timeSlotKey(instant(from)),
      to: timeSlotKey(instant(to)),
      limit: 100_000,
    };
    const rows = must(this.#tables.get('run'), 'run').read(range);
    this.#at(this.#now, () => {
      if (!this.#isDown) this.#step([{ type: 'verdicts.read', at: instant(this.#now), job, from, rows }]);
    });
  }
}
