/** Rules of `after`: the upstream exists, one selector at most, and `self` on the job itself only. */
import type { EdgeDefinition, SelectorName } from '../model/edge.js';
import type { JobDefinition } from '../model/job.js';
import { didYouMean } from './suggest.js';
import type { Report } from './report.js';

/** Keys of an edge that select; the others are options. */
export const SELECTOR_NAMES: readonly SelectorName[] = [
  'same',
  'latestAtOrBefore',
  'latestSucceeded',
  'nearest',
  'allIn',
  'anyIn',
  'atLeast',
  'offset',
  'self',
  'index',
  'overlap',
  'custom',
  'heraNearest',
];

type Jobs = Readonly<Record<string, JobDefinition>>;

/** Checks the edges of one job. */
export function checkEdges(
  name: string,
  job: JobDefinition,
  known: { readonly jobs: Jobs; readonly estate: Jobs; readonly report: Report },
): void {
  for (const [upstream, edge] of Object.entries(job.after ?? {})) {
    const at = ['jobs', name, 'after', upstream];
    const isKnown = Object.hasOwn(known.jobs, upstream) || Object.hasOwn(known.estate, upstream);
    if (!isKnown) {
      const near = didYouMean(upstream, [...Object.keys(known.jobs), ...Object.keys(known.estate)]);
      known.report(at, 'upstream', `waits for a job that does not exist${near}`);
    }
    const message = selectorFault(edge, upstream === name);
    if (message !== null) known.report(at, 'selector', message);
  }
}

function selectorFault(edge: EdgeDefinition, isSelf: boolean): string | null {
  const selectors = typeof edge === 'string' ? [edge] : SELECTOR_NAMES.filter((key) => key in edge);
  const [selector] = selectors;
  if (selectors.length > 1) return `has the selectors ${selectors.join(' and ')}; at most one is allowed`;
  if (isSelf && selector !== 'self') {
    return 'names the job itself; only { self: n }, its own n-th slot before, is allowed there';
  }
  if (!isSelf && selector === 'self') return 'uses self, which is allowed only on the job itself';
  return null;
}
