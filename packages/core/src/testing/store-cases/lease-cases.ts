/** Leadership: who holds the lease, until when by the store's clock, and how epochs grow. */
import { expectEqual, expectThat, lead, LONG_MS, put } from './case.js';
import type { StoreCase } from './case.js';

/** Long enough to be alive when the next call comes, short enough to wait for. */
const SHORT_MS = 40;

export const LEASE_CASES: readonly StoreCase[] = [
  {
    name: 'lease: nobody held it, so there is none',
    async run({ store }) {
      expectEqual(await store.readLease(), null, 'readLease of a new store');
      expectEqual(await store.renewLease(1, LONG_MS), null, 'renewLease of a new store');
      await store.releaseLease(1);
      expectEqual(await store.readLease(), null, 'a release of nothing makes no lease');
    },
  },
  {
    name: 'lease: the first holder gets epoch 1, commit 0 and ttl from the store’s now',
    async run({ store }) {
      const lease = await store.acquireLease('a', LONG_MS);
      expectEqual([lease.epoch, lease.holder, lease.commitNo], [1, 'a', 0], 'the first lease');
      expectEqual(lease.expiresAtMs - lease.nowMs, LONG_MS, 'ttl counts from the store’s now');
      const read = await store.readLease();
      expectEqual({ ...read, nowMs: 0 }, { ...lease, nowMs: 0 }, 'readLease gives the same lease');
      expectThat((read?.nowMs ?? 0) >= lease.nowMs, 'the store’s clock does not go back');
    },
  },
  {
    name: 'lease: while it is alive another gets the holder’s, unchanged',
    async run({ store, rival }) {
      const held = await lead(store, 'a');
      const refused = await rival.acquireLease('b', LONG_MS);
      expectEqual({ ...refused, nowMs: 0 }, { ...held, nowMs: 0 }, 'the holder’s lease comes back');
      const again = await store.acquireLease('a', LONG_MS * 2);
      expectEqual({ ...again, nowMs: 0 }, { ...held, nowMs: 0 }, 'asking twice neither renews nor raises');
    },
  },
  {
    name: 'lease: when its time is over by the store’s clock, the next holder raises the epoch',
    async run({ store, rival, passTime }) {
      const first = await store.acquireLease('a', SHORT_MS);
      await passTime(SHORT_MS);
      const second = await rival.acquireLease('b', LONG_MS);
      expectEqual([second.epoch, second.holder], [first.epoch + 1, 'b'], 'the lease after an expired one');
      expectEqual(await store.renewLease(first.epoch, LONG_MS), null, 'renewing an old epoch');
      expectEqual((await store.readLease())?.holder, 'b', 'the refused renewal changed nothing');
    },
  },
  {
    name: 'lease: renewing moves the end to ttl from now and keeps epoch and commit number',
    async run({ store, passTime }) {
      const lease = await store.acquireLease('a', LONG_MS);
      await store.commit({ epoch: 1, commitNo: 1, writes: [] });
      await passTime(SHORT_MS);
      const renewed = await store.renewLease(lease.epoch, LONG_MS);
      expectEqual([renewed?.epoch, renewed?.holder, renewed?.commitNo], [1, 'a', 1], 'the renewed lease');
      expectEqual((renewed?.expiresAtMs ?? 0) - (renewed?.nowMs ?? 0), LONG_MS, 'ttl counts from now');
      expectThat((renewed?.expiresAtMs ?? 0) >= lease.expiresAtMs + SHORT_MS, 'the end has moved');
    },
  },
  {
    name: 'lease: one that is over, but taken by nobody, can still be renewed and committed under',
    async run({ store, passTime }) {
      const lease = await store.acquireLease('a', SHORT_MS);
      await passTime(SHORT_MS);
      const outcome = await store.commit({ epoch: lease.epoch, commitNo: 1, writes: [] });
      expectEqual(outcome, 'applied', 'the epoch fences, not the clock');
      expectEqual((await store.renewLease(lease.epoch, LONG_MS))?.epoch, lease.epoch, 'the renewal');
    },
  },
  {
    name: 'lease: released, it is free at once',
    async run({ store, rival }) {
      const first = await lead(store, 'a');
      await store.releaseLease(first.epoch);
      const second = await rival.acquireLease('b', LONG_MS);
      expectEqual([second.epoch, second.holder], [first.epoch + 1, 'b'], 'the lease after a release');
    },
  },
  {
    name: 'lease: releasing an old epoch changes nothing',
    async run({ store, rival }) {
      const first = await lead(store, 'a');
      await store.releaseLease(first.epoch);
      const second = await lead(rival, 'b');
      await store.releaseLease(first.epoch);
      const found = await store.readLease();
      expectEqual({ ...found, nowMs: 0 }, { ...second, nowMs: 0 }, 'the lease after a late release');
    },
  },
  {
    name: 'lease: of many who ask at once, exactly one gets it',
    async run({ store, rival }) {
      const holders = Array.from({ length: 8 }, (_, i) => `holder-${i}`);
      const asked = holders.map((holder, i) => (i % 2 ? store : rival).acquireLease(holder, LONG_MS));
      const leases = await Promise.all(asked);
      expectEqual(new Set(leases.map(({ epoch }) => epoch)).size, 1, 'epochs given out');
      const winners = leases.filter((lease, i) => lease.holder === holders[i]);
      expectEqual(winners.length, 1, 'holders who got their own lease');
    },
  },
  {
    name: 'lease: the commit number goes on across epochs',
    async run({ store, rival }) {
      const first = await lead(store, 'a');
      for (const commitNo of [1, 2, 3]) {
        await store.commit({ epoch: first.epoch, commitNo, writes: [put('meta', ['n'], { value: '1' })] });
      }
      await store.releaseLease(first.epoch);
      const second = await lead(rival, 'b');
      expectEqual(second.commitNo, 3, 'the commit number a new leader starts from');
      const outcome = await rival.commit({ epoch: second.epoch, commitNo: 4, writes: [] });
      expectEqual(outcome, 'applied', 'the first commit of the new epoch');
    },
  },
];
