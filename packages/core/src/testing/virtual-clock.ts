/**
 * Time that stands still until a test moves it. Everything that was to wake up meanwhile wakes in order, each
 * at its own moment, and what it sets off is over before the next wakes.
 */
import type { Clock } from '../ports/clock.js';

interface Wake {
  readonly at: number;
  readonly wake: () => void;
}

/** A clock, its wall time and its monotonic time, that only `advanceTo` and `setWall` move. */
export class VirtualClock implements Clock {
  #now = 0;
  #wallOffset: number;
  /** In the order in which they come; of the same moment, in which they were asked for. */
  readonly #wakes: Wake[] = [];

  /** `at` is the wall time to begin with, epoch ms. */
  constructor(at: number) {
    this.#wallOffset = at;
  }

  wallMs(): number {
    return this.#wallOffset + this.#now;
  }

  monotonicMs(): number {
    return this.#now;
  }

  wakeAfter(delayMs: number, wake: () => void): () => void {
    const entry = { at: this.#now + Math.max(0, delayMs), wake };
    this.#wakes.splice(this.#placeOf(entry.at), 0, entry);
    return () => {
      const place = this.#wakes.indexOf(entry);
      if (place >= 0) this.#wakes.splice(place, 1);
    };
  }

  /** Wall time of the next wake-up; null when there is none. */
  get nextWakeAt(): number | null {
    const [first] = this.#wakes;
    return first ? first.at + this.#wallOffset : null;
  }

  /** Sets the wall clock without letting time pass: what somebody with a screwdriver does. */
  setWall(at: number): void {
    this.#wallOffset = at - this.#now;
  }

  /**
   * Lets time pass until the wall clock shows `at`; nothing happens if it is past that. `settle` resolves
   * when all that a wake-up has set off is over.
   */
  async advanceTo(at: number, settle: () => Promise<void> = nextTurn): Promise<void> {
    const until = at - this.#wallOffset;
    await settle();
    for (let [first] = this.#wakes; first && first.at <= until; [first] = this.#wakes) {
      this.#wakes.shift();
      this.#now = Math.max(this.#now, first.at);
      first.wake();
      await settle();
    }
    this.#now = Math.max(this.#now, until);
    await settle();
  }

  #placeOf(at: number): number {
    let [low, high] = [0, this.#wakes.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#wakes[middle]?.at ?? 0) <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

type Later = (callback: () => void) => void;
const { setImmediate: platformImmediate } = globalThis as { readonly setImmediate?: Later };
const immediate: Later = platformImmediate ?? ((callback) => void setTimeout(callback, 0));

/** Resolves when all promises that can settle by themselves have done so. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => immediate(resolve));
}
