/**
 * What a step asks for, and in which order: all writes are durable in one commit before the first reply or
 * command leaves. A crash between the two repeats a command; it never loses one.
 */
import type { SchedulerError } from '../model/errors.js';
import type { DomainEvent } from '../model/events.js';
import type { Instant } from '../model/ids.js';
import type { Write } from '../model/tables.js';

export interface Effects {
  readonly writes: readonly Write[];
  /** Stored in the same commit, as one row. */
  readonly events: readonly DomainEvent[];
  readonly replies: readonly Reply[];
  readonly commands: readonly Command[];
}

/** Answers one request, by the number the shell gave it. */
export type Reply =
  | { readonly request: number; readonly ok: true; readonly value: RequestAnswer }
  | { readonly request: number; readonly ok: false; readonly error: SchedulerError };

/** What a request came to; which fields are set depends on the request. */
export interface RequestAnswer {
  readonly run?: string;
  readonly runs?: readonly string[];
  readonly generation?: number;
  readonly submission?: string;
  readonly plan?: number;
  /** Names of the gates that were opened. */
  readonly gates?: readonly string[];
  /** Number of the waive, override or hold. */
  readonly operation?: number;
  readonly changes?: readonly DefinitionChange[];
}

export interface DefinitionChange {
  readonly kind: 'job' | 'group' | 'calendar' | 'pool' | 'concurrency' | 'limit' | 'holdRule' | 'commitment';
  readonly name: string;
  readonly change: 'added' | 'edited' | 'deleted' | 'retired' | 'renamed';
}

export type Command =
  /** The shell renders the script of the claimed attempt and sends it. */
  | {
      readonly type: 'attempt.exec';
      readonly worker: string;
      readonly session: number;
      readonly attempt: AttemptClaim;
    }
  | { readonly type: 'attempt.kill'; readonly worker: string; readonly attempt: string }
  | { readonly type: 'attempt.fin'; readonly worker: string; readonly attempt: string }
  | { readonly type: 'worker.ack'; readonly worker: string; readonly session: number; readonly seq: number }
  | { readonly type: 'worker.welcome'; readonly worker: string }
  /** Asks a worker in quarantine to try its disk and its kinds. */
  | {
      readonly type: 'worker.probe';
      readonly worker: string;
      readonly session: number;
      readonly probe: number;
    }
  /** A forecast up to that instant is due; answered by `forecast.made`. */
  | { readonly type: 'forecast.make'; readonly until: Instant }
  /** The kernel needs finished slots older than those it keeps; answered by `verdicts.read`. */
  | { readonly type: 'verdicts.read'; readonly job: number; readonly from: number; readonly to: number };

/** Names what the shell must render: numbers only, the texts lie in the store and in the definitions. */
export interface AttemptClaim {
  readonly attempt: string;
  readonly jobId: number;
  readonly job: string;
  readonly slotKey: string;
  readonly generation: number;
  readonly number: number;
  readonly revision: number;
  /** Set when it is no attempt but the question of that check gate. */
  readonly gate?: string;
}
