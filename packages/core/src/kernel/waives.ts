/**
 * Waives: one run does not wait for an upstream, or for one slot of it; others still do. A waive is about a
 * slot, so it may be said before that has become a run.
 */
import { nextInstant } from '../calendar/schedule.js';
import { SchedulerError } from '../model/errors.js';
import { instant, parseInstantText, parseRunText, runText } from '../model/ids.js';
import type { Instant } from '../model/ids.js';
import type { Row } from '../model/tables.js';
import { scheduleOf } from './hera-pace.js';
import type { WaiveRecord } from './operation-records.js';
import {
  BY_ITSELF,
  checkUntil,
  lookAt,
  nextOperationId,
  optionInvalid,
  tellOperation,
  writeBegun,
  writeEnded,
} from './operations.js';
import { conflict, jobNamed } from './requests-named.js';
import { numberIn, textIn } from './restore.js';
import { findRun, findRunOf } from './runs.js';
import type { SchedulerState } from './state.js';
import { NONE } from './tables.js';
import { settleWaives } from './waived-links.js';

/** What begins a waive. */
export interface WaiveFacts {
  readonly run: string;
  /** An upstream job, or one run of it. */
  readonly upstream: string;
  readonly reason: string;
  readonly actor: string;
  readonly until: Instant;
}

/** Begins a waive. @throws SchedulerError for a run, upstream or end that is none, and one said twice. */
export function beginWaive(state: SchedulerState, facts: WaiveFacts): WaiveRecord {
  const { run, reason, actor, until } = facts;
  checkUntil(state, until);
  const { job, slotKey } = slotNamed(state, run);
  const upstream = upstreamNamed(state, job, facts.upstream);
  const of = waivesAt(state, job, slotKey);
  if (of.some((waive) => waive.upstream === upstream.job && waive.upstreamSlot === upstream.slotKey))
    throw conflict(run, 'waived', `run ${run} does not wait for ${facts.upstream} already`);
  const id = nextOperationId(state);
  const at = state.now;
  const waive: WaiveRecord = {
    id,
    job,
    slotKey,
    upstream: upstream.job,
    upstreamSlot: upstream.slotKey,
    reason,
    actor,
    at,
    until,
  };
  keep(state, waive);
  writeBegun(state, 'waive', id, {
    job: idOf(state, job),
    slot: slotKey,
    upstream: idOf(state, upstream.job),
    upstreamSlot: upstream.slotKey,
    reason,
    actor,
    until,
  });
  tellOperation(state, { kind: 'waive', id, state: 'begun' }, { subject: run, reason, actor, until });
  lookAt(state, until);
  settleAt(state, waive);
  return waive;
}

const idOf = (state: SchedulerState, index: number) => state.jobs[index]?.id ?? NONE;
const nameOf = (waive: { readonly job: number; readonly slotKey: string }) => `${waive.job} ${waive.slotKey}`;

const waivesAt = (state: SchedulerState, job: number, slotKey: string): readonly WaiveRecord[] =>
  state.operations.waivesOf.get(nameOf({ job, slotKey })) ?? [];

function keep(state: SchedulerState, waive: WaiveRecord): void {
  const { waives, waivesOf: byRun } = state.operations;
  waives.set(waive.id, waive);
  byRun.set(nameOf(waive), [...(byRun.get(nameOf(waive)) ?? []), waive]);
}

/** A run that is kept, or a slot that its job's schedule brings. */
function slotNamed(state: SchedulerState, text: string): { readonly job: number; readonly slotKey: string } {
  const ref = parseRunText(text);
  if (!ref) throw runNotFound(text);
  const job = jobNamed(state, ref.job);
  const at = parseInstantText(ref.slotKey.slice(2));
  const schedule = at === null ? null : scheduleOf(state, job, at);
  const isComing = at !== null && schedule && nextInstant(schedule, instant(at - 1)) === at;
  if (findRun(state, ref) === NONE && !isComing) throw runNotFound(text);
  return { job: job.index, slotKey: ref.slotKey };
}

const runNotFound = (run: string) =>
  new SchedulerError('RUN_NOT_FOUND', `run ${run} is not among the runs kept, nor a slot to come`, { run });

function upstreamNamed(
  state: SchedulerState,
  job: number,
  text: string,
): { readonly job: number; readonly slotKey: string | null } {
  const ref = parseRunText(text);
  const upstream = jobNamed(state, ref?.job ?? text);
  const edges = state.jobs[job]?.edges ?? [];
  if (!edges.some((edge) => state.edges[edge]?.upstream === upstream.name))
    throw optionInvalid('upstream', `an upstream of ${state.jobs[job]?.name}`, text);
  return { job: upstream.index, slotKey: ref?.slotKey ?? null };
}

/** Ends a waive: by a person, or when its time is over. */
export function endWaive(state: SchedulerState, waive: WaiveRecord, actor: string): void {
  const { waives, waivesOf: byRun } = state.operations;
  waives.delete(waive.id);
  const left = (byRun.get(nameOf(waive)) ?? []).filter((each) => each !== waive);
  if (left.length === 0) byRun.delete(nameOf(waive));
  else byRun.set(nameOf(waive), left);
  writeEnded(state, 'waive', waive.id, actor);
  const { reason, until } = waive;
  const subject = runText(state.jobs[waive.job]?.name ?? '', waive.slotKey);
  tellOperation(state, { kind: 'waive', id: waive.id, state: 'ended' }, { subject, reason, actor, until });
  settleAt(state, waive);
}

/** Waives whose time is over end. */
export function lookAtWaives(state: SchedulerState): void {
  for (const waive of [...state.operations.waives.values()])
    if (waive.until <= state.now) endWaive(state, waive, BY_ITSELF);
}

function settleAt(state: SchedulerState, waive: WaiveRecord): void {
  const job = state.jobs[waive.job];
  const r = job ? findRunOf(state, job, waive.slotKey) : NONE;
  if (r !== NONE) settleWaives(state, r);
}

/** Takes a stored waive back; runs are bound before it. */
export function restoreWaive(state: SchedulerState, row: Row): void {
  const { value } = row;
  const job = state.jobsById.get(numberIn(value, 'job', NONE));
  const upstream = state.jobsById.get(numberIn(value, 'upstream', NONE));
  if (!job || !upstream || numberIn(value, 'open') !== 1) return;
  const waive: WaiveRecord = {
    id: Number(row.key[0]),
    job: job.index,
    slotKey: textIn(value, 'slot') ?? '',
    upstream: upstream.index,
    upstreamSlot: textIn(value, 'upstreamSlot'),
    reason: textIn(value, 'reason') ?? '',
    actor: textIn(value, 'actor') ?? '',
    at: numberIn(value, 'at'),
    until: numberIn(value, 'until'),
  };
  keep(state, waive);
  lookAt(state, waive.until);
  settleAt(state, waive);
}
