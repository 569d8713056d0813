/**
 * Whether this machine can run every selected job. On a cluster a missing kind is a blocker, because a worker
 * that has it may still come; here nobody will come, so it is said before anything starts.
 */
import type { DefinitionProblem, Definitions, JobDefinition } from '@hera/core';
import { buildGraph, parseSelection, pathText, select } from '@hera/core';

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

function selectedJobs(definitions: Definitions, selection: string): [string, JobDefinition][] {
  const jobs = Object.entries(definitions.jobs ?? {});
  const numberOf = new Map(jobs.map(([name], index) => [name, index]));
  const edges = jobs.flatMap(([name, { after = {} }], to) =>
    Object.keys(after).flatMap((upstream): [number, number][] => {
      const from = numberOf.get(upstream);
      return from === undefined || upstream === name ? [] : [[from, to]];
    }),
  );
  const graph = buildGraph(
    jobs.map(([name]) => name),
    edges,
  );
  const at = (node: number) => jobs[node]?.[1] ?? {};
  const nodes = select(graph, parseSelection(selection), {
    groupsOf: (node) => [at(node).group ?? ''],
    labelsOf: (node) => at(node).labels ?? {},
    kindOf: (node) => kindOf(definitions, at(node)),
    poolOf: (node) => at(node).pool ?? '',
    ownerOf: (node) => at(node).owner ?? '',
  });
  return [...nodes].flatMap((node) => (jobs[node] === undefined ? [] : [jobs[node]]));
}

/** Its own kind, or the nearest group's, or shell. */
function kindOf({ groups = {} }: Definitions, { kind, group = '' }: JobDefinition): string {
  if (kind !== undefined) return kind;
  for (let path = group; path !== ''; path = path.slice(0, Math.max(0, path.lastIndexOf('/')))) {
    const inherited = groups[path]?.defaults?.kind;
    if (inherited !== undefined) return inherited;
  }
  return groups['']?.defaults?.kind ?? 'shell';
}
