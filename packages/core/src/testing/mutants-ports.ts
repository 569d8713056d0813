/**
 * Ways to put a fault into the ports of a scheduler or an agent: each replaces a few calls and passes the
 * rest on.
 */
import type { Effects, SchedulerState } from '../kernel/index.js';
import type { Write } from '../model/tables.js';
import type { Executor, Journal } from '../ports/executor.js';
import type { Store } from '../ports/store.js';
import type { WorkerTransport } from '../ports/transport.js';
import type { SchedulerMessage, WorkerMessage } from '../protocol/messages.js';
import type { AgentOptions } from '../shell/agent.js';
import type { SchedulerOptions } from '../shell/scheduler-types.js';

/** The store with some of its calls replaced. */
export const withStore =
  (change: (store: Store) => Partial<Store>) =>
  (options: SchedulerOptions): SchedulerOptions => ({
    ...options,
    store: { ...options.store, ...change(options.store) },
  });

/** The kernel with what a step asks for changed. */
export const withEffects =
  (change: (effects: Effects, state: SchedulerState) => Effects) =>
  (options: SchedulerOptions): SchedulerOptions => {
    const { stepFunctions } = options;
    if (!stepFunctions) return options;
    const { step, nextDeadline } = stepFunctions;
    return {
      ...options,
      stepFunctions: { nextDeadline, step: (state, batch) => change(step(state, batch), state) },
    };
  };

export const withWrites = (change: (write: Write) => Write | null) =>
  withEffects((effects) => ({ ...effects, writes: effects.writes.flatMap((write) => change(write) ?? []) }));

/** What workers say, as the scheduler hears it. */
export const withHeard =
  (change: (message: WorkerMessage) => WorkerMessage | null) =>
  (options: SchedulerOptions): SchedulerOptions => ({
    ...options,
    transport: {
      ...options.transport,
      listen: (listener) =>
        options.transport.listen({
          onDisconnect: (worker) => listener.onDisconnect(worker),
          onMessage: (worker, message) => {
            const changed = change(message);
            if (changed) listener.onMessage(worker, changed);
          },
        }),
    },
  });

/** What the scheduler says, as the agent hears it; and what the agent says, as the carrier gets it. */
export const withTalk =
  (change: {
    readonly heard?: (message: SchedulerMessage) => SchedulerMessage | null;
    readonly said?: (message: WorkerMessage) => WorkerMessage | null;
  }) =>
  (options: AgentOptions): AgentOptions => {
    const { heard = (message) => message, said = (message) => message } = change;
    const transport: WorkerTransport = {
      close: () => options.transport.close(),
      send: (messages) => options.transport.send(messages.flatMap((message) => said(message) ?? [])),
      connect: (listener) =>
        options.transport.connect({
          onConnect: () => listener.onConnect(),
          onDisconnect: () => listener.onDisconnect(),
          onMessage: (message) => {
            const changed = heard(message);
            if (changed) listener.onMessage(changed);
          },
        }),
    };
    return { ...options, transport };
  };

export const withJournal =
  (change: (journal: Journal) => Partial<Journal>) =>
  (options: AgentOptions): AgentOptions => ({
    ...options,
    journal: { ...options.journal, ...change(options.journal) },
  });

export const withExecutor =
  (change: (executor: Executor) => Partial<Executor>) =>
  (options: AgentOptions): AgentOptions => ({
    ...options,
    executors: options.executors.map((executor) => ({ ...executor, ...change(executor) })),
  });
