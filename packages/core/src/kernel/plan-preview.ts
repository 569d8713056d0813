/**
 * What a plan will do, before it does anything: how many members, in which order, and how long it should take
 * by what is known of its jobs. Nothing is changed, so that it may be asked of a plan that is not made yet.
 */
import { parseDuration } from '../calendar/duration.js';
import { SchedulerError } from '../model/errors.js';
import type { PlanPreview } from '../model/views.js';
import { chooseMembers, dateLabels, memberText } from './plan-choice.js';
import type { Member } from './plan-choice.js';
import { memberEnded, memberSucceeded } from './plan-dates.js';
import { checkPlanParams } from './plan-params.js';
import { checkPlanRequest } from './plan-request.js';
import type { PlanRequest } from './event.js';
import type { JobRecord, PlanRecord } from './records.js';
import { jobOf, runTextOf } from './runs.js';
import type { SchedulerState } from './state.js';

/** What a plan of that request would do. @throws SchedulerError as `plan.create` would */
export function previewPlan(state: SchedulerState, request: PlanRequest): PlanPreview {
  checkPlanRequest(request);
  const { members, excluded } = chooseMembers(state, request);
  checkPlanParams(state, request, new Set(members.map(({ job }) => job)));
  return previewOf(state, request, { members, excluded: excluded.length });
}

/** What a plan that was made will do, or does. @throws SchedulerError `PLAN_NOT_FOUND` */
export function planPreview(state: SchedulerState, id: number): PlanPreview {
  const plan = planNumbered(state, id);
  const members = plan.order.map((r) => ({ job: jobOf(state, r), at: state.runs.instant[r] ?? 0, r }));
  return previewOf(state, plan.request, { members, excluded: plan.excluded.size });
}

/** Members that ended otherwise than well, in their order. @throws SchedulerError `PLAN_NOT_FOUND` */
export function failedMembers(state: SchedulerState, id: number): readonly string[] {
  const plan = planNumbered(state, id);
  return plan.order
    .filter((r) => memberEnded(state, plan, r) && !memberSucceeded(state, plan, r))
    .map((r) => runTextOf(state, r));
}

function planNumbered(state: SchedulerState, id: number): PlanRecord {
  const plan = state.plans.get(id);
  if (plan) return plan;
  throw new SchedulerError('PLAN_NOT_FOUND', `there is no open plan ${id}`, { plan: id });
}

function previewOf(
  state: SchedulerState,
  request: PlanRequest,
  chosen: { readonly members: readonly Member[]; readonly excluded: number },
): PlanPreview {
  const { members } = chosen;
  const labelOf = dateLabels(members.every(({ job }) => job === members[0]?.job));
  const durations = new Map<JobRecord, number | null>();
  const dates: { date: string; count: number }[] = [];
  const lengths: number[] = [];
  let path = new Map<JobRecord, number>();
  let workMs = 0;
  let unknown = 0;
  for (const { job, at } of members) {
    const date = labelOf(job, at);
    let last = dates.at(-1);
    if (last?.date !== date) {
      dates.push((last = { date, count: 0 }));
      lengths.push(0);
      path = new Map();
    }
    last.count++;
    let duration = durations.get(job);
    if (duration === undefined) durations.set(job, (duration = expectedMs(job)));
    if (duration === null) unknown++;
    workMs += duration ?? 0;
    // Several slots of a job on one date are taken to run side by side.
    const ends = startAfter(state, job, path) + (duration ?? 0);
    path.set(job, Math.max(ends, path.get(job) ?? 0));
    lengths[lengths.length - 1] = Math.max(lengths.at(-1) ?? 0, ends);
  }
  return {
    total: members.length,
    runs: members.map((member) => memberText(state, member)),
    dates,
    excluded: chosen.excluded,
    estimate: { workMs, spanMs: spanOf(request, lengths, workMs), unknown },
  };
}

/** When the job's upstreams of the date have ended, by the lengths of their paths. */
function startAfter(state: SchedulerState, job: JobRecord, path: ReadonlyMap<JobRecord, number>): number {
  let after = 0;
  for (const number of job.edges) {
    const up = state.jobsByName.get(state.edges[number]?.upstream ?? '');
    if (up && up !== job) after = Math.max(after, path.get(up) ?? 0);
  }
  return after;
}

/** Dates one after the other in so many rows; never less than the cap of running attempts allows. */
function spanOf({ parallel, runningMax }: PlanRequest, lengths: readonly number[], workMs: number): number {
  const rows = new Array<number>(Math.min(parallel ?? lengths.length, lengths.length)).fill(0);
  for (const length of lengths) {
    const first = rows.indexOf(Math.min(...rows));
    rows[first] = (rows[first] ?? 0) + length;
  }
  return Math.max(...rows, runningMax === null ? 0 : Math.ceil(workMs / runningMax));
}

/** How long one run of the job should take, by its definition; null when that does not say. */
function expectedMs({ definition }: JobRecord): number | null {
  const duration = definition.expect?.duration;
  return duration === undefined ? null : parseDuration(duration);
}
