/** From stored rows back to live ones: the inverse of flush.ts, used at load and for older slots. */
import { instant } from '../model/ids.js';
import type { Instant, ZoneName } from '../model/ids.js';
import type { EndReason, Phase, Trigger } from '../model/run.js';
import type { Slot } from '../model/slot.js';
import type { Row, RowValue } from '../model/tables.js';
import { CLASS_OF_TRIGGER, PHASE, TRIGGER, isEnded, reasonCode } from './codes.js';
import type { Params } from './event.js';
import { DEFAULT_PRIORITY, restorePriority } from './priority.js';
import { addSide, ensureAdHoc, ensureSlot, jobOf } from './runs.js';
import { extraOf } from './state.js';
import type { SchedulerState } from './state.js';
import { BYPASS, CLAIMED, COUNTS, NONE, STORED } from './tables.js';
import { currentGeneration } from './verdict.js';

export const numberIn = (value: RowValue, field: string, otherwise = 0): number => {
  const found = value[field];
  return typeof found === 'number' ? found : otherwise;
};
export const textIn = (value: RowValue, field: string): string | null => {
  const found = value[field];
  return typeof found === 'string' ? found : null;
};
export function jsonIn<T>(value: RowValue, field: string): T | null {
  const text = textIn(value, field);
  return text === null ? null : (JSON.parse(text) as T);
}

/** Row of the run the key names; NONE when its job is not known. */
export function rowOfKey(state: SchedulerState, key: Row['key']): number {
  const job = state.jobsById.get(Number(key[0]));
  if (!job) return NONE;
  const slotKey = String(key[1]);
  if (slotKey.startsWith('a:')) return state.adHoc.get(`${job.index} ${slotKey}`) ?? NONE;
  return state.restored.get(`${job.index} ${slotKey}`) ?? NONE;
}

/** Makes the row of a stored run. A run whose job is gone for good is left in the store. */
export function restoreRun(state: SchedulerState, row: Row): number {
  const job = state.jobsById.get(Number(row.key[0]));
  if (!job) return NONE;
  const { value } = row;
  const slotKey = String(row.key[1]);
  const slot: Slot = {
    instant: instant(numberIn(value, 'instant')),
    interval: { start: instant(numberIn(value, 'start')), end: instant(numberIn(value, 'end')) },
    businessDate: (textIn(value, 'businessDate') ?? '') as Slot['businessDate'],
    zone: (textIn(value, 'zone') ?? 'UTC') as ZoneName,
  };
  const adHoc = slotKey.startsWith('a:');
  const r = adHoc ? ensureAdHoc(state, job, slotKey.slice(2), slot) : ensureSlot(state, job, slot);
  if (!adHoc) state.restored.set(`${job.index} ${slotKey}`, r);
  const { runs } = state;
  runs.set(r, STORED | (numberIn(value, 'counts') === 1 ? COUNTS : 0));
  runs.attempts[r] = numberIn(value, 'attempts');
  if (runs.attempts[r] > 0) runs.set(r, CLAIMED);
  runs.phase[r] = PHASE[(textIn(value, 'phase') ?? 'none') as Phase];
  runs.reason[r] = reasonCode(textIn(value, 'reason') as EndReason | null);
  runs.generation[r] = numberIn(value, 'generation');
  runs.lastGeneration[r] = Math.max(runs.lastGeneration[r] ?? 0, runs.generation[r] ?? 0);
  runs.since[r] = numberIn(value, 'endedAt', numberIn(value, 'createdAt'));
  const submission = textIn(value, 'submission');
  if (submission !== null) extraOf(state, r).submission = submission;
  return r;
}

/** Puts a stored generation on its run's row, or on a row of its own when it is an open side one. */
export function restoreGeneration(state: SchedulerState, row: Row): void {
  const owner = rowOfKey(state, row.key);
  if (owner === NONE) return;
  const { value } = row;
  const g = Number(row.key[3]);
  const { runs } = state;
  runs.lastGeneration[owner] = Math.max(runs.lastGeneration[owner] ?? 0, g);
  const phase = PHASE[(textIn(value, 'phase') ?? 'none') as Phase];
  const trigger = TRIGGER[(textIn(value, 'trigger') ?? 'schedule') as Trigger];
  const side = textIn(value, 'track') === 'side';
  const current = !side && g === runs.generation[owner];
  const r = side ? addSide(state, owner) : owner;
  const kept =
    current || side
      ? null
      : {
          phase: runs.phase[r],
          generation: runs.generation[r],
          trigger: runs.trigger[r],
          reason: runs.reason[r],
          since: runs.since[r],
        };
  runs.phase[r] = phase;
  runs.generation[r] = g;
  runs.trigger[r] = trigger;
  runs.reason[r] = reasonCode(textIn(value, 'reason') as EndReason | null);
  runs.since[r] = sinceOf(value, phase);
  if (!current && isEnded(phase)) {
    toHistory(state, owner, r, value);
    if (kept) restoreColumns(state, r, kept);
    return;
  }
  restoreFacts(state, r, value);
}

/** When the phase began. */
function sinceOf(value: RowValue, phase: number): number {
  const createdAt = numberIn(value, 'createdAt');
  if (isEnded(phase)) return numberIn(value, 'endedAt', createdAt);
  if (phase === PHASE.queued) return numberIn(value, 'queuedAt', createdAt);
  return phase === PHASE.running ? numberIn(value, 'startedAt', createdAt) : createdAt;
}

type Kept = Record<'phase' | 'generation' | 'trigger' | 'reason' | 'since', number | undefined>;

function restoreColumns(state: SchedulerState, r: number, kept: Kept): void {
  const { runs } = state;
  for (const name of ['phase', 'generation', 'trigger', 'reason', 'since'] as const)
    runs[name][r] = kept[name] ?? 0;
}

function toHistory(state: SchedulerState, owner: number, r: number, value: RowValue): void {
  const plan = numberIn(value, 'plan', NONE);
  const silent = numberIn(value, 'releases', 1) === 0 && textIn(value, 'trigger') === 'force';
  const current = currentGeneration(state, r);
  const past = {
    ...current,
    classBit: silent ? 0 : (CLASS_OF_TRIGGER[state.runs.trigger[r] ?? 0] ?? 0),
    plan: plan === NONE ? null : plan,
  };
  const extra = extraOf(state, owner);
  if (past.classBit !== 0) extra.past = [...(extra.past ?? []), past].sort((a, b) => a.g - b.g);
  if (r !== owner) state.spentSides.push(r);
}

function restoreFacts(state: SchedulerState, r: number, value: RowValue): void {
  const { runs } = state;
  runs.tries[r] = numberIn(value, 'tries');
  restorePriority(state, r, numberIn(value, 'priority', DEFAULT_PRIORITY));
  runs.startBy[r] = numberIn(value, 'startBy');
  if (numberIn(value, 'late') === 1) extraOf(state, r).late = true;
  if (textIn(value, 'gates') === 'bypass') runs.set(r, BYPASS);
  const params = jsonIn<Params>(value, 'params');
  const plan = numberIn(value, 'plan', NONE);
  const avoid = jsonIn<string[]>(value, 'avoid') ?? [];
  if (params) extraOf(state, r).params = params;
  if (plan !== NONE) extraOf(state, r).plan = plan;
  if (numberIn(value, 'releases', 1) === 0) extraOf(state, r).releases = false;
  if (avoid.length > 0) extraOf(state, r).avoid = avoid;
  if (!runs.has(r, BYPASS) && jobOf(state, r).edges.some((edge) => state.edges[edge]?.timeoutMs !== null))
    extraOf(state, r).waitsSince = instant(numberIn(value, 'createdAt'));
  if (runs.phase[r] === PHASE.backoff)
    extraOf(state, r).retryAt = instant(numberIn(value, 'retryAt')) satisfies Instant;
}
