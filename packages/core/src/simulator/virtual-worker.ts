/**
 * A worker that exists as what it would say: no process, no messages that get lost. It is given orders, and
 * lists what became of them. For runs of the kernel alone, where only the outcome of attempts matters.
 */
import { SchedulerError } from '../model/errors.js';
import type { AttemptOutcome } from '../model/run.js';
import type { JournalEntry, WorkerMessage, WorkerProfile } from '../protocol/messages.js';

/** A worker of a simulation. */
export interface VirtualWorkerDefinition {
  readonly name: string;
  /** Attempts at once; default 1. */
  readonly slots?: number;
  /** Default every pool there is. */
  readonly pools?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
}

/** One order, and what became of it. */
export interface VirtualAttempt {
  readonly attempt: string;
  readonly onWorkerLost: 'fence' | 'hold' | 'rerun';
  readonly startedAt: number;
  ended: { readonly at: number; readonly outcome: AttemptOutcome } | null;
}

/** What the worker can do, as far as the estate asks for it. */
export interface Abilities {
  readonly pools: readonly string[];
  readonly kinds: readonly string[];
  readonly functions: readonly string[];
}

export class VirtualWorker {
  readonly definition: VirtualWorkerDefinition;
  readonly attempts = new Map<string, VirtualAttempt>();
  session = 1;
  /** It says nothing and hears nothing. */
  isSilent = false;
  isDraining = false;
  pulsedAt = -Infinity;
  #seq = 0;

  constructor(definition: VirtualWorkerDefinition) {
    this.definition = definition;
  }

  get name(): string {
    return this.definition.name;
  }

  hello(epoch: number, abilities: Abilities): WorkerMessage {
    const { name, slots = 1, pools = abilities.pools, labels = {} } = this.definition;
    const profile: WorkerProfile = {
      worker: name,
      boot: 'virtual',
      slots,
      pools,
      labels,
      kinds: abilities.kinds,
      functions: abilities.functions,
      enrolled: false,
      pid: 1,
      version: 'virtual',
    };
    return { type: 'hello', v: 1, session: this.session, epoch, profile };
  }

  pulse(epoch: number, at: number): WorkerMessage {
    this.pulsedAt = at;
    this.#seq += 1;
    return {
      type: 'pulse',
      epoch,
      session: this.session,
      seq: this.#seq,
      draining: this.isDraining,
      load: { memoryShare: 0, loadPerCore: 0, memoryFreeBytes: Number.MAX_SAFE_INTEGER },
      journal: [...this.attempts.values()].map(entryOf),
    };
  }

  report(epoch: number, attempts: readonly VirtualAttempt[]): WorkerMessage {
    return { type: 'report', epoch, session: this.session, entries: attempts.map(entryOf) };
  }
}

function entryOf({ attempt, startedAt, ended }: VirtualAttempt): JournalEntry {
  if (!ended) return { attempt, state: 'running', startedAt };
  return { attempt, state: 'ended', startedAt, endedAt: ended.at, outcome: ended.outcome };
}

/** As good as no limit, and still a number that slots can be counted with. */
const SLOTS_UNLIMITED = 1_000_000;

/** The list that a number of workers stands for. @throws SchedulerError `OPTION_INVALID`. */
export function workerList(
  workers: number | readonly VirtualWorkerDefinition[] | undefined,
): readonly VirtualWorkerDefinition[] {
  if (workers === undefined) return [{ name: 'w1', slots: SLOTS_UNLIMITED }];
  if (typeof workers !== 'number') return workers;
  if (!Number.isInteger(workers) || workers < 0) throw workersError(workers);
  return Array.from({ length: workers }, (_, index) => ({ name: `w${index + 1}` }));
}

function workersError(found: number): SchedulerError {
  const expected = 'a whole number, or a list of workers';
  return new SchedulerError('OPTION_INVALID', `workers: ${found} is not ${expected}`, {
    option: 'workers',
    expected,
  });
}
