/** Writes, at the end of a step, each row that changed in it once, with what it came to, and says so in events. */
import { must } from '../model/assert.js';
import type { FieldValue } from '../model/tables.js';
import { isEnded, isOpen, LANES, PHASES, reasonOf, TRIGGERS } from './codes.js';
import type { Effects } from './effects.js';
import { laneOf, releases, retireSide } from './generations.js';
import { DIRTY, markRun, put } from './outbox.js';
import { hasOpenSide, inLinks, jobOf, ownerOf, runKeyOf, runTextOf, slotKeyOf, slotOf } from './runs.js';
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
    if (state.runs.has(r, SIDE) && isEnded(state.runs.phase[r] ?? 0)) retireSide(state, r);
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
  const value: Fields = {
    generation: runs.generation[r] ?? 0,
    phase: PHASES[phase] ?? 'none',
    reason: reasonOf(runs.reason[r] ?? 0),
    attempts: runs.attempts[r] ?? 0,
    endedAt: isEnded(phase) ? (runs.since[r] ?? 0) : null,
    open: isOpen(phase) || hasOpenSide(state, r) ? 1 : 0,
    counts: runs.has(r, COUNTS) ? 1 : 0,
  };
  if (extra?.coveredBy !== undefined) value['coveredBy'] = slotKeyOf(state, extra.coveredBy);
  if ((bits & DIRTY.created) !== 0) Object.assign(value, createdFields(state, r));
  put(outbox, 'run', runKeyOf(state, r), value);
}

function createdFields(state: SchedulerState, r: number): Fields {
  const slot = slotOf(state, r);
  const job = jobOf(state, r).name;
  const phase = PHASES[state.runs.phase[r] ?? 0] ?? 'none';
  const reason = reasonOf(state.runs.reason[r] ?? 0);
  state.outbox.events.push({
    type: 'run.created',
    job,
    run: runTextOf(state, r),
    instant: slot.instant,
    businessDate: slot.businessDate,
    phase,
    reason,
  });
  return {
    instant: slot.instant,
    start: slot.interval.start,
    end: slot.interval.end,
    businessDate: slot.businessDate,
    zone: slot.zone,
    createdAt: state.now,
    submission: state.extras.get(r)?.submission ?? null,
  };
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
  const phase = runs.phase[r] ?? 0;
  const since = runs.since[r] ?? 0;
  const extra = state.extras.get(r);
  const name = PHASES[phase] ?? 'none';
  const reason = reasonOf(runs.reason[r] ?? 0);
  const value: Fields = {
    phase: name,
    reason,
    tries: runs.tries[r] ?? 0,
    endedAt: isEnded(phase) ? since : null,
  };
  if (name === 'queued') value['queuedAt'] = since;
  if (name === 'running') {
    value['startedAt'] = since;
    const consumed = consumedText(state, r);
    if (consumed !== null) value['consumed'] = consumed;
  }
  if (name === 'backoff')
    Object.assign(value, { retryAt: extra?.retryAt ?? null, avoid: JSON.stringify(extra?.avoid ?? []) });
  if ((bits & DIRTY.created) !== 0) Object.assign(value, begunFields(state, r));
  put(outbox, 'generation', [...runKeyOf(state, r), runs.generation[r] ?? 0], value);
  outbox.events.push({
    type: 'generation.phase',
    job: jobOf(state, r).name,
    run: runTextOf(state, r),
    generation: runs.generation[r] ?? 0,
    track: runs.has(r, SIDE) ? 'side' : 'main',
    trigger: TRIGGERS[runs.trigger[r] ?? 0] ?? 'schedule',
    phase: name,
    reason,
  });
}

function begunFields(state: SchedulerState, r: number): Fields {
  const { runs } = state;
  const extra = state.extras.get(r);
  const begun = must(state.outbox.begun.get(r), 'facts of a new generation');
  return {
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
