/**
 * The loop of the leader: take what has happened, step once over all of it, commit once, and only then let
 * replies and commands leave. One commit is in flight; what arrives meanwhile is stepped at once and its
 * commit leaves when the one before is applied, so that this thread and the store work at the same time.
 *
 * A commit that did not go through leaves memory ahead of the store, and there is no way on from that: the
 * loop ends, its owner drops the state and, if it leads again, starts from `store.load()`. `rejected` means
 * that the store does not know, so the lease row is read: (my epoch, n) is applied, (my epoch, n-1) may be
 * repeated unchanged, anything else ends the leadership.
 */
import { nextDeadline, step } from '../kernel/index.js';
import type { Command, Effects, KernelEvent, Reply, SchedulerState } from '../kernel/index.js';
import type { DomainEvent } from '../model/events.js';
import type { Instant } from '../model/ids.js';
import type { Write } from '../model/tables.js';
import type { Clock } from '../ports/clock.js';
import type { Observer } from '../ports/observer.js';
import type { Commit, Store } from '../ports/store.js';
import type { LeaderLease } from './leader-lease.js';
import { UNTIMED } from './mailbox.js';
import type { Mailbox } from './mailbox.js';

/** The two functions of the kernel that drive the loop. */
export interface StepFunctions {
  readonly step: (state: SchedulerState, batch: readonly KernelEvent[]) => Effects;
  readonly nextDeadline: (state: SchedulerState) => Instant | null;
}

/** Where effects go once they are durable. None of these may throw. */
export interface EffectSinks {
  /** What loading asked for is durable: this process leads. */
  onLeading(): void;
  /** Writes that must be part of the commit because of these replies. */
  beforeCommit(replies: readonly Reply[]): readonly Write[];
  onCommitted(batch: CommittedBatch): void;
  onReplies(replies: readonly Reply[]): void;
  onCommands(commands: readonly Command[]): void;
}

/** What one commit has made durable. */
export interface CommittedBatch {
  readonly commitNo: number;
  readonly at: Instant;
  readonly events: readonly DomainEvent[];
  readonly writes: readonly Write[];
}

export interface LeaderLoopOptions {
  readonly state: SchedulerState;
  readonly store: Store;
  readonly lease: LeaderLease;
  readonly mailbox: Mailbox;
  readonly clock: Clock;
  readonly observer: Observer;
  readonly sinks: EffectSinks;
  /** Only tests replace the kernel. */
  readonly kernel?: StepFunctions;
  /**
   * What one step takes at most, in events, a submission counting as one for each of its jobs; default
   * 1,000. Bounds how long one step keeps everything else waiting, the store among it.
   */
  readonly batchMax?: number;
  /** Wait before an unanswered store is asked again, ms. */
  readonly retryMs: number;
}

/**
 * Why the loop ended. `unknown`: the last commit may or may not be applied; `deposed`: nothing of the last
 * batch was applied.
 */
export type LoopEnd = 'stopped' | 'deposed' | 'unknown';

const BATCH_MAX = 1_000;
/** The loop gives way to timers and I/O after so much work without a pause. */
const SLICE_MS = 10;
const NO_EVENTS: readonly DomainEvent[] = [];

/** What a step asks for, before it is committed. */
interface Stepped {
  readonly effects: Effects;
  readonly at: Instant;
  readonly isLast: boolean;
}

export class LeaderLoop {
  readonly #options: LeaderLoopOptions;
  readonly #kernel: StepFunctions;
  #cancelWake: (() => void) | null = null;
  #wakeFor = Infinity;
  #isStopping = false;
  #isDeposed = false;
  /** End the waits for answers of the store when leadership is lost meanwhile. */
  readonly #abandons = new Set<() => void>();
  /** Steps of which memory is ahead of the store; the first is the load. */
  #unsettled = 1;
  #settled: (() => void)[] = [];
  #sliceFrom = 0;
  /** The last commit could not be made: memory is ahead of the store for good. */
  #hasEnded = false;
  readonly #batchMax: number;

  constructor(options: LeaderLoopOptions) {
    this.#options = options;
    this.#kernel = options.kernel ?? { step, nextDeadline };
    this.#batchMax = options.batchMax ?? BATCH_MAX;
  }

  /**
   * Commits what loading asked for, then runs until it is stopped or deposed. Rejects on a bug of ours: the
   * state cannot be trusted any more.
   */
  async run(first: Effects): Promise<LoopEnd> {
    const { lease, clock } = this.#options;
    let settling: Promise<LoopEnd | null> | null = null;
    try {
      const end = await this.#settle(first, lease.now());
      if (end !== null) return end;
      this.#options.sinks.onLeading();
      this.#sliceFrom = clock.monotonicMs();
      for (;;) {
        this.#armWake();
        await this.#filled();
        const behind = this.#mustCatchUp() ? await settling : null;
        if (behind !== null) return behind;
        const next = await this.#stepNext();
        if (typeof next === 'string') return (await settling) ?? next;
        const ended = await settling;
        if (ended !== null) return ended;
        if (next === null) continue;
        settling = this.#settle(next.effects, next.at);
        // Whoever waits for events must hear that there is no way on.
        settling.then(
          (how) => how !== null && this.#end(),
          () => this.#end(),
        );
        if (next.isLast) return (await settling) ?? 'stopped';
      }
    } finally {
      this.#cancelWake?.();
      this.#unsettled = 0;
      this.#setSettled();
    }
  }

  /** A reader waits for memory and store to be one, so nothing is stepped ahead of it; nor is at the end. */
  #mustCatchUp(): boolean {
    const isLast = this.#isStopping && this.#options.mailbox.size === 0;
    return this.#settled.length > 0 || this.#hasEnded || isLast;
  }

  #end(): void {
    this.#hasEnded = true;
    this.#options.mailbox.nudge();
  }

  /** Steps over what has arrived. Null when nothing has; a text when there is no way on. */
  async #stepNext(): Promise<Stepped | LoopEnd | null> {
    const { mailbox, lease, state } = this.#options;
    if (this.#isStopping && mailbox.size === 0) return 'stopped';
    if (this.#isDeposed || !(await this.#mayAct())) return 'deposed';
    const at = lease.now();
    // The last batch of a leader that stops is all there is: ends of attempts must not be lost.
    const isLast = this.#isStopping;
    const batch = mailbox.take(at, isLast ? Infinity : this.#batchMax);
    if (batch.length === 0) return null;
    this.#unsettled += 1;
    return { effects: this.#kernel.step(state, batch), at, isLast };
  }

  /** Ends the loop once all that has arrived is settled. */
  stop(): void {
    this.#isStopping = true;
    this.#options.mailbox.nudge();
  }

  /** Ends the loop at once: the lease is lost, and no answer of the store matters any more. */
  depose(): void {
    this.#isDeposed = true;
    for (const abandon of this.#abandons) abandon();
    this.#options.mailbox.nudge();
  }

  /** Calls `read` when everything in memory is also in the store; at once, if it is. */
  whenSettled(read: () => void): void {
    if (this.#unsettled > 0) this.#settled.push(read);
    else read();
  }

  /** Waits for events, and now and then for everything else that wants this thread. */
  async #filled(): Promise<void> {
    const { mailbox, clock } = this.#options;
    if (this.#isStopping || this.#isDeposed || this.#hasEnded) return;
    if (mailbox.size === 0) {
      await mailbox.filled();
      this.#sliceFrom = clock.monotonicMs();
    } else if (clock.monotonicMs() - this.#sliceFrom > SLICE_MS) {
      await this.#pause(0);
      this.#sliceFrom = clock.monotonicMs();
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#options.clock.wakeAfter(ms, resolve));
  }

  /** A leader that was asleep past its lease asks whether it still leads before it does anything. */
  async #mayAct(): Promise<boolean> {
    const { lease } = this.#options;
    return lease.holds() || (await this.#answerOf(lease.renew())) === true;
  }

  /** Commits and lets go. Null when the loop may go on. */
  async #settle(effects: Effects, at: Instant): Promise<LoopEnd | null> {
    const { sinks } = this.#options;
    const { events } = effects;
    const answered = sinks.beforeCommit(effects.replies);
    let writes = answered.length > 0 ? [...effects.writes, ...answered] : effects.writes;
    if (writes.length > 0 || events.length > 0) {
      const commitNo = this.#options.lease.commitNo + 1;
      if (events.length > 0) writes = [...writes, eventRow(commitNo, at, events)];
      const end = await this.#commit({ epoch: this.#options.lease.epoch, commitNo, writes });
      if (end !== null) return end;
      sinks.onCommitted({ commitNo, at, events: events.length > 0 ? events : NO_EVENTS, writes });
    }
    this.#unsettled -= 1;
    this.#setSettled();
    if (effects.replies.length > 0) sinks.onReplies(effects.replies);
    if (effects.commands.length === 0) return null;
    if (!(await this.#mayAct())) return 'deposed';
    sinks.onCommands(effects.commands);
    return null;
  }

  /** Null when the commit is applied. */
  async #commit(commit: Commit): Promise<LoopEnd | null> {
    const { store, lease, observer } = this.#options;
    let isRepeated = false;
    for (;;) {
      const answer = await this.#answerOf(store.commit(commit));
      if (answer === 'applied') break;
      if (answer === 'abandoned') return 'unknown';
      if (answer === 'fenced' && !isRepeated) return 'deposed';
      // A repeated commit is also fenced by itself: the first try may have come through after all.
      const found = await this.#lookUp(commit, answer === 'fenced');
      if (found === 'applied') break;
      if (found !== 'repeat') return found;
      observer.log('warn', 'a commit was lost and is repeated', { commitNo: commit.commitNo });
      if (isRepeated) await this.#pause(this.#options.retryMs);
      isRepeated = true;
    }
    lease.commitNo = commit.commitNo;
    return null;
  }

  /** Asks the lease row what became of a commit, for as long as the lease holds. */
  async #lookUp(commit: Commit, isFenced: boolean): Promise<'applied' | 'repeat' | 'deposed' | 'unknown'> {
    const { store, lease } = this.#options;
    for (;;) {
      const row = await this.#answerOf(store.readLease());
      if (row === 'abandoned') return 'unknown';
      if (row !== 'rejected') {
        if (row?.epoch === commit.epoch && row.commitNo === commit.commitNo) return 'applied';
        const isOpen = row?.epoch === commit.epoch && row.commitNo === commit.commitNo - 1;
        if (!isOpen) return row && row.commitNo < commit.commitNo ? 'deposed' : 'unknown';
        if (!isFenced && lease.holds()) return 'repeat';
        return 'unknown';
      }
      if (!lease.holds()) return 'unknown';
      await this.#pause(this.#options.retryMs);
    }
  }

  /** The answer of the store; `rejected` is logged, `abandoned` means that nobody waits for it any more. */
  #answerOf<T>(asked: Promise<T>): Promise<T | 'rejected' | 'abandoned'> {
    const { observer } = this.#options;
    return new Promise((resolve) => {
      const settle = (answer: T | 'rejected' | 'abandoned') => {
        this.#abandons.delete(abandon);
        resolve(answer);
      };
      const abandon = () => settle('abandoned');
      this.#abandons.add(abandon);
      asked.then(settle, (error: unknown) => {
        observer.log('error', 'the store failed', { error: String(error) });
        settle('rejected');
      });
      if (this.#isDeposed) abandon();
    });
  }

  #setSettled(): void {
    if (this.#unsettled > 0 || this.#settled.length === 0) return;
    const waiting = this.#settled;
    this.#settled = [];
    for (const read of waiting) read();
  }

  /** One timer, for the next deadline of the kernel. One that is set for earlier stays and looks again. */
  #armWake(): void {
    const { state, clock, lease, mailbox } = this.#options;
    const deadline = this.#kernel.nextDeadline(state);
    if (deadline === null || deadline >= this.#wakeFor) return;
    this.#cancelWake?.();
    this.#wakeFor = deadline;
    this.#cancelWake = clock.wakeAfter(lease.delayUntil(deadline), () => {
      this.#wakeFor = Infinity;
      this.#cancelWake = null;
      const next = this.#kernel.nextDeadline(state);
      // Past its tenure the leader asks the store how late it is, before it takes it to be that late.
      const isDue = next !== null && (!lease.holds() || next <= lease.now());
      if (isDue) mailbox.post({ type: 'time.passed', at: UNTIMED });
      else this.#armWake();
    });
  }
}

function eventRow(commitNo: number, at: Instant, events: readonly DomainEvent[]): Write {
  return { op: 'put', table: 'event', key: [commitNo], value: { at, events: JSON.stringify(events) } };
}
