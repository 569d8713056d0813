/**
 * Watches commitments. While one is due within hours, a forecast is asked for every minute; it is made
 * outside of the step and comes back as an event. It counts only when it says the same twice, and what was
 * told is taken back only when the danger has been over for minutes: nobody is woken for a flicker. At the
 * instant itself the kernel looks for itself.
 */
import type { CommitmentState } from '../model/commitment.js';
import type { AlarmCode } from '../model/events.js';
import { instant, instantText } from '../model/ids.js';
import { nextDue, writeStanding } from './commitments.js';
import type { CommitmentRecord } from './commitments.js';
import { PHASE } from './codes.js';
import type { CommitmentForecast, KernelEvent } from './event.js';
import { lookAt } from './commitment-looks.js';
import { committedSlots } from './forecast-targets.js';
import { put } from './outbox.js';
import { setStartBy } from './priority.js';
import { findSlot, runKeyOf } from './runs.js';
import type { SchedulerState } from './state.js';
import { NONE, SIDE } from './tables.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Forecasts begin so long before a commitment is due. */
const AHEAD_MS = 12 * HOUR_MS;
/** While nothing runs, this long may pass between two; and so soon after something happens there is one. */
const IDLE_MS = 10 * MINUTE_MS;
/** What is still far must be late by this share of its doubt. */
const DOUBT_SHARE = 0.5;
/** So many forecasts in a row must say that it will be late. */
const DOUBTS_TO_ALARM = 2;
/** So many that it will not, and by so much. */
const DOUBTS_TO_CALM = 5;
const CALM_MARGIN_MS = 5 * MINUTE_MS;

/** Looks at all commitments: settles those that are due, and asks for a forecast where one is near. */
export function watchCommitments(state: SchedulerState): void {
  if (state.commitmentsAt > state.now) return;
  state.commitmentsAt = Infinity;
  let nearest = Infinity;
  let isNear = false;
  for (const record of state.commitments.values()) {
    settleDue(state, record);
    if (record.due === null) continue;
    const from = record.due - AHEAD_MS;
    if (from > state.now) nearest = Math.min(nearest, from);
    else if (record.state !== 'met') isNear = true;
    if (record.due > state.now) nearest = Math.min(nearest, record.due);
  }
  if (isNear) {
    const until = Math.max(...[...state.commitments.values()].map(({ due }) => nearDue(state, due)));
    state.forecastAt = state.now;
    state.outbox.commands.push({ type: 'forecast.make', until: instant(until) });
    nearest = Math.min(nearest, nextLook(state));
  }
  lookAt(state, nearest);
}

/** A minute from now; while nothing runs, nothing changes either, so more of them may pass. */
const nextLook = (state: SchedulerState) => state.now + (state.attempts.size > 0 ? MINUTE_MS : IDLE_MS);

const nearDue = (state: SchedulerState, due: number | null) =>
  due !== null && due - state.now <= AHEAD_MS ? due : state.now;
/** At its instant a commitment is met or broken; then it is watched until it is done or the next is near. */
function settleDue(state: SchedulerState, record: CommitmentRecord): void {
  if (record.due === null || state.now < record.due) return;
  if (record.state !== 'met') {
    const open = openJobs(state, record);
    if (open === null) turn(state, record, { to: 'onTrack', tells: false });
    else if (open.length === 0) turn(state, record, { to: 'met' });
    else if (record.state !== 'breached') breach(state, record, open);
  }
  const next = nextDue(record, record.due);
  const isOver = record.state !== 'breached' || (next !== null && next - state.now <= AHEAD_MS);
  if (isOver) {
    Object.assign(record, { due: next, state: 'onTrack', predictedEnd: null, culprit: null, doubts: 0 });
    writeStanding(state, record);
  }
}

/** Jobs of the commitment that are not done; null when none of them has a slot for it. */
function openJobs(state: SchedulerState, record: CommitmentRecord): string[] | null {
  if (record.due === null) return null;
  const slots = committedSlots(state, record, record.due);
  if (slots.length === 0) return null;
  return slots.filter(({ job, at }) => !isDone(state, findSlot(state, job, at))).map(({ job }) => job.name);
}

function isDone(state: SchedulerState, r: number): boolean {
  const phase = r === NONE ? PHASE.none : state.runs.phase[r];
  return phase === PHASE.succeeded || phase === PHASE.skipped;
}

function breach(state: SchedulerState, record: CommitmentRecord, open: readonly string[]): void {
  record.culprit ??= open[0] ?? null;
  turn(state, record, { to: 'breached' });
  const because = record.culprit === null ? '' : `, because of ${record.culprit}`;
  const due = instantText(record.due ?? 0);
  const message = `due ${due} and not done: ${open.slice(0, 5).join(', ')}${because}`;
  alarm(state, 'COMMITMENT_BREACHED', record.name, message);
}

function alarm(state: SchedulerState, code: AlarmCode, subject: string, message: string): void {
  state.outbox.events.push({ type: 'alarm', code, subject, message });
}

function turn(
  state: SchedulerState,
  record: CommitmentRecord,
  { to, tells = true }: { readonly to: CommitmentState; readonly tells?: boolean },
): void {
  record.state = to;
  record.doubts = 0;
  writeStanding(state, record);
  if (!tells) return;
  state.outbox.events.push({
    type: 'commitment.state',
    commitment: record.name,
    due: record.due ?? 0,
    state: to,
    predictedEnd: to === 'met' ? null : record.predictedEnd,
    culprit: to === 'met' ? null : record.culprit,
  });
}

/** Takes what a forecast has found. One that was made for a state that is gone changes nothing. */
export function onForecast(
  state: SchedulerState,
  event: Extract<KernelEvent, { type: 'forecast.made' }>,
): void {
  for (const { row, job, instant: at, minute } of event.startBy) {
    if (state.runs.job[row] !== job || state.runs.instant[row] !== at || state.runs.has(row, SIDE)) continue;
    tellStartBy(state, row, minute);
  }
  for (const line of event.commitments) {
    const record = state.commitments.get(line.commitment);
    if (record && record.due === line.due) takeLine(state, record, line);
  }
}

function tellStartBy(state: SchedulerState, r: number, minute: number): void {
  const phase = state.runs.phase[r];
  if (phase !== PHASE.waiting && phase !== PHASE.queued && phase !== PHASE.backoff) return;
  setStartBy(state, r, minute);
  put(state.outbox, 'generation', [...runKeyOf(state, r), state.runs.generation[r] ?? 0], {
    startBy: minute === 0 ? null : minute,
  });
}

function takeLine(state: SchedulerState, record: CommitmentRecord, line: CommitmentForecast): void {
  if (line.jobs === 0 || record.state === 'met') return;
  if (line.done) {
    turn(state, record, { to: 'met' });
    return;
  }
  if (record.state === 'breached') return;
  const wasAtRisk = record.state === 'atRisk';
  const isOtherwise = wasAtRisk ? isSafe(line) : isLate(state, record, line);
  if (!isOtherwise) {
    if (record.doubts === 0) return;
    record.doubts = 0;
    writeStanding(state, record);
    return;
  }
  record.doubts += 1;
  if (!wasAtRisk && line.culprit) record.culprit = line.culprit.job;
  record.predictedEnd = line.end;
  if (record.doubts < (wasAtRisk ? DOUBTS_TO_CALM : DOUBTS_TO_ALARM)) writeStanding(state, record);
  else if (wasAtRisk) turn(state, record, { to: 'onTrack' });
  else raise(state, record, line);
}

/** Foreseen to be late: clearly so, until it is close; from then on as likely as not. */
function isLate(state: SchedulerState, { warnMs }: CommitmentRecord, line: CommitmentForecast): boolean {
  const { due, end, cautiousEnd } = line;
  if (end === null || cautiousEnd === null) return true;
  const doubtMs = state.now >= due - warnMs ? 0 : (cautiousEnd - end) * DOUBT_SHARE;
  return end - doubtMs > due;
}

const isSafe = ({ due, end }: CommitmentForecast) => end !== null && end + CALM_MARGIN_MS <= due;

function raise(state: SchedulerState, record: CommitmentRecord, line: CommitmentForecast): void {
  turn(state, record, { to: 'atRisk' });
  const when = line.end === null ? 'never, as things stand' : instantText(line.end);
  const message = `due ${instantText(line.due)}, foreseen ${when}${blameText(line.culprit)}`;
  alarm(state, 'COMMITMENT_AT_RISK', record.name, message);
}

function blameText(culprit: CommitmentForecast['culprit']): string {
  if (culprit === null) return '';
  const minutes = Math.round(culprit.byMs / MINUTE_MS);
  switch (culprit.why) {
    case 'slow':
      return `: ${culprit.job} takes ${minutes} min longer than usual`;
    case 'long':
      return `: ${culprit.job} takes ${minutes} min, the longest of its chain`;
    case 'failed':
      return `: ${culprit.job} will not be done by itself`;
    case 'noSlot':
      return `: ${culprit.job} has no worker that can run it`;
  }
}
