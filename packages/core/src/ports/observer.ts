/** Log lines and counters, out. Never influences a decision, never throws. */
export interface Observer {
  log(
    level: 'debug' | 'info' | 'warn' | 'error',
    message: string,
    facts?: Readonly<Record<string, unknown>>,
  ): void;
  count?(name: string, by: number): void;
}

export const silentObserver: Observer = { log: () => undefined };
