/** From any error to problem details: the only place where a code gets its HTTP status and its words. */
import { PROBLEM_STATUS } from '@hera/api';
import type { HttpCode, Problem, ProblemCode } from '@hera/api';
import { isSchedulerError } from '@hera/core';

/** An error that only HTTP knows. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly code: HttpCode;

  constructor(code: HttpCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Problem details of an error. What nobody foresaw is INTERNAL and says nothing of its cause. */
export function problemOf(error: unknown, requestId: string): Problem {
  const code = codeOf(error);
  const detail =
    code === 'INTERNAL' ? `Something went wrong; the server's log has it under ${requestId}.` : textOf(error);
  return {
    type: `urn:hera:problem:${code}`,
    title: titleOf(code),
    status: PROBLEM_STATUS[code],
    detail,
    code,
    requestId,
    ...fieldsOf(error),
  };
}

interface FastifyFault {
  readonly validation?: readonly { readonly instancePath: string; readonly message?: string }[];
  readonly validationContext?: string;
  readonly statusCode?: number;
  readonly message: string;
}

function codeOf(error: unknown): ProblemCode {
  if (error instanceof HttpError) return error.code;
  if (isSchedulerError(error)) return error.code in PROBLEM_STATUS ? error.code : 'INTERNAL';
  const status = (error as Partial<FastifyFault> | null)?.statusCode;
  return status !== undefined && status >= 400 && status < 500 ? 'REQUEST_INVALID' : 'INTERNAL';
}

const textOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

function fieldsOf(error: unknown): Pick<Problem, 'errors' | 'retryAfterMs'> {
  if (isSchedulerError(error, 'DEFINITION_INVALID')) {
    return { errors: error.details.problems.map(({ path, message }) => ({ path, message })) };
  }
  if (isSchedulerError(error, 'OVERLOADED')) return { retryAfterMs: error.details.retryAfterMs };
  const { validation, validationContext } = (error ?? {}) as Partial<FastifyFault>;
  if (validation === undefined) return {};
  const place = { querystring: 'query' }[validationContext ?? ''] ?? validationContext ?? 'request';
  return {
    errors: validation.map(({ instancePath, message = 'is invalid' }) => ({
      path: `${place}${instancePath.replaceAll('/', '.')}`,
      message,
    })),
  };
}

/** `JOB_NOT_FOUND` in words: `Job not found`. */
function titleOf(code: ProblemCode): string {
  const words = code.toLowerCase().replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
