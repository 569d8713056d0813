/**
 * The worker's side of the protocol. It is deterministic given its ports, so the simulator runs this very
 * code. What it must never get wrong: start an attempt that was meant for an earlier life of this worker,
 * start one twice, obey a leader that has been replaced, or let a `fence` attempt outlive the lease.
 *
 *   order      started only if epoch and session are the worker's own, its lease runs, and it is new here
 *   epoch      a higher one is on disk before anything said under it is obeyed; a lower one is ignored
 *   session    raised on disk at each start and whenever a lease has run out
 *   pulse      lists the whole journal; what it does not list, the worker does not have
 *   report     the same lines, as news; nothing is lost if a report is
 */
import { unreachable } from '../model/assert.js';
import type { Clock } from '../ports/clock.js';
import type { Executor, Journal } from '../ports/executor.js';
import { silentObserver } from '../ports/observer.js';
import type { Observer } from '../ports/observer.js';
import type { WorkerTransport } from '../ports/transport.js';
import { PROTOCOL_VERSION } from '../protocol/messages.js';
import type { SchedulerMessage, WorkerLoad, WorkerMessage, WorkerProfile } from '../protocol/messages.js';
import { AgentAttempts } from './agent-attempts.js';
import { AgentLease } from './agent-lease.js';
import { SessionMark } from './agent-session.js';

const PULSE_MS = 4_000;
/** A hello is not repeated sooner than this because somebody asks for it. */
const GREET_AGAIN_MS = 1_000;
/** An attempt that ends at once is told once: news of starts wait this long for their ends. */
const START_NEWS_MS = 1;
/** Messages that wait for a new epoch or session to be on disk; what comes beyond is dropped, as if lost. */
const WAITING_MAX = 1_000;

/** What an agent is made of. */
export interface AgentOptions {
  readonly profile: WorkerProfile;
  readonly transport: WorkerTransport;
  /** The first that names a kind runs it. */
  readonly executors: readonly Executor[];
  readonly journal: Journal;
  readonly clock: Clock;
  readonly observer?: Observer;
  /** Between pulses; default 4,000. The scheduler may count a worker as silent after a few of them. */
  readonly pulseMs?: number;
  /** Load of the host, asked for at each pulse; default nothing. */
  readonly load?: () => WorkerLoad;
  /** Takes output of attempts whose executor keeps no log file; default it is dropped. */
  readonly onOutput?: (attempt: string, text: string) => void;
}

/** A worker's agent; made stopped. */
export interface Agent {
  /** Raises the session, re-attaches to what runs, connects. Called once; rejects if the journal does. */
  start(): Promise<void>;
  /** Tells the scheduler to send nothing more (or again); what was sent before is still run. */
  drain(on: boolean): void;
  /** Resolves when nothing runs and every end is durable. */
  idle(): Promise<void>;
  /** Disconnects for good. Without `kill`, what runs is left to be found by the next start. */
  stop(options: { readonly kill: boolean }): Promise<void>;
  /** Attempts accepted and not ended. */
  readonly running: number;
}

/** Makes an agent from its ports; it does nothing before `start`. */
export function createAgent(options: AgentOptions): Agent {
  return new WorkerAgent(options);
}

class WorkerAgent implements Agent {
  readonly #options: AgentOptions;
  readonly #clock: Clock;
  readonly #observer: Observer;
  readonly #pulseMs: number;
  readonly #lease = new AgentLease();
  readonly #attempts: AgentAttempts;
  readonly #mark: SessionMark;
  #waiting: SchedulerMessage[] = [];
  #idleWaiters: (() => void)[] = [];
  #isConnected = false;
  /** An ack has come since the last hello: the scheduler knows this session. */
  #isKnown = false;
  #helloEpoch = -1;
  /** A welcome has come since the last hello, which was sent at `#greetedAt`. */
  #isWelcomed = false;
  #greetedAt = 0;
  #isDraining = false;
  #stopping: Promise<void> | null = null;
  #seq = 0;
  #nextPulseAt = 0;
  #wakeAt = Infinity;
  #cancelWake: (() => void) | null = null;
  #cancelNews: (() => void) | null = null;

  constructor(options: AgentOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#observer = options.observer ?? silentObserver;
    this.#pulseMs = options.pulseMs ?? PULSE_MS;
    this.#mark = new SessionMark(options.journal, options.clock, this.#observer);
    this.#attempts = new AgentAttempts({
      executors: options.executors,
      journal: options.journal,
      clock: options.clock,
      observer: this.#observer,
      mayStart: (entry) =>
        entry.session === this.#mark.session && this.#lease.runs(this.#clock.monotonicMs()),
      onNews: (urgent) => this.#onNews(urgent),
      onOutput: (attempt, text) => options.onOutput?.(attempt, text),
    });
  }

  get running(): number {
    return this.#attempts.open;
  }

  async start(): Promise<void> {
    const state = await this.#options.journal.load();
    await this.#mark.begin(state);
    await this.#attempts.load(state, this.#mark.session);
    this.#nextPulseAt = this.#clock.monotonicMs() + this.#pulseMs;
    this.#arm();
    await this.#options.transport.connect({
      onConnect: () => this.#onConnect(),
      onMessage: (message) => this.#onMessage(message),
      onDisconnect: () => {
        this.#isConnected = false;
      },
    });
  }

  drain(on: boolean): void {
    this.#isDraining = on;
    this.#pulse();
  }

  idle(): Promise<void> {
    if (this.running === 0) return Promise.resolve();
    return new Promise((resolve) => void this.#idleWaiters.push(resolve));
  }

  stop(options: { readonly kill: boolean }): Promise<void> {
    this.#stopping ??= this.#stop(options);
    return this.#stopping;
  }

  async #stop(options: { readonly kill: boolean }): Promise<void> {
    this.#cancelWake?.();
    await this.#attempts.close(options);
    this.#tellNews();
    this.#cancelNews?.();
    this.#send([{ type: 'bye', session: this.#mark.session }]);
    this.#isConnected = false;
    await this.#options.transport.close();
  }

  #onConnect(): void {
    this.#isConnected = true;
    this.#isKnown = false;
    this.#greet();
  }

  #onMessage(message: SchedulerMessage): void {
    if (this.#stopping) return;
    this.#checkLease();
    if (message.epoch < this.#mark.epoch) return;
    if (message.epoch === this.#mark.epoch && this.#mark.isDurable) return this.#obey(message);
    if (this.#waiting.length < WAITING_MAX) this.#waiting.push(message);
    if (message.epoch > this.#mark.epoch) {
      // A new leader does not know this worker before it has acknowledged a hello.
      this.#isKnown = false;
      this.#mark.raiseEpoch(message.epoch);
    }
    this.#writeMark();
  }

  /** Puts session and epoch on disk, then obeys what waited for it. */
  #writeMark(): void {
    this.#mark.write(() => {
      if (this.#stopping) return;
      const waiting = this.#waiting;
      this.#waiting = [];
      if (!this.#isKnown) this.#greet();
      for (const message of waiting) this.#onMessage(message);
      this.#tellNews();
    });
  }

  #obey(message: SchedulerMessage): void {
    switch (message.type) {
      case 'welcome':
        return this.#welcome(message);
      case 'exec':
        if (message.session !== this.#mark.session) return;
        if (!this.#lease.runs(this.#clock.monotonicMs())) return;
        return this.#attempts.accept(message.work, message.session);
      case 'kill':
        return this.#attempts.kill(message.attempts, this.#mark.session);
      case 'fin':
        return this.#attempts.forget(message.attempts);
      case 'probe':
        if (message.session === this.#mark.session) void this.#probe(message);
        return;
      case 'ack':
        if (message.session === this.#mark.session) this.#acknowledged(message.seq);
        return;
      default:
        unreachable(message);
    }
  }

  /** Tries what attempts need, and says what does not work. */
  async #probe({ probe }: Extract<SchedulerMessage, { type: 'probe' }>): Promise<void> {
    const { executors } = this.#options;
    const { epoch, session } = this.#mark;
    const found = await Promise.all(executors.map(async (executor) => (await executor.selfTest?.()) ?? []));
    if (!this.#stopping) this.#send([{ type: 'probed', epoch, session, probe, faults: found.flat() }]);
  }

  #welcome(message: Extract<SchedulerMessage, { type: 'welcome' }>): void {
    if (message.v > PROTOCOL_VERSION) {
      const facts = { theirs: message.v, ours: PROTOCOL_VERSION };
      this.#observer.log(
        'error',
        'the scheduler speaks a newer protocol: this worker must be updated',
        facts,
      );
      return;
    }
    this.#lease.limit(message.leaseMs);
    this.#answerWelcome(message.epoch);
    this.#arm();
  }

  /**
   * The first welcome after a hello is its answer, a later one says that the hello was lost. Whatever is said
   * here may be welcomed again, so it is bounded: otherwise both sides would talk without end.
   */
  #answerWelcome(epoch: number): void {
    if (this.#helloEpoch !== epoch) return this.#greet();
    if (this.#isWelcomed) {
      if (this.#clock.monotonicMs() >= this.#greetedAt + GREET_AGAIN_MS) this.#greet();
      return;
    }
    this.#isWelcomed = true;
    this.#send([this.#pulseMessage()]);
  }

  #acknowledged(seq: number): void {
    if (!this.#lease.acked(seq)) return;
    this.#isKnown = true;
    const endsAt = this.#lease.endsAt;
    if (endsAt !== null) this.#attempts.leased(endsAt);
    this.#arm();
  }

  /** A lease that has run out ends this session: orders that were meant for it are refused from now on. */
  #checkLease(): void {
    const endsAt = this.#lease.endsAt;
    if (endsAt === null || this.#clock.monotonicMs() < endsAt) return;
    this.#observer.log('warn', 'the lease ended: no word from the scheduler', {
      session: this.#mark.session,
    });
    this.#lease.clear();
    this.#isKnown = false;
    this.#mark.raiseSession();
    this.#attempts.killFenced();
    this.#writeMark();
  }

  /** Says who this is, and all it has. */
  #greet(): void {
    if (!this.#isConnected || !this.#mark.isDurable) return;
    this.#helloEpoch = this.#mark.epoch;
    this.#isWelcomed = false;
    this.#greetedAt = this.#clock.monotonicMs();
    this.#send([this.#hello(), this.#pulseMessage()]);
  }

  #pulse(): void {
    // Until an ack says that the hello came through, it goes with every pulse.
    if (!this.#isKnown) this.#greet();
    else if (this.#isConnected && this.#mark.isDurable) this.#send([this.#pulseMessage()]);
  }

  #hello(): WorkerMessage {
    const { session, epoch } = this.#mark;
    const { profile } = this.#options;
    return { type: 'hello', v: PROTOCOL_VERSION, session, epoch, profile, can: ['probe'] };
  }

  #pulseMessage(): WorkerMessage {
    this.#seq += 1;
    this.#lease.sent(this.#seq, this.#clock.monotonicMs());
    return {
      type: 'pulse',
      epoch: this.#mark.epoch,
      session: this.#mark.session,
      seq: this.#seq,
      draining: this.#isDraining,
      load: this.#options.load?.() ?? { memoryShare: 0, loadPerCore: 0, memoryFreeBytes: 0 },
      journal: this.#attempts.list(),
    };
  }

  #onNews(urgent: boolean): void {
    if (urgent) {
      this.#tellNews();
      if (this.running === 0) for (const resolve of this.#idleWaiters.splice(0)) resolve();
      return;
    }
    this.#cancelNews ??= this.#clock.wakeAfter(START_NEWS_MS, () => {
      this.#cancelNews = null;
      this.#tellNews();
    });
  }

  #tellNews(): void {
    // News that cannot be told now are part of the next pulse.
    if (!this.#isConnected || !this.#mark.isDurable) return;
    const entries = this.#attempts.takeNews();
    if (entries.length === 0) return;
    const { epoch, session } = this.#mark;
    this.#send([{ type: 'report', epoch, session, entries }]);
  }

  #send(messages: readonly WorkerMessage[]): void {
    if (this.#isConnected) this.#options.transport.send(messages);
  }

  #tick(): void {
    if (this.#stopping) return;
    this.#checkLease();
    const now = this.#clock.monotonicMs();
    if (now >= this.#nextPulseAt) {
      this.#nextPulseAt = now + this.#pulseMs;
      this.#pulse();
    }
    this.#arm();
  }

  /** One wake-up serves the next pulse and the end of the lease. */
  #arm(): void {
    if (this.#stopping) return;
    const at = Math.min(this.#nextPulseAt, this.#lease.endsAt ?? Infinity);
    if (this.#cancelWake && at >= this.#wakeAt) return;
    this.#cancelWake?.();
    this.#wakeAt = at;
    this.#cancelWake = this.#clock.wakeAfter(Math.max(0, at - this.#clock.monotonicMs()), () => {
      this.#cancelWake = null;
      this.#tick();
    });
  }
}
