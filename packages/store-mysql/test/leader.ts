/**
 * A leader for tests that settles what it does not know as the scheduler does. Each commit leaves its number in
 * a row, counts itself, and stores an event, so that one that was applied twice or in part shows.
 */
import type { Lease, Write } from '@hera/core';
import { expect, vi } from 'vitest';
import type { MysqlStore } from '../dist/index.js';

const TTL_MS = 600_000;
const RETRY_MS = 50;
/** A server that was killed mends its files first. */
const PATIENCE_MS = 60_000;
const COUNT_KEY = ['2026-11-23', 1, 'failed'] as const;

/** What every commit writes besides. */
export const countedWrites = (commitNo: number): readonly Write[] => [
  { op: 'put', table: 'event', key: [commitNo], value: { at: commitNo, events: '[]' } },
  { op: 'add', table: 'day_count', key: COUNT_KEY, field: 'runs', by: 1 },
  { op: 'put', table: 'meta', key: ['last'], value: { value: String(commitNo) } },
];

export class Leader {
  readonly store: MysqlStore;
  readonly epoch: number;
  commitNo: number;

  private constructor(store: MysqlStore, epoch: number, commitNo: number) {
    this.store = store;
    this.epoch = epoch;
    this.commitNo = commitNo;
  }

  static async of(store: MysqlStore, holder = 'leader'): Promise<Leader> {
    const lease = await store.acquireLease(holder, TTL_MS);
    expect(lease.holder).toBe(holder);
    return new Leader(store, lease.epoch, lease.commitNo);
  }

  /** A commit that must be answered. */
  async commit(writes: readonly Write[]): Promise<void> {
    const commitNo = this.commitNo + 1;
    const all = [...writes, ...countedWrites(commitNo)];
    expect(await this.store.commit({ epoch: this.epoch, commitNo, writes: all })).toBe('applied');
    this.commitNo = commitNo;
  }

  /** A commit that may not be answered; repeated until it is known to be applied. */
  async settle(writes: readonly Write[]): Promise<'applied' | 'applied, not answered' | 'repeated'> {
    const commitNo = this.commitNo + 1;
    const commit = { epoch: this.epoch, commitNo, writes: [...writes, ...countedWrites(commitNo)] };
    let isRepeated = false;
    for (;;) {
      const answer = await this.store.commit(commit).catch(() => 'rejected' as const);
      if (answer === 'applied') {
        this.commitNo = commitNo;
        return isRepeated ? 'repeated' : 'applied';
      }
      const lease = await this.#lease();
      expect(lease.epoch).toBe(this.epoch);
      if (lease.commitNo === commitNo) {
        this.commitNo = commitNo;
        return 'applied, not answered';
      }
      expect(lease.commitNo).toBe(commitNo - 1);
      isRepeated = true;
    }
  }

  /** Every commit is there, whole and once. */
  async check(): Promise<void> {
    const { store, commitNo } = this;
    expect((await this.#lease()).commitNo).toBe(commitNo);
    const events = await store.read('event', { limit: 100_000 });
    expect(events.map(({ key }) => key[0])).toEqual(Array.from({ length: commitNo }, (_, i) => i + 1));
    const [count] = await store.read('day_count', { prefix: COUNT_KEY });
    expect(count?.value['runs']).toBe(commitNo);
    const [last] = await store.read('meta', { prefix: ['last'] });
    expect(last?.value['value']).toBe(String(commitNo));
  }

  #lease(): Promise<Lease> {
    const ask = () => this.store.readLease().catch(() => null);
    return vi.waitUntil(ask, { interval: RETRY_MS, timeout: PATIENCE_MS });
  }
}
