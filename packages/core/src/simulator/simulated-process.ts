/**
 * A process that can stop at any moment. Everything that reaches it from outside, a wake-up, a message, an
 * answer of the store, comes through `enter`; everything it does to the outside goes through `does`. So a
 * crash needs no help of the code inside: its ports go dead, and whatever its continuations still do reaches
 * nobody. A paused process (SIGSTOP) gets what came meanwhile when it goes on, and what it did last leaves
 * then: it may have been stopped between deciding and sending.
 */
import type { Clock } from '../ports/clock.js';
import type { EventQueue } from './event-queue.js';

/** What a machine's clocks show; several processes share it. */
export interface MachineClock {
  wallMs(): number;
  monotonicMs(): number;
  /** True time in which `delayMs` of the monotonic clock pass. */
  trueDelay(delayMs: number): number;
}

/** Hooks that let a world stop a process in the middle of what it does. */
export interface Failpoints {
  /**
   * Asked before each outward act; `crash` prevents the act, `crashAfter` lets it happen, a number pauses.
   */
  before(name: string): 'crash' | 'crashAfter' | number | null;
}

/** The least time that a timer waits: well above what rounding takes away. */
const TIMER_GRAIN_MS = 0.01;

/** One process of a simulated machine. */
export class SimulatedProcess {
  readonly name: string;
  readonly clock: Clock;
  readonly #queue: EventQueue;
  readonly #failpoints: Failpoints | null;
  #isAlive = true;
  #isPaused = false;
  #held: (() => void)[] = [];
  #onCrash: (() => void)[] = [];

  constructor(name: string, queue: EventQueue, machine: MachineClock, failpoints: Failpoints | null = null) {
    this.name = name;
    this.#queue = queue;
    this.#failpoints = failpoints;
    this.clock = {
      wallMs: () => machine.wallMs(),
      monotonicMs: () => machine.monotonicMs(),
      wakeAfter: (delayMs, wake) => this.#wakeAfter(machine, delayMs, wake),
    };
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Runs `inside` in the process: now, when it goes on, or never. */
  enter(inside: () => void): void {
    if (!this.#isAlive) return;
    if (this.#isPaused) {
      this.#held.push(inside);
      return;
    }
    this.#queue.stir();
    inside();
  }

  /** Lets the process act on the outside: now, when it goes on, or never. */
  does(act: () => void): void {
    if (!this.#isAlive) return;
    const stop = this.#isPaused ? null : (this.#failpoints?.before(this.name) ?? null);
    if (stop === 'crash') return this.crash();
    if (typeof stop === 'number') this.pause(stop);
    if (this.#isPaused) {
      this.#held.push(act);
      return;
    }
    act();
    if (stop === 'crashAfter') this.crash();
  }

  /** Stops it for good. */
  crash(): void {
    if (!this.#isAlive) return;
    this.#isAlive = false;
    this.#held = [];
    for (const tell of this.#onCrash.splice(0)) tell();
  }

  onCrash(tell: () => void): void {
    if (this.#isAlive) this.#onCrash.push(tell);
    else tell();
  }

  /** Stops it for `ms` of true time. */
  pause(ms: number): void {
    if (!this.#isAlive || this.#isPaused) return;
    this.#isPaused = true;
    this.#queue.after(ms, () => this.resume());
  }

  /** Lets a paused process go on. */
  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    const held = this.#held;
    this.#held = [];
    for (const [index, go] of held.entries()) {
      // It may be stopped again by what it does now.
      if (this.#isPaused) {
        this.#held.push(...held.slice(index));
        return;
      }
      if (!this.#isAlive) return;
      this.#queue.stir();
      go();
    }
  }

  #wakeAfter(machine: MachineClock, delayMs: number, wake: () => void): () => void {
    const dueAt = machine.monotonicMs() + delayMs;
    let cancel: () => void = () => undefined;
    let isCanceled = false;
    const arm = (ms: number) => {
      cancel = this.#queue.after(machine.trueDelay(ms), () => this.enter(fire));
    };
    const fire = () => {
      if (isCanceled) return;
      // The clock may have stood still meanwhile; nobody is woken early.
      const earlyMs = dueAt - machine.monotonicMs();
      if (earlyMs > 0) arm(Math.max(TIMER_GRAIN_MS, earlyMs));
      else wake();
    };
    arm(delayMs);
    return () => {
      isCanceled = true;
      cancel();
    };
  }
}
