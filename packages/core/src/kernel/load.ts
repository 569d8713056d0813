/**
 * From the store's rows to a state that goes on where the last leader stopped. Rows come in the order of the
 * catalogue; links are made when all runs are there, so counters start from the rows and never from memory.
 */
import { compileCalendar } from '../calendar/calendar.js';
import { slotAt } from '../calendar/schedule.js';
import { must } from '../model/assert.js';
import type { PlanState } from '../model/events.js';
import { instant, parseInstantText } from '../model/ids.js';
import type { Instant } from '../model/ids.js';
import type { GroupDefinition, JobDefinition, JobState, PoolDefinition } from '../model/job.js';
import type { CalendarDefinition } from '../model/schedule.js';
import type { Row } from '../model/tables.js';
import { advanceAll } from './advance.js';
import { restoreBinding, waitForOlder } from './bindings.js';
import { slotsWithin } from './candidates.js';
import { PHASE, isOpen } from './codes.js';
import { addJob, compile, settleGraph } from './definitions.js';
import { formerEdge } from './edge-numbers.js';
import { restoreCommitment } from './commitments.js';
import { lookSoon } from './commitment-looks.js';
import { expectInTime } from './expectations.js';
import { restoreDurations } from './durations.js';
import type { Effects } from './effects.js';
import type { PlanRequest } from './event.js';
import { parkReleasing } from './holds.js';
import { countLimits } from './job-rules.js';
import { NEXT_OPERATION_ID } from './operations.js';
import { takeConsumed } from './restore-consumed.js';
import { restoreOperations } from './restore-operations.js';
import { scheduleEviction } from './evict.js';
import { flush } from './flush.js';
import { noteFormer } from './former-jobs.js';
import { NEXT_INCIDENT_ID, settleIncidents } from './incidents.js';
import { changePending, startPatience } from './links.js';
import { scheduleNext } from './materialize.js';
import { mayHaveOlder } from './older-slots.js';
import { cover, enterOrWait } from './phases.js';
import { NEXT_PLAN_ID, newPlan, resumePlan, settlePlans } from './plans.js';
import { settlePriorities } from './priority.js';
import { keyOf, poolOf, pushReady } from './queue.js';
import type { JobRecord } from './records.js';
import { resumeGates } from './gates.js';
import { restoreNotice } from './notices.js';
import { requestName, restoreRequests } from './request-memory.js';
import type { AnsweredRequest } from './request-memory.js';
import { watchQueue } from './queue-timeout.js';
import { takeEvent, takeGate } from './restore-gates.js';
import { takeAttempt, workerNamed } from './restore-attempts.js';
import { takeFailures, takeHealth, takeIncident } from './restore-failures.js';
import type { LaterFailures } from './restore-failures.js';
import { jsonIn, numberIn, restoreGeneration, restoreRun, rowOfKey, textIn } from './restore.js';
import { dropRow, dueOf, ensureSlot, jobOf } from './runs.js';
import { DEADLINE, addDeadline, extraOf } from './state.js';
import { tellEndingCalendars } from './standing-alarms.js';
import type { SchedulerState } from './state.js';
import { AD_HOC, BYPASS, CLAIMED, COUNTS, NONE, TIME_GATE } from './tables.js';

/** Fills an empty state from the store's rows. */
export interface Loader {
  /** Rows in the order of the catalogue. */
  row(row: Row): void;
  /** Settles what the rows leave open; the effects are committed like those of a step. */
  finish(at: Instant, lead: { readonly epoch: number; readonly holder: string }): Effects;
}

interface Later {
  readonly attempts: Row[];
  readonly bindings: Row[];
  readonly members: Row[];
  readonly gates: Row[];
  readonly requests: (readonly [name: string, entry: AnsweredRequest])[];
  readonly consumed: Row[];
  readonly operations: Row[];
  readonly covered: (readonly [r: number, slotKey: string])[];
  /** Names of the workers that a person wants drained. */
  readonly drained: string[];
  readonly failures: LaterFailures;
  compiled: boolean;
}

export function createLoader(state: SchedulerState): Loader {
  const later: Later = {
    attempts: [],
    bindings: [],
    members: [],
    gates: [],
    requests: [],
    consumed: [],
    operations: [],
    covered: [],
    drained: [],
    failures: { quarantined: [], members: [] },
    compiled: false,
  };
  return {
    row: (row) => takeRow(state, row, later),
    finish: (at, lead) => finish(state, later, { at, ...lead }),
  };
}

function takeRow(state: SchedulerState, row: Row, later: Later): void {
  const { key, value } = row;
  const name = String(key[0]);
  switch (row.table) {
    case 'meta':
      if (name === NEXT_PLAN_ID) state.nextPlanId = Number(textIn(value, 'value') ?? 1);
      if (name === NEXT_INCIDENT_ID) state.nextIncidentId = Number(textIn(value, 'value') ?? 1);
      if (name === NEXT_OPERATION_ID) state.operations.nextId = Number(textIn(value, 'value') ?? 1);
      return;
    case 'calendar': {
      const definition = must(jsonIn<CalendarDefinition>(value, 'definition'), 'calendar');
      state.calendars.set(name, { definition, compiled: compileCalendar(definition) });
      return;
    }
    case 'pool':
      Object.assign(poolOf(state, name), {
        definition: jsonIn<PoolDefinition>(value, 'definition') ?? {},
        declared: true,
      });
      return;
    case 'concurrency':
      keyOf(state, name).holdersMax = numberIn(value, 'holdersMax', 1);
      return;
    case 'job_group':
      state.groups.set(name, jsonIn<GroupDefinition>(value, 'definition') ?? {});
      return;
    case 'job':
      return takeJob(state, row);
    case 'commitment':
      return restoreCommitment(state, row);
    case 'duration_model':
      return restoreDurations(state, row);
    case 'run': {
      compileOnce(state, later);
      const r = restoreRun(state, row);
      const coveredBy = textIn(value, 'coveredBy');
      if (coveredBy !== null && textIn(value, 'reason') === 'covered' && r !== NONE)
        later.covered.push([r, coveredBy]);
      return;
    }
    case 'generation':
      restoreGeneration(state, row);
      if (textIn(value, 'consumed') !== null) later.consumed.push(row);
      return;
    case 'attempt':
      later.attempts.push(row);
      return;
    case 'binding':
      later.bindings.push(row);
      return;
    case 'request':
      later.requests.push([
        requestName(name, String(key[1])),
        {
          digest: textIn(value, 'digest') ?? '',
          answer: textIn(value, 'answer') ?? '{}',
          at: numberIn(value, 'at'),
        },
      ]);
      return;
    case 'gate':
      later.gates.push(row);
      return;
    case 'posted_event':
      return takeEvent(state, row);
    case 'notice':
      return restoreNotice(state, [name, String(key[1])], {
        value: textIn(value, 'value') ?? '',
        at: numberIn(value, 'at'),
      });
    case 'plan':
      return takePlan(state, row);
    case 'waive':
    case 'override':
    case 'hold':
    case 'start_limit':
    case 'hold_rule':
      later.operations.push(row);
      return;
    case 'plan_member':
      later.members.push(row);
      return;
    case 'worker':
      // Workers say who they are; that a person wants one drained is not theirs to say.
      if (numberIn(value, 'drain') === 1) later.drained.push(name);
      takeHealth(state, row, later.failures);
      return;
    case 'incident':
      return takeIncident(state, row);
    case 'incident_member':
      later.failures.members.push(row);
      return;
    default:
      return;
  }
}

function takeJob(state: SchedulerState, row: Row): void {
  const { value } = row;
  const namesake = state.jobsByName.get(textIn(value, 'name') ?? '');
  const job = addJob(state, textIn(value, 'name') ?? '', Number(row.key[0]));
  job.definitionText = textIn(value, 'definition') ?? '{}';
  job.definition = JSON.parse(job.definitionText) as JobDefinition;
  job.state = (textIn(value, 'state') ?? 'enabled') as JobState;
  job.source = textIn(value, 'source') ?? '';
  job.revision = numberIn(value, 'revision');
  job.since = instant(numberIn(value, 'since'));
  job.cursor = instant(numberIn(value, 'cursor'));
  const former = jsonIn<[number, string][]>(value, 'formerEdges');
  if (former) job.formerEdges = new Map(former);
  job.failedInRow = numberIn(value, 'failedInRow');
  job.paused = numberIn(value, 'paused') || null;
  // Whether it ever had older slots is not known without a look into the store.
  job.createdBefore = instant(0);
  if ((job.state as string) === 'deleted') {
    noteFormer(state, job);
    // The name may be another job's by now.
    if (namesake) state.jobsByName.set(namesake.name, namesake);
    else state.jobsByName.delete(job.name);
  }
}

function compileOnce(state: SchedulerState, later: Later): void {
  if (later.compiled) return;
  later.compiled = true;
  for (const job of state.jobs) if (job.state !== 'deleted') compile(state, job);
  settleGraph(state);
}

function takePlan(state: SchedulerState, row: Row): void {
  const { value } = row;
  const id = Number(row.key[0]);
  const request = must(jsonIn<PlanRequest>(value, 'options'), 'plan');
  state.nextPlanId = Math.max(state.nextPlanId, id + 1);
  const plan = newPlan(state, {
    id,
    request,
    state: (textIn(value, 'state') ?? 'draft') as PlanState,
    actor: textIn(value, 'actor') ?? '',
    reason: textIn(value, 'reason') ?? '',
  });
  state.plans.set(id, plan);
}

function finish(
  state: SchedulerState,
  later: Later,
  lead: { readonly at: Instant; readonly epoch: number; readonly holder: string },
): Effects {
  state.now = lead.at;
  state.epoch = lead.epoch;
  compileOnce(state, later);
  for (const job of state.jobs) job.readFrom = instant(Math.max(0, lead.at - state.options.reachMs));
  for (const r of state.spentSides) dropRow(state, r);
  state.spentSides.length = 0;
  takeMembers(state, later.members);
  restoreRequests(state, later.requests);
  for (const row of later.gates) takeGate(state, row);
  for (const row of later.bindings) takeBinding(state, row);
  for (const row of later.consumed) takeConsumed(state, row);
  restoreOperations(state, later.operations);
  // Not before the time is known: their silence counts from now on.
  for (const name of later.drained) workerNamed(state, name, 0).drainAsked = true;
  for (const row of later.attempts) takeAttempt(state, row);
  takeFailures(state, later.failures);
  countLimits(state);
  for (const [r, slotKey] of later.covered) takeCovered(state, r, slotKey);
  for (let r = 0; r < state.runs.length; r++) {
    if (state.runs.job[r] !== NONE && isOpen(state.runs.phase[r] ?? 0)) goOn(state, r);
  }
  parkReleasing(state);
  for (const plan of state.plans.values()) resumePlan(state, plan);
  for (const job of state.jobs) scheduleNext(state, job);
  scheduleEviction(state);
  tellEndingCalendars(state);
  lookSoon(state);
  state.restored.clear();
  advanceAll(state);
  settlePlans(state);
  while (state.advancing.length > 0) {
    advanceAll(state);
    settlePlans(state);
  }
  settlePriorities(state);
  settleIncidents(state);
  state.outbox.events.push({ type: 'leader.elected', epoch: lead.epoch, holder: lead.holder });
  return flush(state);
}

/** Members in the order of their position, which is not that of their keys. */
function takeMembers(state: SchedulerState, rows: readonly Row[]): void {
  const byPosition = [...rows].sort((a, b) => numberIn(a.value, 'position') - numberIn(b.value, 'position'));
  for (const row of byPosition) {
    const plan = state.plans.get(Number(row.key[0]));
    const r = memberRow(state, row.key.slice(1));
    if (r === NONE || !plan) continue;
    const as = textIn(row.value, 'state');
    if (as === 'excluded') {
      plan.excluded.add(r);
      continue;
    }
    plan.members.set(r, numberIn(row.value, 'generation'));
    if (plan.state !== 'draft') state.runs.set(r, COUNTS);
    if (as === 'succeeded') plan.succeeded++;
    else if (as === 'failed') plan.failed++;
  }
}

/** Row of a member; of a slot that has not become a run yet, a row that waits for the plan to start. */
function memberRow(state: SchedulerState, key: Row['key']): number {
  const known = rowOfKey(state, key);
  const job = state.jobsById.get(Number(key[0]));
  const schedule = job && state.jobs[job.root]?.schedule;
  const at = parseInstantText(String(key[1]).slice(2));
  if (known !== NONE || !schedule || at === null) return known;
  const r = ensureSlot(state, job, slotAt(schedule, at));
  extraOf(state, r);
  state.restored.set(`${job.index} ${String(key[1])}`, r);
  return r;
}

function takeBinding(state: SchedulerState, row: Row): void {
  const r = rowOfKey(state, row.key);
  const up = state.jobsById.get(Number(row.key[3]));
  if (r === NONE || !up) return;
  const { value } = row;
  const edge = edgeTo(state, r, up);
  if (edge === undefined) return;
  const from = numberIn(value, 'fromInstant', NaN);
  const to = numberIn(value, 'toInstant', NaN);
  const listed = jsonIn<number[]>(value, 'instants');
  const instants =
    listed ?? (Number.isNaN(from) ? [] : from === to ? [from] : slotsWithin(state, up, from, to));
  const adHocKey = textIn(value, 'adHocKey');
  if (instants.length === 0 && adHocKey === null) {
    takeEmptyBinding(state, r, { edge, up, need: numberIn(value, 'need') });
    return;
  }
  const need = numberIn(value, 'need', instants.length);
  restoreBinding(state, r, { up, edge, instants, need, adHocKey });
}

/**
 * An edge that no slot matched: the run waits for it, unless nothing was needed of it. Older slots are read
 * again.
 */
function takeEmptyBinding(
  state: SchedulerState,
  r: number,
  at: { readonly edge: number; readonly up: JobRecord; readonly need: number },
): void {
  const { edge, up, need } = at;
  if (need === 0) return;
  if (isOpen(state.runs.phase[r] ?? 0) && mayHaveOlder(state, up)) {
    waitForOlder(state, r, { number: edge, up });
    return;
  }
  const extra = extraOf(state, r);
  extra.empty = [...(extra.empty ?? []), edge];
  changePending(state, r, 1);
}

/** The job's present edge to that upstream; of a claimed run, that which an edit took away. */
function edgeTo(state: SchedulerState, r: number, up: JobRecord): number | undefined {
  const job = jobOf(state, r);
  const present = job.edges.find((number) => state.edges[number]?.upstream === up.name);
  return present ?? (state.runs.has(r, CLAIMED) ? formerEdge(state, job, up) : undefined);
}

function takeCovered(state: SchedulerState, r: number, slotKey: string): void {
  const by = rowOfKey(state, [jobOf(state, r).id, slotKey, '']);
  if (by !== NONE) cover(state, r, by);
}

/** Puts an open generation back where it was, without a word where nothing has changed. */
function goOn(state: SchedulerState, r: number): void {
  const { runs } = state;
  expectInTime(state, r);
  resumeGates(state, r);
  if (state.liveOf.has(r)) return;
  const bypass = runs.has(r, BYPASS);
  const gated = dueOf(state, r) > state.now && !bypass && !runs.has(r, AD_HOC);
  if (gated) {
    runs.set(r, TIME_GATE);
    addDeadline(state, dueOf(state, r), DEADLINE.timeGate, r);
    changePending(state, r, 1);
  }
  if (!bypass) startPatience(state, r, state.extras.get(r)?.waitsSince ?? state.now);
  const retryAt = state.extras.get(r)?.retryAt;
  const free = bypass || runs.pending[r] === 0;
  if (runs.phase[r] === PHASE.backoff && retryAt !== undefined)
    addDeadline(state, retryAt, DEADLINE.retry, r);
  else if (runs.phase[r] === PHASE.queued && free) {
    pushReady(state, r);
    watchQueue(state, r);
  } else if (runs.phase[r] !== PHASE.waiting || free) enterOrWait(state, r);
}
