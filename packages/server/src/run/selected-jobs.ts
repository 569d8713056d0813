/** Which jobs of a file a selection means, before there is an engine to ask. */
import type { Definitions, JobDefinition } from '@hera/core';
import { buildGraph, parseSelection, select, validateParams } from '@hera/core';

/** Names and definitions in the order in which they can run. SELECTION_INVALID, SELECTION_EMPTY. */
export function selectedJobs(definitions: Definitions, selection: string): [string, JobDefinition][] {
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
export function kindOf({ groups = {} }: Definitions, { kind, group = '' }: JobDefinition): string {
  if (kind !== undefined) return kind;
  for (let path = group; path !== ''; path = path.slice(0, Math.max(0, path.lastIndexOf('/')))) {
    const inherited = groups[path]?.defaults?.kind;
    if (inherited !== undefined) return inherited;
  }
  return groups['']?.defaults?.kind ?? 'shell';
}

/**
 * Each parameter goes to every selected job that declares it, and must keep its rules there.
 * PARAMETER_INVALID also when a required one is missing, or none of them declares it.
 */
export function checkParams(
  definitions: Definitions,
  selection: string,
  given: Readonly<Record<string, string>>,
): void {
  const unknown = new Set(Object.keys(given));
  for (const [, { params = {} }] of selectedJobs(definitions, selection)) {
    const own = Object.entries(given).filter(([name]) => Object.hasOwn(params, name));
    validateParams(params, Object.fromEntries(own));
    for (const [name] of own) unknown.delete(name);
  }
  // What no job declares is refused as any undeclared parameter is.
  const [first] = unknown;
  if (first !== undefined) validateParams({}, { [first]: given[first] ?? '' });
}
