/** Random estates: jobs of several periods that wait for each other in several ways. */
import type { EdgeDefinition, EdgeOptionsDefinition } from '../model/edge.js';
import type { Definitions, JobDefinition } from '../model/job.js';
import type { Random } from '../model/random.js';
import { pick } from './world-options.js';

const SCHEDULES: readonly NonNullable<JobDefinition['schedule']>[] = [
  '*/5 * * * *',
  '*/10 * * * *',
  '3-59/10 * * * *',
  '*/20 * * * *',
  '7 * * * *',
  '0 0/15 * * * ?',
  { every: '7m' },
  { every: '12m', misfire: 'latest' },
  { cron: '*/10 * * * *', misfire: 'none' },
  { cron: '30 2 * * *' },
  { cron: '0 1 * * *', zone: 'UTC' },
];
const EDGES: readonly EdgeDefinition[] = [
  'default',
  'default',
  'same',
  'latestAtOrBefore',
  { latestAtOrBefore: { maxAge: '1h' } },
  { allIn: 'hour' },
  { anyIn: { sliding: '20m' } },
  { atLeast: { n: 1, in: { sliding: '30m' } } },
  { offset: 1 },
  'nearest',
];
const EDGE_OPTIONS: readonly EdgeOptionsDefinition[] = [
  {},
  {},
  {},
  { whenEmpty: 'vacuous' },
  { whenEmpty: 'skipRun' },
  { rule: 'done' },
  { generation: 'any' },
  { onUpstreamRerun: 'rerun' },
  { onUpstreamFailed: 'proceed' },
  { onUpstreamFailed: 'skip' },
  { onUpstreamFailed: 'fail' },
  { accept: ['scheduled', 'recover', 'backfill', 'manual'] },
  { timeout: '15m', onUpstreamFailed: 'skip' },
];

/** Names of pools; each worker serves the first, and some of the others. */
export const POOLS = ['default', 'etl', 'adhoc'] as const;

/** An estate of so many jobs; the graph has no cycles, since jobs wait for earlier ones only. */
export function randomEstate(random: Random, jobs: number): Definitions {
  const names = Array.from({ length: jobs }, (_, index) => `j${index}`);
  return {
    pools: {
      etl: { runningMax: 2 },
      adhoc: { strategy: pick(random, ['roundRobin', 'random', 'leastLoaded']) },
    },
    concurrency: { metastore: 1 + random.integer(2) },
    jobs: Object.fromEntries(names.map((name, index) => [name, randomJob(random, names, index)])),
  };
}

/** A definition for the job of that place among the names. */
export function randomJob(random: Random, names: readonly string[], index: number): JobDefinition {
  const after: Record<string, EdgeDefinition> = {};
  const upstreams = index === 0 ? 0 : random.integer(3);
  for (let n = 0; n < upstreams; n += 1) after[names[random.integer(index)] ?? ''] = randomEdge(random);
  const name = names[index] ?? '';
  const isScheduled = upstreams === 0 || random.next() < 0.4;
  if (random.next() < 0.15 && isScheduled) after[name] = { self: 1 };
  return {
    ...(isScheduled && { schedule: pick(random, SCHEDULES) }),
    ...(Object.keys(after).length > 0 && { after }),
    pool: pick(random, POOLS),
    overlap: pick(random, ['queue', 'queue', 'allow', 'forbid', 'replace']),
    onWorkerLost: pick(random, ['fence', 'fence', 'hold', 'rerun']),
    priority: random.integer(3) * 10,
    timeout: '6m',
    ...(random.next() < 0.6 && {
      retry: { attempts: 1 + random.integer(3), delay: pick(random, ['0s', '20s', '1m']) },
    }),
    ...(random.next() < 0.2 && { needs: { concurrency: ['metastore'] } }),
    ...(random.next() < 0.1 && { needs: { slots: 2 } }),
    ...(random.next() < 0.1 && { areas: ['elsewhere'] }),
  };
}

function randomEdge(random: Random): EdgeDefinition {
  const edge = pick(random, EDGES);
  const selector = edge === 'default' ? {} : typeof edge === 'string' ? { [edge]: true } : edge;
  return { ...selector, ...pick(random, EDGE_OPTIONS) };
}
