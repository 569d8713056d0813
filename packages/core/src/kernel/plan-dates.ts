/**
 * The dates of a plan: its members in order, cut where the date changes. So many dates are under way at once;
 * one that is held up for good by a failure makes room, and so does one that waits for a later date.
 */
import { unwaived } from './waived-links.js';
import { PHASE, isEnded, isOpen } from './codes.js';
import { linkVerdict } from './links.js';
import { dateLabels } from './plan-choice.js';
import type { PlanDate, PlanRecord } from './records.js';
import { inLinks, jobOf } from './runs.js';
import type { SchedulerState } from './state.js';
import { NONE } from './tables.js';
import { VERDICT } from './verdict.js';

/** Cuts the plan's members, in the order they stand, into dates. */
export function shapePlan(state: SchedulerState, plan: PlanRecord): void {
  plan.order = [...plan.members.keys()];
  const [first = NONE] = plan.order;
  const labelOf = dateLabels(plan.order.every((r) => state.runs.job[r] === state.runs.job[first]));
  const dates: PlanDate[] = [];
  let from = 0;
  let label = '';
  plan.order.forEach((r, i) => {
    const own = labelOf(jobOf(state, r), state.runs.instant[r] ?? 0);
    if (own === label) return;
    if (i > 0) dates.push({ label, from, to: i, ended: from });
    from = i;
    label = own;
  });
  if (plan.order.length > 0) dates.push({ label, from, to: plan.order.length, ended: from });
  plan.dates = dates;
}

/** The date the member is of. */
export const dateOf = (plan: PlanRecord, r: number): PlanDate | undefined => {
  const place = plan.order.indexOf(r);
  return plan.dates.find(({ from, to }) => place >= from && place < to);
};

/** First place behind the dates that have been opened. */
export const openedTo = (plan: PlanRecord): number => plan.dates[plan.nextDate - 1]?.to ?? 0;

/** How many opened dates have a member that runs, is ready, rests, or waits for what can still come. */
export function movingDates(state: SchedulerState, plan: PlanRecord): number {
  // While all goes well, what has not ended moves; a closer look is for failures and for a plan at rest.
  const careful = plan.failed > 0 || plan.running === 0;
  const stuck = new Set<number>();
  let moving = 0;
  for (const date of plan.dates.slice(0, plan.nextDate)) {
    while (date.ended < date.to && memberEnded(state, plan, plan.order[date.ended] ?? NONE)) date.ended++;
    if (date.ended === date.to) continue;
    if (!careful || canMove(state, plan, { date, stuck })) moving++;
  }
  return moving;
}

/** Whether the plan's generation of the member has ended, well or not. */
export function memberEnded(state: SchedulerState, plan: PlanRecord, r: number): boolean {
  const pointer = plan.members.get(r) ?? 0;
  if (pointer === 0 || state.extras.get(r)?.next?.plan === plan.id) return false;
  return (state.runs.generation[r] ?? 0) >= pointer && isEnded(memberPhase(state, plan, r));
}

/** Whether the plan's generation of the member has ended well. */
export function memberSucceeded(state: SchedulerState, plan: PlanRecord, r: number): boolean {
  const phase = memberPhase(state, plan, r);
  return (phase === PHASE.succeeded || phase === PHASE.skipped) && memberEnded(state, plan, r);
}

/** Phase of the plan's generation of the member, which others may have followed. */
function memberPhase(state: SchedulerState, plan: PlanRecord, r: number): number {
  const pointer = plan.members.get(r) ?? 0;
  const past = state.extras.get(r)?.past?.find(({ g }) => g === pointer);
  return past?.phase ?? state.runs.phase[r] ?? 0;
}

function canMove(
  state: SchedulerState,
  plan: PlanRecord,
  at: { readonly date: PlanDate; readonly stuck: Set<number> },
): boolean {
  const { date, stuck } = at;
  for (let i = date.ended; i < date.to; i++) {
    const r = plan.order[i] ?? NONE;
    const extra = state.extras.get(r);
    if (extra?.next?.plan === plan.id) return true;
    const open = extra?.plan === plan.id && isOpen(state.runs.phase[r] ?? 0);
    if (open && !(state.runs.phase[r] === PHASE.waiting && isHeldUp(state, plan, { r, stuck }))) return true;
    // Upstream comes first, so what a stuck member holds up is known when its turn comes.
    if (open) stuck.add(r);
  }
  return false;
}

/** Whether a waiting member waits for what has ended otherwise, for a stuck member, or for a later date. */
function isHeldUp(
  state: SchedulerState,
  plan: PlanRecord,
  { r, stuck }: { readonly r: number; readonly stuck: ReadonlySet<number> },
): boolean {
  if (unwaived(state.extras.get(r), state.extras.get(r)?.empty).length > 0) return true;
  for (const link of inLinks(state, r)) {
    const verdict = linkVerdict(state, link);
    if (verdict === VERDICT.met) continue;
    const up = state.links.up[link] ?? NONE;
    if (verdict !== VERDICT.waiting || stuck.has(up)) return true;
    if (plan.members.get(up) === 0 && state.extras.get(up)?.next?.plan !== plan.id) return true;
  }
  return false;
}
