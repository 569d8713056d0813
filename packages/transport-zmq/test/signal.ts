/** Lets a test wait for something that callbacks bring about; what never comes is the runner's time-out. */
export class Signal {
  #waiting: (() => void)[] = [];

  /** Does it, then wakes whoever waits. */
  after(change: () => unknown): void {
    change();
    for (const wake of this.#waiting.splice(0)) wake();
  }

  async until(check: () => boolean): Promise<void> {
    while (!check()) await new Promise<void>((wake) => void this.#waiting.push(wake));
  }
}
