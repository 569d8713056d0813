/**
 * Writes, at the end of a step, each row that changed in it once, with what it came to, and says so in
 * events.
 */
import { must } from '../model/assert.js';
import { runText } from '../model/ids.js';
import type { FieldValue } from '../model/tables.js';
import { LANES, PHASES, TRIGGERS, isEnded, isOpen, reasonOf } from './codes.js';
import type { Effects } from './effects.js';
import { DIRTY, markRun, put } from './outbox.js';
import {
  dropRow,
  hasOpenSide,
  inLinks,
  jobOf,
  laneOf,
  ownerOf,
  releases,
  runKeyOf,
  runTextOf,
  slotKeyOf,
  slotOf,
} from './runs.js';
import type { SchedulerState } from './state.js';
import { BYPASS, COUNTS, NONE, SIDE } from './tables.js';

type Fields = Record<string, FieldValue>;

export function flush(state: SchedulerState): Effects {
  const { outbox } = state;
  for (const r of outbox.generations.rows)
    if (state.runs.has(r, SIDE)) markRun(outbox, ownerOf(state, r), DIRTY.state);
  for (const r of outbox.runs.rows) writeRun(state, r, outbox.runs.bitsOf(r));
  for (const r of outbox.generations.rows) writeGeneration(state, r, outbox.generations.bitsOf(r));
  for (const { key, value } of outbox.attempts.values()) put(outbox, 'attempt', key, value);
  for (const [name, by] of outbox.counts) addCount(state, name, by);
  for (const r of [...outbox.generations.rows]) {
    if (state.runs.has(r, SIDE) && isEnded(state.runs.phase[r] ?? 0)) dropRow(state, r);
  }
  const effects = {
    writes: outbox.writes,
    events: outbox.events,
    replies: outbox.replies,
    commands: outbox.commands,
  };
  outbox.writes = [];
  outbox.events = [];
  outbox.replies = [];
  outbox.commands = [];
  for (const marked of [outbox.runs, outbox.generations, outbox.attempts, outbox.begun, outbox.counts])
    marked.clear();
  return effects;
}

function writeRun(state: SchedulerState, r: number, bits: number): void {
  const { runs, outbox } = state;
  const phase = runs.phase[r] ?? 0;
  const extra = state.extras.get(r);
  const generation = runs.generation[r] ?? 0;
  const name = PHASES[phase] ?? 'none';
  const reason = reasonOf(runs.reason[r] ?? 0);
  const attempts = runs.attempts[r] ?? 0;
  const endedAt = isEnded(phase) ? (runs.since[r] ?? 0) : null;
  const open = isOpen(phase) || hasOpenSide(state, r) ? 1 : 0;
  const counts = runs.has(r, COUNTS) ? 1 : 0;
  // Two whole literals: an object that grows field by field costs several times as much, and all runs pass
  // here.
  let value: Fields = { generation, phase: name, reason, attempts, endedAt, open, counts };
  if ((bits & DIRTY.created) !== 0) {
    const { instant, interval, businessDate, zone } = slotOf(state, r);
    outbox.events.push({
      type: 'run.created',
      job: jobOf(state, r).name,
      run: runTextOf(state, r),
      instant,
      businessDate,
      phase: name,
      reason,
    });
    value = {
      generation,
      phase: name,
      reason,
      attempts,
      endedAt,
      open,
      counts,
      instant,
      start: interval.start,
      end: interval.end,
      businessDate,
      zone,
      createdAt: state.now,
      submission: extra?.submission ?? null,
    };
  }
  if (extra?.coveredBy !== undefined) value['coveredBy'] = slotKeyOf(state, extra.coveredBy);
  put(outbox, 'run', runKeyOf(state, r), value);
}

/** Writes what the row's generation came to in this step, before another takes its place. */
export function flushGeneration(state: SchedulerState, r: number): void {
  const { generations } = state.outbox;
  const bits = generations.bitsOf(r);
  if (bits === 0) return;
  writeGeneration(state, r, bits);
  generations.unmark(r);
}

function writeGeneration(state: SchedulerState, r: number, bits: number): void {
  const { runs, outbox } = state;
  const name = PHASES[runs.phase[r] ?? 0] ?? 'none';
  const reason = reasonOf(runs.reason[r] ?? 0);
  const generation = runs.generation[r] ?? 0;
  const job = jobOf(state, r);
  const slotKey = slotKeyOf(state, r);
  const value = (bits & DIRTY.created) !== 0 ? begunFields(state, r) : movedFields(state, r);
  put(outbox, 'generation', [job.id, slotKey, '', generation], value);
  outbox.events.push({
    type: 'generation.phase',
    job: job.name,
    run: runText(job.name, slotKey),
    generation,
    track: runs.has(r, SIDE) ? 'side' : 'main',
    trigger: TRIGGERS[runs.trigger[r] ?? 0] ?? 'schedule',
    phase: name,
    reason,
  });
}

/** What a change of phase changes. Whole literals, as for runs. */
function movedFields(state: SchedulerState, r: number): Fields {
  const { runs } = state;
  const phase = PHASES[runs.phase[r] ?? 0] ?? 'none';
  const reason = reasonOf(runs.reason[r] ?? 0);
  const tries = runs.tries[r] ?? 0;
  const since = runs.since[r] ?? 0;
  switch (phase) {
    case 'queued':
      return { phase, reason, tries, endedAt: null, queuedAt: since };
    case 'running': {
      const consumed = consumedText(state, r);
      const fields = { phase, reason, tries, endedAt: null, startedAt: since };
      return consumed === null ? fields : { ...fields, consumed };
    }
    case 'backoff': {
      const { retryAt = null, avoid = [] } = state.extras.get(r) ?? {};
      return { phase, reason, tries, endedAt: null, retryAt, avoid: JSON.stringify(avoid) };
    }
    default:
      return { phase, reason, tries, endedAt: isEnded(runs.phase[r] ?? 0) ? since : null };
  }
}

/** All that a generation's first write says. */
function begunFields(state: SchedulerState, r: number): Fields {
  const { runs } = state;
  const extra = state.extras.get(r);
  const begun = must(state.outbox.begun.get(r), 'facts of a new generation');
  const phase = PHASES[runs.phase[r] ?? 0] ?? 'none';
  const since = runs.since[r] ?? 0;
  return {
    phase,
    reason: reasonOf(runs.reason[r] ?? 0),
    tries: runs.tries[r] ?? 0,
    endedAt: isEnded(runs.phase[r] ?? 0) ? since : null,
    queuedAt: phase === 'queued' ? since : null,
    startedAt: phase === 'running' ? since : null,
    consumed: phase === 'running' ? consumedText(state, r) : null,
    trigger: TRIGGERS[runs.trigger[r] ?? 0] ?? 'schedule',
    track: runs.has(r, SIDE) ? 'side' : 'main',
    lane: LANES[laneOf(state, r)] ?? 'scheduled',
    gates: runs.has(r, BYPASS) ? 'bypass' : 'obey',
    releases: releases(state, r) ? 1 : 0,
    actor: begun.actor,
    cause: begun.cause,
    params: extra?.params ? JSON.stringify(extra.params) : null,
    plan: extra?.plan ?? null,
    priority: runs.priority[r] ?? 0,
    startBy: (runs.startBy[r] ?? 0) || null,
    createdAt: state.now,
    firstAttempt: (runs.attempts[ownerOf(state, r)] ?? 0) + 1,
  };
}

/** What the claim saw of each upstream slot: job, slot key and generation; null when it waited for none. */
function consumedText(state: SchedulerState, r: number): string | null {
  if (state.runs.inHead[r] === NONE || state.runs.has(r, SIDE)) return null;
  const seen: (readonly [number, string, number])[] = [];
  for (const link of inLinks(state, r)) {
    const up = state.links.up[link] ?? NONE;
    seen.push([jobOf(state, up).id, slotKeyOf(state, up), state.links.claimed[link] ?? 0]);
  }
  return JSON.stringify(seen);
}

function addCount(state: SchedulerState, name: string, by: number): void {
  if (by === 0) return;
  const [day = '', job = '', phase = ''] = name.split(' ');
  state.outbox.writes.push({
    op: 'add',
    table: 'day_count',
    key: [day, Number(job), phase],
    field: 'runs',
    by,
  });
}
