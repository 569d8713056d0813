/**
 * Deliberate faults of the protocol: each takes one safeguard away, or two where one stands behind the other.
 * They are put into the ports of the real scheduler and the real agent, never into their code. A world that
 * cannot tell such a mutant from the original would not see the mistake either; see run-mutants.
 */
import type { Executor } from '../ports/executor.js';
import type { WorldMutation } from './world.js';
import {
  DONE,
  anySession,
  forgedEpoch,
  isNew,
  keepWrites,
  leaseForAll,
  leaseFromReceipt,
  longLease,
  lostCommits,
  never,
  noFence,
  noSelfStop,
  raisedSession,
  sameAttempt,
  tellOnce,
  withoutField,
} from './mutants-faults.js';
import type { Seen } from './mutants-faults.js';
import { withEffects, withExecutor, withHeard, withJournal, withStore, withTalk } from './mutants-ports.js';

/** One deliberate fault. */
export interface Mutant {
  readonly name: string;
  /** Why worlds do not show it; without one, a mutant must be killed. */
  readonly survives?: string;
  /** First world that is run, where those before it do not show the mutant; default 1. */
  readonly firstSeed?: number;
  /** A fresh mutation: some keep what they have seen. */
  readonly make: () => WorldMutation;
}

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
  {
    name: 'no check of sessions',
    survives: 'a second line: epochs, journal and tombstones stop the same orders; killed as a pair',
    make: () => ({ agent: anySession() }),
  },
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
  {
    name: 'lease of workers counted from the receipt',
    firstSeed: 1_540,
    make: () => ({ agent: leaseFromReceipt() }),
  },
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
  {
    name: 'cursor is not stored',
    survives: "a second line: the run's key is there already, so the slot is not made twice",
    make: () => ({ scheduler: withoutField('job', 'cursor') }),
  },
  {
    name: 'keys of requests are not stored',
    survives: 'takes the same request again at another leader; rare in these worlds',
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
    survives: "a second line: the worker's lease ends, and the attempt is tried again",
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
    survives: 'a second line: the lease or the timeout ends what was to be killed',
    make: () => ({
      scheduler: withEffects((effects) => ({
        ...effects,
        commands: effects.commands.filter(({ type }) => type !== 'attempt.kill'),
      })),
    }),
  },
  {
    name: 'an end is told before it is on disk',
    survives: 'takes a crash within the milliseconds of one write; rare in these worlds',
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
