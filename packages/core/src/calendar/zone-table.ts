/**
 * When the clocks of a zone change, learned from `Intl` and kept. Asking `Intl` costs a microsecond or two
 * and gives one offset; schedules ask millions of times, so the offsets of each year a zone was asked
 * about are found once, by sampling the year and bisecting where two samples differ.
 *
 * The caches here are the one module-level state of the calendar: zone data, which is the same for every
 * caller and never changes while a process runs.
 */
import { SchedulerError } from '../model/errors.js';
import { DAY_MS, civilDate, dayNumber } from './civil.js';

/** A stretch of time with one offset from UTC, both bounds epoch ms, the end exclusive. */
export interface Segment {
  readonly start: number;
  readonly end: number;
  readonly offsetMs: number;
}

/** The clock changes of one zone within the years asked about so far. */
export class ZoneTable {
  readonly #offsetAt: ((epochMs: number) => number) | null;
  /** Segments in order of time, without a hole between them. */
  #segments: Segment[] = [];
  #last = 0;

  /** `offsetAt` null means UTC. */
  constructor(offsetAt: ((epochMs: number) => number) | null) {
    this.#offsetAt = offsetAt;
    if (offsetAt === null) this.#segments = [{ start: -Infinity, end: Infinity, offsetMs: 0 }];
  }

  /**
   * Index of the segment that holds an instant. Indexes change when a table grows towards the past, so
   * they are for use before the next instant is asked for. A segment may end, at a turn of the year, where
   * the offset does not change.
   */
  indexAt(epochMs: number): number {
    this.#cover(epochMs);
    const near = this.#segments[this.#last];
    if (near !== undefined && near.start <= epochMs && epochMs < near.end) return this.#last;
    let low = 0;
    let high = this.#segments.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.segment(middle).start <= epochMs) low = middle;
      else high = middle - 1;
    }
    this.#last = low;
    return low;
  }

  /** The segment at an index that `indexAt` gave, or a neighbour of it. */
  segment(index: number): Segment {
    const found = this.#segments[index];
    if (found === undefined) throw new RangeError(`no zone segment ${index}`);
    return found;
  }

  /** The segment that holds an instant. */
  at(epochMs: number): Segment {
    return this.segment(this.indexAt(epochMs));
  }

  /** Learns the year of an instant, and all years between it and those already known. */
  #cover(epochMs: number): void {
    const first = this.#segments[0];
    const last = this.#segments.at(-1);
    if (first !== undefined && last !== undefined && first.start <= epochMs && epochMs < last.end) return;
    const at = Math.min(Math.max(epochMs, SCAN_FROM_MS), SCAN_TO_MS - 1);
    const { year } = civilDate(Math.floor(at / DAY_MS));
    const start = yearStart(year);
    const end = yearStart(year + 1);
    if (first === undefined || last === undefined) this.#segments = this.#scan(start, end);
    else if (epochMs < first.start) this.#segments = [...this.#scan(start, first.start), ...this.#segments];
    else this.#segments.push(...this.#scan(last.end, end));
    this.#last = 0;
  }

  /** The segments of whole years. Beyond the years that are scanned the clocks are taken to stand still. */
  #scan(from: number, to: number): Segment[] {
    const offsetAt = this.#offsetAt;
    if (offsetAt === null) return [];
    const found: Segment[] = [];
    let start = from <= SCAN_FROM_MS ? -Infinity : from;
    let offsetMs = offsetAt(from);
    for (let at = from; at < to - 1000;) {
      const sample = Math.min(at + SAMPLE_MS, to - 1000);
      if (offsetAt(sample) === offsetMs) {
        at = sample;
        continue;
      }
      const end = firstChange(offsetAt, at, sample);
      found.push({ start, end, offsetMs });
      start = end;
      offsetMs = offsetAt(end);
      at = end;
    }
    found.push({ start, end: to >= SCAN_TO_MS ? Infinity : to, offsetMs });
    return found;
  }
}

/** Two clock changes closer together than this could hide from each other; none since 1970 are. */
const SAMPLE_MS = 6 * DAY_MS;
/** Schedules live from 1970 to 2199; the years around serve whoever asks for the day of a strange instant. */
const SCAN_FROM_MS = dayNumber(1900, 1, 1) * DAY_MS;
const SCAN_TO_MS = dayNumber(2205, 1, 1) * DAY_MS;
const tables = new Map<string, ZoneTable>();
/** Names as asked for → as they are written. Case makes many of one name, so this cache has a limit. */
const names = new Map<string, string>();
const NAMES_MAX = 5_000;

/** The table of a zone whose name is written as `zoneSpelling` gives it. Throws ZONE_UNKNOWN. */
export function zoneTable(zone: string): ZoneTable {
  const known = tables.get(zone);
  if (known !== undefined) return known;
  const table = new ZoneTable(ALWAYS_UTC.test(zone) ? null : offsetReader(dateFormat(zone)));
  tables.set(zone, table);
  return table;
}

/** How `Intl` writes the name, when it only differs in case; an alias stays as it is. Throws ZONE_UNKNOWN. */
export function zoneSpelling(name: string): string {
  const known = names.get(name);
  if (known !== undefined) return known;
  const resolved = dateFormat(name).resolvedOptions().timeZone;
  const spelling = resolved.toLowerCase() === name.toLowerCase() ? resolved : name;
  if (names.size >= NAMES_MAX) names.clear();
  names.set(name, spelling);
  return spelling;
}

const ALWAYS_UTC = /^(?:Etc\/)?(?:UTC|UCT|Zulu|Universal)$/;

const yearStart = (year: number) => dayNumber(year, 1, 1) * DAY_MS;

/** The first whole second in (from, to] whose offset differs from that at `from`. */
function firstChange(offsetAt: (epochMs: number) => number, from: number, to: number): number {
  const before = offsetAt(from);
  let low = Math.floor(from / 1000);
  let high = Math.ceil(to / 1000);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle * 1000) === before) low = middle;
    else high = middle;
  }
  return high * 1000;
}

/** Asks `Intl` for the offset of a zone: what its clock shows, read as if it were UTC, less the instant. */
function offsetReader(format: Intl.DateTimeFormat): (epochMs: number) => number {
  return (epochMs) => {
    const fields = format.format(epochMs).match(/\d+/g)?.map(Number) ?? [];
    const [month = 0, day = 0, year = 0, hour = 0, minute = 0, second = 0] = fields;
    const localMs = dayNumber(year, month, day) * DAY_MS + (hour * 3600 + minute * 60 + second) * 1000;
    return localMs - Math.floor(epochMs / 1000) * 1000;
  };
}

function dateFormat(zone: string): Intl.DateTimeFormat {
  try {
    // Offsets such as +08:00 are zones to newer versions of Intl only; an expression must not depend on that.
    if (!/^[A-Za-z]/.test(zone)) throw new RangeError(zone);
    return new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch (cause) {
    const message = `time zone "${zone}": must be an IANA name such as Asia/Shanghai or UTC`;
    throw new SchedulerError('ZONE_UNKNOWN', message, { zone }, { cause });
  }
}
