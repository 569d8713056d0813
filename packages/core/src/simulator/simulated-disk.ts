/**
 * The disk of a worker's machine, as far as the agent's journal goes. Writes are made one after the other
 * and take time; what has not reached the disk when the power fails is lost, or torn in the middle.
 */
import { SchedulerError } from '../model/errors.js';
import type { Random } from '../model/random.js';
import type { Journal, JournalEnd, JournalState } from '../ports/executor.js';
import type { EventQueue } from './event-queue.js';
import type { SimulatedProcess } from './simulated-process.js';

/** What goes wrong with a disk. May be changed at any time. */
export interface DiskFaults {
  /** Ms a write takes, at least and at most. */
  latency: readonly [number, number];
  /** Nothing can be written. */
  isFull: boolean;
  /** Probability that a write fails with an I/O error and leaves nothing. */
  fail: number;
}

/** A disk without faults. */
export const soundDisk = (): DiskFaults => ({ latency: [0.1, 2], isFull: false, fail: 0 });

/** One record, as it lies on the disk. */
type JournalRecord =
  | { readonly type: 'session'; readonly session: number; readonly epoch: number }
  | { readonly type: 'accept'; readonly attempt: string }
  | { readonly type: 'end'; readonly end: JournalEnd }
  | { readonly type: 'forget'; readonly attempt: string };

interface Write {
  readonly records: readonly JournalRecord[];
  isDropped: boolean;
}

export class SimulatedDisk {
  readonly faults: DiskFaults = soundDisk();
  readonly #queue: EventQueue;
  readonly #random: Random;
  #session = 0;
  #epoch = 0;
  readonly #open = new Map<string, JournalEnd | null>();
  readonly #tombstones = new Set<string>();
  #underWay: Write[] = [];
  #freeAt = 0;

  constructor(queue: EventQueue, random: Random) {
    this.#queue = queue;
    this.#random = random;
  }

  /** What is on the disk; read by witnesses, not by agents. */
  get session(): number {
    return this.#session;
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** Attempts that are journaled and not forgotten: how each stands. */
  get open(): ReadonlyMap<string, JournalEnd | null> {
    return this.#open;
  }

  /** The journal of one life of the agent. Writes that are under way when it dies still reach the disk. */
  journal(process: SimulatedProcess): Journal {
    const write = (records: readonly JournalRecord[]) => this.#write(process, records);
    return {
      load: () => new Promise((resolve) => process.does(() => this.#read(process, resolve))),
      setSession: (session, epoch) => write([{ type: 'session', session, epoch }]),
      accept: (attempts) => write(attempts.map((attempt) => ({ type: 'accept', attempt }))),
      end: (ends) => write(ends.map((end) => ({ type: 'end', end }))),
      forget: (attempts) => write(attempts.map((attempt) => ({ type: 'forget', attempt }))),
    };
  }

  /** The power fails: of what is under way a part reaches the disk, in order, and the rest does not. */
  powerLoss(): void {
    let isTorn = false;
    for (const write of this.#underWay) {
      write.isDropped = true;
      if (isTorn) continue;
      const kept = this.#random.integer(write.records.length + 1);
      for (const record of write.records.slice(0, kept)) this.#put(record);
      isTorn = kept < write.records.length;
    }
    this.#underWay = [];
    this.#freeAt = 0;
  }

  #read(process: SimulatedProcess, resolve: (state: JournalState) => void): void {
    this.#queue.at(this.#nextAt(), () => {
      const state = {
        session: this.#session,
        epoch: this.#epoch,
        open: Array.from(this.#open, ([attempt, ended]) => ({ attempt, ended })),
        tombstones: [...this.#tombstones],
      };
      process.enter(() => resolve(state));
    });
  }

  #write(process: SimulatedProcess, records: readonly JournalRecord[]): Promise<void> {
    return new Promise((resolve, reject) => {
      process.does(() => {
        const { faults } = this;
        const isRefused = faults.isFull || this.#random.next() < faults.fail;
        const write: Write = { records, isDropped: false };
        if (!isRefused) this.#underWay.push(write);
        this.#queue.at(this.#nextAt(), () => {
          if (write.isDropped) return;
          if (isRefused) return process.enter(() => reject(diskError()));
          this.#underWay = this.#underWay.filter((other) => other !== write);
          for (const record of records) this.#put(record);
          process.enter(resolve);
        });
      });
    });
  }

  /** When an operation that begins now is done: one after the other. */
  #nextAt(): number {
    const [least, most] = this.faults.latency;
    const takes = least + this.#random.next() * (most - least);
    this.#freeAt = Math.max(this.#freeAt, this.#queue.now) + takes;
    return this.#freeAt;
  }

  #put(record: JournalRecord): void {
    switch (record.type) {
      case 'session':
        this.#session = record.session;
        this.#epoch = record.epoch;
        return;
      case 'accept':
        this.#open.set(record.attempt, null);
        return;
      case 'end':
        this.#open.set(record.end.attempt, record.end);
        return;
      case 'forget':
        this.#open.delete(record.attempt);
        this.#tombstones.add(record.attempt);
        return;
    }
  }
}

const diskError = () =>
  new SchedulerError('STORE_UNAVAILABLE', 'no space is left on the device', { operation: 'journal' });
