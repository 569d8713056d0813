/** The hours in which a plan starts members, on clocks of its zone. */
import { firstShowing, localDayOf } from '../calendar/time-zone.js';
import { zoneTable } from '../calendar/zone-table.js';
import type { PlanHours } from './event.js';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Whether members may start at that moment. */
export function isWithinHours({ fromMinute, toMinute, zone }: PlanHours, at: number): boolean {
  const wall = at + zoneTable(zone).at(at).offsetMs;
  const minute = Math.floor((((wall % DAY_MS) + DAY_MS) % DAY_MS) / MINUTE_MS);
  return fromMinute < toMinute
    ? minute >= fromMinute && minute < toMinute
    : minute >= fromMinute || minute < toMinute;
}

/** When the window opens next, after that moment. */
export function nextOpening({ fromMinute, zone }: PlanHours, at: number): number {
  const table = zoneTable(zone);
  for (let day = localDayOf(table, at); ; day++) {
    const opening = firstShowing(table, day * DAY_MS + fromMinute * MINUTE_MS);
    if (opening > at) return opening;
  }
}
