/**
 * `dst: quartz`: what Quartz 2.3.2 does when clocks change. Quartz moves a lenient local calendar forward,
 * field by field, and reads it back after each move. Of a time that comes twice it knows the second pass
 * only; a time in a gap moves the calendar past the gap, from where the search goes on, so that a fixed time
 * in the gap is skipped, and sometimes a little more than that. Such nights are walked as Quartz walks them;
 * all other times take the common search. Where a gap is longer than an hour (Troll), is shorter (Lord Howe)
 * or ends at midnight (Pyongyang, 2018), the answer depends on where the search begins, as Quartz's does.
 */
import { DAY_MS, HOUR_MS, civilDate, dayNumber, nextBit } from './civil.js';
import { nextOf60, nextWall, previousWall } from './cron-next.js';
import type { CronTiming } from './cron-next.js';
import { dayBits } from './cron-days.js';
import { YEAR_MAX, YEAR_MIN } from './cron-sets.js';
import { lastShowing } from './time-zone.js';

/** The instant Quartz gives after `after`; null when there is none up to YEAR_MAX. */
export function nextQuartz(timing: CronTiming, after: number): number | null {
  const { table } = timing;
  const start = Math.max(Math.floor(after / 1000) * 1000 + 1000, FIRST_MS - DAY_MS);
  const segment = table.at(start);
  const startWall = Math.max(start + segment.offsetMs, FIRST_MS);
  const wall = nextWall(timing, startWall);
  if (wall === null) return null;
  const at = wall - segment.offsetMs;
  return at < segment.end && lastShowing(table, wall) === at ? at : walk(timing, startWall);
}

/** The last instant before `before` that Quartz gives; null when there is none since YEAR_MIN. */
export function previousQuartz(timing: CronTiming, before: number): number | null {
  const { table } = timing;
  const segment = table.at(before - 1);
  const wall = previousWall(timing, before - 1 + segment.offsetMs);
  const at = wall === null ? NaN : wall - segment.offsetMs;
  if (at > segment.start && lastShowing(table, at + segment.offsetMs) === at) return at;
  return previousBySearch(timing, before);
}

/** The calendar as Quartz moves it, always at a wall time that its zone has. */
function walk(timing: CronTiming, start: number): number | null {
  const { sets, calendar } = timing;
  const { secondsLow, secondsHigh, minutesLow, minutesHigh, hours } = sets;
  let wall = placed(timing, start);
  for (;;) {
    const second = nextOf60(secondsLow, secondsHigh, Math.floor(wall / 1000) % 60);
    const minuteStart = Math.floor(wall / MINUTE_MS) * MINUTE_MS;
    const firstSecondMs = nextOf60(secondsLow, secondsHigh, 0) * 1000;
    wall = placed(timing, second < 0 ? minuteStart + MINUTE_MS + firstSecondMs : minuteStart + second * 1000);

    const dayStart = Math.floor(wall / DAY_MS) * DAY_MS;
    const hour = Math.floor((wall - dayStart) / HOUR_MS);
    const minute = Math.floor(wall / MINUTE_MS) % 60;
    const wantedMinute = nextOf60(minutesLow, minutesHigh, minute);
    if (wantedMinute !== minute) {
      const found = wantedMinute >= 0;
      const offset = found ? wantedMinute : nextOf60(minutesLow, minutesHigh, 0);
      wall = atHour(timing, { dayStart, hour: found ? hour : hour + 1, restMs: offset * MINUTE_MS });
      continue;
    }
    const wantedHour = nextBit(hours, hour);
    if (wantedHour !== hour) {
      const found = wantedHour >= 0;
      const day = found ? dayStart : dayStart + DAY_MS;
      wall = atHour(timing, { dayStart: day, hour: found ? wantedHour : nextBit(hours, 0), restMs: 0 });
      continue;
    }
    const { year, month, day } = civilDate(dayStart / DAY_MS);
    if (year > YEAR_MAX) return null;
    if ((dayBits(sets, calendar, year, month) >>> (day - 1)) & 1) return lastShowing(timing.table, wall);
    const next = nextWall(timing, dayStart + DAY_MS);
    if (next === null) return null;
    wall = placed(timing, Math.floor(next / DAY_MS) * DAY_MS);
  }
}

/** Sets the hour and, where that hour is in a gap, sets the next one on whatever day the clock then shows. */
function atHour(timing: CronTiming, to: { dayStart: number; hour: number; restMs: number }): number {
  const wall = placed(timing, to.dayStart + to.hour * HOUR_MS + to.restMs);
  const dayStart = Math.floor(wall / DAY_MS) * DAY_MS;
  if (to.hour === 24 || Math.floor((wall - dayStart) / HOUR_MS) === to.hour) return wall;
  return placed(timing, dayStart + (to.hour + 1) * HOUR_MS + (wall % HOUR_MS));
}

/** What the clock shows at the instant where Java places a wall time. */
function placed({ table }: CronTiming, wall: number): number {
  const at = lastShowing(table, wall);
  return at + table.at(at).offsetMs;
}

/** The last start, to the second, whose next instant is before `before`, leads to the previous instant. */
function previousBySearch(timing: CronTiming, before: number): number | null {
  const leadsBefore = (second: number) => (nextQuartz(timing, second * 1000) ?? Infinity) < before;
  let high = Math.ceil(before / 1000);
  let low = high - 1;
  for (let step = 1; !leadsBefore(low); step *= 2) {
    if (low * 1000 < FIRST_MS - DAY_MS) return null;
    high = low;
    low -= step;
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (leadsBefore(middle)) low = middle;
    else high = middle;
  }
  return nextQuartz(timing, low * 1000);
}

const MINUTE_MS = 60_000;
const FIRST_MS = dayNumber(YEAR_MIN, 1, 1) * DAY_MS;
