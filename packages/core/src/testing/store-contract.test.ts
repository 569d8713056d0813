/** The memory store keeps the contract, and each of many wrong stores is caught by the case that should. */
import type { Write } from '../model/tables.js';
import { describe, expect, it } from 'vitest';
import { createMemoryStore } from '../memory/memory-store.js';
import type { Store } from '../ports/store.js';
import { storeContract } from './store-contract.js';
import type { StoreHarness } from './store-contract.js';

function memoryHarness(wrap: (store: Store) => Store = (store) => store): StoreHarness {
  let nowMs = 1_700_000_000_000;
  const store = wrap(createMemoryStore({ now: () => nowMs }));
  return {
    store,
    rival: store,
    async passTime(ms) {
      nowMs += ms;
    },
  };
}

describe('the memory store', () => {
  it.each(storeContract)('$name', async ({ run }) => {
    await run(memoryHarness());
  });
});

/** Stores with one fault each, and the case that must find it. */
const FAULTS: readonly { fault: string; caughtBy: string; wrap: (store: Store) => Store }[] = [
  {
    fault: 'does not fence by epoch',
    caughtBy: 'fence: an old epoch and a future one apply nothing',
    wrap: (store) => ({
      ...store,
      async commit(commit) {
        const epoch = (await store.readLease())?.epoch ?? 0;
        return store.commit({ ...commit, epoch });
      },
    }),
  },
  {
    fault: 'does not fence by commit number',
    caughtBy: 'fence: a repeat of an applied commit is fenced, and the lease tells that it was applied',
    wrap: (store) => ({
      ...store,
      async commit(commit) {
        const commitNo = ((await store.readLease())?.commitNo ?? 0) + 1;
        return store.commit({ ...commit, commitNo });
      },
    }),
  },
  {
    fault: 'says applied when it was fenced',
    caughtBy: 'fence: nothing is committed before anybody leads',
    wrap: (store) => ({
      ...store,
      async commit(commit) {
        await store.commit(commit);
        return 'applied';
      },
    }),
  },
  {
    fault: 'replaces rows instead of merging fields',
    caughtBy: 'commit: put sets the fields it names and leaves the others',
    wrap: (store) => ({
      ...store,
      commit: (commit) =>
        store.commit({
          ...commit,
          writes: commit.writes.flatMap((write): Write[] =>
            write.op === 'put'
              ? [{ op: 'delete' as const, table: write.table, key: write.key }, write]
              : [write],
          ),
        }),
    }),
  },
  {
    fault: 'applies all deletes of a commit last',
    caughtBy: 'commit: writes to one key are applied in their order',
    wrap: (store) => ({
      ...store,
      commit: (commit) => {
        const isDelete = (write: (typeof commit.writes)[number]) => write.op === 'delete';
        const writes = [...commit.writes.filter((w) => !isDelete(w)), ...commit.writes.filter(isDelete)];
        return store.commit({ ...commit, writes });
      },
    }),
  },
  {
    fault: 'renews whatever epoch asks',
    caughtBy: 'lease: when its time is over by the store’s clock, the next holder raises the epoch',
    wrap: (store) => ({
      ...store,
      async renewLease(_epoch, ttlMs) {
        const lease = await store.readLease();
        return lease && store.renewLease(lease.epoch, ttlMs);
      },
    }),
  },
  {
    fault: 'lets anybody take a lease that is alive',
    caughtBy: 'lease: while it is alive another gets the holder’s, unchanged',
    wrap: (store) => ({
      ...store,
      async acquireLease(holder, ttlMs) {
        const lease = await store.readLease();
        if (lease) await store.releaseLease(lease.epoch);
        return store.acquireLease(holder, ttlMs);
      },
    }),
  },
  {
    fault: 'judges the lease by when it was asked, not by the store’s now',
    caughtBy: 'lease: the first holder gets epoch 1, commit 0 and ttl from the store’s now',
    wrap: (store) => ({ ...store, acquireLease: (holder, ttlMs) => store.acquireLease(holder, ttlMs - 1) }),
  },
  {
    fault: 'loads ended runs of any age',
    caughtBy: 'load: a run that is open, or whose instant is at or after `since`',
    wrap: (store) => ({ ...store, load: () => store.load(0) }),
  },
  {
    fault: 'reads one row too many',
    caughtBy: 'read: 1,000 rows unless told, and never more than asked for',
    wrap: (store) => ({
      ...store,
      read: (table, range) => store.read(table, { ...range, limit: (range.limit ?? 1_000) + 1 }),
    }),
  },
  {
    fault: 'ignores where the last page ended',
    caughtBy: 'read: after a key',
    wrap: (store) => ({
      ...store,
      read: (table, { after: _after, ...range }) => store.read(table, range),
    }),
  },
  {
    fault: 'takes the same command twice',
    caughtBy: 'commands: the same id again changes nothing, taken or not',
    wrap: (store) => {
      let count = 0;
      return {
        ...store,
        putCommand: (command) => store.putCommand({ ...command, id: `${command.id}${count++}` }),
      };
    },
  },
];

describe('a wrong store', () => {
  it.each(FAULTS)('that $fault is caught by "$caughtBy"', async ({ caughtBy, wrap }) => {
    const found = storeContract.find(({ name }) => name === caughtBy);
    await expect(found?.run(memoryHarness(wrap))).rejects.toThrow();
  });
});

it('names every case once', () => {
  expect(new Set(storeContract.map(({ name }) => name)).size).toBe(storeContract.length);
});
