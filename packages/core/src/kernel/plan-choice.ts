/**
 * What a plan consists of: runs named one by one with their stored bindings followed up and down, and slots
 * of selected jobs in a range; less what is left out and what has succeeded already where only the rest is
 * asked for. Choosing changes nothing, so that it can be shown before anybody decides.
 */
import { instantsBetween, slotAt } from '../calendar/schedule.js';
import type { CompiledSchedule } from '../calendar/schedule.js';
import { localDateOf, startOfLocalDay } from '../calendar/time-zone.js';
import { topologicalOrder } from '../graph/job-graph.js';
import { SchedulerError } from '../model/errors.js';
import { instant, localDate, parseRunText, runText, timeSlotKey } from '../model/ids.js';
import type { Slot } from '../model/slot.js';
import { PHASE } from './codes.js';
import type { PlanRequest, PlanSpan, RunReach } from './event.js';
import { assertKept } from './older-slots.js';
import type { JobRecord } from './records.js';
import { runNamed } from './requests-named.js';
import { findSlot, inLinks, jobOf, lowerBound, outLinks, runTextOf, slotOf } from './runs.js';
import { selectedJobs } from './selected-jobs.js';
import type { SchedulerState } from './state.js';
import { AD_HOC, NONE, STORED } from './tables.js';

/** A plan has at most so many members. */
export const MEMBERS_MAX = 100_000;
/** Slots end at most so long after their business date has begun: a year, and some days for a shift. */
const LATE_MS = 370 * 86_400_000;
const DAY_MS = 86_400_000;

/** A run that is, or a slot that may become one. */
export interface Member {
  readonly job: JobRecord;
  readonly at: number;
  /** NONE where there is no row yet. */
  readonly r: number;
}

/** Members in their order, and those left out. */
export interface Choice {
  readonly members: readonly Member[];
  readonly excluded: readonly Member[];
}

/**
 * @throws SchedulerError for a run, job or selection that is not there, a range that is none, and a plan with
 * too many members (`OPTION_INVALID`) or none (`STATE_CONFLICT`)
 */
export function chooseMembers(state: SchedulerState, request: PlanRequest): Choice {
  const all = new Map<JobRecord, Map<number | string, Member>>();
  let count = 0;
  const add = (member: Member) => {
    let ofJob = all.get(member.job);
    if (!ofJob) all.set(member.job, (ofJob = new Map()));
    const key = member.r !== NONE && state.runs.has(member.r, AD_HOC) ? `r${member.r}` : member.at;
    if (!ofJob.has(key)) count++;
    ofJob.set(key, member);
    if (count > MEMBERS_MAX) throw tooMany();
  };
  for (const r of reachedRuns(state, request.runs)) {
    // Runs of a deleted job stay as they ended; a new leader would not know what they are bound to.
    if (jobOf(state, r).state !== 'deleted') add(memberOf(state, r));
  }
  if (request.select !== null) {
    const span = mustSpan(request);
    for (const job of selectedJobs(state, request.select)) {
      for (const at of slotsOf(state, job, span)) add(slotMember(state, job, at));
    }
  }
  const isExcluded = exclusion(state, request);
  const ordered = inOrder(
    state,
    [...all.values()].flatMap((ofJob) => [...ofJob.values()]),
  );
  const excluded = ordered.filter(isExcluded);
  const members = ordered.filter((member) => !isExcluded(member) && isWanted(state, member, request.only));
  if (members.length > 0) return { members, excluded };
  const subject = request.select ?? request.runs.map(({ run }) => run).join(' ');
  const message = `a plan for ${subject} has no member`;
  throw new SchedulerError('STATE_CONFLICT', message, { subject, state: 'empty' });
}

function slotMember(state: SchedulerState, job: JobRecord, at: number): Member {
  const r = findSlot(state, job, at);
  if (r === NONE) assertKept(job, at);
  return { job, at, r };
}

const memberOf = (state: SchedulerState, r: number): Member => ({
  job: jobOf(state, r),
  at: state.runs.instant[r] ?? 0,
  r,
});

/** `job@slot`, also of a slot that has no row. */
export const memberText = (state: SchedulerState, { job, at, r }: Member): string =>
  r === NONE ? runText(job.name, timeSlotKey(instant(at))) : runTextOf(state, r);

/** The runs, and what is bound to them, so many levels up and down. */
function reachedRuns(state: SchedulerState, reaches: readonly RunReach[]): Set<number> {
  const found = new Set<number>();
  for (const { run, up, down } of reaches) {
    const first = runNamed(state, run);
    if (state.runs.phase[first] === PHASE.none)
      throw new SchedulerError('RUN_NOT_FOUND', `run ${run} has never been begun`, { run });
    found.add(first);
    walk(first, up ?? Infinity, (r) => upstreams(state, r)).forEach((r) => found.add(r));
    walk(first, down ?? Infinity, (r) => downstreams(state, r)).forEach((r) => found.add(r));
  }
  return found;
}

/** Level by level, so that each is met at its least distance. */
function walk(first: number, levels: number, next: (r: number) => Iterable<number>): Set<number> {
  const seen = new Set([first]);
  let level = [first];
  for (let depth = 0; depth < levels && level.length > 0; depth++) {
    const beyond = new Set(level.flatMap((r) => [...next(r)]));
    level = [...beyond].filter((r) => !seen.has(r));
    for (const r of level) seen.add(r);
    if (seen.size > MEMBERS_MAX) throw tooMany();
  }
  return seen;
}

function* downstreams(state: SchedulerState, r: number): Generator<number> {
  for (const link of outLinks(state, r)) {
    const down = state.links.down[link] ?? NONE;
    if (state.runs.has(down, STORED)) yield down;
  }
}

function* upstreams(state: SchedulerState, r: number): Generator<number> {
  for (const link of inLinks(state, r)) {
    const up = state.links.up[link] ?? NONE;
    if (state.runs.has(up, STORED)) yield up;
  }
}

function mustSpan({ select, span }: PlanRequest): PlanSpan {
  if (span) return span;
  throw new SchedulerError('OPTION_INVALID', `a plan for ${select ?? ''} needs a range of slots`, {
    option: 'from',
    expected: 'an instant or a business date, and `to` likewise',
  });
}

/** Slots of the range up to now: those that were, and those that the present schedule would have had. */
function slotsOf(state: SchedulerState, job: JobRecord, span: PlanSpan): Set<number> {
  const { zone } = job.policy;
  const from = span.by === 'date' ? startOfLocalDay(zone, localDate(span.from)) - DAY_MS : span.from;
  const end = span.by === 'date' ? startOfLocalDay(zone, localDate(span.to)) + LATE_MS : span.to;
  const to = Math.min(end, state.now);
  const isWithin = (date: string) => span.by === 'instant' || (date >= span.from && date <= span.to);
  const instants = new Set<number>();
  for (let i = lowerBound(state, job, from); i < job.slots.length; i++) {
    const r = job.slots[i] ?? NONE;
    const at = state.runs.instant[r] ?? 0;
    if (at > to) break;
    if (isWithin(slotOf(state, r).businessDate)) instants.add(at);
  }
  const schedule = state.jobs[job.root]?.schedule;
  if (!schedule) return instants;
  for (const slot of scheduledSlots(schedule, from, to)) {
    if (span.by === 'date' && slot.businessDate > span.to) break;
    if (isWithin(slot.businessDate)) instants.add(slot.instant);
    if (instants.size > MEMBERS_MAX) throw tooMany();
  }
  return instants;
}

/** Slots of the schedule from one instant to another, both included, some at a time. */
function* scheduledSlots(schedule: CompiledSchedule, from: number, to: number): Generator<Slot> {
  for (let after = from - 1; ;) {
    const some = instantsBetween(schedule, instant(after), instant(to + 1), SLOTS_AT_ONCE);
    for (const at of some) yield slotAt(schedule, at);
    if (some.length < SLOTS_AT_ONCE) return;
    after = some.at(-1) ?? to;
  }
}

const SLOTS_AT_ONCE = 1_000;

function exclusion(state: SchedulerState, { exclude }: PlanRequest): (member: Member) => boolean {
  const runs = new Set<string>();
  const jobs = new Set<JobRecord>();
  for (const text of exclude) {
    if (parseRunText(text)) runs.add(text);
    else for (const job of selectedJobs(state, text)) jobs.add(job);
  }
  return (member) => jobs.has(member.job) || (runs.size > 0 && runs.has(memberText(state, member)));
}

function isWanted(state: SchedulerState, { r }: Member, only: PlanRequest['only']): boolean {
  const phase = r === NONE ? PHASE.none : state.runs.phase[r];
  if (only === 'failed') return phase === PHASE.failed;
  if (only === 'missing') return phase === PHASE.none || phase === PHASE.skipped || phase === PHASE.canceled;
  return true;
}

/** By date, then by the place of their jobs in the graph, then by slot: an upstream comes first. */
function inOrder(state: SchedulerState, members: readonly Member[]): Member[] {
  const place = new Map<number, number>();
  topologicalOrder(state.graph)?.forEach((job, i) => place.set(job, i));
  const dates = dateLabels(members.length > 0 && members.every(({ job }) => job === members[0]?.job));
  const keyed = members.map((member) => ({
    member,
    date: dates(member.job, member.at),
    place: place.get(member.job.index) ?? 0,
  }));
  keyed.sort(
    (a, b) =>
      (a.date < b.date ? -1 : a.date > b.date ? 1 : 0) || a.place - b.place || a.member.at - b.member.at,
  );
  return keyed.map(({ member }) => member);
}

/**
 * The date a member belongs to: the local day of its slot, or, in a plan of one job alone, the slot. The day
 * of the instant, not the business date: what waits for the days of a whole week must not come before them.
 */
export function dateLabels(ofOneJob: boolean): (job: JobRecord, at: number) => string {
  const known = new Map<string, string>();
  return (job, at) => {
    if (ofOneJob) return new Date(at).toISOString();
    const key = `${job.policy.zone} ${at}`;
    let label = known.get(key);
    if (label === undefined) known.set(key, (label = localDateOf(job.policy.zone, instant(at))));
    return label;
  };
}

const tooMany = () =>
  new SchedulerError('OPTION_INVALID', `a plan has at most ${MEMBERS_MAX} members`, {
    option: 'select',
    expected: `at most ${MEMBERS_MAX} members`,
  });
