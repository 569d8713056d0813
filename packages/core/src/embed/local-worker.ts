/**
 * The worker inside the process: agent, function executor and what else the application brings, joined to the
 * scheduler by memory. It ends with the process, and so do its attempts; its session begins with the time of
 * day, so that the scheduler knows after a restart that the attempts of the life before are gone.
 */
import type { Clock } from '../ports/clock.js';
import type { Executor, Journal } from '../ports/executor.js';
import type { Observer } from '../ports/observer.js';
import type { WorkerTransport } from '../ports/transport.js';
import type { WorkerProfile } from '../protocol/messages.js';
import { createMemoryJournal } from '../memory/journal.js';
import { createAgent } from '../shell/agent.js';
import type { Agent } from '../shell/agent.js';

export interface LocalWorkerOptions {
  readonly name: string;
  readonly slots: number;
  readonly pools: readonly string[];
  readonly executors: readonly Executor[];
  readonly transport: WorkerTransport;
  readonly clock: Clock;
  readonly observer: Observer;
  readonly pulseMs: number;
  readonly onOutput?: (attempt: string, text: string) => void;
}

const VERSION = '0.1.0';
const MS_PER_SECOND = 1_000;

/** The agent; the caller starts and stops it. */
export function createLocalWorker(options: LocalWorkerOptions): Agent {
  const { executors, transport, clock, observer, pulseMs, onOutput } = options;
  return createAgent({
    profile: profileOf(options),
    transport,
    executors,
    journal: journalOfThisLife(clock),
    clock,
    observer,
    pulseMs,
    ...(onOutput && { onOutput }),
  });
}

function profileOf({ name, slots, pools, executors, clock }: LocalWorkerOptions): WorkerProfile {
  return {
    worker: name,
    boot: `process-${clock.wallMs()}`,
    slots,
    pools,
    labels: {},
    kinds: [...new Set(executors.flatMap(({ kinds }) => kinds))],
    functions: executors.flatMap(({ functions }) => functions),
    enrolled: false,
    pid: 0,
    version: VERSION,
  };
}

/** An empty journal whose sessions are above those of all earlier processes. */
function journalOfThisLife(clock: Clock): Journal {
  const journal = createMemoryJournal();
  const first = Math.floor(clock.wallMs() / MS_PER_SECOND);
  return {
    load: async () => {
      const state = await journal.load();
      return { ...state, session: Math.max(state.session, first) };
    },
    setSession: (session, epoch) => journal.setSession(session, epoch),
    accept: (attempts) => journal.accept(attempts),
    end: (ends) => journal.end(ends),
    forget: (attempts) => journal.forget(attempts),
  };
}
