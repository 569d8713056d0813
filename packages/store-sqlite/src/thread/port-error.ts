/**
 * What a thread reports to the caller of a port. Threads import nothing of core but types, which keeps their
 * start short; the store turns this into a `SchedulerError` of the same code.
 */
export class PortError extends Error {
  readonly code: 'STORE_UNAVAILABLE' | 'STORE_SCHEMA_TOO_NEW';
  readonly details: Readonly<Record<string, string | number>>;

  constructor(code: PortError['code'], message: string, details: PortError['details']) {
    super(message);
    this.code = code;
    this.details = details;
  }
}
