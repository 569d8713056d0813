/**
 * Forgets finished runs that no selector can reach any more, so that memory follows the reach, not the age.
 */
import { instant } from '../model/ids.js';
import { isOpen } from './codes.js';
import { forgetFailed } from './incidents.js';
import { unlinkRuns } from './links.js';
import { forgetOldNotices } from './notices.js';
import { forgetOldEvents } from './posted-events.js';
import { dropIfUnused, dropRow, inLinks, lowerBound } from './runs.js';
import { tellEndingCalendars } from './standing-alarms.js';
import { DEADLINE, addDeadline } from './state.js';
import type { SchedulerState } from './state.js';
import { NONE } from './tables.js';

const EVICT_EVERY_MS = 3_600_000;
/** Ended ad hoc runs are kept so long, for their submission's late questions. */
const AD_HOC_KEPT_MS = 24 * 3_600_000;

/** Asks for the next round. */
export function scheduleEviction(state: SchedulerState): void {
  addDeadline(state, state.now + EVICT_EVERY_MS, DEADLINE.evict, 0);
}

export function evictOld(state: SchedulerState): void {
  const oldest = state.now - state.options.reachMs;
  for (const job of state.jobs) {
    const old = job.slots.slice(0, lowerBound(state, job, oldest));
    const before = job.slots.length;
    for (const r of old) evict(state, r);
    if (job.slots.length < before) job.readFrom = instant(Math.max(job.readFrom, oldest));
  }
  for (const r of [...state.adHoc.values()]) {
    if ((state.runs.since[r] ?? 0) < state.now - AD_HOC_KEPT_MS) evict(state, r);
  }
  tellEndingCalendars(state);
  forgetOldNotices(state);
  forgetOldEvents(state);
  scheduleEviction(state);
}

/** Drops the row if it is at rest and nothing that is kept waits for it. */
function evict(state: SchedulerState, r: number): void {
  if (state.runs.job[r] === NONE) return;
  const extra = state.extras.get(r);
  const busy = isOpen(state.runs.phase[r] ?? 0) || (extra?.sides?.length ?? 0) > 0 || isMember(state, r);
  if (busy || state.runs.outHead[r] !== NONE || (extra?.covers ?? []).length > 0) return;
  forgetFailed(state, r);
  const by = extra?.coveredBy === undefined ? undefined : state.extras.get(extra.coveredBy);
  if (by?.covers) by.covers = by.covers.filter((covered) => covered !== r);
  const ups = [...inLinks(state, r)].map((link) => state.links.up[link] ?? NONE);
  for (const link of [...inLinks(state, r)]) unlinkRuns(state, link);
  for (const up of new Set(ups)) dropIfUnused(state, up);
  dropRow(state, r);
}

function isMember(state: SchedulerState, r: number): boolean {
  for (const plan of state.plans.values()) {
    if (plan.state !== 'succeeded' && plan.state !== 'canceled' && plan.members.has(r)) return true;
  }
  return false;
}
