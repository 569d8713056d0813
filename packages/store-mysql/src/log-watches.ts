/**
 * Who waits for bytes of which log. Bytes that this server stores are told at once; those that another one
 * stores are seen by looking, once a second, at the sizes of all watched logs together.
 */
const LOOK_MS = 1_000;

/** Gives a text for each log that changes whenever the log does. */
export type ReadStates = (attempts: readonly string[]) => Promise<ReadonlyMap<string, string>>;

/** Watches of logs; looks only while there are some. */
export class LogWatches {
  readonly #readStates: ReadStates;
  readonly #watches = new Map<string, Set<() => void>>();
  #states = new Map<string, string>();
  #timer: NodeJS.Timeout | null = null;
  #isLooking = false;

  constructor(readStates: ReadStates) {
    this.#readStates = readStates;
  }

  /** Calls back when the log may have changed, until the returned function is called. */
  add(attempt: string, changed: () => void): () => void {
    const own = this.#watches.get(attempt) ?? new Set();
    // One function may watch a log twice.
    const watch = () => changed();
    own.add(watch);
    this.#watches.set(attempt, own);
    this.#timer ??= setInterval(() => void this.#look(), LOOK_MS).unref();
    void this.#look();
    return () => {
      own.delete(watch);
      if (own.size === 0 && this.#watches.get(attempt) === own) this.#watches.delete(attempt);
      this.#states.delete(attempt);
      if (this.#watches.size === 0) this.#stop();
    };
  }

  /** Calls all who watch the log. */
  tell(attempt: string): void {
    for (const changed of [...(this.#watches.get(attempt) ?? [])]) changed();
  }

  close(): void {
    this.#watches.clear();
    this.#stop();
  }

  #stop(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
    this.#states = new Map();
  }

  /** A database that does not answer is asked again a second later. */
  async #look(): Promise<void> {
    if (this.#isLooking || this.#watches.size === 0) return;
    this.#isLooking = true;
    const states = await this.#readStates([...this.#watches.keys()]).catch(() => null);
    this.#isLooking = false;
    for (const [attempt, state] of states ?? []) {
      if (this.#states.get(attempt) === state) continue;
      this.#states.set(attempt, state);
      this.tell(attempt);
    }
  }
}
