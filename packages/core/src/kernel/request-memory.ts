/**
 * Answers to requests under a key are remembered for a day, so that a repetition gets the first answer and
 * moves nothing. After that the rows go, oldest first and a few at a time: memory and table follow a day's
 * requests, not the age of the estate.
 */
import { put, remove } from './outbox.js';
import { DEADLINE, addDeadline } from './state.js';
import type { SchedulerState } from './state.js';

/** What a request was and what it was answered. */
export interface AnsweredRequest {
  readonly digest: string;
  readonly answer: string;
  readonly at: number;
}

/** A repetition after this is a new request. */
export const REQUEST_KEPT_MS = 24 * 3_600_000;
/** Rows taken in one step. */
const FORGOTTEN_PER_STEP = 1_000;
const SWEEP_AGAIN_MS = 1_000;

/** Name of a request in the state's map. */
export const requestName = (submitter: string, key: string) => `${submitter}\u0000${key}`;

/** Remembers the answer, in the commit that carries it. */
export function rememberRequest(
  state: SchedulerState,
  by: { readonly submitter: string; readonly key: string },
  entry: AnsweredRequest,
): void {
  // The map's order is that of time, so the oldest is its first.
  if (state.requests.size === 0) addDeadline(state, entry.at + REQUEST_KEPT_MS, DEADLINE.requests, 0);
  state.requests.set(requestName(by.submitter, by.key), entry);
  put(state.outbox, 'request', [by.submitter, by.key], { ...entry });
}

/** Forgets what is older than a day, so many at a time, and asks for the next round. */
export function forgetOldRequests(state: SchedulerState): void {
  let left = FORGOTTEN_PER_STEP;
  for (const [name, { at }] of state.requests) {
    if (at + REQUEST_KEPT_MS > state.now) {
      addDeadline(state, at + REQUEST_KEPT_MS, DEADLINE.requests, 0);
      return;
    }
    if (left-- === 0) {
      addDeadline(state, state.now + SWEEP_AGAIN_MS, DEADLINE.requests, 0);
      return;
    }
    state.requests.delete(name);
    remove(state.outbox, 'request', name.split('\u0000'));
  }
}

/** Takes the stored requests, which come in the order of their keys, in the order of their time. */
export function restoreRequests(
  state: SchedulerState,
  rows: readonly (readonly [name: string, entry: AnsweredRequest])[],
): void {
  const byTime = [...rows].sort(([, a], [, b]) => a.at - b.at);
  for (const [name, entry] of byTime) state.requests.set(name, entry);
  const [first] = byTime;
  if (first) addDeadline(state, first[1].at + REQUEST_KEPT_MS, DEADLINE.requests, 0);
}
