/**
 * Definitions change: whole or not at all. What would break the graph is refused before anything moves;
 * then jobs are compiled, paces and the graph settled, and runs that have claimed nothing are bound anew.
 */
import { compileCalendar } from '../calendar/calendar.js';
import { buildGraph } from '../graph/job-graph.js';
import { must } from '../model/assert.js';
import { SchedulerError } from '../model/errors.js';
import { instant } from '../model/ids.js';
import type { Definitions, JobDefinition, JobState } from '../model/job.js';
import { writeTerms } from './attempts.js';
import { rebindRun } from './bindings.js';
import { cancelRun } from './cancel.js';
import { PHASE, isOpen } from './codes.js';
import { lookSoon } from './commitment-looks.js';
import { applyCommitments, compileCommitment, recompileCommitments } from './commitments.js';
import { UNCOMPILED, compileJob, inheritedPolicy } from './compile-job.js';
import type { CompiledJob } from './compile-job.js';
import { isPresent, planChanges, prunable } from './definition-changes.js';
import type { ApplyOptions } from './definition-changes.js';
import { requeue } from './dispatch.js';
import { edgeNumber, keepFormerEdges } from './edge-numbers.js';
import type { DefinitionChange } from './effects.js';
import { forgetFailedRuns } from './failed-in-row.js';
import { noteFormer } from './former-jobs.js';
import { rebindGates } from './gates.js';
import { applyRules, checkRules } from './limits.js';
import { advance } from './links.js';
import { scheduleNext } from './materialize.js';
import { put, remove } from './outbox.js';
import { settlePaces } from './pace.js';
import { applyPools } from './pool-settings.js';
import { endGeneration } from './phases.js';
import { classOfJob, unpark } from './queue.js';
import type { JobRecord } from './records.js';
import { jobOf } from './runs.js';
import { noteJobState, rootsBefore, tellEndingCalendars, tellLostPaces } from './standing-alarms.js';
import { selectAgain } from './select-again.js';
import type { SchedulerState } from './state.js';
import { AD_HOC, CLAIMED, NONE, SIDE } from './tables.js';

/**
 * Applies definitions that `planChanges` let pass. @throws as `planChanges`, and for what does not compile;
 * nothing is changed then.
 */
export function applyDefinitions(
  state: SchedulerState,
  definitions: Definitions,
  options: ApplyOptions & { readonly actor: string },
): DefinitionChange[] {
  const changes = planChanges(state, definitions, options);
  checkRules(state, definitions);
  const compiled = tryCompile(state, definitions);
  const before = new Map(state.jobs.map((job) => [job, `${job.root} ${scheduleText(state, job)}`]));
  const roots = rootsBefore(state);
  applySettings(state, definitions);
  if (definitions.calendars !== undefined) recompileCommitments(state);
  applyCommitments(state, definitions, options);
  lookSoon(state);
  const changed = new Set<JobRecord>();
  for (const { kind, name, change } of changes) {
    if (kind === 'job' && change !== 'retired')
      changed.add(upsertJob(state, name, must(definitions.jobs?.[name], name), options));
  }
  const inherits = changes.some(({ kind }) => kind === 'group' || kind === 'calendar');
  for (const live of state.attempts.values()) {
    if (inherits || changed.has(jobOf(state, live.row))) writeTerms(state, live);
  }
  for (const job of state.jobs) {
    const fresh = compiled.get(job.name);
    if (changed.has(job) && fresh) install(state, job, fresh);
    else if (inherits && isPresent(job)) compile(state, job);
  }
  settleGraph(state);
  const beside = openBeside(state);
  const moved = new Set<number>();
  for (const job of state.jobs)
    settleChange(state, job, { changed: changed.has(job), schedule: before.get(job), beside, moved });
  scheduleMoved(state, moved);
  tellLostPaces(state, roots, changed);
  tellEndingCalendars(state);
  for (const job of changed) {
    if (job.definition.state !== undefined) setJobState(state, job, job.definition.state, options.actor);
  }
  if (options.prune)
    for (const job of prunable(state, definitions, options.source))
      setJobState(state, job, 'retired', options.actor);
  selectAgain(state);
  return changes;
}

/** Compiles everything once, before anything is changed: what does not compile is refused. */
function tryCompile(state: SchedulerState, definitions: Definitions): ReadonlyMap<string, CompiledJob> {
  const trial = { ...state, groups: new Map(state.groups), calendars: new Map(state.calendars) };
  for (const [name, definition] of Object.entries(definitions.calendars ?? {})) {
    trial.calendars.set(name, { definition, compiled: compileCalendar(definition) });
  }
  for (const [path, definition] of Object.entries(definitions.groups ?? {}))
    trial.groups.set(path, definition);
  for (const definition of Object.values(definitions.commitments ?? {})) compileCommitment(trial, definition);
  const jobs = Object.entries(definitions.jobs ?? {});
  return new Map(jobs.map(([name, definition]) => [name, compileJob(trial, name, definition)]));
}

function applySettings(state: SchedulerState, definitions: Definitions): void {
  const { outbox, now } = state;
  for (const [name, definition] of Object.entries(definitions.calendars ?? {})) {
    state.calendars.set(name, { definition, compiled: compileCalendar(definition) });
    put(outbox, 'calendar', [name], { definition: JSON.stringify(definition), at: now });
  }
  applyPools(state, definitions);
  applyRules(state, definitions);
  for (const [path, definition] of Object.entries(definitions.groups ?? {})) {
    state.groups.set(path, definition);
    put(outbox, 'job_group', [path], { definition: JSON.stringify(definition), at: now });
  }
}

function upsertJob(
  state: SchedulerState,
  name: string,
  definition: JobDefinition,
  by: { readonly source: string; readonly actor: string },
): JobRecord {
  const former = definition.was === undefined ? undefined : state.jobsByName.get(definition.was);
  const known = state.jobsByName.get(name) ?? former;
  const job = known ?? addJob(state, name, definition.id ?? state.nextJobId);
  const renamed = job.name !== name;
  if (renamed) {
    state.jobsByName.delete(job.name);
    job.name = name;
    state.jobsByName.set(name, job);
  }
  job.definition = definition;
  job.definitionText = JSON.stringify(definition);
  job.revision++;
  job.source = by.source;
  writeJob(state, job);
  put(state.outbox, 'job_revision', [job.id, job.revision], {
    definition: job.definitionText,
    at: state.now,
    actor: by.actor,
  });
  const change = !known ? 'added' : renamed ? 'renamed' : 'edited';
  state.outbox.events.push({
    type: 'job.changed',
    job: name,
    change,
    revision: job.revision,
    actor: by.actor,
  });
  return job;
}

/** A job record that still has to be compiled. */
export function addJob(state: SchedulerState, name: string, id: number): JobRecord {
  const definition: JobDefinition = {};
  const job: JobRecord = {
    index: state.jobs.length,
    id,
    name,
    definition,
    definitionText: '',
    state: 'enabled',
    source: '',
    revision: 0,
    since: state.now,
    cursor: instant(state.now - 1),
    formerEdges: null,
    readFrom: state.now,
    createdBefore: state.now,
    policy: UNCOMPILED,
    durations: null,
    edges: [],
    gates: [],
    spreadMs: 0,
    downstream: [],
    schedule: null,
    root: NONE,
    paced: [],
    slots: [],
    claimed: 0,
    failedInRow: 0,
    paused: null,
    parked: null,
    queueClass: null,
    rules: null,
  };
  state.nextJobId = Math.max(state.nextJobId, id + 1);
  state.jobs.push(job);
  state.jobsById.set(id, job);
  state.jobsByName.set(name, job);
  return job;
}

/** Compiles the job from its definition and what it inherits. */
export function compile(state: SchedulerState, job: JobRecord): void {
  install(state, job, compileJob(state, job.name, job.definition));
}

function install(state: SchedulerState, job: JobRecord, compiled: CompiledJob): void {
  job.policy = compiled.policy;
  job.schedule = compiled.schedule;
  job.gates = compiled.gates;
  job.spreadMs = compiled.spreadMs;
  const before = job.edges;
  job.edges = compiled.edges.map((edge) => edgeNumber(state, edge));
  if (before.length > 0) keepFormerEdges(state, job, before);
  job.queueClass = null;
}

/** Graph, downstream lists and paces, from the compiled jobs. */
export function settleGraph(state: SchedulerState): void {
  state.heraDays.clear();
  const downstream: number[][] = state.jobs.map(() => []);
  const edges: [number, number][] = [];
  for (const job of state.jobs) {
    if (!isPresent(job)) continue;
    for (const number of job.edges) {
      const up = must(state.jobsByName.get(must(state.edges[number], 'edge').upstream), 'upstream');
      if (up === job) continue;
      edges.push([up.index, job.index]);
      must(downstream[up.index], 'downstream').push(job.index);
    }
  }
  for (const job of state.jobs) job.downstream = must(downstream[job.index], 'downstream');
  // The name of a deleted job may be another's by now; no job is named with a number sign.
  const names = state.jobs.map((job) => (job.state === 'deleted' ? `#${job.id}` : job.name));
  state.graph = buildGraph(names, edges);
  settlePaces(state);
}

const scheduleText = (state: SchedulerState, job: JobRecord) => {
  const root = state.jobs[job.root];
  if (!root) return '';
  const calendar = root.schedule?.calendar ? state.calendars.get(calendarOf(state, root) ?? '') : undefined;
  return JSON.stringify([root.definition.schedule, root.policy.zone, calendar?.definition]);
};

/** Name of the calendar that filters the job's slots: its own, or the one it inherits. */
function calendarOf(state: SchedulerState, job: JobRecord): string | undefined {
  const { schedule } = job.definition;
  const own = typeof schedule === 'object' ? schedule.calendar : undefined;
  return own ?? inheritedPolicy(job.definition, state.groups).calendar;
}

/** After an edit: from when slots count, which runs are bound anew, where ready runs queue. */
function settleChange(
  state: SchedulerState,
  job: JobRecord,
  edit: {
    readonly changed: boolean;
    readonly schedule: string | undefined;
    readonly beside: ReadonlyMap<number, readonly number[]>;
    /** Takes the jobs whose slots come from another schedule than before. */
    readonly moved: Set<number>;
  },
): void {
  if (!isPresent(job)) return;
  const moved = `${job.root} ${scheduleText(state, job)}` !== edit.schedule;
  if (moved) {
    state.heraDays.clear();
    job.since = state.now;
    job.cursor = instant(state.now - 1);
    put(state.outbox, 'job', [job.id], { since: job.since, cursor: job.cursor });
    edit.moved.add(job.index);
  }
  if (!edit.changed && !moved) return;
  rebindOpen(state, job, `job ${job.name} was edited`);
  if (moved)
    for (const index of job.downstream)
      rebindOpen(state, must(state.jobs[index], 'downstream'), `the schedule of ${job.name} changed`);
  classOfJob(state, job);
  for (const r of [...openRows(state, job), ...(edit.beside.get(job.index) ?? [])]) {
    rebindGates(state, r);
    requeue(state, r);
  }
}

/** Asks for the next slot of each schedule that brings moved jobs theirs: once, however many those are. */
function scheduleMoved(state: SchedulerState, moved: ReadonlySet<number>): void {
  if (moved.size === 0) return;
  for (const root of state.jobs) {
    if (moved.has(root.index) || root.paced.some((index) => moved.has(index))) scheduleNext(state, root);
  }
}

function rebindOpen(state: SchedulerState, job: JobRecord, why: string): void {
  for (const r of openRows(state, job)) {
    const phase = state.runs.phase[r] ?? 0;
    if ((phase === PHASE.waiting || phase === PHASE.queued) && !state.runs.has(r, CLAIMED | AD_HOC))
      rebindRun(state, r, why);
  }
}

function openRows(state: SchedulerState, job: JobRecord): number[] {
  return job.slots.filter((r) => isOpen(state.runs.phase[r] ?? 0));
}

/** Open rows that stand among no job's slots, by job: ad hoc runs, and generations beside the main track. */
function openBeside(state: SchedulerState): ReadonlyMap<number, readonly number[]> {
  const { runs } = state;
  const found = new Map<number, number[]>();
  for (const r of state.extras.keys()) {
    if (!runs.has(r, AD_HOC | SIDE) || !isOpen(runs.phase[r] ?? 0)) continue;
    const job = runs.job[r] ?? NONE;
    const rows = found.get(job);
    if (rows) rows.push(r);
    else found.set(job, [r]);
  }
  return found;
}

/** Enables, disables or retires a job. */
export function setJobState(state: SchedulerState, job: JobRecord, to: JobState, actor: string): void {
  const from = job.state;
  if (from === to) return;
  job.state = to;
  // Whatever a person decides, the scheduler's own reason holds no more.
  if (job.failedInRow > 0 || job.paused !== null) forgetFailedRuns(state, job);
  state.heraDays.clear();
  if (to === 'enabled') {
    job.since = state.now;
    job.cursor = instant(state.now - 1);
    for (const root of new Set([job.index, ...rootsOf(state, job)]))
      scheduleNext(state, must(state.jobs[root], 'root'));
    if (job.parked) unpark(state, job.parked, Infinity);
  }
  const beside = openBeside(state).get(job.index) ?? [];
  for (const r of [...openRows(state, job), ...beside.filter((row) => !state.runs.has(row, SIDE))]) {
    leaveState(state, r, to);
  }
  noteJobState(state, job);
  // Slots without a run count as done while the job is retired.
  if (to === 'retired' || from === 'retired') for (const r of [...job.slots]) advance(state, r);
  writeJob(state, job);
  state.outbox.events.push({ type: 'job.changed', job: job.name, change: to, revision: job.revision, actor });
}

/** Jobs whose schedules bring this one its slots. */
const rootsOf = (state: SchedulerState, job: JobRecord): number[] =>
  state.jobs.filter((root) => root.paced.includes(job.index)).map((root) => root.index);

function leaveState(state: SchedulerState, r: number, to: JobState): void {
  const phase = state.runs.phase[r];
  if (to === 'disabled' && phase === PHASE.backoff) endGeneration(state, r, PHASE.canceled, 'jobDisabled');
  if (to === 'retired' && phase !== PHASE.running) endGeneration(state, r, PHASE.skipped, 'retired');
}

/** Deletes a job that nothing depends on: what has claimed nothing is canceled, what runs ends. */
export function deleteJob(state: SchedulerState, job: JobRecord, actor: string): void {
  const [dependent] = job.downstream;
  if (dependent !== undefined) {
    const name = must(state.jobs[dependent], 'downstream').name;
    const message = `job ${job.name} cannot be deleted: ${name} depends on it`;
    throw new SchedulerError('STATE_CONFLICT', message, { subject: job.name, state: `upstream of ${name}` });
  }
  for (const r of [...openRows(state, job), ...(openBeside(state).get(job.index) ?? [])]) {
    if (state.runs.phase[r] !== PHASE.running) cancelRun(state, r, { why: 'deleted', actor });
  }
  // A deleted job is not compiled again, so a new leader knows its policy from the attempts alone.
  for (const live of state.attempts.values()) if (jobOf(state, live.row) === job) writeTerms(state, live);
  job.state = 'deleted';
  for (const r of state.incidentOf.keys()) if (jobOf(state, r) === job) state.ended.push(r);
  job.schedule = null;
  job.durations = null;
  remove(state.outbox, 'duration_model', [job.id]);
  state.jobsByName.delete(job.name);
  noteFormer(state, job);
  const roots = rootsBefore(state);
  settleGraph(state);
  tellLostPaces(state, roots, new Set());
  selectAgain(state);
  writeJob(state, job);
  state.outbox.events.push({
    type: 'job.changed',
    job: job.name,
    change: 'deleted',
    revision: job.revision,
    actor,
  });
}

function writeJob(state: SchedulerState, job: JobRecord): void {
  put(state.outbox, 'job', [job.id], {
    name: job.name,
    state: job.state,
    definition: job.definitionText,
    revision: job.revision,
    source: job.source,
    since: job.since,
    cursor: job.cursor,
  });
}
