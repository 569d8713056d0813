/**
 * Events that people and systems post by name. One that names a slot or a business date counts for the runs
 * of that; one that names neither counts for the runs whose time it was posted near: at most one period of
 * theirs before. They are kept for days, because the run they are for may not be there yet.
 */
import type { Instant } from '../model/ids.js';
import { put, remove } from './outbox.js';
import type { PostedEvent } from './records.js';
import { slotOf } from './runs.js';
import type { SchedulerState } from './state.js';

/** Rows taken in one round of the hourly sweep. */
const FORGOTTEN_PER_ROUND = 5_000;

/** Keeps the event, in the commit that answers whoever posted it. */
export function keepEvent(state: SchedulerState, event: Omit<PostedEvent, 'id'>): PostedEvent {
  const kept = { id: state.nextEventId++, ...event };
  put(state.outbox, 'posted_event', [kept.id], {
    name: kept.name,
    at: kept.at,
    until: kept.until,
    instant: kept.instant,
    businessDate: kept.businessDate,
    payload: kept.payload,
    actor: kept.actor,
  });
  restoreEvent(state, kept);
  return kept;
}

/** Takes a kept event into the state. */
export function restoreEvent(state: SchedulerState, event: PostedEvent): void {
  state.nextEventId = Math.max(state.nextEventId, event.id + 1);
  const known = state.postedEvents.get(event.name);
  if (known) known.push(event);
  else state.postedEvents.set(event.name, [event]);
}

/** The newest kept event of that name that counts for the run. */
export const eventFor = (state: SchedulerState, r: number, name: string): PostedEvent | undefined =>
  state.postedEvents.get(name)?.findLast((event) => event.until > state.now && counts(state, event, r));

/** Whether the event counts for the run's slot. */
export function counts(state: SchedulerState, event: PostedEvent, r: number): boolean {
  const { instant: at, interval, businessDate } = slotOf(state, r);
  if (event.instant !== null) return event.instant === at;
  if (event.businessDate !== null) return event.businessDate === businessDate;
  return event.at > at - (interval.end - interval.start);
}

/** Forgets events whose days are over. */
export function forgetOldEvents(state: SchedulerState): void {
  let left = FORGOTTEN_PER_ROUND;
  const isOver = ({ id, until }: PostedEvent) => {
    if (until > state.now || left === 0) return false;
    left -= 1;
    remove(state.outbox, 'posted_event', [id]);
    return true;
  };
  for (const [name, events] of state.postedEvents) {
    const kept = events.filter((event) => !isOver(event));
    if (kept.length === 0) state.postedEvents.delete(name);
    else state.postedEvents.set(name, kept);
  }
}

/** When an event that is posted now is forgotten. */
export const keptUntil = (state: SchedulerState, keepMs: number) => (state.now + keepMs) as Instant;
