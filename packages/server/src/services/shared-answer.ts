/** An answer that many ask for at once is read once, and reused while it is fresh. A failure is not kept. */
export class SharedAnswer<T> {
  readonly #freshMs: number;
  readonly #read: () => Promise<T>;
  #answer: Promise<T> | null = null;
  #until = 0;

  constructor(freshMs: number, read: () => Promise<T>) {
    this.#freshMs = freshMs;
    this.#read = read;
  }

  get(): Promise<T> {
    if (this.#answer !== null && performance.now() < this.#until) return this.#answer;
    this.#until = Number.POSITIVE_INFINITY;
    const answer = this.#read().finally(() => {
      this.#until = performance.now() + this.#freshMs;
    });
    answer.catch(() => {
      this.#answer = null;
    });
    this.#answer = answer;
    return answer;
  }
}
