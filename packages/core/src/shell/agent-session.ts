/**
 * The two numbers a worker keeps on disk: its session and the highest epoch it has seen. In memory they are
 * raised at once, so that everything older is refused from that moment; nothing is said or obeyed under the
 * new ones before they are durable.
 */
import type { Clock } from '../ports/clock.js';
import type { Journal, JournalState } from '../ports/executor.js';
import type { Observer } from '../ports/observer.js';

/** Wait before a journal that refused a write is asked again. */
const JOURNAL_RETRY_MS = 1_000;

export class SessionMark {
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #observer: Observer;
  #session = 0;
  #epoch = 0;
  #durableSession = -1;
  #durableEpoch = -1;
  #isWriting = false;

  constructor(journal: Journal, clock: Clock, observer: Observer) {
    this.#journal = journal;
    this.#clock = clock;
    this.#observer = observer;
  }

  get session(): number {
    return this.#session;
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** Whether both numbers are on disk: only then may the worker speak or obey. */
  get isDurable(): boolean {
    return this.#durableSession === this.#session && this.#durableEpoch === this.#epoch;
  }

  /** Begins the session of a new life of the worker; rejects when the journal does. */
  async begin(state: JournalState): Promise<void> {
    this.#session = state.session + 1;
    this.#epoch = state.epoch;
    await this.#journal.setSession(this.#session, this.#epoch);
    this.#durableSession = this.#session;
    this.#durableEpoch = this.#epoch;
  }

  raiseSession(): void {
    this.#session += 1;
  }

  raiseEpoch(epoch: number): void {
    this.#epoch = epoch;
  }

  /** Makes both durable, however often the journal must be asked, then calls `done`; repeatable. */
  write(done: () => void): void {
    if (!this.#isWriting) void this.#writeUntilDurable(done);
  }

  async #writeUntilDurable(done: () => void): Promise<void> {
    this.#isWriting = true;
    while (!this.isDurable) {
      const session = this.#session;
      const epoch = this.#epoch;
      try {
        await this.#journal.setSession(session, epoch);
        this.#durableSession = session;
        this.#durableEpoch = epoch;
      } catch (error) {
        this.#observer.log('error', 'the journal refused session and epoch', { error: String(error) });
        await new Promise<void>((wake) => void this.#clock.wakeAfter(JOURNAL_RETRY_MS, wake));
      }
    }
    this.#isWriting = false;
    done();
  }
}
