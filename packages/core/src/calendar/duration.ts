/** Lengths of time as people write them, `10m` or `1d`, and as the engine counts them, in milliseconds. */
import { SchedulerError } from '../model/errors.js';
import { durationMs } from '../model/ids.js';
import type { DurationMs } from '../model/ids.js';
import type { Duration } from '../model/schedule.js';

const UNIT_MS: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };

/**
 * Milliseconds of a duration: a number is milliseconds, a text is a whole or decimal number with one of the
 * units ms, s, m, h, d (a day is 24 hours). Throws DURATION_INVALID for anything else, for a negative
 * length and for one beyond 2^53 ms.
 */
export function parseDuration(duration: Duration): DurationMs {
  const ms = typeof duration === 'number' ? duration : textToMs(duration);
  if (Number.isSafeInteger(ms) && ms >= 0) return durationMs(ms);
  throw new SchedulerError(
    'DURATION_INVALID',
    `duration "${duration}": must be whole milliseconds, or a number with a unit of ms, s, m, h or d`,
    { text: String(duration) },
  );
}

/** The shortest text for a length in milliseconds; `parseDuration` reads it back: `10m`, `1d`, `1500ms`. */
export function formatDuration(ms: number): string {
  for (const [unit, unitMs] of Object.entries(UNIT_MS)) {
    if (ms !== 0 && ms % unitMs === 0) return `${ms / unitMs}${unit}`;
  }
  return `${ms}ms`;
}

function textToMs(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
  const unitMs = UNIT_MS[match?.[2] ?? ''];
  if (match === null || unitMs === undefined) return NaN;
  const ms = Number(match[1]) * unitMs;
  // A decimal such as 1.1s comes out a rounding error away from whole milliseconds.
  return Math.abs(ms - Math.round(ms)) < 1e-6 ? Math.round(ms) : ms;
}
