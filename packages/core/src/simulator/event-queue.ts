/**
 * Virtual time. Everything that will happen stands in one queue, ordered by time and then by the order in
 * which it was asked for, so a seed gives one history and no other. The code under simulation is the real
 * one and waits on promises; between two events its continuations are given a fixed number of turns of the
 * microtask queue, which is deterministic too: chains longer than that just go on during the next event.
 */
import { MinHeap } from './min-heap.js';

const NOTHING = Promise.resolve();
/** Turns that continuations get after an event that entered the code under simulation. */
const TURNS = 48;
/** No piece of work takes longer; whoever holds the time beyond that has died without a word. */
const TURNS_HELD_MAX = 200_000;

/** So many events at one moment are a loop that waits for no time at all. */
const AT_ONCE_MAX = 100_000;

interface Entry {
  readonly at: number;
  readonly order: number;
  fire: (() => void) | null;
}

/** The one queue of a simulated world. Times are ms of true time, which no process of the world can read. */
export class EventQueue {
  readonly #heap = new MinHeap<Entry>((a, b) => a.at - b.at || a.order - b.order);
  #now: number;
  #order = 0;
  #isStirred = false;
  #busy = 0;
  #fired = 0;
  #atOnce = 0;

  /** `startMs` is the true time at which the world begins. */
  constructor(startMs: number) {
    this.#now = startMs;
  }

  get now(): number {
    return this.#now;
  }

  /** Events that have happened so far. */
  get fired(): number {
    return this.#fired;
  }

  /** Lets something happen at `at`, or now if that has passed. The returned function cancels it. */
  at(at: number, fire: () => void): () => void {
    const entry: Entry = { at: Math.max(at, this.#now), order: this.#order, fire };
    this.#order += 1;
    this.#heap.push(entry);
    return () => {
      entry.fire = null;
    };
  }

  /** Likewise, `delayMs` from now. */
  after(delayMs: number, fire: () => void): () => void {
    return this.at(this.#now + Math.max(0, delayMs), fire);
  }

  /** Says that the event under way entered code that may go on in promises. */
  stir(): void {
    this.#isStirred = true;
  }

  /** Time stands still while work is under way that no event ends; returns what ends it. */
  hold(): () => void {
    this.#busy += 1;
    this.stir();
    let isHeld = true;
    return () => {
      if (isHeld) this.#busy = Math.max(0, this.#busy - 1);
      isHeld = false;
    };
  }

  /**
   * Lets happen whatever comes up to `untilMs`, and moves the time there. `stop` is asked after each event.
   */
  async run(untilMs: number, stop: () => boolean = () => false): Promise<void> {
    await this.#drain();
    for (;;) {
      const next = this.#heap.peek();
      if (!next || next.at > untilMs) break;
      this.#heap.pop();
      if (!next.fire) continue;
      this.#atOnce = next.at === this.#now ? this.#atOnce + 1 : 0;
      if (this.#atOnce > AT_ONCE_MAX) throw new Error(`time stands still at ${this.#now}`);
      this.#now = next.at;
      this.#fired += 1;
      next.fire();
      if (this.#isStirred) await this.#drain();
      if (stop()) return;
    }
    this.#now = Math.max(this.#now, untilMs);
  }

  async #drain(): Promise<void> {
    this.#isStirred = false;
    let turn = 0;
    for (; turn < TURNS || (this.#busy > 0 && turn < TURNS_HELD_MAX); turn += 1) await NOTHING;
    if (turn === TURNS_HELD_MAX) this.#busy = 0;
  }
}
