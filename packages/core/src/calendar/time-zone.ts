/**
 * Local clocks. A *wall* time is what a clock in the zone shows, kept as the epoch milliseconds that the
 * same digits would mean in UTC. Clocks jump, so between wall times and instants there are three roads:
 *
 * - `firstShowing(wall)`: the first instant at which the clock shows that time or a later one. A time in
 *   the gap of a forward jump gives the instant of the jump; of two passes through an overlap, the first.
 * - `latestShown(instant)`: the latest time the clock has shown up to an instant; its reverse.
 * - `lastShowing(wall)`: how Java's calendar reads a wall time; in an overlap the second pass, in a gap as
 *   if the clock had not jumped. Only `dst: quartz` needs it.
 */
import { instant, zoneName } from '../model/ids.js';
import type { Instant, LocalDate, ZoneName } from '../model/ids.js';
import { SchedulerError } from '../model/errors.js';
import { DAY_MS, HOUR_MS, civilDate, dateText, parseDate, weekdayOf } from './civil.js';
import { zoneSpelling, zoneTable } from './zone-table.js';
import type { ZoneTable } from './zone-table.js';

/** What a local clock and calendar show; month from 1, weekday from Sunday = 0. */
export interface LocalFields {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly weekday: number;
}

/** Offsets lie within UTC-12 to UTC+14; a jump and its neighbours are found within this distance. */
const REACH_MS = 15 * HOUR_MS;

/** The name, when it is an IANA zone; `asia/shanghai` comes back as `Asia/Shanghai`. Throws ZONE_UNKNOWN. */
export function checkZone(name: string): ZoneName {
  return zoneName(zoneSpelling(name));
}

/** Milliseconds by which clocks in the zone are ahead of UTC at an instant. Cached per zone and year. */
export function offsetMs(zone: ZoneName, at: Instant): number {
  return zoneTable(zone).at(at).offsetMs;
}

/** What a clock in the zone shows at an instant. */
export function localFields(zone: ZoneName, at: Instant): LocalFields {
  const wall = at + offsetMs(zone, at);
  const days = Math.floor(wall / DAY_MS);
  const seconds = Math.floor((wall - days * DAY_MS) / 1000);
  return {
    ...civilDate(days),
    hour: Math.floor(seconds / 3600),
    minute: Math.floor(seconds / 60) % 60,
    second: seconds % 60,
    weekday: weekdayOf(days),
  };
}

/** The date in the zone at an instant. */
export function localDateOf(zone: ZoneName, at: Instant): LocalDate {
  return dateText(localDayOf(zoneTable(zone), at));
}

/**
 * The first instant of a local day. Where the clock jumps over midnight (Santiago) it is the instant of the
 * jump; a day that was left out (Samoa, 2011-12-30) begins and ends with the next. Throws TIME_INVALID for
 * a text that is no date.
 */
export function startOfLocalDay(zone: ZoneName, date: LocalDate): Instant {
  const days = parseDate(date);
  if (days !== null) return startOfDay(zoneTable(zone), days);
  throw new SchedulerError('TIME_INVALID', `date "${date}": must be YYYY-MM-DD`, { text: date });
}

/** Day number (since 1970-01-01) that the zone's calendar shows at an instant. */
export function localDayOf(table: ZoneTable, at: number): number {
  return Math.floor((at + table.at(at).offsetMs) / DAY_MS);
}

/** The first instant of the local day with this number. */
export function startOfDay(table: ZoneTable, days: number): Instant {
  return instant(firstShowing(table, days * DAY_MS));
}

/** The first instant at which the clock shows `wall` or later. */
export function firstShowing(table: ZoneTable, wall: number): number {
  let segment = table.at(wall - REACH_MS);
  for (;;) {
    const at = Math.max(segment.start, wall - segment.offsetMs);
    if (at < segment.end) return at;
    segment = table.at(segment.end);
  }
}

/** The latest time the clock has shown up to an instant: less than now only after it was set back. */
export function latestShown(table: ZoneTable, at: number): number {
  let segment = table.at(at);
  let latest = at + segment.offsetMs;
  while (segment.start > at - 2 * DAY_MS) {
    segment = table.at(segment.start - 1);
    latest = Math.max(latest, segment.end - 1 + segment.offsetMs);
  }
  return latest;
}

/** The instant at which Java's lenient calendar places a wall time. */
export function lastShowing(table: ZoneTable, wall: number): number {
  let segment = table.at(wall + REACH_MS);
  while (segment.start + segment.offsetMs > wall) segment = table.at(segment.start - 1);
  return wall - segment.offsetMs;
}

/** Whether the zone's calendar has the day at all. */
export function isLocalDay(table: ZoneTable, days: number): boolean {
  return localDayOf(table, firstShowing(table, days * DAY_MS)) === days;
}
