/** Pauses between tries, each drawn anew, so that workers do not come back to a server all at once. */

/** Doubles up to a maximum; `next` draws between half of the pause and the whole. */
export class Backoff {
  readonly #first: number;
  readonly #max: number;
  #pause: number;

  constructor(firstMs: number, maxMs: number) {
    this.#first = firstMs;
    this.#max = Math.max(firstMs, maxMs);
    this.#pause = firstMs;
  }

  next(): number {
    const pause = this.#pause;
    this.#pause = Math.min(pause * 2, this.#max);
    return pause * (0.5 + Math.random() / 2);
  }

  /** The longest pause comes next: trying again soon would change nothing. */
  exhaust(): void {
    this.#pause = this.#max;
  }

  reset(): void {
    this.#pause = this.#first;
  }
}
