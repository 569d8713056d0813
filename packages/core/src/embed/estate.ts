/** What the embedding API reads of the state: definitions in force, and requests that were made before. */
import type { Instant } from '../model/ids.js';
import type { SchedulerState } from '../kernel/index.js';
import type { Definitions, JobDefinition } from '../model/job.js';

/** What new definitions may refer to. */
export function estateOf(state: SchedulerState): Definitions {
  const jobs: Record<string, JobDefinition> = {};
  for (const [name, { definition, state: jobState }] of state.jobsByName) {
    if (jobState !== 'deleted') jobs[name] = definition;
  }
  const concurrency = [...state.keys.values()].map(({ name, holdersMax }) => [name, holdersMax]);
  return {
    jobs,
    commitments: Object.fromEntries(
      Array.from(state.commitments, ([name, { definition }]) => [name, definition]),
    ),
    limits: Object.fromEntries(
      Array.from(state.operations.limits, ([name, { definition }]) => [name, definition]),
    ),
    holdRules: Object.fromEntries(
      Array.from(state.operations.holdRules, ([name, { definition }]) => [name, definition]),
    ),
    groups: Object.fromEntries(state.groups),
    calendars: Object.fromEntries(
      Array.from(state.calendars, ([name, { definition }]) => [name, definition]),
    ),
    pools: Object.fromEntries(Array.from(state.pools, ([name, { definition }]) => [name, definition])),
    concurrency: Object.fromEntries(concurrency) as Record<string, number>,
  };
}

/** The time of the first request under a key; null when there was none, or it named no time. */
export function firstAsOf(state: SchedulerState, actor: string, key: string): Instant | null {
  const digest = state.requests.get(`${actor}\u0000${key}`)?.digest;
  const asOf = /"asOf":(-?\d+)/.exec(digest ?? '')?.[1];
  return asOf === undefined ? null : (Number(asOf) as Instant);
}
