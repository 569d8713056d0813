/**
 * What the agent knows of each attempt, and the names of those it has done with. An entry moves forward
 * only; it is told to the scheduler as far as it is durable, so an end that is not yet on disk still counts
 * as running.
 */
import type { OnWorkerLost } from '../model/job.js';
import type { AttemptOutcome } from '../model/run.js';
import type { Executor, JournalEnd } from '../ports/executor.js';
import type { AttemptWork, JournalEntry } from '../protocol/messages.js';

/**
 * `accepting`: its acceptance is being written; `accepted`: given to its executor, no word yet; `ending`:
 * its end is being written; `ended`: may be told.
 */
export type AgentEntryState = 'accepting' | 'accepted' | 'running' | 'ending' | 'ended';

/** One attempt that this worker accepted and was not told to forget. */
export interface AgentEntry {
  readonly attempt: string;
  onWorkerLost: OnWorkerLost;
  /** Session under which it was accepted. */
  readonly session: number;
  state: AgentEntryState;
  /** Dropped at the start: scripts and secrets are not kept longer than needed. */
  work: AttemptWork | null;
  executor: Executor | null;
  /** It must not be started: why. */
  refusal: 'cancel' | null;
  startedAt: number | null;
  end: JournalEnd | null;
  /** Whether it is in the list of news that are still to be told. */
  isNews: boolean;
}

/** A new entry, before anything is durable. */
export function newEntry(attempt: string, session: number, work: AttemptWork | null): AgentEntry {
  return {
    attempt,
    onWorkerLost: work?.onWorkerLost ?? 'fence',
    session,
    state: 'accepting',
    work,
    executor: null,
    refusal: null,
    startedAt: null,
    end: null,
    isNews: false,
  };
}

/** The entry as the scheduler may know it: what is durable, and nothing more. */
export function toJournalEntry(entry: AgentEntry): JournalEntry {
  if (entry.state === 'ended' && entry.end) {
    return {
      attempt: entry.attempt,
      state: 'ended',
      startedAt: entry.end.startedAt,
      endedAt: entry.end.endedAt,
      outcome: entry.end.outcome,
    };
  }
  if (entry.startedAt === null) return { attempt: entry.attempt, state: 'accepted' };
  return { attempt: entry.attempt, state: 'running', startedAt: entry.startedAt };
}

/**
 * The end of an attempt whose host could not run it, or lost sight of it. The pattern tells which: `lease`
 * and `restart` say nothing bad of the host.
 */
export function hostFailure(pattern: string, message: string): AttemptOutcome {
  return { state: 'failed', exitCode: null, failure: 'host', pattern, message };
}

const GENERATION_MAX = 50_000;

/**
 * Names of attempts that are over, so that a late order for one of them is known as such. Bounded: the
 * newest 50,000 at least, 100,000 at most; older orders fail by epoch or session.
 */
export class Tombstones {
  #newer = new Set<string>();
  #older = new Set<string>();

  add(attempt: string): void {
    if (this.#newer.size >= GENERATION_MAX) {
      this.#older = this.#newer;
      this.#newer = new Set();
    }
    this.#newer.add(attempt);
  }

  has(attempt: string): boolean {
    return this.#newer.has(attempt) || this.#older.has(attempt);
  }
}
