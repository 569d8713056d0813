/**
 * Deliberate faults of the protocol: each takes one safeguard away, or two where one stands behind the other.
 * They are put into the ports of the real scheduler and the real agent, never into their code. A world that
 * cannot tell such a mutant from the original would not see the mistake either; see run-mutants.
 */
import type { Effects, SchedulerState } from '../kernel/index.js';
import type { Write } from '../model/tables.js';
import type { Executor, Journal } from '../ports/executor.js';
import type { Store } from '../ports/store.js';
import type { WorkerTransport } from '../ports/transport.js';
import type { SchedulerMessage, WorkerMessage } from '../protocol/messages.js';
import type { AgentOptions } from '../shell/agent.js';
import type { SchedulerOptions } from '../shell/scheduler-types.js';
import type { SimulatedCluster } from '../simulator/simulated-cluster.js';
import type { WorldMutation } from './world.js';

export interface Mutant {
  readonly name: string;
  /** A fresh mutation: some keep what they have seen. */
  readonly make: () => WorldMutation;
}

type Seen = Map<string, number>;

/** The store with some of its calls replaced. */
const withStore =
  (change: (store: Store) => Partial<Store>) =>
  (options: SchedulerOptions): SchedulerOptions => ({
    ...options,
    store: { ...options.store, ...change(options.store) },
  });

/** The kernel with what a step asks for changed. */
const withEffects =
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

const withWrites = (change: (write: Write) => Write | null) =>
  withEffects((effects) => ({ ...effects, writes: effects.writes.flatMap((write) => change(write) ?? []) }));

/** What workers say, as the scheduler hears it. */
const withHeard =
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
const withTalk =
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

const withJournal =
  (change: (journal: Journal) => Partial<Journal>) =>
  (options: AgentOptions): AgentOptions => ({
    ...options,
    journal: { ...options.journal, ...change(options.journal) },
  });

const withExecutor =
  (change: (executor: Executor) => Partial<Executor>) =>
  (options: AgentOptions): AgentOptions => ({
    ...options,
    executors: options.executors.map((executor) => ({ ...executor, ...change(executor) })),
  });

const DONE = Promise.resolve();

/** The newest epoch that each worker has said it has seen, so that any order looks like the newest. */
function forgedEpoch(): (options: AgentOptions) => AgentOptions {
  let epoch = 0;
  let session = 0;
  return withTalk({
    said: (message) => {
      session = message.session;
      if (message.type !== 'bye') epoch = Math.max(epoch, message.epoch);
      return message;
    },
    heard: (message) => {
      const forged = message.epoch < epoch ? { ...message, epoch } : message;
      return forged.type === 'exec' ? { ...forged, session } : forged;
    },
  });
}

/** Sessions of orders are taken for the agent's own. */
function anySession(): (options: AgentOptions) => AgentOptions {
  let session = 0;
  return withTalk({
    said: (message) => {
      session = message.session;
      return message;
    },
    heard: (message) =>
      message.type === 'exec' || message.type === 'ack' ? { ...message, session } : message,
  });
}

/** A commit under an epoch that has passed is applied all the same. */
const noFence = withStore((store) => ({
  commit: async (commit) => {
    const lease = await store.readLease();
    if (!lease) return store.commit(commit);
    return store.commit({ ...commit, epoch: lease.epoch, commitNo: lease.commitNo + 1 });
  },
}));

/** A leader that cannot renew goes on as if it had. */
const noSelfStop = (options: SchedulerOptions): SchedulerOptions => {
  const { store } = options;
  return {
    ...options,
    store: {
      ...store,
      renewLease: async (epoch, ttlMs) => {
        const lease = await store.renewLease(epoch, ttlMs).catch(() => null);
        if (lease) return lease;
        const row = await store.readLease();
        return row && { ...row, epoch };
      },
    },
  };
};

/** Whatever holds the lease, the next who asks has it. */
const leaseForAll = (cluster: SimulatedCluster): void => {
  const { inner } = cluster.database;
  const acquire = inner.acquireLease.bind(inner);
  inner.acquireLease = async (holder, ttlMs) => {
    const held = await inner.readLease();
    if (held) await inner.releaseLease(held.epoch);
    return acquire(holder, ttlMs);
  };
};

/** The worker's lease is told to be longer than the scheduler takes it for. */
const longLease = withTalk({
  heard: (message) => (message.type === 'welcome' ? { ...message, leaseMs: message.leaseMs * 2 } : message),
});

/** Answers to pulses count from when they come: each is taken for the answer to the newest pulse. */
function leaseFromReceipt(): (options: AgentOptions) => AgentOptions {
  let newest = 0;
  return withTalk({
    said: (message) => {
      if (message.type === 'pulse') newest = message.seq;
      return message;
    },
    heard: (message) => (message.type === 'ack' ? { ...message, seq: newest } : message),
  });
}

/** Leaves the first telling of each of these out, and all that follow. */
const never =
  (type: WorkerMessage['type']) =>
  (message: WorkerMessage): WorkerMessage | null =>
    message.type === type ? null : message;

const keepWrites = (isDropped: (write: Write) => boolean) =>
  withWrites((write) => (isDropped(write) ? null : write));

/** A put without one of its fields. */
const withoutField = (table: string, field: string) =>
  withWrites((write) => {
    if (write.op !== 'put' || write.table !== table || !(field in write.value)) return write;
    const { [field]: _, ...value } = write.value;
    return { ...write, value };
  });

/** All mutants, by what they lack. */
export const MUTANTS: readonly Mutant[] = [
  { name: 'no fence, no self-stop', make: () => ({ scheduler: (options) => noFence(noSelfStop(options)) }) },
  { name: 'no fence', make: () => ({ scheduler: noFence }) },
  { name: 'lease for whoever asks, no fence', make: () => ({ scheduler: noFence, world: leaseForAll }) },
  {
    name: 'epoch is not raised',
    make: () => ({
      world: ({ database: { inner } }) => {
        const acquire = inner.acquireLease.bind(inner);
        inner.acquireLease = async (holder, ttlMs) => ({ ...(await acquire(holder, ttlMs)), epoch: 1 });
        const commit = inner.commit.bind(inner);
        inner.commit = async (asked) => {
          const lease = await inner.readLease();
          return commit({ ...asked, epoch: lease?.epoch ?? asked.epoch });
        };
        const renew = inner.renewLease.bind(inner);
        inner.renewLease = async (_, ttlMs) => {
          const lease = await inner.readLease();
          const renewed = lease ? await renew(lease.epoch, ttlMs) : null;
          return renewed && { ...renewed, epoch: 1 };
        };
      },
    }),
  },
  {
    name: 'commands before the commit',
    make: () => ({
      scheduler: withStore((store) => ({
        commit: (commit) => {
          void store.commit(commit).catch(() => 'fenced');
          return Promise.resolve('applied' as const);
        },
      })),
    }),
  },
  { name: 'a failed commit is taken for applied', make: () => ({ scheduler: lostCommits() }) },
  { name: 'no check of sessions', make: () => ({ agent: anySession() }) },
  { name: 'no check of sessions, no check of epochs', make: () => ({ agent: forgedEpoch() }) },
  {
    name: 'session is not raised at a start',
    make: () => ({
      agent: withJournal((journal) => ({
        load: async () => {
          const state = await journal.load();
          return { ...state, session: Math.max(0, state.session - 1) };
        },
      })),
    }),
  },
  {
    name: 'no journal',
    make: () => ({
      agent: withJournal((journal) => ({
        load: async () => ({ ...(await journal.load()), open: [], tombstones: [] }),
        accept: () => DONE,
        end: () => DONE,
      })),
    }),
  },
  {
    name: 'nothing is found again after a restart of the agent',
    make: () => ({ agent: withExecutor(() => ({ recover: () => Promise.resolve([]) })) }),
  },
  {
    name: 'no tombstones, no check of sessions',
    make: () => {
      const session = anySession();
      const journal = withJournal((inner) => ({
        load: async () => ({ ...(await inner.load()), tombstones: [], open: [] }),
      }));
      return { agent: (options) => journal(session(options)) };
    },
  },
  { name: 'lease of workers counted from the receipt', make: () => ({ agent: leaseFromReceipt() }) },
  { name: 'lease of workers twice as long', make: () => ({ agent: longLease }) },
  {
    name: 'the shim does not end with the lease',
    make: () => ({
      agent: withExecutor((executor) => ({
        leased: () => undefined,
        kill: (attempt, why) => (why === 'lease' ? undefined : executor.kill(attempt, why)),
      })),
    }),
  },
  {
    name: 'fence is run again at once',
    make: () => ({
      scheduler: (options) => ({ ...options, kernel: { ...options.kernel, workerLeaseMs: 1_000 as never } }),
      agent: withTalk({
        heard: (message) => (message.type === 'welcome' ? { ...message, leaseMs: 60_000 } : message),
      }),
    }),
  },
  {
    name: 'the number of the attempt is no part of its name',
    make: () => ({ scheduler: sameAttempt() }),
  },
  { name: 'cursor is not stored', make: () => ({ scheduler: withoutField('job', 'cursor') }) },
  {
    name: 'keys of requests are not stored',
    make: () => ({ scheduler: keepWrites(({ table }) => table === 'request') }),
  },
  {
    name: 'claims are not stored',
    make: () => ({ scheduler: keepWrites(({ table }) => table === 'attempt') }),
  },
  {
    name: 'a kill is told before the death',
    make: () => ({
      agent: withExecutor((executor) => {
        let out: Parameters<Executor['start']>[1] | null = null;
        return {
          start: (work, listener) => {
            out = listener;
            executor.start(work, listener);
          },
          kill: (attempt, why) => {
            executor.kill(attempt, why);
            out?.onEnded(attempt, 0, { state: 'canceled', exitCode: null, killComplete: true });
          },
        };
      }),
    }),
  },
  {
    name: 'a result is told once only',
    make: () => {
      const told: Seen = new Map();
      return { agent: withTalk({ said: (message) => tellOnce(message, told) }) };
    },
  },
  {
    name: 'an order is not sent again',
    make: () => {
      const sent = new Set<string>();
      return {
        scheduler: withEffects((effects) => ({
          ...effects,
          commands: effects.commands.filter((command) => isNew(command, sent)),
        })),
      };
    },
  },
  {
    name: 'what a pulse does not list is gone',
    make: () => ({ scheduler: withHeard(raisedSession()) }),
  },
  {
    name: 'results are never let go',
    make: () => ({
      scheduler: withEffects((effects) => ({
        ...effects,
        commands: effects.commands.filter(({ type }) => type !== 'attempt.fin'),
      })),
    }),
  },
  { name: 'pulses are never answered', make: () => ({ scheduler: withHeard(never('pulse')) }) },
  {
    name: 'kills are sent once, into the air',
    make: () => ({
      scheduler: withEffects((effects) => ({
        ...effects,
        commands: effects.commands.filter(({ type }) => type !== 'attempt.kill'),
      })),
    }),
  },
  {
    name: 'an end is told before it is on disk',
    make: () => ({
      agent: withJournal((journal) => ({
        end: (ends) => {
          void journal.end(ends).catch(() => undefined);
          return DONE;
        },
      })),
    }),
  },
  {
    name: 'bindings are not stored',
    make: () => ({ scheduler: keepWrites(({ table }) => table === 'binding') }),
  },
];

/** A commit that the store does not answer is believed to be there. */
function lostCommits(): (options: SchedulerOptions) => SchedulerOptions {
  return withStore((store) => ({
    commit: (commit) => store.commit(commit).catch(() => 'applied' as const),
  }));
}

/** Every attempt of a run has the name of the first. */
function sameAttempt(): (options: SchedulerOptions) => SchedulerOptions {
  const rename = (attempt: string) => attempt.replace(/\/\d+$/, '/1');
  return (options) => ({
    ...options,
    transport: {
      ...options.transport,
      send: (worker, messages) =>
        options.transport.send(
          worker,
          messages.map((message) => {
            if (message.type !== 'exec') return message;
            return {
              ...message,
              work: message.work.map((work) => ({ ...work, attempt: rename(work.attempt) })),
            };
          }),
        ),
    },
  });
}

function tellOnce(message: WorkerMessage, told: Seen): WorkerMessage | null {
  const isNews = (attempt: string, state: string) => {
    if (state !== 'ended') return true;
    const times = (told.get(attempt) ?? 0) + 1;
    told.set(attempt, times);
    return times === 1;
  };
  if (message.type === 'report') {
    return { ...message, entries: message.entries.filter(({ attempt, state }) => isNews(attempt, state)) };
  }
  if (message.type !== 'pulse') return message;
  const journal = message.journal.map((entry) =>
    entry.state === 'ended' && !isNews(entry.attempt, entry.state)
      ? ({ attempt: entry.attempt, state: 'running', startedAt: entry.startedAt ?? 0 } as const)
      : entry,
  );
  return { ...message, journal };
}

function isNew(command: Effects['commands'][number], sent: Set<string>): boolean {
  if (command.type !== 'attempt.exec') return true;
  if (sent.has(command.attempt.attempt)) return false;
  sent.add(command.attempt.attempt);
  return true;
}

/** Each pulse seems to be of a new life of its worker, so what it lacks seems lost. */
function raisedSession(): (message: WorkerMessage) => WorkerMessage {
  return (message) =>
    message.type === 'pulse' ? { ...message, session: message.session + message.seq } : message;
}
