/**
 * What-if: the days to come are simulated twice, with the definitions as they are and as they would be, and
 * the two are compared. It is the kernel itself that says which runs there will be and what they wait for.
 * Only what the change can touch is simulated: the changed jobs, all below them, and what those wait for;
 * durations are the usual ones, and there is room for all, so that a run moves only because of the change.
 */
import { parseTime } from './calendar/time.js';
import type { Impact, ImpactCommitment, ImpactRun } from './model/forecast.js';
import type { Definitions, JobDefinition } from './model/job.js';
import type { Blocker } from './model/run.js';
import type { Time } from './model/schedule.js';
import { simulate } from './simulate.js';
import type { SimulatedRun, Simulation } from './simulate.js';

/** What is compared, and over which days. */
export interface ImpactOptions {
  readonly from: Time;
  /** Days to look ahead, 1 to 31; default 7. */
  readonly days?: number;
  readonly zone?: string;
  readonly area?: string;
  /** What runs of a job usually take, ms; of one that is not there, its expected duration, or a minute. */
  readonly durationsMs?: Readonly<Record<string, number>>;
}

const DAY_MS = 86_400_000;
const TOLD_MAX = 1_000;
/** A difference in time below this is none. */
const MOVED_MS = 1_000;

type Jobs = Readonly<Record<string, JobDefinition>>;

/**
 * What the runs and commitments of the days to come would be like. @throws SchedulerError as `simulate`, for
 * definitions that may not be applied.
 */
export async function impactOf(
  before: Definitions,
  after: Definitions,
  options: ImpactOptions,
): Promise<Impact> {
  const from = parseTime(options.from);
  const until = from + (options.days ?? 7) * DAY_MS;
  const touched = touchedJobs(before, after);
  const { zone, area, durationsMs = {} } = options;
  const live = (definitions: Definitions) =>
    simulate(only(definitions, touched), {
      from,
      until,
      ...(zone !== undefined && { zone }),
      ...(area !== undefined && { area }),
      outcome: ({ job }) => {
        const durationMs = durationsMs[job];
        return durationMs === undefined ? undefined : { durationMs };
      },
    });
  const [was, willBe] = [await live(before), await live(after)];
  return { from, until, ...compareRuns(was, willBe), commitments: compareCommitments(was, willBe) };
}

/** Jobs that the change can touch; all, when it is one of a group, a calendar or a pool. */
function touchedJobs(before: Definitions, after: Definitions): ReadonlySet<string> {
  const sides: readonly Jobs[] = [before.jobs ?? {}, after.jobs ?? {}];
  const names = new Set(sides.flatMap((jobs) => Object.keys(jobs)));
  const isShared = (['groups', 'calendars', 'pools', 'concurrency', 'commitments'] as const).some(
    (section) => JSON.stringify(before[section] ?? {}) !== JSON.stringify(after[section] ?? {}),
  );
  if (isShared) return names;
  const differs = (name: string) =>
    JSON.stringify(before.jobs?.[name]) !== JSON.stringify(after.jobs?.[name]);
  const below = spread([...names].filter(differs), downstreamsOf(sides));
  return spread(below, (name) => sides.flatMap((jobs) => Object.keys(jobs[name]?.after ?? {})));
}

function downstreamsOf(sides: readonly Jobs[]): (name: string) => readonly string[] {
  const found = new Map<string, string[]>();
  for (const [name, { after = {} }] of sides.flatMap((jobs) => Object.entries(jobs)))
    for (const up of Object.keys(after)) found.set(up, [...(found.get(up) ?? []), name]);
  return (name) => found.get(name) ?? [];
}

function spread(from: Iterable<string>, next: (name: string) => readonly string[]): Set<string> {
  const reached = new Set(from);
  for (const name of reached) for (const each of next(name)) reached.add(each);
  return reached;
}

function only(definitions: Definitions, names: ReadonlySet<string>): Definitions {
  const jobs = Object.entries(definitions.jobs ?? {}).filter(([name]) => names.has(name));
  return { ...definitions, jobs: Object.fromEntries(jobs) };
}

function compareRuns(was: Simulation, willBe: Simulation): Pick<Impact, 'counts' | 'runs'> {
  const counts = { gone: 0, new: 0, moved: 0, unmet: 0 };
  const runs: ImpactRun[] = [];
  const before = new Map(was.runs.map((run) => [run.id, run]));
  const after = new Map(willBe.runs.map((run) => [run.id, run]));
  const [stuckBefore, stuckAfter] = [stuckRuns(was), stuckRuns(willBe)];
  for (const id of new Set([...before.keys(), ...after.keys()])) {
    const found = compareRun(before.get(id), after.get(id), !stuckBefore.has(id) && stuckAfter.has(id));
    if (found === null) continue;
    counts[found.change] += 1;
    if (runs.length < TOLD_MAX) runs.push(found);
  }
  return { counts, runs: runs.sort((a, b) => a.instant - b.instant) };
}

function compareRun(
  before: SimulatedRun | undefined,
  after: SimulatedRun | undefined,
  isStuck: boolean,
): ImpactRun | null {
  const run = after ?? before;
  if (run === undefined) return null;
  const told = (change: ImpactRun['change']): ImpactRun => ({
    run: run.id,
    job: run.job,
    instant: run.slot.instant,
    change,
    endBefore: before?.end ?? null,
    endAfter: after?.end ?? null,
    waitsFor: change === 'unmet' ? (after?.blockers[0]?.subject ?? null) : null,
  });
  if (after === undefined) return told('gone');
  if (isStuck) return told('unmet');
  if (before === undefined) return told('new');
  if (before.phase !== 'skipped' && after.phase === 'skipped') return told('gone');
  const isMoved = (a: number | null, b: number | null) => Math.abs((a ?? 0) - (b ?? 0)) >= MOVED_MS;
  return isMoved(before.start, after.start) || isMoved(before.end, after.end) ? told('moved') : null;
}

const HOPELESS: readonly string[] = [
  'SELECTOR_EMPTY',
  'UPSTREAM_MISSING',
  'UPSTREAM_DISABLED',
  'UPSTREAM_FAILED',
  'JOB_DISABLED',
];

/** Runs that wait for what does not come by itself, or for another that does. */
function stuckRuns({ runs }: Simulation): ReadonlySet<string> {
  const waiting = new Map(runs.filter(({ phase }) => phase === 'waiting').map((run) => [run.id, run]));
  const stuck = new Set<string>();
  for (const run of waiting.values()) {
    const way = wayOf(run, waiting, stuck);
    const last = waiting.get(way.at(-1) ?? '');
    if (last && (stuck.has(last.id) || isHopeless(last))) for (const each of way) stuck.add(each);
  }
  return stuck;
}

/** The run, what it waits for, what that waits for, and so on. */
function wayOf(
  run: SimulatedRun,
  waiting: ReadonlyMap<string, SimulatedRun>,
  known: ReadonlySet<string>,
): string[] {
  const way: string[] = [];
  let at: SimulatedRun | undefined = run;
  while (at !== undefined && way.length <= waiting.size) {
    way.push(at.id);
    const first: Blocker | undefined = at.blockers[0];
    const goesOn: boolean = first?.code === 'UPSTREAM_WAITING' && !known.has(at.id);
    at = goesOn ? waiting.get(first?.subject ?? '') : undefined;
  }
  return way;
}

const isHopeless = ({ blockers: [first] }: SimulatedRun) =>
  first !== undefined && HOPELESS.includes(first.code);

function compareCommitments(was: Simulation, willBe: Simulation): ImpactCommitment[] {
  const key = ({ commitment, due }: Simulation['commitments'][number]) => `${commitment} ${due}`;
  const before = new Map(was.commitments.map((each) => [key(each), each]));
  return willBe.commitments.flatMap((each): ImpactCommitment[] => {
    const known = before.get(key(each))?.state ?? 'onTrack';
    const { commitment, due, state } = each;
    return known === state ? [] : [{ commitment, due, before: known, after: state }];
  });
}
