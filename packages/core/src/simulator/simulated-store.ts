/**
 * A database reached over a network. Each call has three parts, send, apply and reply, with time between
 * them in which anything may happen: a commit may be applied after its writer has died, or applied without
 * its writer ever being told. What is stored is the memory store's, so its rules are the real ones.
 */
import { createMemoryStore } from '../memory/memory-store.js';
import { SchedulerError } from '../model/errors.js';
import type { Random } from '../model/random.js';
import type { Row } from '../model/tables.js';
import type { Commit, Lease, Store, StoredCommand } from '../ports/store.js';
import type { EventQueue } from './event-queue.js';
import type { SimulatedProcess } from './simulated-process.js';

/** What goes wrong with the database; probabilities are per call, from 0 to 1. May be changed at any time. */
export interface StoreFaults {
  /** Ms of one way, at least and at most. */
  latency: readonly [number, number];
  /** The call fails and is not applied. */
  fail: number;
  /** The call fails, and may or may not have been applied. */
  unknown: number;
  /** The call takes up to `slowMs` longer, on any of its ways. */
  slow: number;
  slowMs: number;
  /** Nothing answers, and calls fail after `timeoutMs`. */
  isDown: boolean;
  /** Reads work, writes fail. */
  isFull: boolean;
  timeoutMs: number;
}

/** A database without faults. */
export const soundStore = (): StoreFaults => ({
  latency: [0.2, 1],
  fail: 0,
  unknown: 0,
  slow: 0,
  slowMs: 0,
  isDown: false,
  isFull: false,
  timeoutMs: 5_000,
});

/** Learns what the database really did, whatever its callers were told. */
export interface StoreWitness {
  onGranted(lease: Lease, holder: string): void;
  onCommit(commit: Commit, by: string): void;
}

type Operation = 'lease' | 'commit' | 'read' | 'command';

/** The database; each process that uses it gets a connection of its own. */
export class SimulatedDatabase {
  readonly inner: Store;
  readonly faults: StoreFaults = soundStore();
  readonly #queue: EventQueue;
  readonly #random: Random;
  readonly #witness: StoreWitness | null;
  #clockOffset = 0;
  #latestMs = 0;
  /** When the clock was set back, and how far it was from true time before. */
  readonly #setBacks: { readonly offset: number; readonly at: number }[] = [];

  constructor(options: {
    readonly queue: EventQueue;
    readonly random: Random;
    readonly witness?: StoreWitness;
  }) {
    this.#queue = options.queue;
    this.#random = options.random;
    this.#witness = options.witness ?? null;
    this.inner = createMemoryStore({ now: () => this.nowMs() });
  }

  /** The database's own clock, which judges leases. */
  nowMs(): number {
    const now = Math.floor(this.#queue.now + this.#clockOffset);
    this.#latestMs = Math.max(this.#latestMs, now);
    return now;
  }

  /** The latest that this clock has ever shown to anybody. */
  get latestMs(): number {
    return Math.max(this.#latestMs, this.nowMs());
  }

  /**
   * The latest that anybody may hold to be the time, in good faith: who asked before the clock was set back
   * goes on from that answer, and learns better when it next asks, at most `leaseMs` later.
   */
  latestBelievedMs(leaseMs: number): number {
    const { now } = this.#queue;
    const believed = this.#setBacks.map(({ offset, at }) => offset + Math.min(now, at + leaseMs));
    return Math.max(this.latestMs, ...believed);
  }

  /** Sets the database's clock. */
  jumpClock(byMs: number): void {
    if (byMs < 0) this.#setBacks.push({ offset: this.#clockOffset, at: this.#queue.now });
    this.#clockOffset += byMs;
  }

  /** A store for one process: its calls die with it, but for those that are already on their way. */
  connect(process: SimulatedProcess): Store {
    const call = <T>(operation: Operation, apply: () => Promise<T>) => this.#call(process, operation, apply);
    const { inner } = this;
    return {
      acquireLease: (holder, ttlMs) =>
        call('lease', async () => {
          const before = await inner.readLease();
          const lease = await inner.acquireLease(holder, ttlMs);
          if (lease.epoch !== before?.epoch) this.#witness?.onGranted(lease, holder);
          return lease;
        }),
      renewLease: (epoch, ttlMs) => call('lease', () => inner.renewLease(epoch, ttlMs)),
      readLease: () => call('read', () => inner.readLease()),
      releaseLease: (epoch) => call('lease', () => inner.releaseLease(epoch)),
      load: (since) => this.#load(process, since),
      commit: (commit) =>
        call('commit', async () => {
          const result = await inner.commit(commit);
          if (result === 'applied') this.#witness?.onCommit(commit, process.name);
          return result;
        }),
      read: (table, range) => call('read', () => inner.read(table, range)),
      putCommand: (command: StoredCommand) => call('command', () => inner.putCommand(command)),
      changeDocuments: (changes) => call('command', () => inner.changeDocuments(changes)),
      commands: (limit) => call('read', () => inner.commands(limit)),
      close: () => Promise.resolve(),
    };
  }

  #call<T>(process: SimulatedProcess, operation: Operation, apply: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      process.does(() => this.#send({ process, operation, apply, resolve, reject }));
    });
  }

  #send<T>(call: Call<T>): void {
    const { faults } = this;
    const random = this.#random.next();
    if (faults.isDown) return this.#refuse(call, faults.timeoutMs);
    if (random < faults.fail) return this.#refuse(call, this.#wayMs());
    const isUnknown = random < faults.fail + faults.unknown;
    const isLost = isUnknown && this.#random.next() < 0.5;
    if (isLost) return this.#refuse(call, faults.timeoutMs);
    this.#queue.after(this.#wayMs(), () => this.#apply(call, isUnknown));
  }

  #apply<T>(call: Call<T>, isUnknown: boolean): void {
    const { faults } = this;
    if (faults.isDown) return this.#refuse(call, faults.timeoutMs);
    if (faults.isFull && call.operation !== 'read') return this.#refuse(call, this.#wayMs());
    const end = this.#queue.hold();
    call.apply().then(
      (value) => {
        end();
        if (isUnknown || this.faults.isDown) this.#refuse(call, faults.timeoutMs);
        else this.#queue.after(this.#wayMs(), () => call.process.enter(() => call.resolve(value)));
      },
      (error: unknown) => {
        end();
        const reason = error instanceof Error ? error : new Error(String(error));
        this.#queue.after(this.#wayMs(), () => call.process.enter(() => call.reject(reason)));
      },
    );
  }

  #refuse<T>({ process, operation, reject }: Call<T>, delayMs: number): void {
    this.#queue.after(delayMs, () => {
      process.enter(() => {
        reject(new SchedulerError('STORE_UNAVAILABLE', 'the database does not answer', { operation }));
      });
    });
  }

  async *#load(process: SimulatedProcess, since: number): AsyncGenerator<Row, void, undefined> {
    const rows = await this.#call(process, 'read', async () => {
      const all: Row[] = [];
      for await (const row of this.inner.load(since)) all.push(row);
      return all;
    });
    // The rows are all here: reading them takes the process no time.
    const end = this.#queue.hold();
    try {
      yield* rows;
    } finally {
      end();
    }
  }

  #wayMs(): number {
    const { latency, slow, slowMs } = this.faults;
    const [least, most] = latency;
    const usual = least + this.#random.next() * (most - least);
    return slow > 0 && this.#random.next() < slow ? usual + this.#random.next() * slowMs : usual;
  }
}

interface Call<T> {
  readonly process: SimulatedProcess;
  readonly operation: Operation;
  readonly apply: () => Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}
