/**
 * How long runs of a job take, from what they took. Of each kind of day (the weekdays, and the last day of a
 * month) the latest few durations are kept, and their median is taken: one night that hung teaches nothing.
 * The model is its row: a sample enters both in the commit of the run's end, and at most one a minute of each
 * job, so that jobs that run all the time cost nothing.
 */
import { localFields } from '../calendar/time-zone.js';
import { monthLength } from '../calendar/civil.js';
import type { Instant } from '../model/ids.js';
import { instant } from '../model/ids.js';
import type { Row, RowValue } from '../model/tables.js';
import { put } from './outbox.js';
import type { JobRecord, LiveAttempt } from './records.js';
import { jobOf, slotOf } from './runs.js';
import type { SchedulerState } from './state.js';
import { AD_HOC, SIDE } from './tables.js';

/** Sunday to Saturday, then the last day of a month. */
const KINDS = 8;
const MONTH_END = 7;
/** Durations kept of each kind of day. */
const KEPT = 8;
/** So many say enough by themselves. */
const ENOUGH = 3;
const SAMPLE_EVERY_MS = 60_000;

/** Durations in ms by kind of day, oldest first. */
export type DurationSamples = readonly (readonly number[])[];

/** What is known of a job's durations. */
export interface DurationModel {
  samples: number[][];
  /** When the last sample came: that run's end, and what it took. */
  at: Instant;
  lastMs: number;
  /** What has been worked out of the samples, by kind of day. */
  readonly estimates: (Estimate | undefined)[];
}

/** What a run is expected to take, ms. */
export interface Estimate {
  readonly typicalMs: number;
  /** Nine of ten take less. */
  readonly cautiousMs: number;
  /** The samples it comes from, shortest first. */
  readonly sorted: readonly number[];
}

/** Which days its slot is like: the weekday of its business date, or the last of a month. */
export function kindOfDay(zone: string, start: number): number {
  const { year, month, day, weekday } = localFields(zone as never, instant(start));
  return day === monthLength(year, month) ? MONTH_END : weekday;
}

/** Takes the duration of a success into the model of its job. */
export function learnDuration(
  state: SchedulerState,
  live: LiveAttempt,
  span: { readonly from: number; readonly to: number },
): void {
  const r = live.row;
  if (state.runs.has(r, AD_HOC | SIDE)) return;
  const job = jobOf(state, r);
  if (job.durations !== null && state.now - job.durations.at < SAMPLE_EVERY_MS) return;
  const model = (job.durations ??= emptyModel());
  const { zone, interval } = slotOf(state, r);
  const kind = kindOfDay(zone, interval.start);
  const lastMs = Math.max(0, Math.round(span.to - span.from));
  const samples = model.samples[kind] ?? [];
  model.samples[kind] = [...samples.slice(-(KEPT - 1)), lastMs];
  model.at = state.now;
  model.lastMs = lastMs;
  model.estimates.length = 0;
  put(state.outbox, 'duration_model', [job.id], {
    samples: JSON.stringify({ days: model.samples, lastMs }),
    at: model.at,
  });
}

const emptyModel = (): DurationModel => ({
  samples: Array.from({ length: KINDS }, () => []),
  at: instant(0),
  lastMs: 0,
  estimates: [],
});

/** Takes a stored model back. */
export function restoreDurations(state: SchedulerState, row: Row): void {
  const job = state.jobsById.get(Number(row.key[0]));
  if (job) job.durations = readModel(row.value);
}

function readModel(value: RowValue): DurationModel {
  const text = value['samples'];
  const stored = JSON.parse(typeof text === 'string' ? text : '{}') as {
    readonly days?: number[][];
    readonly lastMs?: number;
  };
  const { days = emptyModel().samples, lastMs = 0 } = stored;
  return { samples: days, at: instant(Number(value['at'] ?? 0)), lastMs, estimates: [] };
}

/** What a run of such a day is expected to take; null when nothing is known of the job. */
export function estimateOf(job: JobRecord, kind: number): Estimate | null {
  const { durations } = job;
  if (durations === null) return null;
  const known = durations.estimates[kind];
  if (known) return known;
  const estimate = estimateFrom(likeDays(durations.samples, kind));
  durations.estimates[kind] = estimate;
  return estimate;
}

/** The nearest days of which enough is known: the same, then workdays or weekends alike, then all. */
function likeDays(samples: DurationSamples, kind: number): readonly number[] {
  const of = (kinds: readonly number[]) => kinds.flatMap((each) => samples[each] ?? []);
  const alike = kind === 0 || kind === 6 ? [0, 6] : [1, 2, 3, 4, 5];
  for (const kinds of [[kind], alike, [0, 1, 2, 3, 4, 5, 6]]) {
    const found = of(kinds);
    if (found.length >= ENOUGH) return found;
  }
  return of([0, 1, 2, 3, 4, 5, 6, MONTH_END]);
}

function estimateFrom(samples: readonly number[]): Estimate {
  const sorted = [...samples].sort((a, b) => a - b);
  const typicalMs = quantile(sorted, 0.5);
  return { typicalMs, cautiousMs: Math.max(quantile(sorted, 0.9), typicalMs), sorted };
}

/** The value below which that share of the sorted ones lies. */
export function quantile(sorted: readonly number[], share: number): number {
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)] ?? 0;
  const above = sorted[Math.ceil(place)] ?? below;
  return Math.round(below + (above - below) * (place - Math.floor(place)));
}

/** How much longer a run takes that has run for so long; one past all experience goes on for a quarter. */
export function remainingMs(estimate: Pick<Estimate, 'typicalMs' | 'sorted'>, elapsedMs: number): number {
  if (elapsedMs < estimate.typicalMs) return estimate.typicalMs - elapsedMs;
  const longer = estimate.sorted.filter((ms) => ms > elapsedMs);
  return longer.length > 0 ? quantile(longer, 0.5) - elapsedMs : Math.max(elapsedMs / 4, SAMPLE_EVERY_MS);
}
