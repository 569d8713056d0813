/**
 * What the shell reads of the state between two steps: facts for rendering, and answers that need no store.
 */
import { nextInstant, slotAt } from '../calendar/schedule.js';
import { SchedulerError } from '../model/errors.js';
import { instant, timeSlotKey } from '../model/ids.js';
import type { Instant } from '../model/ids.js';
import type { ConfigDefinition, Definitions, JobDefinition } from '../model/job.js';
import type { Phase } from '../model/run.js';
import type { SlotView, WorkerView } from '../model/views.js';
import type { FailureRule } from '../protocol/messages.js';
import { PHASES } from './codes.js';
import { groupPaths, inheritedPolicy } from './compile-job.js';
import { planChanges } from './definition-changes.js';
import type { AttemptClaim, DefinitionChange } from './effects.js';
import type { Params } from './event.js';
import { edgeOf } from './links.js';
import { planParamsOf } from './plan-params.js';
import type { JobRecord, LiveAttempt, WorkerRecord } from './records.js';
import { inLinks, jobOf, ownerOf, slotKeyOf, slotOf, slotView } from './runs.js';
import { selectedJobs } from './selected-jobs.js';
import type { SchedulerState } from './state.js';
import { NONE, SIDE } from './tables.js';

/** One place config and files come from, nearest first. */
export interface ConfigSource {
  /** `job dws_gmv`, `group dw/dws`; the root group is `group `. */
  readonly origin: string;
  readonly config: ConfigDefinition;
  readonly files: Readonly<Record<string, string>>;
}

/** Everything the shell needs to render the script of a claimed attempt, but for texts in the store. */
export interface AttemptFacts {
  readonly claim: AttemptClaim;
  /** The newest definition; of another revision where `revisionToRead` names one. */
  readonly definition: JobDefinition;
  readonly revisionToRead: number | null;
  readonly sources: readonly ConfigSource[];
  readonly kind: string;
  readonly timeoutMs: number;
  readonly onWorkerLost: 'fence' | 'hold' | 'rerun';
  readonly echo: boolean;
  readonly encoding: string;
  /** The job's own rules for failures; null when it has none. */
  readonly failures: readonly FailureRule[] | null;
  readonly slot: SlotView;
  readonly params: Params;
  /** What its plan says in place of the config of its job and groups, by key. */
  readonly overlay: Params;
  /**
   * Runs that were bound, by upstream, in the order of their slots: their newest result is read from the
   * store.
   */
  readonly upstream: Readonly<Record<string, readonly { readonly job: number; readonly slotKey: string }[]>>;
}

const NOTHING: Readonly<Record<string, never>> = {};

/** Facts of a claimed attempt; undefined when it has ended since. */
export function attemptFacts(state: SchedulerState, claim: AttemptClaim): AttemptFacts | undefined {
  if (claim.gate !== undefined) return probeFacts(state, claim);
  const live = state.attempts.get(claim.attempt);
  if (!live) return undefined;
  const job = jobOf(state, live.row);
  const { kind } = job.policy;
  // A function has no output of its own, so what its groups say of it is not looked up.
  const { echo, encoding } =
    kind === 'function' ? job.definition : inheritedPolicy(job.definition, state.groups);
  const extra = state.extras.get(live.row);
  return {
    claim,
    definition: job.definition,
    revisionToRead: revisionToRead(live, extra?.revision),
    sources: sourcesOf(state, job),
    kind,
    timeoutMs: live.timeoutMs,
    failures: job.policy.failures,
    onWorkerLost: live.onWorkerLost,
    echo: echo ?? false,
    encoding: encoding ?? 'utf-8',
    slot: slotView(slotOf(state, live.row), slotKeyOf(state, live.row)),
    ...withOverrides(live, planParamsOf(job.definition, extra)),
    upstream: boundUpstreams(state, live.row),
  };
}

/** Facts of a check's question: the job's, but for what is run. */
function probeFacts(state: SchedulerState, claim: AttemptClaim): AttemptFacts | undefined {
  const probe = state.probes.get(claim.attempt);
  if (!probe) return undefined;
  const job = jobOf(state, probe.row);
  const { gate } = probe.each;
  const { encoding } = inheritedPolicy(job.definition, state.groups);
  return {
    claim,
    definition: { ...job.definition, script: gate.script, pre: [], post: [] },
    revisionToRead: null,
    sources: sourcesOf(state, job),
    kind: gate.kind,
    timeoutMs: gate.timeoutMs,
    failures: null,
    onWorkerLost: 'fence',
    echo: false,
    encoding: encoding ?? 'utf-8',
    slot: slotView(slotOf(state, probe.row), slotKeyOf(state, probe.row)),
    ...planParamsOf(job.definition, state.extras.get(probe.row)),
    // Its upstreams may not have ended: there is no result to hand on.
    upstream: NOTHING,
  };
}

/** Parameters of overrides are beside the run's own, which win. */
function withOverrides(
  { params: overridden }: LiveAttempt,
  own: ReturnType<typeof planParamsOf>,
): ReturnType<typeof planParamsOf> {
  return overridden === null ? own : { ...own, params: { ...overridden, ...own.params } };
}

function revisionToRead(live: LiveAttempt, asked: number | 'asRun' | 'newest' | undefined): number | null {
  if (typeof asked !== 'number') return null;
  return asked === live.revision ? null : asked;
}

function sourcesOf(state: SchedulerState, job: JobRecord): ConfigSource[] {
  const own = {
    origin: `job ${job.name}`,
    config: job.definition.config ?? NOTHING,
    files: job.definition.files ?? NOTHING,
  };
  const sources: ConfigSource[] = [own];
  for (const path of groupPaths(job.definition.group ?? '')) {
    const group = state.groups.get(path);
    if (group)
      sources.push({
        origin: `group ${path}`,
        config: group.config ?? NOTHING,
        files: group.files ?? NOTHING,
      });
  }
  return sources;
}

function boundUpstreams(state: SchedulerState, row: number): AttemptFacts['upstream'] {
  const owner = state.runs.has(row, SIDE) ? ownerOf(state, row) : row;
  if (state.runs.inHead[owner] === NONE) return NOTHING;
  const found: Record<string, { job: number; slotKey: string; at: number }[]> = {};
  for (const link of inLinks(state, owner)) {
    const up = state.links.up[link] ?? NONE;
    const list = (found[edgeOf(state, link).upstream] ??= []);
    list.push({ job: jobOf(state, up).id, slotKey: slotKeyOf(state, up), at: state.runs.instant[up] ?? 0 });
  }
  for (const list of Object.values(found)) list.sort((a, b) => a.at - b.at);
  return found;
}

/** How many runs are in each phase, of those kept; stubs are not runs. */
export function countPhases(state: SchedulerState): Readonly<Record<Phase, number>> {
  const counts = PHASES.map(() => 0);
  const { runs } = state;
  for (let r = 0; r < runs.length; r++) {
    const phase = runs.phase[r] ?? 0;
    if (runs.job[r] !== NONE && !runs.has(r, SIDE) && phase !== 0) counts[phase] = (counts[phase] ?? 0) + 1;
  }
  return Object.fromEntries(PHASES.map((name, i) => [name, counts[i] ?? 0])) as Record<Phase, number>;
}

/** What `definitions.apply` would change. @throws SchedulerError `DEFINITION_INVALID`, `GRAPH_CYCLE`. */
export function diffDefinitions(
  state: SchedulerState,
  definitions: Definitions,
  options: { readonly source: string; readonly prune: boolean },
): DefinitionChange[] {
  return planChanges(state, definitions, options);
}

/**
 * Names that a selection selects, upstream first. @throws SchedulerError `SELECTION_INVALID`,
 * `SELECTION_EMPTY`.
 */
export const selectJobs = (state: SchedulerState, selection: string): readonly string[] =>
  selectedJobs(state, selection).map(({ name }) => name);

/**
 * The next slots of a job after now; none of a job without a pace. @throws SchedulerError `JOB_NOT_FOUND`.
 */
export function upcoming(state: SchedulerState, job: string, count: number): readonly SlotView[] {
  const found = state.jobsByName.get(job);
  if (!found) throw new SchedulerError('JOB_NOT_FOUND', `there is no job ${job}`, { job });
  const schedule = state.jobs[found.root]?.schedule;
  const slots: SlotView[] = [];
  let after: Instant | null = instant(Math.max(state.now, found.cursor));
  while (schedule && after !== null && slots.length < count) {
    after = nextInstant(schedule, after);
    if (after !== null) slots.push(slotView(slotAt(schedule, after), timeSlotKey(after)));
  }
  return slots;
}

export function workerViews(state: SchedulerState): readonly WorkerView[] {
  return state.workerList
    .filter((worker) => worker.profile.boot !== '' || worker.attempts.size > 0)
    .map((worker) => ({
      name: worker.name,
      state: workerState(state, worker),
      quarantine: worker.quarantine?.message ?? null,
      slots: worker.profile.slots,
      running: worker.attempts.size,
      pools: worker.profile.pools,
      labels: worker.profile.labels,
      kinds: worker.profile.kinds,
      seenAt: worker.seenAt,
      memoryShare: worker.profile.enrolled ? worker.load.memoryShare : null,
      loadPerCore: worker.profile.enrolled ? worker.load.loadPerCore : null,
      host: worker.load.host ?? null,
    }));
}

/** Silence beyond which nobody responsible says that its attempts run. */
const SILENT_AFTER_MS = 90_000;

function workerState(state: SchedulerState, worker: WorkerRecord): WorkerView['state'] {
  if (worker.lost) return 'lost';
  if (!worker.connected) return worker.attempts.size > 0 ? 'silent' : 'left';
  if (worker.draining || worker.drainAsked) return 'draining';
  if (worker.quarantine) return 'quarantined';
  return state.now - worker.seenAt > SILENT_AFTER_MS ? 'silent' : 'connected';
}
