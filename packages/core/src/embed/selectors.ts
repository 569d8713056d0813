/** Selectors: which slots of an upstream a slot waits for. Each gives the form of the definition files. */
import { SchedulerError } from '../model/errors.js';
import type { EdgeDefinition, WindowDefinition } from '../model/edge.js';
import type { Duration } from '../model/schedule.js';
import { deepFreeze } from './freeze.js';
import type { EdgeOptions, Job, JobEdge, SelfEdge } from './types.js';

interface MaxAge {
  /** Older slots do not count. */
  readonly maxAge?: Duration;
}

function edge<Value, Name extends string>(
  job: Job<Value, Name>,
  definition: EdgeDefinition,
): JobEdge<Value, Name> {
  return deepFreeze({ job, edge: definition });
}

/** The slot with the same interval. */
export function same<Value, Name extends string>(
  job: Job<Value, Name>,
  options: EdgeOptions = {},
): JobEdge<Value, Name> {
  return edge(job, { same: true, ...options });
}

/** The latest slot at or before its own. */
export function latest<Value, Name extends string>(
  job: Job<Value, Name>,
  options: EdgeOptions & MaxAge = {},
): JobEdge<Value, Name> {
  const { maxAge, ...others } = options;
  return edge(job, { latestAtOrBefore: maxAge === undefined ? true : { maxAge }, ...others });
}

/** The latest slot that has succeeded, however old unless `maxAge` says so. */
export function latestSucceeded<Value, Name extends string>(
  job: Job<Value, Name>,
  options: EdgeOptions & MaxAge = {},
): JobEdge<Value, Name> {
  const { maxAge, ...others } = options;
  return edge(job, { latestSucceeded: maxAge === undefined ? true : { maxAge }, ...others });
}

/** The slot nearest in time. */
export function nearest<Value, Name extends string>(
  job: Job<Value, Name>,
  options: EdgeOptions = {},
): JobEdge<Value, Name> {
  return edge(job, { nearest: true, ...options });
}

/** All slots in a window: its own interval, a local period, or the last so long. */
export function allIn<Value, Name extends string>(
  job: Job<Value, Name>,
  window: WindowDefinition,
  options: EdgeOptions = {},
): JobEdge<Value, Name> {
  return edge(job, { allIn: window, ...options });
}

/** Any one slot in a window. */
export function anyIn<Value, Name extends string>(
  job: Job<Value, Name>,
  window: WindowDefinition,
  options: EdgeOptions = {},
): JobEdge<Value, Name> {
  return edge(job, { anyIn: window, ...options });
}

/** At least `n` slots in a window. */
export function atLeast<Value, Name extends string>(
  job: Job<Value, Name>,
  need: { readonly n: number; readonly in: WindowDefinition },
  options: EdgeOptions = {},
): JobEdge<Value, Name> {
  return edge(job, { atLeast: need, ...options });
}

/** The slot `n` upstream slots before the one it would take; `n` is at least 1. */
export function offset<Value, Name extends string>(
  job: Job<Value, Name>,
  n: number,
  options: EdgeOptions = {},
): JobEdge<Value, Name> {
  return edge(job, { offset: positive('offset', n), ...options });
}

/** The n-th slot before its own of the same job; the key in `after` is the job's own name. */
export function self(n = 1, options: EdgeOptions = {}): SelfEdge {
  return deepFreeze({ job: 'self', edge: { self: positive('self', n), ...options } });
}

/** The slot with the same number within the business date. */
export function index<Value, Name extends string>(
  job: Job<Value, Name>,
  options: EdgeOptions = {},
): JobEdge<Value, Name> {
  return edge(job, { index: true, ...options });
}

/** All slots whose interval overlaps its own, moved at either end by `start` and `end`, in periods. */
export function overlap<Value, Name extends string>(
  job: Job<Value, Name>,
  options: EdgeOptions & { readonly start?: number; readonly end?: number } = {},
): JobEdge<Value, Name> {
  const { start, end, ...others } = options;
  const ends = { ...(start !== undefined && { start }), ...(end !== undefined && { end }) };
  return edge(job, { overlap: Object.keys(ends).length === 0 ? true : ends, ...others });
}

/** The slots that a function of `createHera`'s `selectors` picks. */
export function custom<Value, Name extends string>(
  job: Job<Value, Name>,
  name: string,
  options: EdgeOptions = {},
): JobEdge<Value, Name> {
  return edge(job, { custom: name, ...options });
}

function positive(option: string, n: number): number {
  if (Number.isInteger(n) && n >= 1) return n;
  const expected = 'a whole number of at least 1';
  throw new SchedulerError('OPTION_INVALID', `${option}: ${n} is not ${expected}`, { option, expected });
}
