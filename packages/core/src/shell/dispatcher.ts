/**
 * Carries out commands, once the commit behind them is durable: one frame for each worker. Scripts are
 * rendered only now. What can be rendered at once leaves with the rest; what needs the store or a secret
 * follows in a frame of its own and keeps nothing else waiting.
 */
import { attemptFacts } from '../kernel/index.js';
import type { AttemptClaim, Command, SchedulerState } from '../kernel/index.js';
import { timeSlotKey } from '../model/ids.js';
import type { Instant } from '../model/ids.js';
import type { Row } from '../model/tables.js';
import type { Observer } from '../ports/observer.js';
import type { Store } from '../ports/store.js';
import type { SchedulerTransport } from '../ports/transport.js';
import { PROTOCOL_VERSION } from '../protocol/messages.js';
import type { AttemptWork, SchedulerMessage } from '../protocol/messages.js';
import type { Forecaster } from './forecaster.js';
import type { LeaderLease } from './leader-lease.js';
import { UNTIMED } from './mailbox.js';
import type { Mailbox } from './mailbox.js';
import type { Renderer } from './render.js';

export interface DispatcherOptions {
  readonly state: SchedulerState;
  readonly store: Store;
  readonly lease: LeaderLease;
  readonly mailbox: Mailbox;
  readonly transport: SchedulerTransport;
  readonly renderer: Renderer;
  readonly observer: Observer;
  readonly forecaster: Forecaster;
}

type ExecCommand = Extract<Command, { type: 'attempt.exec' }>;
type ReadCommand = Extract<Command, { type: 'verdicts.read' }>;

/** Finished slots read at a time. */
const VERDICTS_PAGE = 10_000;

/** What goes to one worker together. */
class Frame {
  readonly kills: string[] = [];
  readonly fins: string[] = [];
  readonly others: SchedulerMessage[] = [];
  /** Orders by the session they are meant for. */
  readonly works = new Map<number, AttemptWork[]>();

  addWork(session: number, work: AttemptWork): void {
    const works = this.works.get(session);
    if (works) works.push(work);
    else this.works.set(session, [work]);
  }

  messages(epoch: number): SchedulerMessage[] {
    const messages = this.others;
    if (this.fins.length > 0) messages.push({ type: 'fin', epoch, attempts: this.fins });
    if (this.kills.length > 0) messages.push({ type: 'kill', epoch, attempts: this.kills });
    for (const [session, work] of this.works) messages.push({ type: 'exec', epoch, session, work });
    return messages;
  }
}

/** Sends what one leader orders; it dies with its leadership. */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  #frames = new Map<string, Frame>();
  #isFlushing = false;
  #isClosed = false;
  /** Attempts that are being rendered: an order that is repeated meanwhile is the same order. */
  readonly #rendering = new Set<string>();

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  /** Sends at once what needs nothing more. Never throws. */
  send(commands: readonly Command[]): void {
    for (const command of commands) this.#take(command);
    this.#flush();
  }

  /** Sends nothing more. */
  close(): void {
    this.#isClosed = true;
    this.#options.forecaster.close();
  }

  #take(command: Command): void {
    const { lease, state } = this.#options;
    const { epoch } = lease;
    switch (command.type) {
      case 'attempt.exec':
        return this.#order(command);
      case 'attempt.kill':
        this.#frame(command.worker).kills.push(command.attempt);
        return;
      case 'attempt.fin':
        this.#frame(command.worker).fins.push(command.attempt);
        return;
      case 'worker.ack': {
        const { session, seq } = command;
        this.#frame(command.worker).others.push({ type: 'ack', epoch, session, seq });
        return;
      }
      case 'worker.probe': {
        const { session, probe } = command;
        this.#frame(command.worker).others.push({ type: 'probe', epoch, session, probe });
        return;
      }
      case 'worker.welcome': {
        const leaseMs = state.options.workerLeaseMs;
        const welcome = {
          type: 'welcome',
          v: PROTOCOL_VERSION,
          epoch,
          leader: lease.holder,
          leaseMs,
        } as const;
        this.#frame(command.worker).others.push(welcome);
        return;
      }
      case 'forecast.make':
        this.#options.forecaster.make(command.until);
        return;
      case 'verdicts.read':
        void this.#readVerdicts(command);
        return;
    }
  }

  #frame(worker: string): Frame {
    const known = this.#frames.get(worker);
    if (known) return known;
    const frame = new Frame();
    this.#frames.set(worker, frame);
    return frame;
  }

  #flush(): void {
    this.#isFlushing = false;
    if (this.#frames.size === 0) return;
    const frames = this.#frames;
    this.#frames = new Map();
    const { transport, lease } = this.#options;
    for (const [worker, frame] of frames) {
      if (this.#isClosed || !lease.holds()) return;
      transport.send(worker, frame.messages(lease.epoch));
    }
  }

  /** Orders that become ready in the same turn share a frame. */
  #flushSoon(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    void Promise.resolve().then(() => this.#flush());
  }

  #order(command: ExecCommand): void {
    const { state, renderer } = this.#options;
    const claim = command.attempt;
    if (this.#rendering.has(claim.attempt)) return;
    const facts = attemptFacts(state, claim);
    if (!facts) return;
    try {
      const work = renderer.render(facts);
      if (work instanceof Promise) void this.#orderLater(command, work);
      else this.#frame(command.worker).addWork(command.session, work);
    } catch (error) {
      this.#renderFailed(claim, error);
    }
  }

  async #orderLater(command: ExecCommand, rendered: Promise<AttemptWork>): Promise<void> {
    const claim = command.attempt;
    this.#rendering.add(claim.attempt);
    try {
      const work = await rendered;
      // It may have been canceled, or lost with its worker, while it was rendered.
      if (this.#isClosed || !attemptFacts(this.#options.state, claim)) return;
      this.#frame(command.worker).addWork(command.session, work);
      this.#flushSoon();
    } catch (error) {
      this.#renderFailed(claim, error);
    } finally {
      this.#rendering.delete(claim.attempt);
    }
  }

  #renderFailed({ attempt }: AttemptClaim, error: unknown): void {
    if (this.#isClosed) return;
    const message = error instanceof Error ? error.message : String(error);
    this.#options.mailbox.post({ type: 'render.failed', at: UNTIMED, attempt, message });
  }

  async #readVerdicts({ job, from, to }: ReadCommand): Promise<void> {
    const { store, mailbox, observer } = this.#options;
    try {
      const rows: Row[] = [];
      for (let after = timeSlotKey(from as Instant) as string | null; after !== null;) {
        const page: readonly Row[] = await store.read('run', {
          prefix: [job],
          from: after,
          to: timeSlotKey(to as Instant),
          limit: VERDICTS_PAGE,
        });
        // The next page begins with the last row of this one.
        rows.push(...(rows.length > 0 ? page.slice(1) : page));
        after = page.length < VERDICTS_PAGE ? null : String(page.at(-1)?.key[1]);
      }
      if (!this.#isClosed) mailbox.post({ type: 'verdicts.read', at: UNTIMED, job, from, rows });
    } catch (error) {
      // The kernel goes on naming the slots as loading; a later step asks again.
      observer.log('error', 'finished slots could not be read', { job, error: String(error) });
    }
  }
}
