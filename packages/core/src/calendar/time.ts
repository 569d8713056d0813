/** Points in time as callers hand them in. A local time without offset names no instant, so it is refused. */
import { SchedulerError } from '../model/errors.js';
import { instant } from '../model/ids.js';
import type { Instant } from '../model/ids.js';
import { DAY_MS, parseDate } from './civil.js';

const ISO = /^(\d{4}-\d\d-\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(Z|[+-]\d\d(?::?\d\d)?)$/i;

/**
 * The instant of epoch milliseconds, a `Date`, or an ISO 8601 text with an offset, such as
 * `2026-11-24T02:00+08:00` or `2026-11-23T18:00:00Z`; fractions below a millisecond are cut.
 * Throws TIME_INVALID for anything else, a bare local time included.
 */
export function parseTime(time: Date | number | string): Instant {
  const ms = typeof time === 'string' ? isoToMs(time) : Number(time);
  if (Number.isInteger(ms) && Math.abs(ms) <= 8.64e15) return instant(ms);
  const shown = typeof time === 'string' ? `"${time}"` : String(ms);
  const rule =
    'must be epoch milliseconds, a Date, or ISO 8601 with an offset such as 2026-11-24T02:00+08:00';
  throw new SchedulerError('TIME_INVALID', `time ${shown}: ${rule}`, { text: String(time) });
}

function isoToMs(text: string): number {
  const match = ISO.exec(text);
  const days = match === null ? null : parseDate(match[1] ?? '');
  if (match === null || days === null) return NaN;
  const [, , hour = '', minute = '', second = '0', fraction = '0', zone = 'Z'] = match;
  const offsetMs = zoneToMs(zone);
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59 || offsetMs === null) return NaN;
  const seconds = Number(hour) * 3600 + Number(minute) * 60 + Number(second);
  return days * DAY_MS + seconds * 1000 + Math.floor(Number(`0.${fraction}`) * 1000 + 1e-6) - offsetMs;
}

/** Milliseconds east of UTC that `Z`, `+08`, `+0800` or `+08:00` says; null beyond 18 hours. */
function zoneToMs(zone: string): number | null {
  if (zone.length === 1) return 0;
  const digits = zone.slice(1).replace(':', '');
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2) || '0');
  if (minutes > 18 * 60 || Number(digits.slice(2) || '0') > 59) return null;
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}
