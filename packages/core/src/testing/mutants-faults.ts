/** Faults of the protocol that take more than a line: what each lacks is in its name. */
import type { Effects } from '../kernel/index.js';
import type { Write } from '../model/tables.js';
import type { WorkerMessage } from '../protocol/messages.js';
import type { AgentOptions } from '../shell/agent.js';
import type { SchedulerOptions } from '../shell/scheduler-types.js';
import type { SimulatedCluster } from '../simulator/simulated-cluster.js';
import { withStore, withTalk, withWrites } from './mutants-ports.js';

/** How often each attempt's end was told. */
export type Seen = Map<string, number>;

/** What a call that does nothing resolves with. */
export const DONE = Promise.resolve();

/** The newest epoch that each worker has said it has seen, so that any order looks like the newest. */
export function forgedEpoch(): (options: AgentOptions) => AgentOptions {
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
export function anySession(): (options: AgentOptions) => AgentOptions {
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
export const noFence = withStore((store) => ({
  commit: async (commit) => {
    const lease = await store.readLease();
    if (!lease) return store.commit(commit);
    return store.commit({ ...commit, epoch: lease.epoch, commitNo: lease.commitNo + 1 });
  },
}));

/** A leader that cannot renew goes on as if it had. */
export const noSelfStop = (options: SchedulerOptions): SchedulerOptions => {
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
export const leaseForAll = (cluster: SimulatedCluster): void => {
  const { inner } = cluster.database;
  const acquire = inner.acquireLease.bind(inner);
  inner.acquireLease = async (holder, ttlMs) => {
    const held = await inner.readLease();
    if (held) await inner.releaseLease(held.epoch);
    return acquire(holder, ttlMs);
  };
};

/** The worker's lease is told to be longer than the scheduler takes it for. */
export const longLease = withTalk({
  heard: (message) => (message.type === 'welcome' ? { ...message, leaseMs: message.leaseMs * 2 } : message),
});

/** Answers to pulses count from when they come: each is taken for the answer to the newest pulse. */
export function leaseFromReceipt(): (options: AgentOptions) => AgentOptions {
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
export const never =
  (type: WorkerMessage['type']) =>
  (message: WorkerMessage): WorkerMessage | null =>
    message.type === type ? null : message;

export const keepWrites = (isDropped: (write: Write) => boolean) =>
  withWrites((write) => (isDropped(write) ? null : write));

/** A put without one of its fields. */
export const withoutField = (table: string, field: string) =>
  withWrites((write) => {
    if (write.op !== 'put' || write.table !== table || !(field in write.value)) return write;
    const { [field]: _, ...value } = write.value;
    return { ...write, value };
  });

/** A commit that the store does not answer is believed to be there. */
export function lostCommits(): (options: SchedulerOptions) => SchedulerOptions {
  return withStore((store) => ({
    commit: (commit) => store.commit(commit).catch(() => 'applied' as const),
  }));
}

/** Every attempt of a run has the name of the first. */
export function sameAttempt(): (options: SchedulerOptions) => SchedulerOptions {
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

/** The message without ends that were told before. */
export function tellOnce(message: WorkerMessage, told: Seen): WorkerMessage | null {
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

/** Whether it is no order that was given before. */
export function isNew(command: Effects['commands'][number], sent: Set<string>): boolean {
  if (command.type !== 'attempt.exec') return true;
  if (sent.has(command.attempt.attempt)) return false;
  sent.add(command.attempt.attempt);
  return true;
}

/** Each pulse seems to be of a new life of its worker, so what it lacks seems lost. */
export function raisedSession(): (message: WorkerMessage) => WorkerMessage {
  return (message) =>
    message.type === 'pulse' ? { ...message, session: message.session + message.seq } : message;
}
