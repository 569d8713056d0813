/** What a client's calls reject with: one class, with the code of the answer or of the way to it. */
import type { Problem, ProblemCode } from './schemas/problem.js';

/** `UNREACHABLE`: no answer came; `ANSWER_INVALID`: it was not one of ours, a proxy's page perhaps. */
export type ClientErrorCode = ProblemCode | 'UNREACHABLE' | 'ANSWER_INVALID';

/** A call that did not succeed. Test `code`; `message` is for people. */
export class ClientError extends Error {
  override readonly name = 'ClientError';
  readonly code: ClientErrorCode;
  /** HTTP status, 0 when no answer came. */
  readonly status: number;
  /** The answer, when it was one of ours. */
  readonly problem: Problem | undefined;

  constructor(
    failure: { code: ClientErrorCode; message: string; status: number; problem?: Problem },
    options?: ErrorOptions,
  ) {
    super(failure.message, options);
    this.code = failure.code;
    this.status = failure.status;
    this.problem = failure.problem;
  }

  /** Names the request in the log of the server; null when it never answered. */
  get requestId(): string | null {
    return this.problem?.requestId ?? null;
  }

  /** Whether the same call may succeed later, with nothing changed by the caller. */
  get isTransient(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** The error of an answer that is not a success. Reads its body. */
export async function errorOf(response: Response): Promise<ClientError> {
  const problem = await readProblem(response);
  if (problem) {
    const code = problem.code as ClientErrorCode;
    return new ClientError({
      code,
      message: problem.detail || problem.title,
      status: response.status,
      problem,
    });
  }
  const message = `The server answered ${response.status} without a problem document.`;
  return new ClientError({ code: 'ANSWER_INVALID', message, status: response.status });
}

/** The error of a request that got no answer. */
export const unreachable = (url: string, cause: unknown) =>
  new ClientError({ code: 'UNREACHABLE', message: `No answer from ${url}.`, status: 0 }, { cause });

async function readProblem(response: Response): Promise<Problem | undefined> {
  try {
    const body: unknown = await response.json();
    return isProblem(body) ? body : undefined;
  } catch {
    return undefined; // Not JSON: somebody between us and the server has answered.
  }
}

function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'code' in body && typeof body.code === 'string';
}
