/** Which jobs a selection means, with what the state knows of them. */
import { parseSelection, select } from '../graph/selection.js';
import { must } from '../model/assert.js';
import { inheritedPolicy } from './compile-job.js';
import type { JobRecord } from './records.js';
import type { SchedulerState } from './state.js';

/**
 * Jobs that are not deleted, upstream first. @throws SchedulerError `SELECTION_INVALID`, `SELECTION_EMPTY`
 */
export function selectedJobs(state: SchedulerState, selection: string): JobRecord[] {
  const jobAt = (node: number) => must(state.jobs[node], 'job');
  const chosen = select(state.graph, parseSelection(selection), {
    groupsOf: (node) => [jobAt(node).definition.group ?? ''],
    labelsOf: (node) => inheritedPolicy(jobAt(node).definition, state.groups).labels ?? {},
    kindOf: (node) => jobAt(node).policy.kind,
    poolOf: (node) => jobAt(node).policy.pool,
    ownerOf: (node) => inheritedPolicy(jobAt(node).definition, state.groups).owner ?? '',
  });
  return [...chosen].map(jobAt).filter((job) => job.state !== 'deleted');
}
