/** Promises that somebody waits for and that an engine which stops must not leave open. */
export class OpenPromises {
  readonly #rejections = new Set<(error: Error) => void>();
  #closedBy: Error | null = null;

  /** A promise that `close` rejects unless it has been settled before. */
  make<T>(settle: (resolve: (value: T) => void, reject: (error: Error) => void) => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#closedBy !== null) {
        reject(this.#closedBy);
        return;
      }
      const done = () => this.#rejections.delete(rejected);
      const rejected = (error: Error) => {
        done();
        reject(error);
      };
      this.#rejections.add(rejected);
      settle((value) => {
        done();
        resolve(value);
      }, rejected);
    });
  }

  /** Rejects all that are open, and those made later. */
  close(error: Error): void {
    this.#closedBy ??= error;
    for (const reject of [...this.#rejections]) reject(error);
  }
}
