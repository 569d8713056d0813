/**
 * What every Journal keeps. A list of cases without a test framework: feed each to your own
 * `test(name, run)`.
 */
import type { AttemptOutcome } from '../model/run.js';
import type { Journal, JournalState } from '../ports/executor.js';
import { expectEqual } from './expect.js';

/** Opens journals over one place. */
export interface JournalHarness {
  /** A journal over an empty place. */
  open(): Promise<Journal>;
  /** What a new life of the worker finds: the same place, opened again without having closed it. */
  reopen(journal: Journal): Promise<Journal>;
}

/** One rule of the port. */
export interface JournalCase {
  readonly name: string;
  run(harness: JournalHarness): Promise<void>;
}

const OUTCOME: AttemptOutcome = {
  state: 'failed',
  exitCode: null,
  signal: 'SIGKILL',
  failure: 'resource',
  message: '内存不足 "quoted"\nsecond line',
  result: '{"rows":1}',
  killComplete: false,
};

const end = (attempt: string, outcome: AttemptOutcome = { state: 'succeeded', exitCode: 0 }) => ({
  attempt,
  startedAt: 1_000,
  endedAt: 2_000,
  outcome,
});

async function loaded(harness: JournalHarness, journal: Journal): Promise<JournalState> {
  return (await harness.reopen(journal)).load();
}

/** The rules of `Journal`, each on a place of its own. */
export const journalContract: readonly JournalCase[] = [
  {
    name: 'a new journal is empty',
    run: async (harness) => {
      const state = await (await harness.open()).load();
      expectEqual(state, { session: 0, epoch: 0, open: [], tombstones: [] });
    },
  },
  {
    name: 'session and epoch outlive the worker, the newest of each',
    run: async (harness) => {
      const journal = await harness.open();
      await journal.setSession(1, 0);
      await journal.setSession(2, 9);
      const { session, epoch } = await loaded(harness, journal);
      expectEqual({ session, epoch }, { session: 2, epoch: 9 });
    },
  },
  {
    name: 'accepted attempts come back in order, ended ones with every field of their end',
    run: async (harness) => {
      const journal = await harness.open();
      await journal.accept(['b@a:1/1', 'a@a:1/1']);
      await journal.accept(['日报@20261123T020000Z/2']);
      await journal.end([end('a@a:1/1', OUTCOME), { ...end('日报@20261123T020000Z/2'), startedAt: null }]);
      expectEqual((await loaded(harness, journal)).open, [
        { attempt: 'b@a:1/1', ended: null },
        { attempt: 'a@a:1/1', ended: end('a@a:1/1', OUTCOME) },
        {
          attempt: '日报@20261123T020000Z/2',
          ended: { ...end('日报@20261123T020000Z/2'), startedAt: null },
        },
      ]);
    },
  },
  {
    name: 'what is forgotten leaves a tombstone and nothing else',
    run: async (harness) => {
      const journal = await harness.open();
      await journal.accept(['a/1', 'b/1']);
      await journal.end([end('a/1')]);
      await journal.forget(['a/1']);
      const state = await loaded(harness, journal);
      expectEqual(state.open, [{ attempt: 'b/1', ended: null }]);
      expectEqual(state.tombstones, ['a/1']);
    },
  },
  {
    name: 'every write may be repeated',
    run: async (harness) => {
      const journal = await harness.open();
      for (const attempts of [['a/1'], ['a/1', 'b/1']]) await journal.accept(attempts);
      for (const _ of [1, 2]) await journal.end([end('b/1')]);
      for (const _ of [1, 2]) await journal.forget(['b/1']);
      const state = await loaded(harness, journal);
      expectEqual(state.open, [{ attempt: 'a/1', ended: null }]);
      expectEqual(state.tombstones, ['b/1']);
    },
  },
  {
    name: 'writes that are under way together are all durable when they resolve',
    run: async (harness) => {
      const journal = await harness.open();
      const names = Array.from({ length: 500 }, (_, n) => `j@a:${n}/1`);
      await Promise.all(names.map((name) => journal.accept([name])));
      await Promise.all(names.map((name) => journal.end([end(name)])));
      const { open } = await loaded(harness, journal);
      expectEqual(
        open.map((entry) => entry.attempt),
        names,
      );
      expectEqual(open.filter((entry) => entry.ended === null).length, 0);
    },
  },
  {
    name: 'a journal goes on where the last life of the worker stopped',
    run: async (harness) => {
      const first = await harness.open();
      await first.setSession(1, 1);
      await first.accept(['a/1']);
      const second = await harness.reopen(first);
      await second.load();
      await second.setSession(2, 1);
      await second.end([end('a/1')]);
      const state = await loaded(harness, second);
      expectEqual(state.session, 2);
      expectEqual(state.open, [{ attempt: 'a/1', ended: end('a/1') }]);
    },
  },
];
