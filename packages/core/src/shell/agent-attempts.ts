/**
 * The attempts of one worker: from the order, through the journal and the executor, to the tombstone. Two
 * rules carry it: an acceptance is durable before the attempt is started, and an end is durable before it
 * is told. Both are written in groups: while one write is under way, what arrives meanwhile rides the next.
 */
import { unreachable } from '../model/assert.js';
import type { AttemptOutcome } from '../model/run.js';
import type { Clock } from '../ports/clock.js';
import type {
  AttemptListener,
  Executor,
  Journal,
  JournalState,
  RecoveredAttempt,
} from '../ports/executor.js';
import type { Observer } from '../ports/observer.js';
import type { AttemptWork, JournalEntry } from '../protocol/messages.js';
import { hostFailure, newEntry, toJournalEntry, Tombstones } from './agent-entries.js';
import type { AgentEntry } from './agent-entries.js';

/** Wait before a journal that refused a write is asked again. */
const JOURNAL_RETRY_MS = 1_000;

/** What the attempts need of the agent around them. */
export interface AgentAttemptsOptions {
  readonly executors: readonly Executor[];
  readonly journal: Journal;
  readonly clock: Clock;
  readonly observer: Observer;
  /** Whether an accepted attempt may still be started: its session and its lease hold. */
  mayStart(entry: AgentEntry): boolean;
  /** Something can be told. `urgent` is an end, the rest may wait a moment for it. */
  onNews(urgent: boolean): void;
  onOutput(attempt: string, text: string): void;
}

export class AgentAttempts implements AttemptListener {
  readonly #options: AgentAttemptsOptions;
  readonly #entries = new Map<string, AgentEntry>();
  readonly #tombstones = new Tombstones();
  readonly #executorByKind = new Map<string, Executor>();
  #accepting: AgentEntry[] = [];
  #isAccepting = false;
  #ending: AgentEntry[] = [];
  #endsWritten: Promise<void> | null = null;
  #news: AgentEntry[] = [];
  #open = 0;
  #isStopped = false;

  constructor(options: AgentAttemptsOptions) {
    this.#options = options;
    for (const executor of options.executors) {
      for (const kind of executor.kinds) {
        if (!this.#executorByKind.has(kind)) this.#executorByKind.set(kind, executor);
      }
    }
  }

  /** Attempts that have not ended, or whose end is not durable. */
  get open(): number {
    return this.#open;
  }

  /** Takes over what an earlier life of this worker left; to be called once, before any order. */
  async load(state: JournalState, session: number): Promise<void> {
    for (const attempt of state.tombstones) this.#tombstones.add(attempt);
    for (const { attempt, ended } of state.open) {
      const entry = newEntry(attempt, session, null);
      entry.state = ended ? 'ended' : 'accepted';
      entry.end = ended;
      this.#entries.set(attempt, entry);
      if (!ended) this.#open += 1;
    }
    for (const executor of this.#options.executors) await this.#reattach(executor, session);
    for (const entry of this.#entries.values()) {
      if (entry.state !== 'accepted' || entry.executor) continue;
      this.#end(
        entry,
        hostFailure('restart', 'The worker was restarted and nothing is left of the attempt.'),
      );
    }
    await this.settled();
  }

  /** Orders: attempts that are new here are journaled and then started; the others are ignored. */
  accept(works: readonly AttemptWork[], session: number): void {
    for (const work of works) {
      if (this.#isKnown(work.attempt)) continue;
      this.#enter(newEntry(work.attempt, session, work));
    }
    if (!this.#isAccepting) void this.#writeAcceptances();
  }

  /**
   * Ends attempts. One that is unknown here is journaled as canceled: its order was lost or is still on its
   * way, and must start nothing when it comes.
   */
  kill(attempts: readonly string[], session: number): void {
    for (const attempt of attempts) {
      const known = this.#entries.get(attempt);
      if (known) this.#killEntry(known, 'cancel');
      else if (!this.#tombstones.has(attempt)) {
        const entry = newEntry(attempt, session, null);
        entry.refusal = 'cancel';
        this.#enter(entry);
      }
    }
    if (!this.#isAccepting) void this.#writeAcceptances();
  }

  /** The lease has ended: whoever may be started again elsewhere must be dead here. */
  killFenced(): void {
    for (const entry of this.#entries.values()) {
      if (entry.onWorkerLost === 'fence' && entry.state !== 'accepting') this.#killEntry(entry, 'lease');
    }
  }

  /** Their results are stored: all that stays of them is a tombstone. */
  forget(attempts: readonly string[]): void {
    const forgotten: string[] = [];
    for (const attempt of attempts) {
      const entry = this.#entries.get(attempt);
      if (entry?.state !== 'ended') continue;
      this.#entries.delete(attempt);
      this.#tombstones.add(attempt);
      entry.executor?.forget(attempt);
      forgotten.push(attempt);
    }
    if (forgotten.length === 0) return;
    // If this is lost, the ends are told again after a restart, and forgotten again.
    this.#options.journal.forget(forgotten).catch((error: unknown) => this.#complain('forget', error));
  }

  /** The whole journal, as a pulse lists it. Whatever was news is told by it. */
  list(): JournalEntry[] {
    this.#clearNews();
    return Array.from(this.#entries.values(), toJournalEntry);
  }

  /** What has changed since the last list or news. The start of what is just ending is told with its end. */
  takeNews(): JournalEntry[] {
    const entries = this.#news.filter((entry) => entry.state !== 'ending').map(toJournalEntry);
    this.#clearNews();
    return entries;
  }

  /** Passes the end of the lease on to executors that see to it by themselves. */
  leased(endsAtMs: number): void {
    for (const executor of this.#options.executors) executor.leased?.(endsAtMs);
  }

  /** Starts nothing more, and lets go of the executors. Ends that come of it are durable when it resolves. */
  async close(options: { readonly kill: boolean }): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#options.executors.map((executor) => executor.close(options)));
    await this.settled();
  }

  /** Resolves when all ends that came so far are durable. */
  async settled(): Promise<void> {
    while (this.#endsWritten) await this.#endsWritten;
  }

  onStarted(attempt: string, at: number): void {
    const entry = this.#entries.get(attempt);
    if (entry?.state !== 'accepted') return;
    entry.state = 'running';
    entry.startedAt = at;
    this.#addNews(entry);
    this.#options.onNews(false);
  }

  onOutput(attempt: string, text: string): void {
    this.#options.onOutput(attempt, text);
  }

  onEnded(attempt: string, at: number, outcome: AttemptOutcome): void {
    const entry = this.#entries.get(attempt);
    if (entry?.state === 'accepted' || entry?.state === 'running') this.#end(entry, outcome, at);
  }

  #isKnown(attempt: string): boolean {
    return this.#entries.has(attempt) || this.#tombstones.has(attempt);
  }

  #enter(entry: AgentEntry): void {
    this.#entries.set(entry.attempt, entry);
    this.#accepting.push(entry);
    this.#open += 1;
  }

  async #reattach(executor: Executor, session: number): Promise<void> {
    for (const found of await executor.recover(this)) {
      const entry = this.#entries.get(found.attempt) ?? (await this.#adopt(found, session));
      if (!entry) {
        executor.forget(found.attempt);
        continue;
      }
      entry.executor = executor;
      if (found.onWorkerLost) entry.onWorkerLost = found.onWorkerLost;
      if (found.state === 'running' && entry.state === 'accepted') {
        entry.state = 'running';
        entry.startedAt = found.startedAt;
      }
    }
  }

  /** An attempt that runs although the journal does not name it: it is told, and the scheduler decides. */
  async #adopt({ attempt, state }: RecoveredAttempt, session: number): Promise<AgentEntry | null> {
    if (state === 'ended' || this.#tombstones.has(attempt)) return null;
    this.#options.observer.log('warn', 'found an attempt that the journal does not name', { attempt });
    await this.#options.journal.accept([attempt]);
    const entry = newEntry(attempt, session, null);
    entry.state = 'accepted';
    this.#entries.set(attempt, entry);
    this.#open += 1;
    return entry;
  }

  async #writeAcceptances(): Promise<void> {
    this.#isAccepting = true;
    while (this.#accepting.length > 0) {
      const batch = this.#accepting;
      this.#accepting = [];
      const error = await this.#options.journal.accept(batch.map((entry) => entry.attempt)).then(
        () => null,
        (reason: unknown) => reason ?? 'unknown reason',
      );
      if (error !== null) this.#complain('accept', error);
      for (const entry of batch) this.#startEntry(entry, error);
    }
    this.#isAccepting = false;
  }

  #startEntry(entry: AgentEntry, error: unknown): void {
    const work = entry.work;
    entry.work = null;
    entry.state = 'accepted';
    // The acceptance may be on disk: after a crash the attempt is then found as one that never started.
    if (this.#isStopped) return;
    if (error !== null)
      return this.#end(entry, hostFailure('journal', `The worker's journal failed: ${textOf(error)}`));
    if (entry.refusal === 'cancel' || !work) {
      return this.#end(entry, { state: 'canceled', exitCode: null, killComplete: true });
    }
    if (!this.#options.mayStart(entry)) {
      return this.#end(
        entry,
        hostFailure('lease', "The worker's lease ended before the attempt was started."),
      );
    }
    const executor = this.#executorByKind.get(work.kind);
    if (!executor) {
      return this.#end(entry, hostFailure('kind', `This worker does not run jobs of kind "${work.kind}".`));
    }
    entry.executor = executor;
    executor.start(work, this);
  }

  #killEntry(entry: AgentEntry, why: 'cancel' | 'lease'): void {
    switch (entry.state) {
      case 'accepting':
        entry.refusal = 'cancel';
        return;
      case 'accepted':
      case 'running':
        entry.executor?.kill(entry.attempt, why);
        return;
      case 'ending':
      case 'ended':
        return;
      default:
        unreachable(entry.state);
    }
  }

  #end(entry: AgentEntry, outcome: AttemptOutcome, at = this.#options.clock.wallMs()): void {
    entry.state = 'ending';
    entry.end = { attempt: entry.attempt, startedAt: entry.startedAt, endedAt: at, outcome };
    this.#ending.push(entry);
    this.#endsWritten ??= this.#writeEnds();
  }

  async #writeEnds(): Promise<void> {
    // Ends of the same turn share one write.
    await Promise.resolve();
    while (this.#ending.length > 0) {
      const batch = this.#ending;
      this.#ending = [];
      if (!(await this.#writeBatch(batch))) continue;
      for (const entry of batch) {
        entry.state = 'ended';
        this.#open -= 1;
        this.#addNews(entry);
      }
      this.#options.onNews(true);
    }
    this.#endsWritten = null;
  }

  /**
   * Whether the ends may be told. A result waits for a journal that takes it: told and then forgotten in a
   * crash, it would be a lie.
   */
  async #writeBatch(batch: readonly AgentEntry[]): Promise<boolean> {
    const { journal, clock } = this.#options;
    const ends = batch.flatMap((entry) => entry.end ?? []);
    for (;;) {
      try {
        await journal.end(ends);
        return true;
      } catch (error) {
        this.#complain('end', error);
        // What never started may be told at once: in a crash it is found as never started again.
        if (ends.every((end) => end.startedAt === null)) return true;
        if (this.#isStopped) return false;
      }
      await new Promise<void>((wake) => void clock.wakeAfter(JOURNAL_RETRY_MS, wake));
    }
  }

  #addNews(entry: AgentEntry): void {
    if (entry.isNews) return;
    entry.isNews = true;
    this.#news.push(entry);
  }

  #clearNews(): void {
    for (const entry of this.#news) entry.isNews = false;
    if (this.#news.length > 0) this.#news = [];
  }

  #complain(operation: string, error: unknown): void {
    this.#options.observer.log('error', 'the journal failed', { operation, error: textOf(error) });
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
