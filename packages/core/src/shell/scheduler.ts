/**
 * One process that may lead: it stands by, takes the lease when nobody holds it, loads the state, runs the
 * leader loop, and goes back to standing by when it loses the lease. All state belongs to one leadership and
 * is thrown away with it. A bug of ours ends the scheduler: `closed` rejects, and another server takes over.
 */
import type { Request, RequestAnswer, SchedulerState } from '../kernel/index.js';
import { SchedulerError } from '../model/errors.js';
import type { Instant } from '../model/ids.js';
import type { Clock } from '../ports/clock.js';
import { silentObserver } from '../ports/observer.js';
import type { Observer } from '../ports/observer.js';
import type { Lease } from '../ports/store.js';
import { CommandWatch } from './command-watch.js';
import { LeaderLease } from './leader-lease.js';
import type { CommittedBatch, LoopEnd } from './leader-loop.js';
import { LoadError, Leadership, RENEW_PARTS, RETRY_PARTS } from './leadership.js';
import { Mailbox, UNTIMED } from './mailbox.js';
import { PassedRequests, randomText } from './passed-requests.js';
import { Renderer } from './render.js';
import { asSchedulerError, Requests } from './requests.js';
import type { RequestOptions } from './requests.js';
import { ResultCache } from './results.js';
import type { CommitListener, RoleListener, Scheduler } from './scheduler-types.js';
import type { SchedulerOptions, SchedulerRole } from './scheduler-types.js';
import { systemClock } from './system-clock.js';
import { WorkerInbox } from './worker-inbox.js';

const LEASE_MS = 10_000;
/** The first call of a store also connects, and may have to bring its schema up to date. */
const OPEN_MS = 60_000;

/** Made of its ports; it does nothing before `start`. */
export function createScheduler(options: SchedulerOptions): Scheduler {
  return new LeasedScheduler(options);
}

class LeasedScheduler implements Scheduler {
  readonly results: ResultCache;
  readonly closed: Promise<void>;
  readonly #options: SchedulerOptions;
  readonly #clock: Clock;
  readonly #observer: Observer;
  readonly #leaseMs: number;
  readonly #mailbox: Mailbox;
  readonly #inbox: WorkerInbox;
  readonly #requests = new Requests();
  readonly #renderer: Renderer;
  readonly #commands: CommandWatch;
  readonly #passed: PassedRequests | null;
  readonly #commitListeners = new Set<CommitListener>();
  readonly #roleListeners = new Set<RoleListener>();
  #role: SchedulerRole = 'standby';
  #leader: string | null = null;
  #leadership: Leadership | null = null;
  #running: Promise<void> | null = null;
  #isStopping = false;
  #hasStarted = false;
  #endPause: (() => void) | null = null;
  #resolveStarted: () => void = () => undefined;
  #rejectStarted: (error: unknown) => void = () => undefined;
  #resolveClosed: () => void = () => undefined;
  #rejectClosed: (error: unknown) => void = () => undefined;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#observer = options.observer ?? silentObserver;
    this.#leaseMs = options.leaseMs ?? LEASE_MS;
    this.#mailbox = new Mailbox(options.mailbox);
    this.#inbox = new WorkerInbox(this.#mailbox, this.#observer);
    this.results = new ResultCache(options.store);
    const { store, secrets, include, locale, kernel } = options;
    this.#renderer = new Renderer({
      store,
      results: this.results,
      clock: this.#clock,
      ...(typeof kernel?.area === 'string' && { area: kernel.area }),
      ...(secrets && { secrets }),
      ...(include && { include }),
      ...(locale !== undefined && { locale }),
    });
    this.#commands = new CommandWatch({
      store,
      clock: this.#clock,
      observer: this.#observer,
      mailbox: this.#mailbox,
      requests: this.#requests,
      everyMs: options.commandsEveryMs,
    });
    const leader = () => this.#leader;
    this.#passed = options.pass
      ? new PassedRequests({ store, clock: this.#clock, leader }, options.pass)
      : null;
    this.closed = new Promise((resolve, reject) => {
      this.#resolveClosed = resolve;
      this.#rejectClosed = reject;
    });
  }

  get role(): SchedulerRole {
    return this.#role;
  }

  get leader(): string | null {
    return this.#leader;
  }

  async start(): Promise<void> {
    if (this.#running) {
      const what = 'start may be called once';
      throw new SchedulerError('STATE_CONFLICT', what, { subject: 'scheduler', state: this.#role });
    }
    const started = new Promise<void>((resolve, reject) => {
      this.#resolveStarted = resolve;
      this.#rejectStarted = reject;
    });
    started.catch(() => undefined);
    this.#running = this.#run();
    await this.#options.transport.listen(this.#inbox);
    await started;
  }

  request(body: Request, options: RequestOptions): Promise<RequestAnswer> {
    const whenLeading = options.whenLeading ?? false;
    if (!this.#mayAsk(whenLeading)) {
      const passed = this.#role === 'standby' && !this.#isStopping ? this.#passed : null;
      return passed ? passed.ask(body, options) : Promise.reject(this.#refusal());
    }
    return new Promise((resolve, reject) => {
      const request = this.#requests.open({ resolve, reject, whenLeading });
      const { actor, key = null } = options;
      try {
        this.#mailbox.postRequest({ type: 'request', at: UNTIMED, request, actor, key, body });
      } catch (error) {
        this.#requests.drop(request);
        reject(asSchedulerError(error, 'request'));
      }
    });
  }

  peek<T>(read: (state: SchedulerState) => T): T {
    if (!this.#leadership || this.#role !== 'leading') throw this.#refusal();
    return read(this.#leadership.state);
  }

  read<T>(read: (state: SchedulerState) => T): Promise<T> {
    const leadership = this.#leadership;
    if (!leadership || this.#role !== 'leading') return Promise.reject(this.#refusal());
    return new Promise((resolve, reject) => {
      leadership.whenSettled(() => {
        try {
          if (this.#leadership !== leadership) throw this.#refusal();
          resolve(read(leadership.state));
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      });
    });
  }

  now(): Instant {
    return this.#leadership?.lease.now() ?? (this.#clock.wallMs() as Instant);
  }

  onCommit(listener: CommitListener): () => void {
    this.#commitListeners.add(listener);
    return () => void this.#commitListeners.delete(listener);
  }

  onRole(listener: RoleListener): () => void {
    this.#roleListeners.add(listener);
    return () => void this.#roleListeners.delete(listener);
  }

  nudge(): void {
    void this.#commands.look();
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#endPause?.();
    this.#leadership?.stop();
    if (this.#running) await this.#running;
    else this.#end();
    await this.closed;
  }

  #mayAsk(whenLeading: boolean): boolean {
    if (this.#role === 'stopped' || this.#isStopping) return false;
    return this.#role === 'leading' || whenLeading;
  }

  #refusal(): SchedulerError {
    if (this.#role === 'stopped' || this.#isStopping) {
      return new SchedulerError('STOPPED', 'the scheduler has stopped', { what: 'scheduler' });
    }
    const who = this.#leader ?? 'nobody yet';
    const leader = this.#leader;
    return new SchedulerError('NOT_LEADING', `this process does not lead; ${who} does`, { leader });
  }

  /** Leads and stands by in turn, until stopped or broken. */
  async #run(): Promise<void> {
    let failure: unknown = null;
    try {
      while (!this.#isStopping) {
        const lease = await this.#acquire();
        if (lease) await this.#lead(lease);
      }
    } catch (error) {
      failure = error;
      this.#observer.log('error', 'the scheduler failed and stops', { error: String(error) });
    }
    this.#end(failure);
  }

  #end(failure: unknown = null): void {
    this.#setRole('stopped');
    this.#passed?.close();
    this.#requests.refuse(
      () => this.#refusal(),
      () => false,
    );
    if (failure === null) {
      this.#resolveStarted();
      this.#resolveClosed();
      return;
    }
    // Whoever called `start` hears of it there; it is no second, unhandled failure.
    if (!this.#hasStarted) this.closed.catch(() => undefined);
    this.#rejectStarted(failure);
    this.#rejectClosed(failure);
  }

  /** The lease, once nobody else holds it; null when stopped meanwhile. */
  async #acquire(): Promise<LeaderLease | null> {
    const { store } = this.#options;
    while (!this.#isStopping) {
      const holder = `${this.#options.name ?? 'hera'}/${randomText()}`;
      const sentAt = this.#clock.monotonicMs();
      let lease: Lease;
      try {
        lease = await this.#inTime(store.acquireLease(holder, this.#leaseMs), 'acquireLease');
      } catch (error) {
        if (!this.#hasStarted) throw error;
        this.#observer.log('error', 'the store does not answer', { error: String(error) });
        await this.#pause(this.#leaseMs / RETRY_PARTS);
        continue;
      }
      this.#leader = lease.holder;
      if (lease.holder === holder) return this.#heldLease(lease, sentAt);
      this.#started();
      const untilFree = Math.max(1, lease.expiresAtMs - lease.nowMs + 1);
      // A leader that stops gives the lease up early, so the wait is never as long as the lease.
      await this.#pause(Math.min(untilFree, this.#leaseMs / RENEW_PARTS));
    }
    return null;
  }

  #heldLease(lease: Lease, sentAt: number): LeaderLease {
    return new LeaderLease(lease, sentAt, {
      store: this.#options.store,
      clock: this.#clock,
      leaseMs: this.#leaseMs,
      onLeap: (byMs) => {
        this.#observer.log('warn', "the store's clock is ahead: leadership begins anew", { byMs });
      },
      onJump: (byMs) => {
        this.#observer.log('error', "the store's clock was set back: no new slots for now", { byMs });
        this.#mailbox.post({ type: 'clock.jumped', at: UNTIMED, byMs });
      },
    });
  }

  /** From the load of the state to the loss of the lease. */
  async #lead(lease: LeaderLease): Promise<void> {
    const leadership = this.#newLeadership(lease);
    this.#leadership = leadership;
    this.#inbox.open();
    let end: LoopEnd = 'deposed';
    try {
      end = await leadership.run();
    } catch (error) {
      if (!(error instanceof LoadError) || !this.#hasStarted) throw error;
      this.#observer.log('error', error.message, { error: String(error.cause) });
    } finally {
      this.#leadership = null;
      this.#inbox.close();
      this.#commands.stop();
      this.results.clear();
      this.#stepDown(lease, end);
      await this.#release(lease);
    }
    if (end !== 'stopped') await this.#pause(this.#leaseMs / RETRY_PARTS);
  }

  #newLeadership(lease: LeaderLease): Leadership {
    return new Leadership(lease, {
      scheduler: this.#options,
      clock: this.#clock,
      observer: this.#observer,
      leaseMs: this.#leaseMs,
      mailbox: this.#mailbox,
      renderer: this.#renderer,
      sinks: {
        onLeading: () => this.#onLeading(),
        beforeCommit: (replies) => this.#requests.answerRows(replies),
        onCommitted: (batch) => this.#onCommitted(batch),
        onReplies: (replies) => this.#requests.settle(replies),
      },
    });
  }

  #onLeading(): void {
    this.#setRole('leading');
    this.#started();
    this.#commands.start();
  }

  #onCommitted(batch: CommittedBatch): void {
    this.results.keep(batch.writes);
    for (const listener of this.#commitListeners) this.#call(() => listener(batch));
  }

  #stepDown(lease: LeaderLease, end: LoopEnd): void {
    const { epoch } = lease;
    const kept = new Set<number>();
    const waiting = new Set<number>();
    this.#mailbox.clear((request) => {
      waiting.add(request);
      if (this.#requests.waitsForLeading(request)) kept.add(request);
      return kept.has(request);
    });
    if (this.#role === 'leading') this.#setRole('standby');
    this.#leader = null;
    this.#requests.refuse(
      (request) => {
        if (end !== 'unknown' || waiting.has(request)) return this.#refusal();
        const message = 'leadership was lost in the commit: it may be done or not; ask again with its key';
        return new SchedulerError('LEASE_LOST', message, { epoch });
      },
      (request) => kept.has(request),
    );
    this.#observer.log(end === 'stopped' ? 'info' : 'warn', 'gives up leadership', { epoch, because: end });
  }

  /** Lets the next leader begin at once. Nothing depends on it: the lease also runs out by itself. */
  async #release({ epoch }: LeaderLease): Promise<void> {
    try {
      await this.#inTime(this.#options.store.releaseLease(epoch), 'releaseLease');
    } catch (error) {
      this.#observer.log('warn', 'the lease could not be given up', { error: String(error) });
    }
  }

  #started(): void {
    this.#hasStarted = true;
    this.#resolveStarted();
  }

  #setRole(role: SchedulerRole): void {
    if (this.#role === role) return;
    this.#role = role;
    for (const listener of this.#roleListeners) this.#call(() => listener(role));
  }

  #call(listener: () => void): void {
    try {
      listener();
    } catch (error) {
      this.#observer.log('error', 'a listener threw', { error: String(error) });
    }
  }

  /** The answer of the store, if it comes in time; a stop does not wait for it. */
  #inTime<T>(asked: Promise<T>, operation: string): Promise<T> {
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        const message = `the store does not answer (${operation})`;
        reject(new SchedulerError('STORE_UNAVAILABLE', message, { operation }));
      };
      const inTimeMs = this.#hasStarted ? this.#leaseMs / RENEW_PARTS : OPEN_MS;
      const cancel = this.#clock.wakeAfter(inTimeMs, giveUp);
      if (!this.#isStopping) this.#endPause = giveUp;
      asked.finally(cancel).then(resolve, reject);
    });
  }

  async #pause(ms: number): Promise<void> {
    if (this.#isStopping) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.wakeAfter(ms, resolve);
      this.#endPause = () => {
        cancel();
        resolve();
      };
    });
    this.#endPause = null;
  }
}
