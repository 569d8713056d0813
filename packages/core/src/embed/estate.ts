/** The definitions in force, in the form of the files. */
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
    groups: Object.fromEntries(state.groups),
    calendars: Object.fromEntries(
      Array.from(state.calendars, ([name, { definition }]) => [name, definition]),
    ),
    pools: Object.fromEntries(Array.from(state.pools, ([name, { definition }]) => [name, definition])),
    concurrency: Object.fromEntries(concurrency) as Record<string, number>,
  };
}
