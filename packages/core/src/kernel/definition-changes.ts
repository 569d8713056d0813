/** What applying definitions would change, and what refuses them: said before anything is changed. */
import { buildGraph, findCycle } from '../graph/job-graph.js';
import { SchedulerError } from '../model/errors.js';
import type { Definitions, JobDefinition } from '../model/job.js';
import { prunableCommitments } from './commitments.js';
import type { DefinitionChange } from './effects.js';
import type { JobRecord } from './records.js';
import type { SchedulerState } from './state.js';

/** Where the definitions come from, and whether jobs of that source that they leave out are retired. */
export interface ApplyOptions {
  readonly source: string;
  readonly prune: boolean;
}

/** What applying would change; checks everything that could refuse it. */
export function planChanges(
  state: SchedulerState,
  definitions: Definitions,
  options: ApplyOptions,
): DefinitionChange[] {
  const changes: DefinitionChange[] = [];
  const note = (kind: DefinitionChange['kind'], name: string, change: DefinitionChange['change']) =>
    changes.push({ kind, name, change });
  for (const [name, definition] of Object.entries(definitions.calendars ?? {})) {
    compareTexts(state.calendars.get(name)?.definition, definition, (change) =>
      note('calendar', name, change),
    );
  }
  for (const [name, definition] of Object.entries(definitions.pools ?? {})) {
    const pool = state.pools.get(name);
    compareTexts(pool?.declared ? pool.definition : undefined, definition, (change) =>
      note('pool', name, change),
    );
  }
  for (const [name, holdersMax] of Object.entries(definitions.concurrency ?? {})) {
    compareTexts(state.keys.get(name)?.holdersMax, holdersMax, (change) => note('concurrency', name, change));
  }
  for (const [path, definition] of Object.entries(definitions.groups ?? {})) {
    compareTexts(state.groups.get(path), definition, (change) => note('group', path, change));
  }
  for (const [name, definition] of Object.entries(definitions.jobs ?? {})) {
    const known = state.jobsByName.get(name);
    if (!known && definition.was !== undefined && state.jobsByName.has(definition.was))
      note('job', name, 'renamed');
    else compareTexts(known?.definition, definition, (change) => note('job', name, change));
  }
  for (const [name, definition] of Object.entries(definitions.commitments ?? {})) {
    compareTexts(state.commitments.get(name)?.definition, definition, (change) =>
      note('commitment', name, change),
    );
  }
  for (const [name, definition] of Object.entries(definitions.limits ?? {})) {
    compareTexts(state.operations.limits.get(name)?.definition, definition, (change) =>
      note('limit', name, change),
    );
  }
  for (const [name, definition] of Object.entries(definitions.holdRules ?? {})) {
    compareTexts(state.operations.holdRules.get(name)?.definition, definition, (change) =>
      note('holdRule', name, change),
    );
  }
  if (options.prune)
    for (const name of prunableCommitments(state, definitions, options.source))
      note('commitment', name, 'deleted');
  if (options.prune)
    for (const job of prunable(state, definitions, options.source)) note('job', job.name, 'retired');
  checkGraph(state, definitions);
  return changes;
}

function compareTexts(before: unknown, after: unknown, note: (change: 'added' | 'edited') => void): void {
  if (before === undefined) note('added');
  else if (JSON.stringify(before) !== JSON.stringify(after)) note('edited');
}

/** Jobs of the source that the definitions leave out. */
export function prunable(state: SchedulerState, definitions: Definitions, source: string): JobRecord[] {
  const kept = new Set<string>();
  for (const [name, { was }] of Object.entries(definitions.jobs ?? {})) {
    kept.add(name);
    if (was !== undefined) kept.add(was);
  }
  return state.jobs.filter(
    (job) => job.source === source && isPresent(job) && job.state !== 'retired' && !kept.has(job.name),
  );
}

export const isPresent = (job: JobRecord) => job.state !== 'deleted';

/** @throws SchedulerError `DEFINITION_INVALID` for an unknown upstream, `GRAPH_CYCLE` for a cycle. */
function checkGraph(state: SchedulerState, definitions: Definitions): void {
  const next = new Map<string, JobDefinition>();
  for (const job of state.jobs) if (isPresent(job)) next.set(job.name, job.definition);
  for (const [name, definition] of Object.entries(definitions.jobs ?? {})) {
    if (definition.was !== undefined) next.delete(definition.was);
    next.set(name, definition);
  }
  const names = [...next.keys()];
  const place = new Map(names.map((name, i) => [name, i]));
  const edges: [number, number][] = [];
  for (const [name, definition] of next) {
    for (const upstream of Object.keys(definition.after ?? {})) {
      const from = place.get(upstream);
      if (from === undefined) throw unknownUpstream(name, upstream);
      if (upstream !== name) edges.push([from, place.get(name) ?? 0]);
    }
  }
  checkIds(state, definitions);
  const cycle = findCycle(buildGraph(names, edges));
  if (cycle)
    throw new SchedulerError('GRAPH_CYCLE', `jobs wait for each other in a circle: ${cycle.join(' → ')}`, {
      path: cycle,
    });
}

/** An importer's number for a job must be free, in the estate and among those it brings. */
function checkIds(state: SchedulerState, definitions: Definitions): void {
  const taken = new Map([...state.jobsById].map(([id, job]) => [id, job.name]));
  for (const [name, { id, was }] of Object.entries(definitions.jobs ?? {})) {
    if (id === undefined || state.jobsByName.has(name) || (was !== undefined && state.jobsByName.has(was)))
      continue;
    const holder = taken.get(id);
    if (holder !== undefined) {
      const path = `jobs.${name}.id`;
      const message = `${path}: ${id} is the number of job ${holder}`;
      throw new SchedulerError('DEFINITION_INVALID', message, { problems: [{ path, rule: 'id', message }] });
    }
    taken.set(id, name);
  }
}

function unknownUpstream(job: string, upstream: string): SchedulerError {
  const path = `jobs.${job}.after.${upstream}`;
  const message = `${path}: there is no job ${upstream}`;
  return new SchedulerError('DEFINITION_INVALID', message, {
    problems: [{ path, rule: 'upstream', message }],
  });
}
