/** Waives, overrides and holds that are in force, as people see them. */
import { runText } from '../model/ids.js';
import type { HoldView, OperationsView, OverrideView, WaiveView } from '../model/operations.js';
import { PHASE } from './codes.js';
import { openRowsOf } from './job-rules.js';
import type { HoldRecord, OverrideRecord, WaiveRecord } from './operation-records.js';
import { isAbout, isHeldBy } from './rules.js';
import { jobOf } from './runs.js';
import type { SchedulerState } from './state.js';
import { waivesOf } from './waived-links.js';

/** All that is in force, in the order in which it began. */
export function operationViews(state: SchedulerState): OperationsView {
  const { waives, overrides, holds } = state.operations;
  return {
    waives: [...waives.values()].map((waive) => waiveView(state, waive)),
    overrides: [...overrides.values()].map(overrideView),
    holds: [...holds.values()].map((hold) => holdView(state, hold)),
  };
}

/** What of it concerns the run at that row. */
export function operationsOfRun(state: SchedulerState, r: number): OperationsView {
  const { rules } = jobOf(state, r);
  return {
    waives: waivesOf(state, r).map((waive) => waiveView(state, waive)),
    overrides: (rules?.overrides ?? []).filter((rule) => isAbout(state, rule, r)).map(overrideView),
    holds: (rules?.holds ?? [])
      .filter((hold) => isHeldBy(state, r, hold))
      .map((hold) => holdView(state, hold)),
  };
}

function waiveView(state: SchedulerState, waive: WaiveRecord): WaiveView {
  const { id, reason, actor, at, until, upstreamSlot } = waive;
  const run = runText(state.jobs[waive.job]?.name ?? '', waive.slotKey);
  const upstream = state.jobs[waive.upstream]?.name ?? '';
  return { id, reason, actor, at, until, run, upstream, slot: upstreamSlot };
}

function overrideView(rule: OverrideRecord): OverrideView {
  const { id, reason, actor, at, until, range, effect, selection, jobs } = rule;
  return { id, reason, actor, at, until, select: selection.text, range, effect, jobs: jobs?.length ?? 0 };
}

function holdView(state: SchedulerState, hold: HoldRecord): HoldView {
  const { id, reason, actor, at, until, scope, pace, rule } = hold;
  const jobs = hold.jobs ?? [];
  const waiting = openRowsOf(state, jobs).filter(
    (r) => state.runs.phase[r] === PHASE.queued && isHeldBy(state, r, hold),
  ).length;
  const now = hold.isReleasing ? 'releasing' : 'holding';
  return { id, reason, actor, at, until, ...scope, state: now, pace, rule, jobs: jobs.length, waiting };
}
