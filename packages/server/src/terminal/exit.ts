/** Exit codes of `hera`, once, and how every error that a command can end with becomes one of them. */
import type { DefinitionProblem, ErrorCode } from '@hera/core';
import { isSchedulerError } from '@hera/core';
import { ClientError } from '@hera/api';
import { SourceNotFound } from '../definitions/load.js';

/** All codes; `docs/reference/cli.md` shows them. */
export const EXIT = {
  done: 0,
  unexpected: 1,
  /** The command line or the definitions are wrong; nothing was done. */
  usage: 2,
  notFound: 3,
  notAllowed: 4,
  conflict: 5,
  waitTimedOut: 6,
  unreachable: 7,
  differences: 8,
  runFailed: 10,
  runCanceled: 11,
  interrupted: 130,
} as const;

/** One of the exit codes. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends the command with a message for people and an exit code; `hint` says what to do next. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exit: ExitCode;
  readonly hint: string | undefined;

  constructor(exit: ExitCode, message: string, hint?: string) {
    super(message);
    this.exit = exit;
    this.hint = hint;
  }
}

/** Codes whose errors are not a wrong command line. */
const EXIT_OF_CODE: Partial<Record<ErrorCode, ExitCode>> = {
  JOB_NOT_FOUND: EXIT.notFound,
  GROUP_NOT_FOUND: EXIT.notFound,
  RUN_NOT_FOUND: EXIT.notFound,
  PLAN_NOT_FOUND: EXIT.notFound,
  INCIDENT_NOT_FOUND: EXIT.notFound,
  OPERATION_NOT_FOUND: EXIT.notFound,
  SELECTION_EMPTY: EXIT.notFound,
  STATE_CONFLICT: EXIT.conflict,
  REQUEST_KEY_REUSED: EXIT.conflict,
  NOT_LEADING: EXIT.unreachable,
  LEASE_LOST: EXIT.unreachable,
  STORE_UNAVAILABLE: EXIT.unreachable,
  STOPPED: EXIT.unreachable,
  OVERLOADED: EXIT.unreachable,
  STORE_SCHEMA_TOO_NEW: EXIT.unexpected,
};

/** Exit code and lines of any error. Only an error nobody foresaw shows where in the code it arose. */
export function describeError(error: unknown): {
  readonly exit: ExitCode;
  readonly lines: readonly string[];
} {
  if (error instanceof CliError) {
    const hint = error.hint === undefined ? [] : [error.hint];
    return { exit: error.exit, lines: [error.message, ...hint] };
  }
  if (error instanceof SourceNotFound) return { exit: EXIT.notFound, lines: [error.message] };
  if (isSchedulerError(error, 'DEFINITION_INVALID')) {
    return { exit: EXIT.usage, lines: error.details.problems.map(problemText) };
  }
  if (error instanceof ClientError) return { exit: exitOfClient(error), lines: [error.message] };
  if (isSchedulerError(error))
    return { exit: EXIT_OF_CODE[error.code] ?? EXIT.usage, lines: [error.message] };
  // What the system refused, such as a full disk or a folder that may not be written, needs no stack.
  if (isSystemError(error)) return { exit: EXIT.unexpected, lines: systemErrorLines(error) };
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { exit: EXIT.unexpected, lines: [text] };
}

type SystemError = NodeJS.ErrnoException & { readonly code: string; readonly syscall: string };

const isSystemError = (error: unknown): error is SystemError =>
  error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string';

/** The machine refused: where our code asked does not help whoever reads it. */
function systemErrorLines({ syscall, path, code, message }: SystemError): string[] {
  const because = /^\w+: ([^,]+),/.exec(message)?.[1] ?? message;
  const place = path === undefined ? '' : ` ${path}`;
  const cure = SYSTEM_CURES[code];
  return [`cannot ${syscall}${place}: ${because} (${code})`, ...(cure === undefined ? [] : [cure])];
}

const CHOOSE_HOME = 'HERA_HOME names the folder for everything that is written: choose one that can be';
const SYSTEM_CURES: Readonly<Record<string, string>> = {
  EACCES: CHOOSE_HOME,
  EPERM: CHOOSE_HOME,
  EROFS: CHOOSE_HOME,
  EEXIST: CHOOSE_HOME,
  ENOTDIR: CHOOSE_HOME,
  ENOSPC: 'free some space, or choose another folder with HERA_HOME',
};

function exitOfClient({ code }: ClientError): ExitCode {
  if (code === 'UNAUTHENTICATED' || code === 'FORBIDDEN') return EXIT.notAllowed;
  if (code === 'LOG_NOT_FOUND' || code === 'ROUTE_NOT_FOUND') return EXIT.notFound;
  return EXIT_OF_CODE[code as ErrorCode] ?? (code === 'UNREACHABLE' ? EXIT.unreachable : EXIT.usage);
}

/** `etl/a.hera.yaml:12: jobs.a.zone is …  [zone]`: the place first, so that editors can jump to it. */
export function problemText(problem: DefinitionProblem): string {
  const place =
    problem.file === undefined ? '' : `${problem.file}${problem.line ? `:${problem.line}` : ''}: `;
  return `${place}${problem.message}  [${problem.rule}]`;
}
