/**
 * Every error a caller can act on, once, with the facts it carries. Three kinds of wrong are kept apart:
 * bad input is a `SchedulerError`; a broken world makes a port reject; a bug in our own code is an
 * assertion and stops the process. The HTTP status and the exit code of a code live with the server.
 */
export interface ErrorDetails {
  /** A definition says something that no job, group, pool or calendar may say. */
  DEFINITION_INVALID: { readonly problems: readonly DefinitionProblem[] };
  CRON_INVALID: { readonly expression: string; readonly field: string; readonly expected: string };
  ZONE_UNKNOWN: { readonly zone: string };
  TIME_INVALID: { readonly text: string };
  DURATION_INVALID: { readonly text: string };
  /** The path closes: its last element is its first. */
  GRAPH_CYCLE: { readonly path: readonly string[] };
  SELECTION_INVALID: { readonly selection: string; readonly offset: number };
  SELECTION_EMPTY: { readonly selection: string };
  TEMPLATE_INVALID: { readonly expression: string; readonly offset: number };
  TEMPLATE_LOOP: { readonly keys: readonly string[] };
  INCLUDE_LOOP: { readonly keys: readonly string[] };
  PARAMETER_INVALID: { readonly parameter: string; readonly rule: string };
  RESULT_TOO_LARGE: { readonly bytes: number; readonly bytesMax: number };
  JOB_NOT_FOUND: { readonly job: string };
  GROUP_NOT_FOUND: { readonly group: string };
  RUN_NOT_FOUND: { readonly run: string };
  PLAN_NOT_FOUND: { readonly plan: number };
  INCIDENT_NOT_FOUND: { readonly incident: number };
  /** No open waive, override or hold has that number. */
  OPERATION_NOT_FOUND: { readonly operation: string };
  SLOT_INVALID: { readonly job: string; readonly slot: string };
  /** The request is well formed, but the state of the thing does not allow it; says which state. */
  STATE_CONFLICT: { readonly subject: string; readonly state: string };
  /** The same request key was used for another request. */
  REQUEST_KEY_REUSED: { readonly key: string };
  /** The scheduler takes no more for now; `retryAfterMs` says when to try again. */
  OVERLOADED: { readonly retryAfterMs: number };
  /** This server does not lead, or has just stopped to. */
  NOT_LEADING: { readonly leader: string | null };
  LEASE_LOST: { readonly epoch: number };
  STORE_SCHEMA_TOO_NEW: { readonly found: number; readonly known: number };
  STORE_UNAVAILABLE: { readonly operation: string };
  PROTOCOL_UNSUPPORTED: { readonly version: number; readonly supported: number };
  MESSAGE_INVALID: { readonly path: string; readonly expected: string };
  /** The value of an option is outside its range. */
  OPTION_INVALID: { readonly option: string; readonly expected: string };
  STOPPED: { readonly what: string };
}

/** One thing wrong in a definition: where it stands and which rule it breaks. */
export interface DefinitionProblem {
  /** `jobs.dws_gmv.retry.attempts`. */
  readonly path: string;
  readonly rule: string;
  readonly message: string;
  readonly file?: string;
  readonly line?: number;
}

export type ErrorCode = keyof ErrorDetails;

const MARK = Symbol.for('hera.error');

/** An error the caller can act on. Test `error.code`; never match on the message. */
export class SchedulerError<Code extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'SchedulerError';
  readonly code: Code;
  readonly details: ErrorDetails[Code];
  /** Lets `isSchedulerError` know errors of another copy of this package. */
  readonly [MARK] = true;

  constructor(code: Code, message: string, details: ErrorDetails[Code], options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.details = details;
  }
}

/** Whether `error` is one of ours, of any code or of the one named; works across copies of the package. */
export function isSchedulerError<Code extends ErrorCode>(
  error: unknown,
  code?: Code,
): error is SchedulerError<Code> {
  if (typeof error !== 'object' || error === null || !(MARK in error)) return false;
  return code === undefined || (error as SchedulerError).code === code;
}
