/**
 * Which slots of the upstream a slot waits for. Pure given the candidates; the rules are tabled in
 * docs/reference/dependencies.md and, for the defaults, in DESIGN 5.
 */
import { slotAt } from '../calendar/schedule.js';
import { localFields, startOfLocalDay } from '../calendar/time-zone.js';
import { unreachable } from '../model/assert.js';
import type { Window } from '../model/edge.js';
import { instant } from '../model/ids.js';
import type { Instant } from '../model/ids.js';
import type { Interval, Slot } from '../model/slot.js';
import { CANDIDATES_MAX, earliestFrom, intervalAt, latestUpTo, periodOf, slotsWithin } from './candidates.js';
import { PHASE } from './codes.js';
import { dateText, localDay, scheduleOf } from './hera-pace.js';
import type { JobRecord, KernelEdge } from './records.js';
import { findSlot, slotOf } from './runs.js';
import type { SchedulerState } from './state.js';
import { NONE } from './tables.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What an edge selected: so many of these slots must be met, and why these. */
export interface Selected {
  readonly instants: readonly Instant[];
  readonly need: number;
  readonly why: string;
}

interface Question {
  readonly state: SchedulerState;
  readonly edge: KernelEdge;
  readonly up: JobRecord;
  readonly down: JobRecord;
  readonly slot: Slot;
}

export function selectSlots(
  state: SchedulerState,
  edge: KernelEdge,
  ends: { up: JobRecord; down: JobRecord },
  slot: Slot,
): Selected {
  const question: Question = { state, edge, ...ends, slot };
  const { selector } = edge;
  switch (selector.type) {
    case 'default':
      return byDefault(question);
    case 'same':
      return one(same(question), 'the slot with the same interval');
    case 'latestAtOrBefore':
      return one(
        youngEnough(latestUpTo(state, question.up, slot.instant), slot, selector.maxAgeMs),
        'the latest at or before',
      );
    case 'latestSucceeded':
      return one(
        youngEnough(latestSucceeded(question), slot, selector.maxAgeMs),
        'the latest that had succeeded',
      );
    case 'nearest':
      return one(nearest(question), 'the nearest in time');
    case 'heraNearest':
      return one(heraNearest(question), 'the nearest of the same day');
    case 'allIn':
      return all(inWindow(question, selector.window), windowText(selector.window));
    case 'anyIn':
      return some(inWindow(question, selector.window), 1, windowText(selector.window));
    case 'atLeast':
      return some(inWindow(question, selector.window), selector.n, windowText(selector.window));
    case 'offset':
      return one(back(question, offsetBase(question), selector.n), `${selector.n} slots earlier`);
    case 'self':
      return one(back(question, slot.instant, selector.n), `its own slot ${selector.n} before`);
    case 'index':
      return one(byIndex(question), 'the one with the same place in its day');
    case 'overlap':
      return all(overlapping(question, selector), 'the slots whose interval overlaps');
    case 'custom':
      return custom(question, selector.name);
    default:
      return unreachable(selector);
  }
}

/** DESIGN 5: same period, the same interval; finer, all of mine; coarser, the latest that is complete. */
function byDefault(question: Question): Selected {
  const { state, up, down, slot } = question;
  const mine = periodOf(state, down);
  const theirs = periodOf(state, up);
  if (up.root === down.root || theirs === mine) return one(same(question), 'the slot with the same interval');
  if (theirs < mine) return all(inWindow(question, { type: 'interval' }), 'all slots of its interval');
  if (mine < DAY_MS) return one(latestUpTo(state, up, slot.instant), 'the latest at or before');
  return one(latestComplete(question), 'the latest whose interval ends with its own or before');
}

function same(question: Question): Instant | null {
  const { state, up, down, slot } = question;
  const reach = 2 * Math.max(periodOf(state, up), periodOf(state, down));
  const candidates = slotsWithin(state, up, slot.instant - reach, slot.instant + reach);
  const equal = candidates.filter((at) => equalIntervals(intervalAt(state, up, at), slot.interval));
  return closest(equal, slot.instant);
}

function latestComplete(question: Question): Instant | null {
  const { state, up, slot } = question;
  // A slot whose interval ends by then is due within two periods of it, so few are looked at in vain.
  let at = latestUpTo(state, up, slot.interval.end + 2 * periodOf(state, up));
  for (let looked = 0; at !== null && looked < CANDIDATES_MAX; looked++) {
    if (intervalAt(state, up, at).end <= slot.interval.end) return at;
    at = latestUpTo(state, up, at - 1);
  }
  return null;
}

function latestSucceeded(question: Question): Instant | null {
  const { state, up, slot } = question;
  let at = latestUpTo(state, up, slot.instant);
  const newest = at;
  for (let looked = 0; at !== null && looked < CANDIDATES_MAX; looked++) {
    const r = findSlot(state, up, at);
    if (r !== NONE && state.runs.phase[r] === PHASE.succeeded) return at;
    at = latestUpTo(state, up, at - 1);
  }
  return newest;
}

function nearest(question: Question): Instant | null {
  const { state, up, slot } = question;
  const before = latestUpTo(state, up, slot.instant);
  const after = earliestFrom(state, up, slot.instant);
  return closest(
    [before, after].filter((at) => at !== null),
    slot.instant,
  );
}

function heraNearest(question: Question): Instant | null {
  const { state, up, slot } = question;
  const day = localDay(slot.zone, slot.instant);
  return closest(slotsWithin(state, up, day.start, day.end - 1), slot.instant);
}

function offsetBase(question: Question): Instant | null {
  return same(question) ?? latestUpTo(question.state, question.up, question.slot.instant);
}

function back(question: Question, from: Instant | null, steps: number): Instant | null {
  let at = from;
  for (let i = 0; i < steps && at !== null; i++) at = latestUpTo(question.state, question.up, at - 1);
  return at;
}

function byIndex(question: Question): Instant | null {
  const { state, up, down, slot } = question;
  const day = localDay(slot.zone, slot.instant);
  const place = slotsWithin(state, down, day.start, slot.instant - 1).length;
  return slotsWithin(state, up, day.start, day.end - 1)[place] ?? null;
}

function overlapping(question: Question, shift: { readonly start: number; readonly end: number }): Instant[] {
  const { state, up, slot } = question;
  const length = slot.interval.end - slot.interval.start;
  const from = slot.interval.start + shift.start * length;
  const to = slot.interval.end + shift.end * length;
  const reach = 2 * periodOf(state, up);
  return slotsWithin(state, up, from - reach, to + reach).filter((at) => {
    const interval = intervalAt(state, up, at);
    return interval.start < to && interval.end > from;
  });
}

function custom(question: Question, name: string): Selected {
  const { state, up, slot } = question;
  const select = state.options.selectors[name];
  if (!select) return { instants: [], need: 0, why: `the selector ${name} is not known here` };
  const reach = 2 * Math.max(periodOf(state, up), slot.interval.end - slot.interval.start);
  const candidates = slotsWithin(state, up, slot.interval.start - reach, slot.instant + reach).map((at) =>
    upstreamSlot(question, at),
  );
  const offered = new Set(candidates.map((candidate) => candidate.instant));
  try {
    const chosen = select(slot, candidates).map((each) => each.instant);
    const instants = [...new Set(chosen)].filter((at) => offered.has(at)).sort((a, b) => a - b);
    return all(instants, `chosen by ${name}`);
  } catch (error) {
    return { instants: [], need: 0, why: `the selector ${name} failed: ${String(error)}` };
  }
}

function upstreamSlot(question: Question, at: Instant): Slot {
  const { state, up } = question;
  const r = findSlot(state, up, at);
  const schedule = scheduleOf(state, up, at);
  return r === NONE && schedule ? slotAt(schedule, at) : slotOf(state, r);
}

/** Slots whose interval lies in the window. */
function inWindow(question: Question, window: Window): Instant[] {
  const { state, up, slot } = question;
  const bounds = windowBounds(window, slot);
  const reach = 2 * periodOf(state, up);
  return slotsWithin(state, up, bounds.start - reach, bounds.end + reach).filter((at) => {
    const interval = intervalAt(state, up, at);
    return interval.start >= bounds.start && interval.end <= bounds.end;
  });
}

/** A period window is the one in which the slot's interval begins, moved by `shift` periods. */
function windowBounds(window: Window, slot: Slot): Interval {
  switch (window.type) {
    case 'interval':
      return slot.interval;
    case 'sliding':
      return { start: instant(slot.interval.end - window.ms), end: slot.interval.end };
    case 'period':
      return periodWindow(window, slot);
    default:
      return unreachable(window);
  }
}

function periodWindow(window: Extract<Window, { type: 'period' }>, slot: Slot): Interval {
  const { zone } = slot;
  const { year, month, day, minute, second, weekday } = localFields(zone, slot.interval.start);
  const { shift } = window;
  const dayStart = (y: number, m: number, d: number) => startOfLocalDay(zone, dateText(y, m, d));
  switch (window.period) {
    case 'year':
      return { start: dayStart(year + shift, 1, 1), end: dayStart(year + shift + 1, 1, 1) };
    case 'month':
      return { start: dayStart(year, month + shift, 1), end: dayStart(year, month + shift + 1, 1) };
    case 'week': {
      // Weeks begin on Monday; weekday counts from Sunday = 0.
      const monday = day - ((weekday + 6) % 7) + 7 * shift;
      return { start: dayStart(year, month, monday), end: dayStart(year, month, monday + 7) };
    }
    case 'day':
      return { start: dayStart(year, month, day + shift), end: dayStart(year, month, day + shift + 1) };
    case 'hour': {
      const into = (minute * 60 + second) * 1000 + (slot.interval.start % 1000);
      const start = slot.interval.start - into + shift * HOUR_MS;
      return { start: instant(start), end: instant(start + HOUR_MS) };
    }
    default:
      return unreachable(window.period);
  }
}

/** The nearest in true time; of two, the earlier. */
function closest(candidates: readonly Instant[], at: Instant): Instant | null {
  let best: Instant | null = null;
  for (const candidate of candidates) {
    if (best === null || Math.abs(candidate - at) < Math.abs(best - at)) best = candidate;
  }
  return best;
}

function youngEnough(found: Instant | null, slot: Slot, maxAgeMs: number | null): Instant | null {
  return found !== null && maxAgeMs !== null && slot.instant - found > maxAgeMs ? null : found;
}

const equalIntervals = (a: Interval, b: Interval) => a.start === b.start && a.end === b.end;
const one = (at: Instant | null, why: string): Selected => ({
  instants: at === null ? [] : [at],
  need: at === null ? 0 : 1,
  why,
});
const all = (instants: readonly Instant[], why: string): Selected => ({
  instants,
  need: instants.length,
  why,
});
/** Fewer slots than are needed are as good as none. */
const some = (instants: readonly Instant[], n: number, why: string): Selected =>
  instants.length < n
    ? { instants: [], need: 0, why: `at least ${n} of ${why}, of which there are ${instants.length}` }
    : { instants, need: n, why: `at least ${n} of ${why}` };

function windowText(window: Window): string {
  if (window.type === 'interval') return 'all slots of its interval';
  if (window.type === 'sliding') return `the slots of the last ${window.ms} ms`;
  return `the slots of the ${window.period}${window.shift === 0 ? '' : `, shifted by ${window.shift}`}`;
}
