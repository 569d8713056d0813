/**
 * Whether this machine can run every selected job. On a cluster a missing kind is a blocker, because a worker
 * that has it may still come; here nobody will come, so it is said before anything starts.
 */
import type { DefinitionProblem, Definitions } from '@hera/core';
import { pathText } from '@hera/core';
import { kindOf, selectedJobs } from './selected-jobs.js';

/** What the machine's worker can run. */
export interface Abilities {
  readonly kinds: readonly string[];
  /** Names of jobs that are functions. */
  readonly functions: readonly string[];
}

/** One problem for each selected job that cannot run here. SELECTION_INVALID, SELECTION_EMPTY. */
export function kindProblems(
  definitions: Definitions,
  selection: string,
  { kinds, functions }: Abilities,
): DefinitionProblem[] {
  return selectedJobs(definitions, selection).flatMap(([name, job]): DefinitionProblem[] => {
    const kind = kindOf(definitions, job);
    if (kind === 'function' ? functions.includes(name) : kinds.includes(kind)) return [];
    const path = pathText(['jobs', name, ...(job.kind === undefined ? [] : ['kind'])]);
    const known = `it has ${[...kinds].sort().join(', ') || 'none'}`;
    const message = `${path} is of kind "${kind}", and this machine has no interpreter for it; ${known}`;
    return [{ path, rule: 'kind', message }];
  });
}
