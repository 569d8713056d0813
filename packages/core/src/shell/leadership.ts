/**
 * What lives as long as one leadership: the state, loaded from the store; the loop that changes it; the
 * dispatcher that sends its orders; and the renewals of the lease, on their own beside the loop, so that a
 * slow commit does not cost the lease. Nothing of it is used again afterwards.
 */
import { createLoader, createState } from '../kernel/index.js';
import type { Effects, SchedulerState } from '../kernel/index.js';
import type { Row } from '../model/tables.js';
import { Dispatcher } from './dispatcher.js';
import { Forecaster } from './forecaster.js';
import type { LeaderLease } from './leader-lease.js';
import { LeaderLoop } from './leader-loop.js';
import type { EffectSinks, LoopEnd } from './leader-loop.js';
import type { Mailbox } from './mailbox.js';
import type { Renderer } from './render.js';
import type { SchedulerOptions } from './scheduler-types.js';
import type { Clock } from '../ports/clock.js';
import type { Observer } from '../ports/observer.js';

export interface LeadershipOptions {
  readonly scheduler: SchedulerOptions;
  readonly clock: Clock;
  readonly observer: Observer;
  readonly leaseMs: number;
  readonly mailbox: Mailbox;
  readonly renderer: Renderer;
  readonly sinks: Omit<EffectSinks, 'onCommands'>;
}

/** The store did not give its rows; it may be asked again. */
export class LoadError extends Error {}

/** Parts of the lease: how often it is renewed, and how soon a store that failed is asked again. */
export const RENEW_PARTS = 5;
export const RETRY_PARTS = 20;

export class Leadership {
  readonly lease: LeaderLease;
  readonly state: SchedulerState;
  readonly #options: LeadershipOptions;
  readonly #dispatcher: Dispatcher;
  readonly #loop: LeaderLoop;
  #isOver = false;
  #cancelRenewal: (() => void) | null = null;

  constructor(lease: LeaderLease, options: LeadershipOptions) {
    const { scheduler, mailbox, observer, renderer, clock, leaseMs } = options;
    this.lease = lease;
    this.state = createState(scheduler.kernel);
    this.#options = options;
    const ports = { state: this.state, store: scheduler.store, lease, mailbox, observer };
    const forecaster = new Forecaster({ state: this.state, mailbox, clock });
    const dispatcher = new Dispatcher({ ...ports, forecaster, transport: scheduler.transport, renderer });
    this.#dispatcher = dispatcher;
    this.#loop = new LeaderLoop({
      ...ports,
      clock,
      retryMs: leaseMs / RETRY_PARTS,
      ...(scheduler.stepFunctions && { kernel: scheduler.stepFunctions }),
      sinks: { ...options.sinks, onCommands: (commands) => dispatcher.send(commands) },
    });
  }

  /**
   * Loads and leads until stopped or deposed. Rejects with `LoadError`, or on a bug of ours; then the state
   * cannot be trusted.
   */
  async run(): Promise<LoopEnd> {
    this.#renewLater();
    try {
      return await this.#loop.run(await this.#load());
    } finally {
      this.#isOver = true;
      this.#cancelRenewal?.();
      this.#dispatcher.close();
    }
  }

  /** Ends it once the commit in flight is settled. */
  stop(): void {
    this.#loop.stop();
  }

  /** Calls `read` when everything in memory is also in the store. */
  whenSettled(read: () => void): void {
    this.#loop.whenSettled(read);
  }

  async #load(): Promise<Effects> {
    const { lease, state } = this;
    const loader = createLoader(state);
    const since = lease.now() - state.options.reachMs;
    const rows = this.#options.scheduler.store.load(since)[Symbol.asyncIterator]();
    for (;;) {
      let next: IteratorResult<Row>;
      try {
        next = await rows.next();
      } catch (error) {
        throw new LoadError('the store could not be loaded', { cause: error });
      }
      if (next.done === true) return loader.finish(lease.now(), { epoch: lease.epoch, holder: lease.holder });
      loader.row(next.value);
    }
  }

  #renewLater(): void {
    const { clock, leaseMs } = this.#options;
    // After renewals that failed, the last try is made when leadership ends.
    const delayMs = Math.min(leaseMs / RENEW_PARTS, this.lease.remainingMs);
    this.#cancelRenewal = clock.wakeAfter(delayMs, () => void this.#renew());
  }

  async #renew(): Promise<void> {
    const { clock, leaseMs, observer } = this.#options;
    // A store that never answers must not keep requests waiting for ever. One that is only slow, after this
    // process was asleep, gets its time: nothing is done before it has answered.
    const patienceMs = Math.max(leaseMs / RENEW_PARTS, this.lease.remainingMs);
    const endPatience = clock.wakeAfter(patienceMs, () => this.#loop.depose());
    let isHeld: boolean;
    try {
      isHeld = await this.lease.renew();
    } catch (error) {
      observer.log('warn', 'the lease could not be renewed', { error: String(error) });
      isHeld = this.lease.holds();
    }
    endPatience();
    if (this.#isOver) return;
    if (isHeld) this.#renewLater();
    else this.#loop.depose();
  }
}
