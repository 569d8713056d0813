/** Promises that somebody waits for and that an engine which stops must not leave open. */
export class OpenPromises {
  readonly #rejections = new Set<(error: unknown) => void>();
  #closedBy: unknown = null;

  /** A promise that `close` rejects unless it has been settled before. */
  make<T>(settle: (resolve: (value: T) => void, reject: (error: unknown) => void) => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#closedBy !== null) {
        reject(this.#closedBy);
        return;
      }
      const done = () => this.#rejections.delete(rejected);
      const rejected = (error: unknown) => {
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
  close(error: unknown): void {
    this.#closedBy ??= error;
    for (const reject of [...this.#rejections]) reject(error);
  }
}
