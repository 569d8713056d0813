/**
 * The clocks of one machine: a wall clock that can be set, and a monotonic one that never goes back but may
 * run fast or slow, or stand still while the machine is suspended.
 */
import type { EventQueue } from './event-queue.js';
import type { MachineClock } from './simulated-process.js';

export class SimulatedMachineClock implements MachineClock {
  readonly #queue: EventQueue;
  /** Ms of the monotonic clock that pass in one true ms. */
  #rate: number;
  #wallOffset = 0;
  #base: number;
  #baseAt: number;

  /** `rate` is 1 for a true clock; its monotonic zero is arbitrary, as on every machine. */
  constructor(queue: EventQueue, options: { readonly rate?: number; readonly zero?: number } = {}) {
    this.#queue = queue;
    this.#rate = options.rate ?? 1;
    this.#base = options.zero ?? 0;
    this.#baseAt = queue.now;
  }

  get rate(): number {
    return this.#rate;
  }

  /** Lets the monotonic clock run at another rate from now on; 0 while the machine is suspended. */
  setRate(rate: number): void {
    this.#base = this.monotonicMs();
    this.#baseAt = this.#queue.now;
    this.#rate = rate;
  }

  /** Sets the wall clock forward, or back. */
  jumpWall(byMs: number): void {
    this.#wallOffset += byMs;
  }

  wallMs(): number {
    return Math.round(this.#queue.now + this.#wallOffset);
  }

  monotonicMs(): number {
    return this.#base + (this.#queue.now - this.#baseAt) * this.#rate;
  }

  trueDelay(delayMs: number): number {
    return delayMs / (this.#rate || 1);
  }
}
