/** Stops at a bug in our own code. Bad input is never an assertion: it is a `SchedulerError`. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`invariant violated: ${message}`);
}

/** Closes every exhaustive switch; adding a variant turns each missing case into a compile error. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}

/** The value, which an invariant says is there. */
export function must<T>(value: T | undefined | null, what: string): T {
  if (value === undefined || value === null) throw new Error(`invariant violated: no ${what}`);
  return value;
}
